"""The package that lets programs say onnxruntime and get sardonyx."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.ours
ALIAS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "onnxruntime_alias")

PROGRAM = """
import onnxruntime, sardonyx
import onnxruntime as ort
import onnxruntime.backend
from onnxruntime import InferenceSession, SessionOptions
from onnxruntime.capi import _pybind_state as C
from onnxruntime.capi.onnxruntime_pybind11_state import InvalidArgument
import onnxruntime.capi.onnxruntime_inference_collection as collection
assert onnxruntime.__file__.startswith({alias!r})
assert InferenceSession is sardonyx.InferenceSession is collection.InferenceSession
assert InvalidArgument is sardonyx.capi.onnxruntime_pybind11_state.InvalidArgument is C.InvalidArgument
assert sardonyx.capi.__spec__.name == "sardonyx.capi"
assert onnxruntime.__version__ == "1.30.0" and ort.get_device() == "CPU"
assert onnxruntime.backend.supports_device("CPU")
try:
    import onnxruntime.no_such_module
except ImportError:
    print("ok")
"""


def test_alias():
    if not os.path.isdir(ALIAS):
        pytest.skip("the alias package is not beside the tests")
    paths = os.pathsep.join([ALIAS, os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(alias=ALIAS)],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "ok\n", done.stderr
