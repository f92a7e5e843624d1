"""The calls that ONNX Runtime's documentation of inference in Python shows, on the example models of the package."""

import importlib
import threading

import numpy as np
import pytest


@pytest.fixture
def example(package):
    return importlib.import_module(package + ".datasets").get_example


def test_load_and_predict(ort, example):
    session = ort.InferenceSession(example("sigmoid.onnx"), providers=ort.get_available_providers())
    source, target = session.get_inputs()[0], session.get_outputs()[0]
    assert (source.name, source.shape, source.type) == ("x", [3, 4, 5], "tensor(float)")
    assert (target.name, target.shape, target.type) == ("y", [3, 4, 5], "tensor(float)")
    x = np.random.random((3, 4, 5)).astype(np.float32)
    (y,) = session.run([target.name], {source.name: x})
    np.testing.assert_allclose(y, 1 / (1 + np.exp(-x)), rtol=1e-5)


def test_scikit_learn_style(ort, example):
    session = ort.InferenceSession(example("logreg_iris.onnx"), providers=["CPUExecutionProvider"])
    x = np.array([[5.1, 3.5], [6.0, 2.2], [7.7, 2.6]]).astype(np.float32)
    label_name, probability_name = (port.name for port in session.get_outputs())
    labels = session.run([label_name], {session.get_inputs()[0].name: x})[0]
    assert labels.shape == (3,) and labels.dtype == np.int64
    probabilities = session.run([probability_name], {session.get_inputs()[0].name: x})[0]
    assert [max(row, key=row.get) for row in probabilities] == labels.tolist()
    assert list(probabilities[0]) == [0, 1, 2] and abs(sum(probabilities[0].values()) - 1) < 1e-5


def test_common_errors(ort, example, state):
    session = ort.InferenceSession(example("logreg_iris.onnx"), providers=ort.get_available_providers())
    name = session.get_inputs()[0].name
    with pytest.raises(state.InvalidArgument):
        session.run(None, {name: np.zeros((3, 2), np.float64)})
    with pytest.raises(state.InvalidArgument):
        session.run(["misspelled"], {name: np.zeros((3, 2), np.float32)})
    with pytest.raises(ValueError):
        session.run(None, {"misspelled": np.zeros((3, 2), np.float32)})
    for shape in ((1, 4), (4, 4), (2,)):
        with pytest.raises((state.InvalidArgument, RuntimeError)):
            session.run(None, {name: np.zeros(shape, np.float32)})
    with pytest.raises(Exception):  # noqa: B017 - the documentation catches whatever comes
        ort.InferenceSession("no_such_model.onnx", providers=ort.get_available_providers())


def test_metadata(ort, example):
    meta = ort.InferenceSession(example("mul_1.onnx")).get_modelmeta()
    for field in ("custom_metadata_map", "description", "domain", "graph_name", "producer_name", "version"):
        assert getattr(meta, field) is not None


def test_profile(ort, example, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = ort.SessionOptions()
    options.enable_profiling = True
    session = ort.InferenceSession(example("mul_1.onnx"), options, providers=["CPUExecutionProvider"])
    session.run(None, {"X": np.ones((3, 2), np.float32)})
    file = session.end_profiling()
    assert file.startswith("onnxruntime_profile_") and (tmp_path / file).stat().st_size > 0


def test_backend(package, example):
    backend = importlib.import_module(package + ".backend")
    x = np.array([[1, 2], [3, 4], [5, 6]], np.float32)
    prepared = backend.prepare(example("mul_1.onnx"), "CPU")
    np.testing.assert_array_equal(prepared.run(x)[0], x * x)


def test_bindings_and_values(ort, example):
    x = np.array([[1, 2], [3, 4], [5, 6]], np.float32)
    session = ort.InferenceSession(example("mul_1.onnx"))
    value = ort.OrtValue.ortvalue_from_numpy(x, "cpu", 0)
    assert value.device_name() == "cpu" and value.is_tensor() and np.array_equal(value.numpy(), x)
    binding = session.io_binding()
    binding.bind_input(name="X", device_type=value.device_name(), device_id=0, element_type=np.float32,
                       shape=value.shape(), buffer_ptr=value.data_ptr())  # fmt: skip
    binding.bind_output("Y", "cpu")
    session.run_with_iobinding(binding)
    result = binding.get_outputs()[0]
    assert result.device_name() == "cpu"
    np.testing.assert_array_equal(result.numpy(), x * x)
    target = ort.OrtValue.ortvalue_from_shape_and_type([3, 2], np.float32, "cpu", 0)
    binding.bind_output(name="Y", device_type=target.device_name(), device_id=0, element_type=np.float32,
                        shape=target.shape(), buffer_ptr=target.data_ptr())  # fmt: skip
    session.run_with_iobinding(binding)
    np.testing.assert_array_equal(target.numpy(), x * x)
    results = session.run_with_ort_values(["Y"], {"X": value})
    np.testing.assert_array_equal(results[0].numpy(), x * x)


def test_run_async_with_an_object(ort, example):
    class Waiter:
        def __init__(self):
            self.outputs, self.error, self.event = None, "", threading.Event()

        def fill(self, outputs, error):
            self.outputs, self.error = outputs, error
            self.event.set()

    def callback(outputs, waiter, error):
        waiter.fill(outputs, error)

    waiter = Waiter()
    x = np.ones((3, 2), np.float32)
    ort.InferenceSession(example("mul_1.onnx")).run_async(["Y"], {"X": x}, callback, waiter)
    assert waiter.event.wait(10) and waiter.error == ""
    np.testing.assert_array_equal(waiter.outputs[0], [[1, 2], [3, 4], [5, 6]])


def test_threading_options(ort, example):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 2
    options.inter_op_num_threads = 2
    options.execution_mode = ort.ExecutionMode.ORT_PARALLEL
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.add_session_config_entry("session.intra_op_thread_affinities", "1")
    options.add_session_config_entry("session.dynamic_block_base", "4")
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    session = ort.InferenceSession(example("mul_1.onnx"), sess_options=options)
    assert session.run(None, {"X": np.ones((3, 2), np.float32)})[0].sum() == 21


def test_provider_settings(ort, example):
    session = ort.InferenceSession(example("mul_1.onnx"), providers=[("CPUExecutionProvider", {"use_arena": "1"})])
    assert session.get_providers() == ["CPUExecutionProvider"]
    assert "CPUExecutionProvider" in session.get_provider_options()
    session.set_providers(["CPUExecutionProvider"])


def test_arena_shrinkage(ort, example):
    options = ort.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    session = ort.InferenceSession(example("mul_1.onnx"))
    session.run(None, {"X": np.ones((3, 2), np.float32)}, options)
