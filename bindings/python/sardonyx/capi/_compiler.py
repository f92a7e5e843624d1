"""Models written in the form in which sessions open them fastest."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Union

from sardonyx.capi import _pybind_state as C
from sardonyx.capi._values import OrtValue


GetInitializerLocationFunc = Callable[
    [str, OrtValue, Union[C.OrtExternalInitializerInfo, None]], Union[C.OrtExternalInitializerInfo, None]
]
GetInitializerLocationWrapperFunc = Callable[
    [str, C.OrtValue, Union[C.OrtExternalInitializerInfo, None]], Union[C.OrtExternalInitializerInfo, None]
]


def make_get_initializer_location_func_wrapper(
    get_initializer_location_func: GetInitializerLocationFunc,
) -> GetInitializerLocationWrapperFunc:
    """The function as the C level calls it: with a C-level OrtValue."""

    def wrapper(name: str, value: C.OrtValue, info: C.OrtExternalInitializerInfo | None) -> Any:
        return get_initializer_location_func(name, OrtValue(value), info)

    return wrapper


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
        get_initializer_location_func: GetInitializerLocationFunc | None = None,
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
        find = get_initializer_location_func
        locate = make_get_initializer_location_func_wrapper(find) if find else None
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
