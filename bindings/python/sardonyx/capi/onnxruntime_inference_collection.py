"""The classes of the package, under the module name that programs import."""

from sardonyx.capi._adapter import AdapterFormat
from sardonyx.capi._binding import IOBinding
from sardonyx.capi._compiler import (
    GetInitializerLocationFunc,
    GetInitializerLocationWrapperFunc,
    ModelCompiler,
    make_get_initializer_location_func_wrapper,
)
from sardonyx.capi._devices import OrtDevice, OrtDeviceVendorId, get_ort_device_type, get_vendor_id_for_device_type
from sardonyx.capi._providers import check_and_normalize_provider_args
from sardonyx.capi._session import InferenceSession, Session
from sardonyx.capi._values import OrtValue, SparseTensor, copy_tensors

__all__ = [
    "AdapterFormat",
    "GetInitializerLocationFunc",
    "GetInitializerLocationWrapperFunc",
    "IOBinding",
    "InferenceSession",
    "ModelCompiler",
    "OrtDevice",
    "OrtDeviceVendorId",
    "OrtValue",
    "Session",
    "SparseTensor",
    "check_and_normalize_provider_args",
    "copy_tensors",
    "get_ort_device_type",
    "get_vendor_id_for_device_type",
    "make_get_initializer_location_func_wrapper",
]
