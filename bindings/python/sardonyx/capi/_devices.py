"""Devices as users name them."""

from __future__ import annotations

import enum

from sardonyx.capi import _pybind_state as C


class OrtDeviceVendorId(enum.IntEnum):
    """PCI numbers of vendors."""

    NONE = 0x0000
    AMD = 0x1002
    NVIDIA = 0x10DE
    ARM = 0x13B5
    MICROSOFT = 0x1414
    HUAWEI = 0x19E5
    QUALCOMM = 0x5143
    INTEL = 0x8086

    __str__ = enum.Enum.__str__


_DEVICE_TYPES = {
    "cpu": (0, OrtDeviceVendorId.NONE),
    "cuda": (1, OrtDeviceVendorId.NVIDIA),
    "dml": (1, OrtDeviceVendorId.MICROSOFT),
    "webgpu": (1, OrtDeviceVendorId.NONE),
    "gpu": (1, OrtDeviceVendorId.NONE),
    "cann": (3, OrtDeviceVendorId.HUAWEI),
    "npu": (3, OrtDeviceVendorId.NONE),
}


def get_ort_device_type(device_type: str) -> int:
    try:
        return _DEVICE_TYPES[device_type][0]
    except KeyError:
        raise Exception(f"Unsupported device type: {device_type}") from None  # noqa: TRY002 - the class that callers catch


def get_vendor_id_for_device_type(device_type: str) -> OrtDeviceVendorId | None:
    return _DEVICE_TYPES[device_type][1] if device_type in _DEVICE_TYPES else None


class OrtDevice:
    """A device: its kind, number and vendor."""

    def __init__(self, c_ort_device: C.OrtDevice) -> None:
        if not isinstance(c_ort_device, C.OrtDevice):
            raise ValueError(f"`c_ort_device` is expected to be of type `C.OrtDevice`, got: {type(c_ort_device)}")
        self._ort_device = c_ort_device

    def _get_c_device(self) -> C.OrtDevice:
        return self._ort_device

    @staticmethod
    def make(ort_device_name: str, device_id: int, vendor_id: int = -1) -> OrtDevice:
        kind = get_ort_device_type(ort_device_name)
        vendor = get_vendor_id_for_device_type(ort_device_name) if vendor_id < 0 else vendor_id
        return OrtDevice(C.OrtDevice(kind, C.OrtDevice.default_memory(), int(vendor), device_id))

    def device_id(self) -> int:
        return self._ort_device.device_id()

    def device_type(self) -> int:
        return self._ort_device.device_type()

    def device_vendor_id(self) -> int:
        return self._ort_device.vendor_id()

    def device_mem_type(self) -> int:
        return self._ort_device.mem_type()


def c_device(name: str, device_id: int, vendor_id: int = -1) -> C.OrtDevice:
    return OrtDevice.make(name, device_id, vendor_id)._get_c_device()
