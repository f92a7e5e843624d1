"""OrtValue, IOBinding, OrtValueVector, DLPack, sparse tensors, adapters, the compiler."""

import gc

import models
import numpy as np
import pytest

X = np.ones((2, 3), np.float32)
Y = np.arange(3, dtype=np.float32)


def value_of(ort, array):
    return ort.OrtValue.ortvalue_from_numpy(array)


def test_properties(ort):
    value = value_of(ort, X)
    assert (value.shape(), value.data_type(), value.element_type()) == ([2, 3], "tensor(float)", 1)
    assert (value.device_name(), value.tensor_size_in_bytes()) == ("cpu", 24)
    assert value.has_value() and value.is_tensor()
    assert not value.is_sparse_tensor() and not value.is_tensor_sequence()
    assert value.__dlpack_device__() == (1, 0)


def test_memory_is_shared(ort):
    array = X.copy()
    value = value_of(ort, array)
    assert value.data_ptr() == array.ctypes.data
    seen = value.numpy()
    array[0, 0] = 7
    assert seen[0, 0] == 7
    del array, value
    gc.collect()
    assert seen[0, 0] == 7


def test_arrays_that_are_not_contiguous(ort):
    array = np.arange(6, dtype=np.float32).reshape(2, 3).T
    np.testing.assert_array_equal(value_of(ort, array).numpy(), array)


def test_refused_arrays(ort):
    for bad in ([1, 2], np.array(["a"]), np.array(["a"], object)):
        with pytest.raises(RuntimeError, match="non-string numpy arrays"):
            value_of(ort, bad)
    with pytest.raises(RuntimeError):
        ort.OrtValue.ortvalue_from_numpy(X, "cuda", 0)


def test_from_shape_and_type(ort):
    make = ort.OrtValue.ortvalue_from_shape_and_type
    for kind in (np.float32, "float32", np.dtype("float32"), 1):
        assert make([2, 2], kind).data_type() == "tensor(float)"
    assert make([2, 2], 16).data_type() == "tensor(bfloat16)"
    assert make((3,), 22).tensor_size_in_bytes() == 2
    assert make([0, 4], np.int64).numpy().shape == (0, 4)
    for shape, kind in (([2], 99), ([-2], np.float32), ([2], np.str_)):
        with pytest.raises(RuntimeError):
            make(shape, kind)
    with pytest.raises(Exception, match="Unsupported device type"):
        make([2], np.float32, "toaster", 0)


def test_with_onnx_type(ort):
    make = ort.OrtValue.ortvalue_from_numpy_with_onnx_type
    assert make(np.ones(2, np.uint16), 16).data_type() == "tensor(bfloat16)"
    assert make(np.ones(2, np.uint8), 17).data_type() == "tensor(float8e4m3fn)"
    with pytest.raises(RuntimeError):
        make(np.ones(2, np.uint8), 16)


def test_update_inplace(ort):
    array = X.copy()
    value = value_of(ort, array)
    value.update_inplace(X * 2)
    np.testing.assert_array_equal(array, X * 2)
    value.update_inplace(value_of(ort, X * 3))
    np.testing.assert_array_equal(array, X * 3)
    with pytest.raises(RuntimeError, match="does not match the size of the OrtValue"):
        value.update_inplace(Y)


@pytest.mark.differs("ONNX Runtime replaces the value by one of the other type")
def test_update_inplace_of_another_type(ort):
    with pytest.raises(RuntimeError, match="tensor\\(double\\)"):
        value_of(ort, X.copy()).update_inplace(X.astype(np.float64))


def test_array_protocol(ort):
    value = value_of(ort, X)
    np.testing.assert_array_equal(np.asarray(value), X)
    assert np.asarray(value, dtype=np.float64).dtype == np.float64


@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"])
def test_dlpack(ort, dtype):
    array = np.arange(6, dtype=dtype).reshape(2, 3)
    out = np.from_dlpack(value_of(ort, array))
    assert out.dtype == array.dtype and out.ctypes.data == array.ctypes.data
    value = ort.OrtValue.from_dlpack(array)
    assert value.data_ptr() == array.ctypes.data
    del array
    gc.collect()
    np.testing.assert_array_equal(value.numpy(), np.arange(6).reshape(2, 3))


def test_dlpack_refusals(ort):
    with pytest.raises(RuntimeError, match="only supports contiguous"):
        ort.OrtValue.from_dlpack(np.ones((4, 4))[:, ::2])


@pytest.mark.ours
def test_dlpack_bool(ort):
    array = np.array([True, False])
    assert ort.OrtValue.from_dlpack(array).data_type() == "tensor(bool)"
    np.testing.assert_array_equal(np.from_dlpack(value_of(ort, array)), array)
    with pytest.raises(TypeError):
        ort.OrtValue.from_dlpack(5)


def test_c_level_dlpack(state):
    value = state.OrtValue.from_dlpack(X.__dlpack__(), False)
    assert value.shape() == [2, 3]
    flags = state.OrtValue.from_dlpack(np.array([1, 0], np.uint8).__dlpack__(), True)
    assert flags.data_type() == "tensor(bool)"
    assert state.is_dlpack_uint8_tensor(flags.to_dlpack())


@pytest.mark.ours
def test_dlpack_capsule_is_used_once(state):
    capsule = X.__dlpack__()
    state.OrtValue.from_dlpack(capsule, False)
    with pytest.raises(ValueError):
        state.OrtValue.from_dlpack(capsule, False)


def test_run_with_ort_values(ort):
    session = ort.InferenceSession(models.ADD)
    feed = {"x": value_of(ort, X), "y": value_of(ort, Y)}
    (z,) = session.run_with_ort_values(None, feed)
    assert isinstance(z, ort.OrtValue)
    np.testing.assert_array_equal(z.numpy(), X + Y)
    np.testing.assert_array_equal(session.run_with_ort_values(["z"], feed, ort.RunOptions())[0].numpy(), X + Y)
    with pytest.raises(ValueError, match="are missing from input feed"):
        session.run_with_ort_values(None, {"x": feed["x"]})
    with pytest.raises(AttributeError):
        session.run_with_ort_values(None, {"x": X, "y": Y})


def test_vectors(ort, state):
    session = ort.InferenceSession(models.ADD)
    feeds, fetches = state.OrtValueVector(), state.OrtValueVector()
    for array in (X, Y):
        feeds.push_back(value_of(ort, array)._ortvalue)
    assert len(feeds) == 2 and feeds[1].shape() == [3] and feeds.element_type_at(0) == 1
    assert [v.shape() for v in feeds] == [[2, 3], [3]] and list(feeds.bool_tensor_indices()) == []
    cpu = ort.OrtDevice.make("cpu", 0)._get_c_device()
    session.run_with_ortvaluevector(ort.RunOptions(), ["x", "y"], feeds, ["z"], fetches, [cpu])
    np.testing.assert_array_equal(fetches[0].numpy(), X + Y)
    assert "dltensor" in str(fetches.dlpack_at(0))
    fetches.push_back(Y.__dlpack__(), False)
    np.testing.assert_array_equal(fetches[1].numpy(), Y)


@pytest.fixture
def bound(ort):
    session = ort.InferenceSession(models.ADD)
    binding = session.io_binding()
    binding.bind_cpu_input("x", X)
    binding.bind_ortvalue_input("y", value_of(ort, Y))
    return session, binding


def test_binding_allocates(ort, bound):
    session, binding = bound
    binding.bind_output("z")
    session.run_with_iobinding(binding)
    binding.synchronize_inputs()
    binding.synchronize_outputs()
    np.testing.assert_array_equal(binding.copy_outputs_to_cpu()[0], X + Y)
    np.testing.assert_array_equal(binding.get_outputs()[0].numpy(), X + Y)
    assert len(binding.get_outputs_as_ortvaluevector()) == 1


def test_binding_to_memory(ort, bound):
    session, binding = bound
    out = np.zeros((2, 3), np.float32)
    binding.bind_output("z", "cpu", 0, np.float32, out.shape, out.ctypes.data)
    session.run_with_iobinding(binding)
    np.testing.assert_array_equal(out, X + Y)
    value = ort.OrtValue.ortvalue_from_shape_and_type([2, 3], np.float32)
    binding.bind_ortvalue_output("z", value)
    session.run_with_iobinding(binding, ort.RunOptions())
    np.testing.assert_array_equal(value.numpy(), X + Y)
    x = X * 5
    for kind in (np.float32, "float32", 1):
        binding.bind_input("x", "cpu", 0, kind, x.shape, x.ctypes.data)
    session.run_with_iobinding(binding)
    np.testing.assert_array_equal(value.numpy(), x + Y)


def test_binding_refusals(ort, bound):
    session, binding = bound
    binding.bind_output("z")
    with pytest.raises(RuntimeError, match="Failed to find NodeArg with name: q"):
        binding.bind_cpu_input("q", X)
    with pytest.raises(RuntimeError):
        binding.bind_cpu_input("x", [1.0])
    with pytest.raises(RuntimeError):
        binding.bind_input("x", "cuda", 0, np.float32, X.shape, X.ctypes.data)
    binding.bind_cpu_input("x", X.astype(np.float64))
    with pytest.raises(RuntimeError, match="Error in execution: Unexpected input data type"):
        session.run_with_iobinding(binding)
    binding.bind_cpu_input("x", X)
    out = np.zeros((5, 5), np.float32)
    binding.bind_output("z", "cpu", 0, np.float32, out.shape, out.ctypes.data)
    with pytest.raises(RuntimeError, match="(?s)Error in execution: Got invalid dimensions for output: z"):
        session.run_with_iobinding(binding)
    binding.clear_binding_inputs()
    binding.clear_binding_outputs()
    with pytest.raises(RuntimeError, match="At least one output should be requested"):
        session.run_with_iobinding(binding)


def test_bound_memory_is_kept(ort):
    session = ort.InferenceSession(models.ADD)
    binding = session.io_binding()
    binding.bind_cpu_input("x", X.copy())
    binding.bind_ortvalue_input("y", value_of(ort, Y.copy()))
    out = value_of(ort, np.zeros((2, 3), np.float32))
    binding.bind_ortvalue_output("z", out)
    del out
    gc.collect()
    session.run_with_iobinding(binding)
    result = binding.get_outputs()[0]
    del binding, session
    gc.collect()
    np.testing.assert_array_equal(result.numpy(), X + Y)


def test_copy_tensors_refuses_other_sizes(ort):
    with pytest.raises(RuntimeError):
        ort.copy_tensors([value_of(ort, Y)], [value_of(ort, X.copy())])


@pytest.mark.differs("ONNX Runtime copies only between devices whose providers are registered")
def test_copy_tensors(ort):
    target = np.zeros(3, np.float32)
    ort.copy_tensors([value_of(ort, Y)], [value_of(ort, target)])
    np.testing.assert_array_equal(target, Y)


def test_sparse_coo(ort):
    cpu = ort.OrtDevice.make("cpu", 0)
    shape, values = np.array([3, 3], np.int64), np.array([1, 2], np.float32)
    sparse = ort.SparseTensor.sparse_coo_from_numpy(shape, values, np.array([0, 4], np.int64), cpu)
    assert sparse.format() == ort.OrtSparseFormat.ORT_SPARSE_COO
    assert list(sparse.dense_shape()) == [3, 3]
    assert (sparse.data_type(), sparse.device_name()) == ("sparse_tensor(float)", "cpu")
    np.testing.assert_array_equal(sparse.values(), values)
    np.testing.assert_array_equal(sparse.as_coo_view().indices(), [0, 4])
    with pytest.raises(RuntimeError, match="does not contain CSR"):
        sparse.as_csrc_view()
    with pytest.raises(RuntimeError, match="Cuda is not available"):
        sparse.to_cuda(cpu)
    pairs = ort.SparseTensor.sparse_coo_from_numpy(shape, values, np.array([[0, 0], [1, 1]], np.int64), cpu)
    np.testing.assert_array_equal(pairs.as_coo_view().indices(), [[0, 0], [1, 1]])
    with pytest.raises(RuntimeError):
        ort.SparseTensor.sparse_coo_from_numpy(shape, values, np.array([0], np.int64), cpu)
    words = ort.SparseTensor.sparse_coo_from_numpy(shape, np.array(["a", "b"]), np.array([0, 1], np.int64), cpu)
    assert words.values().tolist() == ["a", "b"]


def test_sparse_csr(ort):
    inner, outer = np.array([1, 1], np.int64), np.array([0, 1, 2, 2], np.int64)
    sparse = ort.SparseTensor.sparse_csr_from_numpy(
        np.array([3, 3], np.int64), np.array([1, 2], np.float32), inner, outer, ort.OrtDevice.make("cpu", 0)
    )
    assert sparse.format() == ort.OrtSparseFormat.ORT_SPARSE_CSRC
    np.testing.assert_array_equal(sparse.as_csrc_view().inner(), inner)
    np.testing.assert_array_equal(sparse.as_csrc_view().outer(), outer)


def test_sparse_values(ort):
    sparse = ort.SparseTensor.sparse_coo_from_numpy(
        np.array([3, 3], np.int64), np.array([1, 2], np.float32), np.array([0, 4], np.int64), ort.OrtDevice.make("cpu", 0)
    )
    value = ort.OrtValue.ort_value_from_sparse_tensor(sparse)
    assert value.is_sparse_tensor() and not value.is_tensor() and value.shape() == [3, 3]
    np.testing.assert_array_equal(value.as_sparse_tensor().values(), [1, 2])
    with pytest.raises(RuntimeError, match="Only OrtValues that are Tensors are convertible to Numpy"):
        value.numpy()
    with pytest.raises(RuntimeError):
        value_of(ort, X).as_sparse_tensor()


def test_adapters(ort, tmp_path):
    adapter = ort.AdapterFormat()
    adapter.set_adapter_version(3)
    adapter.set_model_version(2)
    parameters = {"a": value_of(ort, X), "b": value_of(ort, np.arange(5, dtype=np.int64)), "c": value_of(ort, X[:0])}
    adapter.set_parameters(parameters)
    file = tmp_path / "lora.onnx_adapter"
    adapter.export_adapter(str(file))
    again = ort.AdapterFormat.read_adapter(str(file))
    assert (again.get_format_version(), again.get_adapter_version(), again.get_model_version()) == (1, 3, 2)
    read = again.get_parameters()
    assert set(read) == set(parameters)
    for name, value in parameters.items():
        np.testing.assert_array_equal(read[name].numpy(), value.numpy())
        assert read[name].numpy().dtype == value.numpy().dtype
    ort.LoraAdapter().Load(str(file))
    with pytest.raises(RuntimeError):
        ort.LoraAdapter().Load("/no/such/adapter")


def test_adapter_feeds_a_run(ort, tmp_path):
    adapter = ort.AdapterFormat()
    adapter.set_parameters({"w": value_of(ort, Y)})
    file = str(tmp_path / "w.onnx_adapter")
    adapter.export_adapter(file)
    lora, options = ort.LoraAdapter(), ort.RunOptions()
    lora.Load(file)
    options.add_active_adapter(lora)
    session = ort.InferenceSession(models.with_weight())
    np.testing.assert_array_equal(session.run(None, {"x": np.zeros(3, np.float32)}, options)[0], Y)


@pytest.mark.ours
def test_damaged_adapters(ort, tmp_path):
    adapter = ort.AdapterFormat()
    adapter.set_parameters({"w": value_of(ort, Y)})
    file = tmp_path / "w.onnx_adapter"
    adapter.export_adapter(str(file))
    whole = file.read_bytes()
    for cut in range(0, len(whole), 4):
        file.write_bytes(whole[:cut])
        try:
            read = ort.AdapterFormat.read_adapter(str(file)).get_parameters()
        except (ValueError, RuntimeError):
            continue
        assert cut > len(whole) - 8, "only the padding at the end may be missing"
        np.testing.assert_array_equal(read["w"].numpy(), Y)


def test_compiler(ort, tmp_path):
    model = ort.ModelCompiler(ort.SessionOptions(), models.ADD).compile_to_bytes()
    np.testing.assert_array_equal(ort.InferenceSession(model).run(None, {"x": X, "y": Y})[0], X + Y)
    source = tmp_path / "add.onnx"
    source.write_bytes(models.ADD)
    target = tmp_path / "compiled.onnx"
    ort.ModelCompiler(ort.SessionOptions(), str(source)).compile_to_file(str(target))
    np.testing.assert_array_equal(ort.InferenceSession(str(target)).run(None, {"x": X, "y": Y})[0], X + Y)
    chunks = []
    ort.ModelCompiler(ort.SessionOptions(), models.ADD).compile_to_stream(chunks.append)
    np.testing.assert_array_equal(ort.InferenceSession(b"".join(chunks)).run(None, {"x": X, "y": Y})[0], X + Y)
    for bad in (5, None):
        with pytest.raises(TypeError):
            ort.ModelCompiler(ort.SessionOptions(), bad)
    with pytest.raises(Exception, match="/no/such/model.onnx"):
        ort.ModelCompiler(ort.SessionOptions(), "/no/such/model.onnx").compile_to_bytes()


def test_compiler_with_a_callback_that_raises(ort):
    def write(chunk):
        raise KeyError("from the callback")

    with pytest.raises(Exception, match="from the callback"):
        ort.ModelCompiler(ort.SessionOptions(), models.ADD).compile_to_stream(write)


def test_external_initializer_info(ort):
    info = ort.OrtExternalInitializerInfo("weights.bin", 16, 64)
    assert (info.filepath, info.file_offset, info.byte_size) == ("weights.bin", 16, 64)
