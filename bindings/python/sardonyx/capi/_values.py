"""Values that runs take and give: tensors, sequences, maps and optionals as OrtValue, and sparse tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sardonyx.capi import _pybind_state as C
from sardonyx.capi._devices import OrtDevice, c_device


class OrtValue:
    """A value that runs take and give without conversion."""

    def __init__(self, ortvalue: C.OrtValue, numpy_obj: np.ndarray | None = None, session: Any = None) -> None:
        if not isinstance(ortvalue, C.OrtValue):
            raise ValueError(f"`ortvalue` is expected to be of type `C.OrtValue`, got: {type(ortvalue)}")
        self._ortvalue = ortvalue
        self._numpy_obj = numpy_obj
        self._session = session

    def _get_c_value(self) -> C.OrtValue:
        return self._ortvalue

    @property
    def _is_webgpu_buffer(self) -> bool:
        return False

    @classmethod
    def ortvalue_from_numpy(
        cls, numpy_obj: np.ndarray, /, device_type: str = "cpu", device_id: int = 0, vendor_id: int = -1
    ) -> OrtValue:
        """A tensor over the array's own memory if that is contiguous, else over a copy."""
        made = C.OrtValue.ortvalue_from_numpy(numpy_obj, c_device(device_type, device_id, vendor_id))
        return cls(made, numpy_obj if device_type.lower() == "cpu" else None)

    @classmethod
    def ortvalue_from_numpy_with_onnx_type(cls, data: np.ndarray, /, onnx_element_type: int) -> OrtValue:
        """A tensor over the bytes of the array, as elements of the ONNX type with this number."""
        return cls(C.OrtValue.ortvalue_from_numpy_with_onnx_type(data, onnx_element_type), data)

    @classmethod
    def ortvalue_from_shape_and_type(
        cls,
        shape: Sequence[int],
        element_type: Any,
        device_type: str = "cpu",
        device_id: int = 0,
        vendor_id: int = -1,
        memory_info: C.OrtMemoryInfo | None = None,
    ) -> OrtValue:
        """A tensor with undefined contents. element_type: a numpy type, or the number of an ONNX type."""
        return cls(C.OrtValue.ortvalue_from_shape_and_type(shape, element_type, c_device(device_type, device_id, vendor_id)))

    @classmethod
    def ort_value_from_sparse_tensor(cls, sparse_tensor: SparseTensor) -> OrtValue:
        return cls(C.OrtValue.ort_value_from_sparse_tensor(sparse_tensor._get_c_tensor()))

    @classmethod
    def from_dlpack(cls, data: Any, /) -> OrtValue:
        """A tensor over the memory of an object that has __dlpack__."""
        if not hasattr(data, "__dlpack__"):
            raise TypeError(f"{type(data).__name__} has no __dlpack__")
        return cls(C.OrtValue.from_dlpack(data.__dlpack__(), False))

    def as_sparse_tensor(self) -> SparseTensor:
        return SparseTensor(self._ortvalue.as_sparse_tensor())

    def data_ptr(self) -> int:
        return self._ortvalue.data_ptr()

    def device_name(self) -> str:
        return self._ortvalue.device_name().lower()

    def shape(self) -> list[int]:
        return self._ortvalue.shape()

    def data_type(self) -> str:
        return self._ortvalue.data_type()

    def element_type(self) -> int:
        return self._ortvalue.element_type()

    def tensor_size_in_bytes(self) -> int:
        return self._ortvalue.tensor_size_in_bytes()

    def has_value(self) -> bool:
        return self._ortvalue.has_value()

    def is_tensor(self) -> bool:
        return self._ortvalue.is_tensor()

    def is_sparse_tensor(self) -> bool:
        return self._ortvalue.is_sparse_tensor()

    def is_tensor_sequence(self) -> bool:
        return self._ortvalue.is_tensor_sequence()

    def numpy(self) -> np.ndarray:
        """The tensor as an array over the same memory."""
        return self._ortvalue.numpy()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self.numpy()
        if dtype is not None and array.dtype != np.dtype(dtype):
            if copy is False:
                raise ValueError(f"an array of {np.dtype(dtype)} cannot be had without a copy")
            return array.astype(dtype)
        return array.copy() if copy else array

    def __dlpack__(self, *, stream: Any = None, **_: Any) -> Any:
        return self._ortvalue._dlpack_with_bool()

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._ortvalue.__dlpack_device__()

    def update_inplace(self, data: np.ndarray | OrtValue) -> None:
        """Copies an array or another OrtValue of the same type and shape into this one."""
        self._ortvalue.update_inplace(data._ortvalue if isinstance(data, OrtValue) else data)


class SparseTensor:
    """A sparse tensor in one of the formats COO, CSR and block sparse."""

    def __init__(self, sparse_tensor: C.SparseTensor) -> None:
        if not isinstance(sparse_tensor, C.SparseTensor):
            raise ValueError(f"`sparse_tensor` is expected to be of type `C.SparseTensor`, got: {type(sparse_tensor)}")
        self._tensor = sparse_tensor

    def _get_c_tensor(self) -> C.SparseTensor:
        return self._tensor

    @classmethod
    def sparse_coo_from_numpy(
        cls, dense_shape: np.ndarray, values: np.ndarray, coo_indices: np.ndarray, ort_device: OrtDevice
    ) -> SparseTensor:
        device = ort_device._get_c_device()
        return cls(C.SparseTensor.sparse_coo_from_numpy(dense_shape, values, coo_indices, device))

    @classmethod
    def sparse_csr_from_numpy(
        cls,
        dense_shape: np.ndarray,
        values: np.ndarray,
        inner_indices: np.ndarray,
        outer_indices: np.ndarray,
        ort_device: OrtDevice,
    ) -> SparseTensor:
        device = ort_device._get_c_device()
        return cls(C.SparseTensor.sparse_csr_from_numpy(dense_shape, values, inner_indices, outer_indices, device))

    def values(self) -> np.ndarray:
        return self._tensor.values()

    def as_coo_view(self) -> C.SparseCooView:
        return self._tensor.get_coo_data()

    def as_csrc_view(self) -> C.SparseCsrView:
        return self._tensor.get_csrc_data()

    def as_blocksparse_view(self) -> C.SparseBlockSparseView:
        return self._tensor.get_blocksparse_data()

    def to_cuda(self, ort_device: OrtDevice) -> SparseTensor:
        return SparseTensor(self._tensor.to_cuda(ort_device._get_c_device()))

    def format(self) -> C.OrtSparseFormat:
        return self._tensor.format

    def dense_shape(self) -> list[int]:
        return self._tensor.dense_shape()

    def data_type(self) -> str:
        return self._tensor.data_type()

    def device_name(self) -> str:
        return self._tensor.device_name().lower()


def copy_tensors(src: Sequence[OrtValue], dst: Sequence[OrtValue], stream: Any = None) -> None:
    """Copies each tensor of src into the one of dst at the same place."""
    C.copy_tensors([value._get_c_value() for value in src], [value._get_c_value() for value in dst], stream)
