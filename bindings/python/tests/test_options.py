"""SessionOptions, RunOptions, enumerations, and the functions of the package."""

import copy
import inspect
import os
import pickle
import subprocess
import sys

import models
import numpy as np
import pytest

DEFAULTS = {
    "enable_cpu_mem_arena": True,
    "enable_mem_pattern": True,
    "enable_mem_reuse": True,
    "enable_profiling": False,
    "profile_file_prefix": "onnxruntime_profile_",
    "optimized_model_filepath": "",
    "logid": "",
    "log_severity_level": -1,
    "log_verbosity_level": 0,
    "use_per_session_threads": True,
    "intra_op_num_threads": 0,
    "inter_op_num_threads": 0,
    "use_deterministic_compute": False,
}
X = np.ones((2, 3), np.float32)
FEED = {"x": X, "y": np.ones(3, np.float32)}


def test_session_options_defaults(ort):
    options = ort.SessionOptions()
    assert {name: getattr(options, name) for name in DEFAULTS} == DEFAULTS
    assert options.execution_mode == ort.ExecutionMode.ORT_SEQUENTIAL
    assert options.execution_order == ort.ExecutionOrder.DEFAULT
    assert options.graph_optimization_level == ort.GraphOptimizationLevel.ORT_ENABLE_ALL


def test_every_session_option_is_accepted(ort, tmp_path):
    options = ort.SessionOptions()
    options.enable_cpu_mem_arena = options.enable_mem_pattern = options.enable_mem_reuse = False
    options.use_deterministic_compute = True
    options.logid, options.log_severity_level, options.log_verbosity_level = "tests", 3, 1
    options.intra_op_num_threads, options.inter_op_num_threads = 2, 1
    options.execution_mode = ort.ExecutionMode.ORT_PARALLEL
    options.execution_order = ort.ExecutionOrder.PRIORITY_BASED
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    session = ort.InferenceSession(models.ADD, options)
    np.testing.assert_array_equal(session.run(None, FEED)[0], X + 1)
    assert session.get_session_options().intra_op_num_threads == 2


def test_wrong_types_of_options(ort):
    options = ort.SessionOptions()
    with pytest.raises(TypeError):
        options.log_severity_level = "high"
    with pytest.raises(TypeError):
        options.logid = 5
    with pytest.raises(AttributeError):
        options.no_such_option = 1


def test_shared_threads(package):
    code = f"""
import sys; sys.path.insert(0, {os.path.dirname(os.path.abspath(__file__))!r})
import numpy as np, models, {package} as ort
ort.set_global_thread_pool_sizes(2, 1)
options = ort.SessionOptions()
options.use_per_session_threads = False
feed = {{"x": np.ones((2, 3), np.float32), "y": np.ones(3, np.float32)}}
print(ort.InferenceSession(models.ADD, options).run(None, feed)[0].sum())
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "12.0\n"


def test_config_entries(ort):
    options = ort.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("unknown.key", "1")
    options.add_session_config_entry("unknown.key", "2")
    assert options.get_session_config_entry("unknown.key") == "2"
    with pytest.raises(RuntimeError, match="SessionOptions does not have configuration with key: missing"):
        options.get_session_config_entry("missing")
    with pytest.raises(RuntimeError, match="Config key is empty or longer than maximum length 1024"):
        options.add_session_config_entry("", "1")
    np.testing.assert_array_equal(ort.InferenceSession(models.ADD, options).run(None, FEED)[0], X + 1)


def test_free_dimensions(ort):
    options = ort.SessionOptions()
    options.add_free_dimension_override_by_name("N", 2)
    session = ort.InferenceSession(models.ADD, options)
    assert session.get_inputs()[0].shape == [2, 3]


def test_optimized_model(ort, tmp_path):
    options = ort.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    ort.InferenceSession(models.ADD, options)
    again = ort.InferenceSession(str(tmp_path / "optimized.onnx"))
    np.testing.assert_array_equal(again.run(None, FEED)[0], X + 1)


def test_profiling(ort, tmp_path):
    import json

    options = ort.SessionOptions()
    options.enable_profiling = True
    options.profile_file_prefix = str(tmp_path / "profile")
    session = ort.InferenceSession(models.ADD, options)
    session.run(None, FEED)
    assert session.get_profiling_start_time_ns() > 0
    file = session.end_profiling()
    assert file.startswith(str(tmp_path / "profile")) and file.endswith(".json")
    with open(file) as text:
        events = json.load(text)
    assert any("Add" in str(event.get("args", {}).get("op_name", "")) for event in events)


def test_profiling_off(ort):
    assert ort.InferenceSession(models.ADD).end_profiling() == ""


def test_initializers_from_outside(ort):
    weight = np.array([10, 20, 30], np.float32)
    options = ort.SessionOptions()
    value = ort.OrtValue.ortvalue_from_numpy(weight)
    options.add_initializer("w", value)
    session = ort.InferenceSession(models.with_weight(), options)
    np.testing.assert_array_equal(session.run(None, {"x": np.zeros(3, np.float32)})[0], weight)


def test_load_cancellation(ort, state):
    options = ort.SessionOptions()
    options.set_load_cancellation_flag(True)
    with pytest.raises(state.ModelLoadCanceled):
        ort.InferenceSession(models.ADD, options)
    options.set_load_cancellation_flag(False)
    ort.InferenceSession(models.ADD, options)


def test_selection_policies(ort, package):
    options = ort.SessionOptions()
    options.set_provider_selection_policy(ort.OrtExecutionProviderDevicePolicy.PREFER_CPU)
    np.testing.assert_array_equal(ort.InferenceSession(models.ADD, options).run(None, FEED)[0], X + 1)
    seen = []

    def choose(devices, model_metadata, runtime_metadata, most):
        seen.append([device.ep_name for device in devices])
        return list(devices)[:most]

    options = ort.SessionOptions()
    options.set_provider_selection_policy_delegate(choose)
    np.testing.assert_array_equal(ort.InferenceSession(models.ADD, options).run(None, FEED)[0], X + 1)
    # sardonyx has one device, so there is nothing to select and it does not ask
    assert seen == ([] if package == "sardonyx" else [["CPUExecutionProvider"]])


def test_compatibility(ort, state):
    assert state.get_compatibility_info_from_model_bytes(models.ADD, "CPUExecutionProvider") is None
    answer = state.get_model_compatibility_for_ep_devices(ort.get_ep_devices(), "")
    assert answer == state.OrtCompiledModelCompatibility.EP_NOT_APPLICABLE


def test_missing_libraries(ort, state):
    with pytest.raises(state.Fail, match="Failed to load library /no/such.so with error: "):
        ort.SessionOptions().register_custom_ops_library("/no/such.so")
    with pytest.raises(state.Fail, match="Failed to load library /no/such.so with error: "):
        ort.register_execution_provider_library("x", "/no/such.so")


def test_run_options(ort, state):
    options = ort.RunOptions()
    assert (options.log_severity_level, options.log_verbosity_level, options.logid) == (-1, 0, "")
    assert (options.terminate, options.only_execute_path_to_fetches) == (False, False)
    options.log_severity_level, options.log_verbosity_level, options.logid = 3, 1, "run"
    options.only_execute_path_to_fetches = True
    assert (options.log_severity_level, options.log_verbosity_level, options.logid) == (3, 1, "run")
    options.add_run_config_entry("key", "value")
    assert options.get_run_config_entry("key") == "value"
    with pytest.raises(RuntimeError, match="RunOptions does not have configuration with key: missing"):
        options.get_run_config_entry("missing")
    session = ort.InferenceSession(models.ADD)
    session.run(None, FEED, options)
    session.run(None, FEED, run_options=options)
    with pytest.raises(TypeError):
        session.run(None, FEED, 5)


def test_terminate(ort, state):
    options = ort.RunOptions()
    options.terminate = True
    session = ort.InferenceSession(models.ADD)
    with pytest.raises(state.Fail, match="Exiting due to terminate flag being set to true"):
        session.run(None, FEED, options)
    options.terminate = False
    session.run(None, FEED, options)


ENUMERATIONS = {
    "GraphOptimizationLevel": {
        "ORT_DISABLE_ALL": 0,
        "ORT_ENABLE_BASIC": 1,
        "ORT_ENABLE_EXTENDED": 2,
        "ORT_ENABLE_LAYOUT": 3,
        "ORT_ENABLE_ALL": 99,
    },
    "ExecutionMode": {"ORT_SEQUENTIAL": 0, "ORT_PARALLEL": 1},
    "ExecutionOrder": {"DEFAULT": 0, "PRIORITY_BASED": 1, "MEMORY_EFFICIENT": 2},
    "OrtAllocatorType": {"INVALID": -1, "ORT_DEVICE_ALLOCATOR": 0, "ORT_ARENA_ALLOCATOR": 1},
    "OrtMemType": {"CPU_INPUT": -2, "CPU_OUTPUT": -1, "CPU": -1, "DEFAULT": 0},
    "OrtDeviceMemoryType": {"DEFAULT": 0, "HOST_ACCESSIBLE": 5},
    "OrtMemoryInfoDeviceType": {"CPU": 0, "GPU": 1, "FPGA": 2, "NPU": 3},
    "OrtHardwareDeviceType": {"CPU": 0, "GPU": 1, "NPU": 2},
    "OrtSparseFormat": {
        "ORT_SPARSE_UNDEFINED": 0,
        "ORT_SPARSE_COO": 1,
        "ORT_SPARSE_CSRC": 2,
        "ORT_SPARSE_BLOCK_SPARSE": 4,
    },
    "OrtCompileApiFlags": {"NONE": 0, "ERROR_IF_NO_NODES_COMPILED": 1, "ERROR_IF_OUTPUT_FILE_EXISTS": 2},
    "OrtExecutionProviderDevicePolicy": {
        "DEFAULT": 0,
        "PREFER_CPU": 1,
        "PREFER_NPU": 2,
        "PREFER_GPU": 3,
        "MAX_PERFORMANCE": 4,
        "MAX_EFFICIENCY": 5,
        "MIN_OVERALL_POWER": 6,
    },
}


@pytest.mark.parametrize("name", ENUMERATIONS)
def test_enumerations(ort, name):
    enumeration = getattr(ort, name)
    for member, number in ENUMERATIONS[name].items():
        value = getattr(enumeration, member)
        assert int(value) == number and value.value == number and enumeration(number) == value
        if name != "ExecutionOrder":  # which ONNX Runtime does not compare with numbers
            assert value == number
        assert hash(value) == hash(getattr(enumeration, member))
    first = next(iter(ENUMERATIONS[name]))
    assert str(getattr(enumeration, first)) == f"{name}.{first}"
    assert getattr(enumeration, first).name == first
    assert set(enumeration.__members__) >= set(ENUMERATIONS[name]) - {"CPU"}
    assert pickle.loads(pickle.dumps(getattr(enumeration, first))) == getattr(enumeration, first)
    assert copy.copy(getattr(enumeration, first)) == getattr(enumeration, first)


def test_functions(ort):
    assert ort.get_device() == "CPU"
    assert "CPUExecutionProvider" in ort.get_available_providers()
    assert set(ort.get_available_providers()) <= set(ort.get_all_providers())
    assert ort.get_all_providers()[-1] == "CPUExecutionProvider"
    assert ort.get_version_string() == ort.__version__ == "1.30.0"
    assert "Build Info" in ort.get_build_info()
    assert ort.has_collective_ops() is False
    for f in (ort.set_seed, ort.set_default_logger_verbosity):
        assert f(1) is None
    ort.enable_telemetry_events()
    ort.disable_telemetry_events()
    ort.preload_dlls()


def test_log_severity(ort):
    ort.set_default_logger_severity(3)
    ort.set_default_logger_severity(2)
    with pytest.raises(RuntimeError, match="Invalid logging severity"):
        ort.set_default_logger_severity(9)


def test_devices(ort):
    for name, kind, vendor in (("cpu", 0, 0), ("cuda", 1, 4318), ("dml", 1, 5140), ("npu", 3, 0), ("cann", 3, 6629)):
        device = ort.OrtDevice.make(name, 1)
        assert (device.device_type(), device.device_id(), device.device_vendor_id()) == (kind, 1, vendor)
        assert device.device_mem_type() == 0
    with pytest.raises(Exception, match="Unsupported device type: toaster"):
        ort.OrtDevice.make("toaster", 0)
    (device,) = ort.get_ep_devices()
    assert device.ep_name == "CPUExecutionProvider"
    assert device.device.type == ort.OrtHardwareDeviceType.CPU
    assert isinstance(device.ep_metadata, dict) and isinstance(device.ep_options, dict)


def test_memory_info(ort):
    info = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    assert (info.name, info.device_id, info.device_vendor_id) == ("Cpu", 0, 0)
    assert info.allocator_type == ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR
    assert info.mem_type == ort.OrtMemType.DEFAULT
    assert info.device_mem_type == ort.OrtDeviceMemoryType.DEFAULT
    with pytest.raises(RuntimeError, match="Specified device is not supported"):
        ort.OrtMemoryInfo("Toaster", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    session = ort.InferenceSession(models.ADD)
    assert [m.name for m in session.get_input_memory_infos()] == ["Cpu", "Cpu"]
    assert [m.name for m in session.get_output_memory_infos()] == ["Cpu"]


def test_arenas(ort):
    config = ort.OrtArenaCfg({"max_mem": 1 << 20, "arena_extend_strategy": 1})
    assert (config.max_mem, config.arena_extend_strategy, config.max_dead_bytes_per_chunk) == (1 << 20, 1, -1)
    assert ort.OrtArenaCfg(0, -1, -1, -1).initial_chunk_size_bytes == -1
    with pytest.raises(RuntimeError, match="Invalid OrtArenaCfg option: nonsense"):
        ort.OrtArenaCfg({"nonsense": 1})
    info = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    ort.create_and_register_allocator(info, config)
    options = ort.SessionOptions()
    options.add_session_config_entry("session.use_env_allocators", "1")
    np.testing.assert_array_equal(ort.InferenceSession(models.ADD, options).run(None, FEED)[0], X + 1)


def test_assignment(ort, state):
    session = ort.InferenceSession(models.ADD)
    with pytest.raises(state.Fail, match="session.record_ep_graph_assignment_info"):
        session.get_provider_graph_assignment_info()
    options = ort.SessionOptions()
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    (graph,) = ort.InferenceSession(models.ADD, options).get_provider_graph_assignment_info()
    assert graph.ep_name == "CPUExecutionProvider"
    assert [node.op_type for node in graph.get_nodes()] == ["Add"]


def test_tuning_and_dynamic_options(ort):
    session = ort.InferenceSession(models.ADD)
    assert session.get_tuning_results() == []
    session.set_tuning_results([])
    session.set_ep_dynamic_options({"ep.dynamic.workload_type": "Default"})


def test_submodules(ort, package):
    import importlib

    for name in ("_pybind_state", "onnxruntime_pybind11_state", "onnxruntime_inference_collection",
                 "onnxruntime_validation", "build_and_package_info", "_ld_preload"):  # fmt: skip
        importlib.import_module(f"{package}.capi.{name}")
    collection = importlib.import_module(f"{package}.capi.onnxruntime_inference_collection")
    assert collection.InferenceSession is ort.InferenceSession
    assert collection.OrtValue is ort.OrtValue
    pybind = importlib.import_module(f"{package}.capi._pybind_state")
    assert pybind.SessionOptions is ort.SessionOptions
    assert issubclass(pybind.InvalidArgument, Exception)
    assert pybind.InvalidArgument.__module__ == f"{package}.capi.onnxruntime_pybind11_state"
    assert pybind.get_default_session_options() is not None
    assert pybind.get_session_initializer() is not None


NAMES = """
AdapterFormat ExecutionMode ExecutionOrder GraphOptimizationLevel IOBinding InferenceSession LoraAdapter ModelCompiler
ModelMetadata NodeArg OrtAllocatorType OrtArenaCfg OrtCompileApiFlags OrtDevice OrtDeviceMemoryType OrtDeviceVendorId
OrtEpAssignedNode OrtEpAssignedSubgraph OrtEpDevice OrtExecutionProviderDevicePolicy OrtExternalInitializerInfo
OrtHardwareDevice OrtHardwareDeviceType OrtMemType OrtMemoryInfo OrtMemoryInfoDeviceType OrtSparseFormat OrtSyncStream
OrtValue RunOptions SessionIOBinding SessionOptions SparseTensor capi copy_tensors create_and_register_allocator
create_and_register_allocator_v2 cuda_version disable_telemetry_events enable_telemetry_events get_all_providers
get_available_providers get_build_info get_device get_ep_devices get_version_string has_collective_ops package_name
preload_dlls print_debug_info register_execution_provider_library set_default_logger_severity
set_default_logger_verbosity set_global_thread_pool_sizes set_seed unregister_execution_provider_library version
""".split()


def test_names(ort):
    assert [name for name in NAMES if not hasattr(ort, name)] == []


SIGNATURES = {
    "InferenceSession.run": "self, output_names, input_feed, run_options=None",
    "InferenceSession.run_async": "self, output_names, input_feed, callback, user_data, run_options=None",
    "InferenceSession.run_with_ort_values": "self, output_names, input_dict_ort_values, run_options=None",
    "InferenceSession.run_with_iobinding": "self, iobinding, run_options=None",
    "InferenceSession.run_with_ortvaluevector": "self, run_options, feed_names, feeds, fetch_names, fetches, fetch_devices",
    "InferenceSession.set_providers": "self, providers=None, provider_options=None",
    "InferenceSession.set_tuning_results": "self, results, *, error_on_invalid=False",
    "IOBinding.bind_input": "self, name, device_type, device_id, element_type, shape, buffer_ptr",
    "IOBinding.bind_output": "self, name, device_type='cpu', device_id=0, element_type=None, shape=None, buffer_ptr=None",
    "IOBinding.bind_cpu_input": "self, name, arr_on_cpu",
    "OrtValue.ortvalue_from_numpy": "numpy_obj, /, device_type='cpu', device_id=0, vendor_id=-1",
    "OrtValue.ortvalue_from_shape_and_type": "shape, element_type, device_type='cpu', device_id=0, vendor_id=-1, memory_info=None",
    "OrtValue.ortvalue_from_numpy_with_onnx_type": "data, /, onnx_element_type",
    "OrtDevice.make": "ort_device_name, device_id, vendor_id=-1",
    "SparseTensor.sparse_coo_from_numpy": "dense_shape, values, coo_indices, ort_device",
    "SparseTensor.sparse_csr_from_numpy": "dense_shape, values, inner_indices, outer_indices, ort_device",
    "preload_dlls": "cuda=True, cudnn=True, msvc=True, directory=None",
    "copy_tensors": "src, dst, stream=None",
}


@pytest.mark.parametrize("path", SIGNATURES)
def test_signatures(ort, path):
    target = ort
    for part in path.split("."):
        target = getattr(target, part)
    parameters = [p.replace(annotation=inspect.Parameter.empty) for p in inspect.signature(target).parameters.values()]
    assert str(inspect.Signature(parameters)) == f"({SIGNATURES[path]})"


@pytest.mark.ours
def test_nothing_is_written_or_started(package, tmp_path):
    """Importing creates no file, and no thread before the first session."""
    code = f"import threading, os, {package}; print(len(os.listdir('/proc/self/task')))"
    home = {**os.environ, "HOME": str(tmp_path), "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=home)
    assert done.stdout.strip() == "1"
    assert list(tmp_path.rglob("*")) == []
