"""ONNX's backend interface."""

import importlib

import models
import numpy as np
import onnx
import pytest

X = np.ones((2, 3), np.float32)
Y = np.arange(3, dtype=np.float32)


@pytest.fixture
def backend(package):
    return importlib.import_module(package + ".backend")


def test_prepare_and_run(backend, ort, tmp_path):
    file = tmp_path / "add.onnx"
    file.write_bytes(models.ADD)
    for model in (models.ADD, str(file), onnx.load_model_from_string(models.ADD), ort.InferenceSession(models.ADD)):
        prepared = backend.prepare(model, "CPU")
        np.testing.assert_array_equal(prepared.run([X, Y])[0], X + Y)
        assert backend.prepare(prepared) is prepared


def test_one_input(backend):
    prepared = backend.prepare(models.TWO_OUTPUTS)
    a, b = prepared.run(Y)
    np.testing.assert_array_equal(a, -Y)
    np.testing.assert_array_equal(b, Y * Y)
    with pytest.raises(RuntimeError):
        backend.prepare(models.ADD).run(X)


def test_options(backend):
    prepared = backend.prepare(models.ADD, intra_op_num_threads=1)
    np.testing.assert_array_equal(prepared.run([X, Y], log_severity_level=3)[0], X + Y)
    with pytest.raises(RuntimeError, match="not permitted via the backend API"):
        prepared.run([X, Y], terminate=True)
    with pytest.raises(RuntimeError, match="not permitted via the backend API"):
        backend.prepare(models.ADD, optimized_model_filepath="x")
    prepared.run([X, Y], no_such_option=1)


def test_run(backend):
    np.testing.assert_array_equal(backend.run(onnx.load_model_from_string(models.ADD), [X, Y])[0], X + Y)
    assert backend.supports_device("CPU") and not backend.supports_device("CUDA")
    assert backend.is_compatible(onnx.load_model_from_string(models.ADD))


def test_released_opsets(package):
    backend = importlib.import_module(package + ".backend.backend").OnnxRuntimeBackend
    model = onnx.load_from_string(models.ADD)
    assert backend.is_opset_supported(model) == (True, "")
    model.opset_import[0].version = 9999
    supported, reason = backend.is_opset_supported(model)
    assert not supported and "9999" in reason
