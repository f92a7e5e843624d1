"""The C-level classes and functions: those of the extension module, and the few that are Python."""

from __future__ import annotations

import enum
import warnings

from sardonyx import _native, _version
from sardonyx._native import *  # noqa: F403
from sardonyx.capi import _opkernel as opkernel
from sardonyx.capi import _schemadef as schemadef
from sardonyx.capi._adapter import AdapterFormat  # noqa: F401
from sardonyx.capi._opkernel import get_all_opkernel_def  # noqa: F401
from sardonyx.capi._quantise import (  # noqa: F401
    quantize_matmul_2bits,
    quantize_matmul_4bits,
    quantize_matmul_8bits,
    quantize_qdq_matmul_4bits,
)
from sardonyx.capi._schemadef import get_all_operator_schema  # noqa: F401

globals().update({name: value for name, value in vars(_native).items() if not name.startswith("_")})

for _name, _value in list(globals().items()):
    if isinstance(_value, enum.EnumMeta) and _value.__module__ != "enum":
        _value.__str__ = lambda self: f"{type(self).__name__}.{self.name}"
        _value.__module__ = __name__


class _Flag(enum.IntFlag):
    def __str__(self):
        return f"{type(self).__name__}.{self.name}"

    def __repr__(self):
        return f"<{type(self).__name__}.{self.name}: {int(self)}>"


class OrtCompileApiFlags(_Flag):
    NONE = 0
    ERROR_IF_NO_NODES_COMPILED = 1
    ERROR_IF_OUTPUT_FILE_EXISTS = 2


class OrtDeviceEpIncompatibilityReason(enum.IntEnum):
    NONE = 0
    DRIVER_INCOMPATIBLE = 1
    DEVICE_INCOMPATIBLE = 2
    MISSING_DEPENDENCY = 4
    UNKNOWN = -(1 << 31)  # bit 31 of an int32

    def __str__(self):
        return f"{type(self).__name__}.{self.name}"


class ArenaExtendStrategy(enum.IntEnum):
    kNextPowerOfTwo = 0
    kSameAsRequested = 1

    def __str__(self):
        return f"{type(self).__name__}.{self.name}"


kNextPowerOfTwo = ArenaExtendStrategy.kNextPowerOfTwo
kSameAsRequested = ArenaExtendStrategy.kSameAsRequested


class OrtSyncStream:
    """A stream of a device that has streams. The CPU has none, so there are no instances."""

    def __init__(self):
        raise TypeError("OrtSyncStream: no constructor")

    def get_handle(self) -> int:
        raise RuntimeError("the CPU has no streams")


class SessionObjectInitializer:
    """Kept for programs that pass one around; it holds nothing."""


def get_registered_ep_kernel_defs(ep_name: str) -> list[opkernel.KernelDef]:
    """The kernels of one provider."""
    if ep_name != "CPUExecutionProvider":
        raise RuntimeError(
            f"No devices found for EP '{ep_name}'. Ensure the plugin EP library is registered via "
            "register_execution_provider_library()."
        )
    return get_all_opkernel_def()


def get_default_session_options():
    return SessionOptions()  # noqa: F405


def get_session_initializer():
    return SessionObjectInitializer()


def get_version_string() -> str:
    return _version.compatible


def get_device() -> str:
    return "CPU"


def has_collective_ops() -> bool:
    return False


# Every provider that a program may name, most capable first. Only the last is in this build.
_ALL_PROVIDERS = [
    *(name + "ExecutionProvider" for name in (
        "NvTensorRTRTX", "Tensorrt", "CUDA", "MIGraphX", "OpenVINO", "Dnnl", "VitisAI", "QNN", "Nnapi", "VSINPU", "Js",
        "CoreML", "ACL", "Dml", "Rknpu", "WebNN", "WebGpu", "Xnnpack", "CANN", "Azure", "CPU",
    )),
]  # fmt: skip


def get_all_providers() -> list[str]:
    return list(_ALL_PROVIDERS)


def set_default_logger_verbosity(level: int) -> None:
    """Accepted; messages of verbosity levels are not written."""
    if not isinstance(level, int):
        raise TypeError("the level must be an int")


def set_seed(seed: int) -> None:
    """Accepted. Random operators without a seed of their own draw a new one for every session."""
    if not isinstance(seed, int):
        raise TypeError("the seed must be an int")


def set_global_thread_pool_sizes(intra_op_num_threads: int = 0, inter_op_num_threads: int = 0) -> None:
    """Sizes of the pools that sessions without their own threads share; 0 is one per core. Before the first session."""
    if not _native._set_global_pool_sizes(intra_op_num_threads, inter_op_num_threads):
        warnings.warn("set_global_thread_pool_sizes came after the first session and changes nothing", stacklevel=2)
