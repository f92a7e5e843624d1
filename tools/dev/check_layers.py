#!/usr/bin/env python3
"""Checks who includes whom: a folder of src/ may include its own headers and those of lower ranks only; a third-party
header may appear only where RULES allows it. Prints every violation as file:line and exits 1 if there is any."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

RANKS = {
    "base": 0, "tensor": 1, "sym": 1, "parallel": 1, "simd": 2, "ir": 2, "ops": 3, "kernel": 3, "cpu": 4, "onnx": 4,
    "pass": 4, "provider": 5, "plan": 6, "exec": 7, "api": 8, "capi": 9,
}
# Header prefix → the places that may include it.
THIRD_PARTY = {
    "hwy/": ("src/simd/", "tests/", "bench/"),
    "protozero/": ("src/onnx/", "tests/"),
    "nlohmann/": ("tools/", "tests/"),
    "CLI/": ("tools/sardonyx/main.cpp",),
    "re2/": ("src/cpu/",),
    "utf8proc.h": ("src/cpu/",),
    "jpeglib.h": ("src/cpu/", "tools/common/", "tests/"),
    "png.h": ("src/cpu/", "tools/common/", "tests/"),
    "gtest/": ("tests/",),
    "benchmark/": ("bench/",),
    "sardonyx/": ("src/api/", "src/capi/", "include/sardonyx/", "tools/", "tests/", "bench/", "bindings/", "examples/"),
    "onnxruntime/": ("src/capi/", "include/onnxruntime/", "tools/", "tests/", "bench/", "bindings/", "examples/"),
}
# The system's own headers: elsewhere base/platform.h stands for them.
SYSTEM_USERS = ("src/base/platform_", "src/onnx/mapped_file.cpp", "src/capi/", "tools/", "tests/", "bench/", "bindings/")
SYSTEM = {name: SYSTEM_USERS for name in ("sys/", "linux/", "pthread.h", "sched.h", "signal.h", "unistd.h", "dlfcn.h")}
GENERATED = {"op_table.inc": ("src/ops/",), "kernel_table.inc": ("src/cpu/", "src/provider/")}
# libc++ 14, with which WebAssembly is built, has none of these.
NOT_EVERYWHERE = re.compile(r"^(?!\s*//).*\bstd::(ranges::|views::|format\b)")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def why_not(place, quote, header):
    """The reason why the file at `place` must not include `header`, or None."""
    for prefix, allowed in {**THIRD_PARTY, **SYSTEM, **GENERATED}.items():
        if header.startswith(prefix):
            return None if place.startswith(allowed) else f"{header} is allowed in {', '.join(allowed)} only"
    if place.startswith("include/"):
        return f"an installed header must not include {header}" if quote == '"' else None
    if quote == "<" or not place.startswith("src/"):
        return None
    mine, theirs = place.split("/")[1], header.split("/")[0]
    if mine not in RANKS:
        return f"src/{mine} has no rank; give it one in {pathlib.Path(__file__).name}"
    if theirs not in RANKS:
        return f"{header}: name headers from src/, as in \"base/status.h\""
    if theirs != mine and RANKS[theirs] >= RANKS[mine]:
        return f"{mine} (rank {RANKS[mine]}) must not include {theirs} (rank {RANKS[theirs]})"
    return None


def main():
    violations, files = [], 0
    for folder in ("include", "src", "tools", "tests", "bench"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in (".h", ".cpp", ".inc"):
                continue
            files += 1
            place = path.relative_to(ROOT).as_posix()
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                found = INCLUDE.match(line)
                reason = found and why_not(place, found[1], found[2])
                if place.startswith("src/") and not place.startswith("src/capi/") and NOT_EVERYWHERE.match(line):
                    reason = "std::ranges, std::views and std::format are missing in a standard library that is in use"
                if reason:
                    violations.append(f"{place}:{number}: {reason}")
    print(*violations, sep="\n", end="\n" if violations else "")
    print(f"layers: {files} files, {len(violations)} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
