"""Writes bindings/python/sardonyx/_native.pyi, the type stub of the extension module.

Run it with an interpreter that imports the package and nanobind, such as build/venv/bin/python. The stub is kept in the
repository; a test checks that it names everything that the module has.
"""

import enum
import inspect
import pathlib

from nanobind.stubgen import StubGen

import sardonyx  # noqa: F401 - it dresses the enumerations, which is undone below
from sardonyx import _native

for value in vars(_native).values():
    if inspect.isclass(value):
        value.__module__ = _native.__name__
        if issubclass(value, enum.Enum) and "__str__" in vars(value):
            del value.__str__
generator = StubGen(_native)
generator.put(_native)
stub = pathlib.Path(__file__).parents[2] / "bindings" / "python" / "sardonyx" / "_native.pyi"
stub.write_text(generator.get())
