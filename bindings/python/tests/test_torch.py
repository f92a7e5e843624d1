"""Programs that use PyTorch beside the package: tensors shared both ways, and an exported network. Skipped where there is
no PyTorch."""

import io

import models
import numpy as np
import pytest

torch = pytest.importorskip("torch")


@pytest.mark.parametrize("kind", ["float32", "float64", "float16", "int64", "int32", "int8", "uint8"])
def test_tensors_become_values(ort, kind):
    tensor = torch.arange(6).reshape(2, 3).to(getattr(torch, kind))
    value = ort.OrtValue.from_dlpack(tensor)
    assert value.shape() == [2, 3] and value.data_ptr() == tensor.data_ptr()
    tensor[1, 2] = 9
    np.testing.assert_array_equal(value.numpy(), tensor.numpy())


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int64, np.uint8])
def test_values_become_tensors(ort, kind):
    value = ort.OrtValue.ortvalue_from_numpy(np.arange(6, dtype=kind).reshape(2, 3))
    tensor = torch.from_dlpack(value)
    assert tensor.data_ptr() == value.data_ptr() and tensor.tolist() == [[0, 1, 2], [3, 4, 5]]
    address = value.data_ptr()
    del value
    assert tensor.sum() == 15 and tensor.data_ptr() == address


def test_results_become_tensors(ort):
    session = ort.InferenceSession(models.ADD)
    values = {"x": ort.OrtValue.from_dlpack(torch.ones(2, 3)), "y": ort.OrtValue.from_dlpack(torch.arange(3.0))}
    (out,) = session.run_with_ort_values(None, values)
    assert torch.equal(torch.from_dlpack(out), torch.tensor([[1.0, 2.0, 3.0]] * 2))


@pytest.mark.ours
def test_bfloat16_and_strides(ort):
    tensor = torch.tensor([1.5, -2.0], dtype=torch.bfloat16)
    assert ort.OrtValue.from_dlpack(tensor).data_type() == "tensor(bfloat16)"
    with pytest.raises((RuntimeError, ValueError)):
        ort.OrtValue.from_dlpack(torch.arange(6.0).reshape(2, 3).t())


def test_binding_to_tensors(ort):
    """Tensors as inputs and outputs by their addresses."""
    session = ort.InferenceSession(models.ADD)
    x, y, out = torch.rand(4, 3).contiguous(), torch.rand(3), torch.empty(4, 3)
    binding = session.io_binding()
    for name, tensor in (("x", x), ("y", y)):
        binding.bind_input(name=name, device_type="cpu", device_id=0, element_type=np.float32,
                           shape=tuple(tensor.shape), buffer_ptr=tensor.data_ptr())  # fmt: skip
    binding.bind_output(name="z", device_type="cpu", device_id=0, element_type=np.float32, shape=tuple(out.shape),
                        buffer_ptr=out.data_ptr())  # fmt: skip
    session.run_with_iobinding(binding)
    assert torch.equal(out, x + y)


def test_batches_of_tensors(ort, state):
    session = ort.InferenceSession(models.ADD)
    tensors = [torch.ones(2, 3), torch.ones(3)]
    feeds, fetches, device = state.OrtValueVector(), state.OrtValueVector(), state.OrtDevice(0, 0, 0, 0)
    feeds.push_back_batch(tensors, [t.data_ptr() for t in tensors], [np.float32] * 2, [list(t.shape) for t in tensors],
                          [device] * 2)  # fmt: skip
    session._sess.run_with_ortvaluevector(ort.RunOptions(), ["x", "y"], feeds, ["z"], fetches, [device])
    assert torch.equal(fetches.to_dlpacks(torch.utils.dlpack.from_dlpack)[0], torch.full((2, 3), 2.0))


@pytest.mark.filterwarnings("ignore")
def test_exported_network(ort):
    network = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3), torch.nn.Softmax(-1))
    x = torch.rand(5, 8)
    file = io.BytesIO()
    try:
        torch.onnx.export(network, (x,), file, input_names=["input"], output_names=["output"],
                          dynamic_axes={"input": {0: "batch"}, "output": {0: "batch"}})  # fmt: skip
    except Exception as error:  # noqa: BLE001 - newer versions need packages of their own to export
        pytest.skip(f"this PyTorch does not export: {error}")
    session = ort.InferenceSession(file.getvalue(), providers=["CPUExecutionProvider"])
    (y,) = session.run(None, {"input": x.numpy()})
    np.testing.assert_allclose(y, network(x).detach().numpy(), rtol=1e-5, atol=1e-6)
    assert session.run(None, {"input": x[:2].numpy()})[0].shape == (2, 3)
