"""Type stubs and annotations."""

import ast
import inspect
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.ours
HERE = os.path.dirname(os.path.abspath(__file__))


def test_the_stub_names_everything():
    from sardonyx import _native

    with open(os.path.join(os.path.dirname(inspect.getfile(sys.modules["sardonyx"])), "_native.pyi")) as text:
        tree = ast.parse(text.read())
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    for name, value in vars(_native).items():
        if name.startswith("_"):
            continue
        if not inspect.isclass(value):
            assert name in functions, name
            continue
        body = classes[name].body
        members = {node.name for node in body if isinstance(node, ast.FunctionDef)}
        members |= {t.id for node in body if isinstance(node, ast.Assign) for t in node.targets}
        missing = [m for m in vars(value) if not m.startswith("_") and m not in members]
        assert not missing or issubclass(value, Exception), (name, missing)


def test_annotations_hold():
    pytest.importorskip("mypy")
    program = os.path.join(HERE, "typed_program.py")
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull, program]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_typed_program_runs():
    subprocess.run([sys.executable, os.path.join(HERE, "typed_program.py")], check=True)
