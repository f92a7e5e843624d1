#!/usr/bin/env python3
"""Runs a folder of networks, checks them against their references and measures them beside ONNX Runtime.

Every model is checked at the optimisation levels none and all, with each thread count, with all extents fixed and with
all of them open. Then both libraries run it in turn, every measurement in a process of its own; figures are medians,
ratios are taken within a round. A ratio above 1 means that Sardonyx is faster, or smaller.

A folder of models holds <name>/model.onnx, <name>/test_data_set_0/input_0.pb, output_0.pb, ... and, if the tolerance is
not 1e-3, <name>/meta.json with "tolerance".
"""
import argparse
import datetime
import json
import math
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMAND = ROOT / "build/release/bin/sardonyx"
RUNNER = ROOT / "build/release/tests/models_runner"
EXPORTER = ROOT.parent / "shared/zoo/export_zoo.py"
PEER_PACKAGE = "onnxruntime-node@1.30.0"
PEER_FILE = "node_modules/onnxruntime-node/bin/napi-v6/linux/{}/libonnxruntime.so.1"
PYTHON_MODULES = "torch, torchvision, onnx, sklearn"
PYTHON_PACKAGES = "python3-torch python3-torchvision python3-onnx python3-sklearn libopenblas0-pthread"


def stop(message):
    sys.exit(f"error: {message}")


def say(message):
    print(message, file=sys.stderr, flush=True)


def arguments():
    p = argparse.ArgumentParser(prog="./dev zoo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--models", type=pathlib.Path, default=ROOT / "build/zoo", help="folder of models (default: build/zoo)")
    p.add_argument("--export", type=pathlib.Path, default=EXPORTER, metavar="SCRIPT",
                   help="script that fills the folder if it is empty, called with --out FOLDER [--only NAMES] (default: ../shared/zoo/export_zoo.py)")
    p.add_argument("--peer", type=pathlib.Path, metavar="LIBRARY",
                   help=f"libonnxruntime.so.1 to compare with (default: that of npm's {PEER_PACKAGE}, installed in build/peer)")
    p.add_argument("--no-peer", action="store_true", help="measure Sardonyx alone")
    p.add_argument("--only", default="", metavar="NAME,NAME", help="these models only")
    p.add_argument("--threads", default="1,2", help="thread counts (default: 1,2)")
    p.add_argument("--rounds", type=int, default=3, help="measurements of each library to take the median of")
    p.add_argument("--ms", type=int, default=250, help="milliseconds that each measurement takes at least")
    p.add_argument("--limit", type=int, default=240, metavar="SECONDS", help="time after which a step of one model is given up")
    p.add_argument("--quick", action="store_true", help="one round of 100 ms, extents as the models declare them")
    p.add_argument("--json", action="store_true", help="print JSON in place of the table")
    p.add_argument("--write-docs", action="store_true", help="write the table to docs/zoo.md, too")
    return p.parse_args()


def models_in(folder):
    return sorted(p.parent for p in folder.glob("*/model.onnx") if (p.parent / "test_data_set_0").is_dir())


def python_for_export():
    for python in dict.fromkeys([sys.executable, "/usr/bin/python3", shutil.which("python3") or sys.executable]):
        if os.path.exists(python) and subprocess.run([python, "-c", f"import {PYTHON_MODULES}"], capture_output=True).returncode == 0:
            return python
    stop(f"exporting models needs a Python with {PYTHON_MODULES}; on Debian 12: apt-get install --no-install-recommends "
         f"{PYTHON_PACKAGES}")


def find_models(options):
    if not models_in(options.models):
        if not options.export.exists():
            stop(f"{options.models} holds no models and there is no {options.export} to make some; "
                 "name a folder with --models (see ./dev zoo --help for its layout)")
        python = python_for_export()
        say(f"exporting models to {options.models}" + ("" if options.only else " (about 8 minutes and 4 GB)"))
        only = ["--only", options.only] if options.only else []
        if subprocess.run([python, str(options.export), "--out", str(options.models)] + only, stdout=sys.stderr).returncode:
            say("the exporter failed for some models; going on with those that are there")
    models = models_in(options.models)
    if options.only:
        wanted = set(options.only.split(","))
        models = [m for m in models if m.name in wanted]
        if missing := wanted - {m.name for m in models}:
            stop(f"no such models: {', '.join(sorted(missing))}")
    return models or stop(f"{options.models} holds no models")


def find_peer(options):
    if options.no_peer:
        return None
    if options.peer:
        return options.peer if options.peer.exists() else stop(f"no such library: {options.peer}")
    library = ROOT / "build/peer" / PEER_FILE.format("arm64" if platform.machine() == "aarch64" else "x64")
    if library.exists():
        return library
    if not shutil.which("npm"):
        stop("ONNX Runtime comes from npm, which is not installed: apt-get install npm, or name a library with --peer, or --no-peer")
    say(f"installing {PEER_PACKAGE} in build/peer")
    (ROOT / "build/peer").mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(ROOT / "build/peer"), PEER_PACKAGE],
                          stdout=sys.stderr, env=dict(os.environ, ORT_DISABLE_TELEMETRY="1"))
    return library if done.returncode == 0 and library.exists() else stop(f"npm did not install {library}")


def call(command, limit):
    """(what it wrote, or None; what went wrong)"""
    process = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env=dict(os.environ, ORT_DISABLE_TELEMETRY="1"))
    try:
        out, err = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None, f"no end within {limit} s"
    errors = [line for line in err.splitlines() if line.startswith("error:")]
    return out, "" if process.returncode == 0 else (errors or [f"exit code {process.returncode}"])[-1]


def tolerance_of(model):
    try:
        return json.loads((model / "meta.json").read_text()).get("tolerance", 1e-3)
    except OSError:
        return 1e-3


def grouped(lines):
    """One text per problem and the configurations that have it; problems that differ in numbers only are one.

    >>> line = lambda ok, text, threads: {"ok": ok, "text": text, "level": "all", "threads": threads, "dims": "static"}
    >>> grouped([line(True, "", 1), line(False, "off by 0.1", 2)])
    ['off by 0.1 (level all, 2 threads, static extents)']
    >>> grouped([line(False, "off by 0.1", 1), line(False, "off by 2e-3", 2), line(True, "", 3)])
    ['off by 0.1 (in 2 of 3 configurations: level all; 1, 2 threads; static extents)']
    >>> grouped([line(False, "no kernel", 1), line(False, "no kernel", 2)])
    ['no kernel (in all 2 configurations)']
    >>> grouped([])
    []
    """
    groups = {}
    for line in lines:
        if not line["ok"]:
            groups.setdefault(re.sub(r"(?<!\w)\d+(\.\d+)?(e[-+]?\d+)?\b", "#", line["text"]), []).append(line)

    def where(group):
        if len(group) == len(lines) > 1:
            return f"in all {len(group)} configurations"
        level, threads, dims = (", ".join(dict.fromkeys(str(l[key]) for l in group)) for key in ("level", "threads", "dims"))
        if len(group) == 1:
            return f"level {level}, {threads} threads, {dims} extents"
        return f"in {len(group)} of {len(lines)} configurations: level {level}; {threads} threads; {dims} extents"

    return [f"{group[0]['text']} ({where(group)})" for group in groups.values()]


def check(model, options):
    dims = "as_is" if options.quick else "static,symbolic"
    out, problem = call([RUNNER, "--json", "--levels", "none,all", "--threads", options.threads, "--dims", dims, model], options.limit)
    lines = []
    for line in (out or "").splitlines():
        if line.startswith("{"):
            lines.append(json.loads(line))
    problems = grouped(lines) or ([problem] if problem else [] if lines else ["nothing was checked"])
    return {"checks": len(lines), "passed": sum(l["ok"] for l in lines), "max_error": max((l["error"] for l in lines), default=None),
            "tolerance": tolerance_of(model), "problems": problems}


def measure(model, peer, options):
    against = ["--against", peer] if peer else []
    command = [COMMAND, "bench", model / "model.onnx", "--data", model / "test_data_set_0", "--threads", options.threads,
               "--rounds", 1 if options.quick else options.rounds, "--ms", 100 if options.quick else options.ms, "--json"]
    out, problem = call(command + against, options.limit)
    if problem or not out:
        return {"problems": [f"not measured: {problem}"]}
    measured = json.loads(out)
    results = {}
    for r in measured["results"]:
        ours, theirs, ratio = (r["ours"], r["theirs"], r["ratio"]) if peer else (r, None, None)
        results[str(ours["threads"])] = {"ours": ours, "theirs": theirs, "ratio": ratio}
    return {"speed": results, "difference": measured.get("difference"), "problems": []}


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def summary_of(rows, threads):
    summary = {"models": len(rows), "correct": sum(not r["problems"] for r in rows), "checks": sum(r["checks"] for r in rows)}
    for t in threads:
        speed = [r["speed"][t]["ratio"]["speed"] for r in rows if (r.get("speed") or {}).get(t, {}).get("ratio")]
        if speed:
            summary[f"speed_{t}"] = {"geometric_mean": geometric_mean(speed), "lowest": min(speed), "slower": sum(s < 1 for s in speed)}
    for what in ("open", "peak"):
        ratios = [r["speed"][threads[0]]["ratio"][what] for r in rows if (r.get("speed") or {}).get(threads[0], {}).get("ratio")]
        if ratios:
            summary[what] = {"geometric_mean": geometric_mean(ratios), "lowest": min(ratios)}
    return summary


def number(value, digits=3):
    if value is None:
        return "-"
    return f"{value:.{max(0, digits - 1 - math.floor(math.log10(abs(value))))}f}" if value and abs(value) < 10 ** digits else f"{value:.0f}"


def titles(threads, peer):
    t = ["model", "levels", "checks", "max error", "tolerance"]
    for n in threads:
        t += [f"ms, {n} thread{'s' * (n != '1')}"] + (["ORT", "speed"] if peer else [])
    for what in ("create ms", "peak MB"):
        t += [what] + (["ORT", "ratio"] if peer else [])
    return t


def cells(row, threads, peer):
    error = row["max_error"]
    c = [row["model"], "none, all", f"{row['passed']} of {row['checks']}", "-" if error is None else f"{error:.1e}", f"{row['tolerance']:g}"]
    speed = row.get("speed") or {}

    def three(thread, key, name, scale=1.0):
        r = speed.get(thread)
        if not r:
            return ["-"] * (3 if peer else 1)
        out = [number(r["ours"][key] * scale)]
        return out + [number(r["theirs"][key] * scale), f"{r['ratio'][name]:.2f}"] if peer else out

    for t in threads:
        c += three(t, "median_ms", "speed")
    return c + three(threads[0], "open_ms", "open") + three(threads[0], "peak_bytes", "peak", 1e-6)


def summary_lines(summary, threads):
    lines = [f"{summary['correct']} of {summary['models']} models right in all of {summary['checks']} checks"]
    for t in threads:
        if s := summary.get(f"speed_{t}"):
            lines.append(f"speed, {t} thread{'s' * (t != '1')}: geometric mean {s['geometric_mean']:.2f} of ONNX Runtime's, "
                         f"lowest {s['lowest']:.2f}, {s['slower']} slower")
    for key, text in (("open", "creating a session"), ("peak", "largest memory")):
        if s := summary.get(key):
            better = "faster" if key == "open" else "smaller"
            lines.append(f"{text}: geometric mean {s['geometric_mean']:.2f} times {better}, lowest {s['lowest']:.2f}")
    return lines


def cpu_name():
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.machine()


def write_docs(rows, summary, threads, peer, options):
    libraries = {r["speed"][threads[0]]["theirs"]["library"] for r in rows if peer and r.get("speed", {}).get(threads[0])}
    version = subprocess.run([COMMAND, "--version"], capture_output=True, text=True).stdout.strip()
    lines = ["# The zoo", "",
             f"Measured on {datetime.date.today():%d %B %Y} with `./dev zoo --write-docs`: {version}"
             + (f" and {', '.join(sorted(libraries))}" if libraries else "") + f", {os.cpu_count()} CPUs ({cpu_name()}).", "",
             "Every model is checked at the levels none and all, with each thread count, with all extents fixed and with all of them open;",
             "*max error* is the largest difference from the reference as a share of the largest value. Times are medians of runs with the first",
             "data set; opening and peak memory are those of a fresh process. A ratio above 1 means that Sardonyx is faster, or smaller.", ""]
    lines += [f"- {line}" for line in summary_lines(summary, threads)] + [""]
    head = titles(threads, peer)
    lines += ["| " + " | ".join(head) + " |", "|---|---|---|" + "---:|" * (len(head) - 3)]
    lines += ["| " + " | ".join(cells(r, threads, peer)) + " |" for r in rows]
    problems = [f"- {r['model']}: {p}" for r in rows for p in r["problems"]]
    if problems:
        lines += ["", "What went wrong:", ""] + problems
    (ROOT / "docs/zoo.md").write_text("\n".join(lines) + "\n")
    say("wrote docs/zoo.md")


def main():
    options = arguments()
    for program in (COMMAND, RUNNER):
        if not program.exists():
            stop(f"{program} is not built: ./dev zoo builds it")
    threads = options.threads.split(",")
    models, peer = find_models(options), find_peer(options)
    out = sys.stderr if options.json else sys.stdout
    widths = [max(len(t), 9) for t in titles(threads, peer)]
    widths[0] = max(len(m.name) for m in models)

    def show(row):
        print("  ".join(c.ljust(w) if i < 3 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))), file=out, flush=True)

    show(titles(threads, peer))
    rows, begin = [], time.time()
    for model in models:
        row = {"model": model.name, **check(model, options)}
        measured = measure(model, peer, options)
        row["problems"] += measured.pop("problems")
        row.update(measured)
        rows.append(row)
        show(cells(row, threads, peer))
        for problem in row["problems"]:
            print(f"  {problem}", file=out, flush=True)
    summary = summary_of(rows, threads)
    print("", *summary_lines(summary, threads), f"{time.time() - begin:.0f} s", sep="\n", file=out)
    if options.json:
        json.dump({"models": rows, "summary": summary}, sys.stdout, indent=1)
        print()
    if options.write_docs:
        write_docs(rows, summary, threads, peer, options)
    return 0 if summary["correct"] == summary["models"] else 1


if __name__ == "__main__":
    sys.exit(main())
