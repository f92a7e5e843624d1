#!/usr/bin/env python3
"""Checks the one-definition trap of per-target code: between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE no function of
std:: may be called. Such a function may be emitted with one target's instructions and then be the copy that the linker
keeps for everybody. Types and constants of <type_traits> and functions of the C library are harmless.
Prints every violation as file:line and exits 1 if there is any."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
USE = re.compile(r"\bstd::(\w+)")
HARMLESS = re.compile(r"\w+_t$|\w+_v$|memcpy$|memset$|memmove$|same_as$|integral$|integral_constant$|floating_point$")


def violations_of(path):
    inside = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        code = line.split("//")[0]
        if code.startswith("HWY_BEFORE_NAMESPACE"):
            inside = True
        elif code.startswith("HWY_AFTER_NAMESPACE"):
            inside = False
        if not inside:
            continue
        for name in USE.findall(code):
            if not HARMLESS.match(name):
                yield f"{path.relative_to(ROOT)}:{number}: std::{name} between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE"


def main():
    files = sorted(p for p in (ROOT / "src/simd").rglob("*") if p.suffix in (".h", ".cpp"))
    violations = [v for path in files for v in violations_of(path)]
    print(*violations, sep="\n", end="\n" if violations else "")
    print(f"simd rule: {len(files)} files, {len(violations)} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
