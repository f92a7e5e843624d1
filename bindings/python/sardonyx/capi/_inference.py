"""The classes of the package, on top of the C-level ones of onnxruntime_pybind11_state.

A session may be run by any number of threads at once. Everything else belongs to one thread at a time.
"""

from __future__ import annotations

import atexit
import enum
import os
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Union

import numpy as np

from sardonyx import _native
from sardonyx.capi import _pybind_state as C
from sardonyx.capi._adapter import AdapterFormat
from sardonyx.capi._providers import check_and_normalize_provider_args

__all__ = [
    "AdapterFormat",
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
]


Providers = Sequence[Union[str, tuple[str, dict[Any, Any]]]]


@atexit.register
def _finish_async_runs() -> None:
    """Callbacks need the interpreter, so it waits for those that are still to come."""
    while _native._async_runs():
        time.sleep(0.001)


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


def _device(name: str, device_id: int, vendor_id: int = -1) -> C.OrtDevice:
    return OrtDevice.make(name, device_id, vendor_id)._get_c_device()


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
        made = C.OrtValue.ortvalue_from_numpy(numpy_obj, _device(device_type, device_id, vendor_id))
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
        return cls(C.OrtValue.ortvalue_from_shape_and_type(shape, element_type, _device(device_type, device_id, vendor_id)))

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


class Session:
    """The ways to run a session and to ask what its model declares."""

    def __init__(self, enable_fallback: bool = True) -> None:
        self._sess: Any = None
        self._enable_fallback = enable_fallback

    def get_session_options(self) -> C.SessionOptions:
        return self._sess_options

    def get_inputs(self) -> list[C.NodeArg]:
        return list(self._sess.inputs_meta)

    def get_outputs(self) -> list[C.NodeArg]:
        return list(self._sess.outputs_meta)

    def get_overridable_initializers(self) -> list[C.NodeArg]:
        return list(self._sess.overridable_initializers)

    def get_modelmeta(self) -> C.ModelMetadata:
        return self._sess.model_meta

    def get_input_memory_infos(self) -> list[C.OrtMemoryInfo]:
        return self._sess.input_meminfos

    def get_output_memory_infos(self) -> list[C.OrtMemoryInfo]:
        return self._sess.output_meminfos

    def get_input_epdevices(self) -> list[C.OrtEpDevice]:
        return self._sess.input_epdevices

    def get_providers(self) -> list[str]:
        return self._sess.get_providers()

    def get_provider_options(self) -> dict[str, dict[str, str]]:
        return self._sess.get_provider_options()

    def get_provider_graph_assignment_info(self) -> list[C.OrtEpAssignedSubgraph]:
        """Which provider runs which node; needs the session option session.record_ep_graph_assignment_info."""
        return self._sess.get_provider_graph_assignment_info()

    def set_providers(self, providers: Providers | None = None, provider_options: Sequence[dict] | None = None) -> None:
        """Opens the model again with these providers."""
        self._reset_session(providers, provider_options)

    def disable_fallback(self) -> None:
        self._enable_fallback = False

    def enable_fallback(self) -> None:
        self._enable_fallback = True

    def run(
        self, output_names: Sequence[str] | None, input_feed: Mapping[str, Any], run_options: C.RunOptions | None = None
    ) -> list[Any]:
        """Computes the named outputs, or all (None), from a dict of inputs: a list of arrays, lists, dicts or None."""
        return self._sess.run(output_names, input_feed, run_options)

    def run_async(
        self,
        output_names: Sequence[str] | None,
        input_feed: Mapping[str, Any],
        callback: Callable[[list[Any], Any, str], None],
        user_data: Any,
        run_options: C.RunOptions | None = None,
    ) -> None:
        """Starts a run and returns. callback(results, user_data, error) is called on another thread; error is "" if all
        went well, and results is empty otherwise."""
        self._sess.run_async(output_names, input_feed, callback, user_data, run_options)

    def run_with_ort_values(
        self,
        output_names: Sequence[str] | None,
        input_dict_ort_values: Mapping[str, OrtValue],
        run_options: C.RunOptions | None = None,
    ) -> list[OrtValue]:
        """run() for OrtValues: takes a dict of them and gives a list of them."""
        feed = {name: value._get_c_value() for name, value in input_dict_ort_values.items()}
        return [OrtValue(value) for value in self._sess.run_with_ort_values(feed, output_names, run_options)]

    def run_with_iobinding(self, iobinding: IOBinding, run_options: C.RunOptions | None = None) -> None:
        self._sess.run_with_iobinding(iobinding._iobinding, run_options)

    def run_with_ortvaluevector(
        self,
        run_options: C.RunOptions | None,
        feed_names: Sequence[str],
        feeds: C.OrtValueVector,
        fetch_names: Sequence[str],
        fetches: C.OrtValueVector,
        fetch_devices: Sequence[C.OrtDevice],
    ) -> None:
        self._sess.run_with_ortvaluevector(run_options, feed_names, feeds, fetch_names, fetches, fetch_devices)

    def io_binding(self) -> IOBinding:
        return IOBinding(self)

    def create_ortvalue_from_shape_and_type(
        self, shape: Sequence[int], element_type: Any, device_type: str, device_id: int = 0, vendor_id: int = -1
    ) -> OrtValue:
        return OrtValue.ortvalue_from_shape_and_type(shape, element_type, device_type, device_id, vendor_id)

    def end_profiling(self) -> str:
        """Stops profiling and gives the name of the file; "" if profiling is off."""
        return self._sess.end_profiling()

    def get_profiling_start_time_ns(self) -> int:
        return self._sess.get_profiling_start_time_ns

    def set_ep_dynamic_options(self, options: dict[str, str]) -> None:
        self._sess.set_ep_dynamic_options(options)

    def get_tuning_results(self) -> list[dict]:
        return []

    def set_tuning_results(self, results: list[dict], *, error_on_invalid: bool = False) -> None:
        """No provider here tunes, so only an empty list is valid."""
        if results and error_on_invalid:
            raise RuntimeError("no provider of this session takes tuning results")

    def release_captured_graph(self, graph_annotation_id: int = 0) -> None:
        """Only devices capture graphs; on the CPU there is nothing to release."""


class InferenceSession(Session):
    """An opened model.

    path_or_bytes: a file, or the bytes of a model. sess_options: read when the session is made.
    disabled_optimizers: names of optimisation passes to leave out. enable_fallback=False turns a provider that is not
    there into an error. Sessions can be pickled: the copy opens the model again.
    """

    def __init__(
        self,
        path_or_bytes: str | bytes | os.PathLike,
        sess_options: C.SessionOptions | None = None,
        providers: Providers | None = None,
        provider_options: Sequence[dict[Any, Any]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(enable_fallback=int(kwargs.get("enable_fallback", 1)) == 1)
        if isinstance(path_or_bytes, (str, os.PathLike)):
            self._model_path, self._model_bytes = os.fspath(path_or_bytes), None
        elif isinstance(path_or_bytes, bytes):
            self._model_path, self._model_bytes = None, path_or_bytes
        else:
            raise TypeError(f"Unable to load from type '{type(path_or_bytes)}'")
        self._sess_options_initial = sess_options
        self._sess_options = sess_options if sess_options is not None else C.SessionOptions()
        self._read_config_from_model = os.environ.get("ORT_LOAD_CONFIG_FROM_MODEL") == "1"
        self._disabled_optimizers = kwargs.get("disabled_optimizers") or ()
        self._create_inference_session(providers, provider_options)

    def _create_inference_session(self, providers: Any, provider_options: Any) -> None:
        try:
            available = C.get_available_providers()
            names, options = check_and_normalize_provider_args(providers, provider_options, available)
        except (ValueError, RuntimeError) as error:
            if not self._enable_fallback:
                raise
            warnings.warn(f"EP Error {error} when using {providers}; falling back to the CPU", stacklevel=4)
            names, options = ["CPUExecutionProvider"], [{}]
        is_path = self._model_path is not None
        model = self._model_path if is_path else self._model_bytes
        session = C.InferenceSession(self._sess_options, model, is_path, self._read_config_from_model)
        session.initialize_session(names, options, set(self._disabled_optimizers))
        self._sess = session
        self._providers, self._provider_options = names, options

    def _reset_session(self, providers: Any, provider_options: Any) -> None:
        self._sess = None
        self._create_inference_session(providers, provider_options)

    def __getstate__(self) -> dict[str, Any]:
        return {
            "model": self._model_path if self._model_path is not None else self._model_bytes,
            "options": self._sess_options,
            "providers": self._providers,
            "provider_options": self._provider_options,
            "disabled_optimizers": list(self._disabled_optimizers),
            "enable_fallback": int(self._enable_fallback),
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(
            state["model"],
            state["options"],
            state["providers"],
            state["provider_options"],
            disabled_optimizers=state["disabled_optimizers"],
            enable_fallback=state["enable_fallback"],
        )


class IOBinding:
    """Inputs and outputs bound to memory for run_with_iobinding."""

    def __init__(self, session: Session) -> None:
        self._iobinding = C.SessionIOBinding(session._sess)
        self._numpy_obj_references: dict[str, np.ndarray] = {}

    def bind_cpu_input(self, name: str, arr_on_cpu: np.ndarray) -> None:
        self._numpy_obj_references[name] = arr_on_cpu
        self._iobinding.bind_input(name, arr_on_cpu)

    def bind_input(
        self, name: str, device_type: str, device_id: int, element_type: Any, shape: Sequence[int], buffer_ptr: int
    ) -> None:
        self._iobinding.bind_input(name, _device(device_type, device_id), element_type, shape, buffer_ptr)

    def bind_ortvalue_input(self, name: str, ortvalue: OrtValue) -> None:
        self._iobinding.bind_ortvalue_input(name, ortvalue._ortvalue)

    def synchronize_inputs(self) -> None:
        self._iobinding.synchronize_inputs()

    def bind_output(
        self,
        name: str,
        device_type: str = "cpu",
        device_id: int = 0,
        element_type: Any = None,
        shape: Sequence[int] | None = None,
        buffer_ptr: int | None = None,
    ) -> None:
        """To memory of the caller's if buffer_ptr is given, else to memory that the run allocates."""
        device = _device(device_type, device_id)
        if buffer_ptr is None:
            self._iobinding.bind_output(name, device)
            return
        if element_type is None or shape is None:
            raise ValueError("`element_type` and `shape` are to be provided if pre-allocated memory is provided")
        self._iobinding.bind_output(name, device, element_type, shape, buffer_ptr)

    def bind_ortvalue_output(self, name: str, ortvalue: OrtValue) -> None:
        self._iobinding.bind_ortvalue_output(name, ortvalue._ortvalue)

    def synchronize_outputs(self) -> None:
        self._iobinding.synchronize_outputs()

    def get_outputs(self) -> list[OrtValue]:
        return [OrtValue(value) for value in self._iobinding.get_outputs()]

    def get_outputs_as_ortvaluevector(self) -> C.OrtValueVector:
        return self._iobinding.get_outputs()

    def copy_outputs_to_cpu(self) -> list[Any]:
        return self._iobinding.copy_outputs_to_cpu()

    def clear_binding_inputs(self) -> None:
        self._iobinding.clear_binding_inputs()
        self._numpy_obj_references.clear()

    def clear_binding_outputs(self) -> None:
        self._iobinding.clear_binding_outputs()


class ModelCompiler:
    """Writes a model in the form in which sessions open it fastest."""

    def __init__(
        self,
        sess_options: C.SessionOptions,
        input_model_path_or_bytes: str | bytes | os.PathLike,
        embed_compiled_data_into_model: bool = False,
        external_initializers_file_path: str | os.PathLike | None = None,
        external_initializers_size_threshold: int = 1024,
        flags: int = C.OrtCompileApiFlags.NONE,
        graph_optimization_level: C.GraphOptimizationLevel = C.GraphOptimizationLevel.ORT_DISABLE_ALL,
        get_initializer_location_func: Callable[..., Any] | None = None,
    ) -> None:
        if isinstance(input_model_path_or_bytes, (str, os.PathLike)):
            model, is_path = os.fspath(input_model_path_or_bytes), True
        elif isinstance(input_model_path_or_bytes, bytes):
            model, is_path = input_model_path_or_bytes, False
            if not model:
                raise ValueError("Input model bytes are empty")
        else:
            raise TypeError(f"Unable to load from type '{type(input_model_path_or_bytes)}'")
        weights = os.fspath(external_initializers_file_path) if external_initializers_file_path else ""
        if weights and get_initializer_location_func:
            raise ValueError("give either external_initializers_file_path or get_initializer_location_func, not both")
        locate: Callable[..., Any] | None = None
        if get_initializer_location_func:
            find = get_initializer_location_func

            def locate(name: str, value: C.OrtValue, info: Any) -> Any:
                return find(name, OrtValue(value), info)

        self._model_compiler = C.ModelCompiler(
            sess_options,
            model,
            is_path,
            embed_compiled_data_into_model,
            weights,
            external_initializers_size_threshold,
            int(flags),
            graph_optimization_level,
            locate,
        )

    def compile_to_file(self, output_model_path: str | os.PathLike | None = None) -> None:
        if output_model_path:
            parent = os.path.dirname(os.fspath(output_model_path))
            if parent and not os.path.isdir(parent):
                raise ValueError(f"the folder of '{output_model_path}' does not exist")
        self._model_compiler.compile_to_file(os.fspath(output_model_path) if output_model_path else "")

    def compile_to_bytes(self) -> bytes:
        return self._model_compiler.compile_to_bytes()

    def compile_to_stream(self, write_function: Callable[[bytes], None]) -> None:
        self._model_compiler.compile_to_stream(write_function)
