"""The C-level names in one place, under the module name that programs import."""

from sardonyx.capi import onnxruntime_pybind11_state as _state
from sardonyx.capi.onnxruntime_pybind11_state import *  # noqa: F403

globals().update({name: value for name, value in vars(_state).items() if not name.startswith("_")})
