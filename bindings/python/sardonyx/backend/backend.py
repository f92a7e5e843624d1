"""The backend class and its functions."""

from __future__ import annotations

import os

from sardonyx import InferenceSession, SessionOptions, get_available_providers, get_device
from sardonyx.backend.backend_rep import SardonyxBackendRep, set_allowed

try:
    from onnx.backend.base import Backend
except ImportError:  # the interface is usable without the onnx package
    Backend = object

# What a caller may set on the session's options.
_SESSION_OPTIONS = frozenset(
    {
        "enable_cpu_mem_arena",
        "enable_mem_pattern",
        "enable_mem_reuse",
        "execution_mode",
        "execution_order",
        "graph_optimization_level",
        "inter_op_num_threads",
        "intra_op_num_threads",
        "log_severity_level",
        "log_verbosity_level",
        "logid",
        "use_deterministic_compute",
        "use_per_session_threads",
    }
)


class SardonyxBackend(Backend):
    """Runs models for programs that speak ONNX's backend interface."""

    allowReleasedOpsetsOnly = os.environ.get("ALLOW_RELEASED_ONNX_OPSET_ONLY", "1") == "1"  # noqa: N815

    @classmethod
    def is_opset_supported(cls, model):
        """(True, "") if the onnx package knows all operator sets of the ModelProto as released, else (False, why not)."""
        if not cls.allowReleasedOpsetsOnly:
            return True, ""
        from onnx import helper

        released = helper.OP_SET_ID_VERSION_MAP
        domains = {domain for domain, _ in released}
        for opset in model.opset_import:
            domain = opset.domain or "ai.onnx"
            if domain in domains and (domain, opset.version) not in released:
                return False, f"version {opset.version} of the operators of '{domain}' is not released"
        return True, ""

    @classmethod
    def is_compatible(cls, model, device=None, **kwargs):
        return device is None or cls.supports_device(device)

    @classmethod
    def supports_device(cls, device):
        return device.split(":")[0] in get_device()

    @classmethod
    def prepare(cls, model, device=None, **kwargs):
        """model: a file, bytes, a ModelProto, a session, or what prepare returned."""
        if isinstance(model, SardonyxBackendRep):
            return model
        if isinstance(model, InferenceSession):
            return SardonyxBackendRep(model)
        if not isinstance(model, (str, bytes, os.PathLike)):
            model = model.SerializeToString()
        if device is not None and not cls.supports_device(device):
            raise RuntimeError(f"Incompatible device expected '{device}', got '{get_device()}'")
        options = SessionOptions()
        for name, value in kwargs.items():
            set_allowed(options, name, value, _SESSION_OPTIONS)
        return SardonyxBackendRep(InferenceSession(model, options, providers=get_available_providers()))

    @classmethod
    def run_model(cls, model, inputs, device=None, **kwargs):
        return cls.prepare(model, device, **kwargs).run(inputs)

    @classmethod
    def run_node(cls, node, inputs, device=None, outputs_info=None, **kwargs):
        raise NotImplementedError("one node cannot be run without a model; make a model of it and call run_model")


OnnxRuntimeBackend, OnnxRuntimeBackendRep = SardonyxBackend, SardonyxBackendRep  # as programs know them

is_compatible = SardonyxBackend.is_compatible
prepare = SardonyxBackend.prepare
run = SardonyxBackend.run_model
run_model = SardonyxBackend.run_model
supports_device = SardonyxBackend.supports_device
