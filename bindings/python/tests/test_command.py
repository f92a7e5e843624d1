"""python -m sardonyx, and the files that the wheel carries."""

import os
import subprocess
import sys

import models
import pytest

pytestmark = pytest.mark.ours


def run(*arguments):
    return subprocess.run([sys.executable, "-m", "sardonyx", *arguments], capture_output=True, text=True)


def test_command(tmp_path):
    file = tmp_path / "add.onnx"
    file.write_bytes(models.ADD)
    shown = run("inspect", str(file))
    assert shown.returncode == 0 and "Add" in shown.stdout
    assert run("--help").returncode == 0
    assert run("no-such-verb").returncode != 0


def test_files():
    from sardonyx import _files

    assert os.path.isfile(_files.library())
    assert os.path.isfile(os.path.join(_files.include(), "onnxruntime", "onnxruntime_c_api.h"))
    assert os.path.isfile(os.path.join(_files.include(), "sardonyx", "sardonyx.h"))
    assert os.access(_files.executable(), os.X_OK)
