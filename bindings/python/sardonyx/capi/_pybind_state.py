"""The C-level names in one place, under the module name that programs import."""

from sardonyx.capi.onnxruntime_pybind11_state import *  # noqa: F403
