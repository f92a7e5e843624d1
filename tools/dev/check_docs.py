#!/usr/bin/env python3
"""Checks what the documentation says about the tree: links and paths exist, quoted code stands in the file named, every
folder of src/ is on the map, verbs and options exist. A quotation is a fenced block whose first line names language and
file; a line "…" in it leaves something out. With --command PATH, options of `sardonyx VERB` are looked up in its help.
Prints every mistake as file:line and exits 1 if there is any."""
import functools
import pathlib
import re
import subprocess
import sys

import check_layers

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOP = "src|docs|tests|tools|cmake|examples|bindings|include|bench"
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
PATH = re.compile(rf"(?<![\w/.-])(?:{TOP})/[\w./+-]*")
NAME = re.compile(r"\bSDX_[A-Z][A-Z_]*[A-Z]\b")
SKIPPED = {"build", "node_modules", ".venv", ".git"}


def pages():
    for path in sorted(ROOT.rglob("*.md")):
        if not SKIPPED.intersection(path.relative_to(ROOT).parts):
            yield path


@functools.cache
def source_text():
    """All code that may define a macro, an option or a variable of the environment."""
    files = [ROOT / "CMakeLists.txt", ROOT / "dev"]
    for folder in ("cmake", "src", "tools"):
        files += [p for p in (ROOT / folder).rglob("*") if p.suffix in (".h", ".cpp", ".cmake")]
    return "\n".join(p.read_text(encoding="utf-8") for p in files)


def shown_code(lines):
    """(number, line) of code: indented or fenced lines, and spans between backticks."""
    fenced = False
    for number, line in enumerate(lines, 1):
        if line.startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            yield number, line
        else:
            for span in re.findall(r"`([^`]+)`", line):
                yield number, span


def check_references(page, lines):
    for number, line in enumerate(lines, 1):
        for target in LINK.findall(line):
            if not (page.parent / target).exists():
                yield number, f"the link to {target} leads nowhere"
        text = LINK.sub("", line)
        for found in PATH.finditer(text):
            path = found[0].rstrip("./")
            if text[found.end() : found.end() + 1] in tuple("*<…"):  # a pattern, not a path
                continue
            if not any((base / path).exists() for base in (ROOT, page.parent, ROOT / "build/release")):
                yield number, f"there is no {path}"
        for name in NAME.findall(line):
            if name not in source_text() and not name.startswith("SDX_E_"):
                yield number, f"nothing in the sources is called {name}"


def check_quotations(page, lines):
    inside, begin = None, 0
    for number, line in enumerate(lines, 1):
        if inside is None and (head := re.match(r"```(\w+) (\S+)$", line)):
            inside, begin, name = [], number, head[2]
        elif inside is not None and line.startswith("```"):
            path, at = ROOT / name, 0
            text = path.read_text(encoding="utf-8") if path.is_file() else ""
            if not text:
                yield begin, f"there is no file {name} to quote from"
            for part in "\n".join(inside).split("\n…\n"):
                found = text.find(part.removesuffix("\n…"), at)
                if text and found < 0:
                    yield begin, f"{name} has no such lines: {part.strip().splitlines()[0]} …"
                at = max(at, found)
            inside = None
        elif inside is not None:
            inside.append(line)


@functools.cache
def dev_verbs():
    return re.search(r"^VERBS=\((.*)\)$", (ROOT / "dev").read_text(encoding="utf-8"), re.M)[1].split()


@functools.cache
def help_of(command, verb):
    result = subprocess.run([command, verb, "--help"], capture_output=True, text=True, check=False)
    return result.stdout if result.returncode == 0 else None


def check_commands(command, lines):
    for number, code in shown_code(lines):
        for verb in re.findall(r"\./dev ([a-z]+)", code):
            if verb not in dev_verbs():
                yield number, f"./dev has no verb {verb}"
        if command is None or not (call := re.search(r"(?:^|[\s/])sardonyx ([a-z]+)\b([^|#;]*)", code)):
            continue
        text = help_of(command, call[1])
        if text is None and call[2].strip().startswith(("-", "MODEL")):
            yield number, f"sardonyx has no verb {call[1]}"
        for option in re.findall(r"(?<!\S)--?[a-z][a-z-]*", call[2]) if text else ():
            if option not in re.findall(r"--?[a-z][a-z-]*", text):
                yield number, f"sardonyx {call[1]} has no option {option}"


def check_map(page, lines):
    """docs/source-map.md and its picture have every folder of src/ with its rank, and nothing else."""
    rows = {}
    for number, line in enumerate(lines, 1):
        if row := re.match(r"\| `(src/[^`]+)` \| *(\d*) *\|", line):
            rows[row[1]] = (number, row[2])
    folders = {p.relative_to(ROOT).as_posix() for p in (ROOT / "src").rglob("*") if p.is_dir() and any(p.iterdir())}
    for folder in sorted(folders - rows.keys()):
        yield 1, f"{folder} is missing"
    for folder in sorted(rows.keys() - folders):
        yield rows[folder][0], f"there is no folder {folder}"
    for name, rank in check_layers.RANKS.items():
        if f"src/{name}" in rows and rows[f"src/{name}"][1] != str(rank):
            yield rows[f"src/{name}"][0], f"{name} has rank {rank}"
    picture = (page.parent / "pictures/layers.svg").read_text(encoding="utf-8")
    shown, rank = {}, None
    for text, bold in [(m[2], "bold" in m[1]) for m in re.finditer(r"<text([^>]*)>([^<]*)</text>", picture)]:
        rank = int(text[5:]) if text.startswith("rank ") else rank
        if bold:
            shown[text] = rank
    if shown != check_layers.RANKS:
        yield 1, f"pictures/layers.svg shows {shown}, the ranks are {check_layers.RANKS}"


def check_options(page, lines):
    """docs/building.md has every option of the build."""
    options = re.findall(r"^(?:option|set)\((SDX_\w+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"), re.M)
    text = "\n".join(lines)
    for option in options:
        if f"`{option}`" not in text:
            yield 1, f"the option {option} is missing"


def main():
    command = sys.argv[2] if sys.argv[1:2] == ["--command"] else None
    mistakes, count = [], 0
    for page in pages():
        count += 1
        lines = page.read_text(encoding="utf-8").splitlines()
        found = [*check_references(page, lines), *check_quotations(page, lines), *check_commands(command, lines)]
        if page == ROOT / "docs/source-map.md":
            found += check_map(page, lines)
        if page == ROOT / "docs/building.md":
            found += check_options(page, lines)
        if page.parent == ROOT / "docs" and page.name not in (ROOT / "docs/README.md").read_text(encoding="utf-8"):
            found.append((1, "docs/README.md does not list this page"))
        mistakes += [f"{page.relative_to(ROOT)}:{number}: {text}" for number, text in found]
    print(*mistakes, sep="\n", end="\n" if mistakes else "")
    print(f"docs: {count} pages, {len(mistakes)} mistakes")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
