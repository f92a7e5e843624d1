"""``python -m sardonyx …`` runs the sardonyx command that the wheel carries."""

import os
import sys

from sardonyx import _files


def main() -> int:
    program = _files.executable()
    if program is None:
        print("this installation of sardonyx has no command; build it with CMake", file=sys.stderr)
        return 1
    os.execv(program, ["sardonyx", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
