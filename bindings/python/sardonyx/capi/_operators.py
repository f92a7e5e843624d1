"""The operators of this build, as the sardonyx command lists them."""

from __future__ import annotations

import functools
import json
import subprocess
from typing import Any

from sardonyx import _files


@functools.cache
def operators() -> list[dict[str, Any]]:
    """One dict per operator of a public domain; "" is the domain ai.onnx."""
    program = _files.executable()
    if program is None:
        raise RuntimeError("this installation of sardonyx has no command to ask for its operators")
    text = subprocess.run([program, "ops", "--schemas"], capture_output=True, text=True, check=True).stdout
    found = [o for o in json.loads(text) if not o["domain"].startswith("ai.sardonyx")]
    for operator in found:
        if operator["domain"] == "ai.onnx":
            operator["domain"] = ""
    return found
