"""ONNX's backend interface: prepare, run_model, is_compatible, supports_device."""

from sardonyx.backend.backend import (
    OnnxRuntimeBackend,
    OnnxRuntimeBackendRep,
    SardonyxBackend,
    SardonyxBackendRep,
    is_compatible,
    prepare,
    run,
    run_model,
    supports_device,
)

__all__ = [
    "OnnxRuntimeBackend",
    "OnnxRuntimeBackendRep",
    "SardonyxBackend",
    "SardonyxBackendRep",
    "is_compatible",
    "prepare",
    "run",
    "run_model",
    "supports_device",
]
