"""Sessions: a model opened, what it declares, and the ways to run it.

A session may be run by any number of threads at once. Everything else belongs to one thread at a time.
"""

from __future__ import annotations

import atexit
import os
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sardonyx import _native
from sardonyx.capi import _pybind_state as C
from sardonyx.capi._binding import IOBinding
from sardonyx.capi._providers import check_and_normalize_provider_args
from sardonyx.capi._values import OrtValue

Providers = Sequence[str | tuple[str, dict[Any, Any]]]


@atexit.register
def _finish_async_runs() -> None:
    """Callbacks need the interpreter, so it waits for those that are still to come."""
    while _native._async_runs():
        time.sleep(0.001)


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
