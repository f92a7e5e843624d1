"""Where the files lie that the wheel carries beside the Python code."""

from __future__ import annotations

import os

_FOLDER = os.path.dirname(os.path.abspath(__file__))


def executable() -> str | None:
    """The sardonyx command, or None."""
    for path in (os.environ.get("SARDONYX_COMMAND", ""), os.path.join(_FOLDER, "bin", "sardonyx")):
        if path and os.path.isfile(path):
            return path
    return None


def library() -> str:
    """The C library, for programs in C that load it."""
    return os.path.join(_FOLDER, "libonnxruntime.so.1")


def include() -> str:
    """The folder of the headers: compile with -I of it."""
    return os.path.join(_FOLDER, "include")
