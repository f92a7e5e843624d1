"""The tests run on any package with ONNX Runtime's surface: PACKAGE_UNDER_TEST names it, sardonyx unless set.

`./dev python` runs them on sardonyx, `./dev python --peer` on PyPI's onnxruntime. What only sardonyx promises is marked
`ours`, and a test marked `differs` says why ONNX Runtime does something else.
"""

import importlib
import os

import pytest

PACKAGE = os.environ.get("PACKAGE_UNDER_TEST", "sardonyx")


def pytest_configure(config):
    config.addinivalue_line("markers", "ours: promised by sardonyx only")
    config.addinivalue_line("markers", "differs(reason): sardonyx does this differently from ONNX Runtime on purpose")


def pytest_collection_modifyitems(items):
    if PACKAGE == "sardonyx":
        return
    for item in items:
        differs = item.get_closest_marker("differs")
        if item.get_closest_marker("ours"):
            item.add_marker(pytest.mark.skip(reason="only sardonyx promises this"))
        elif differs:
            item.add_marker(pytest.mark.skip(reason=differs.args[0]))


@pytest.fixture(scope="session")
def ort():
    return importlib.import_module(PACKAGE)


@pytest.fixture(scope="session")
def state(ort):
    """The C-level names."""
    return importlib.import_module(PACKAGE + ".capi.onnxruntime_pybind11_state")


@pytest.fixture(scope="session")
def package():
    return PACKAGE
