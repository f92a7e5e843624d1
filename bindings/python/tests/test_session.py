"""InferenceSession: opening, what the model declares, running, refusals."""

import pathlib
import pickle
import weakref
from collections import UserDict

import models
import numpy as np
import pytest

X = np.ones((2, 3), np.float32)
Y = np.arange(3, dtype=np.float32)
FEED = {"x": X, "y": Y}


@pytest.fixture
def add(ort):
    return ort.InferenceSession(models.ADD)


def test_open_from_path_and_bytes(ort, tmp_path):
    file = tmp_path / "add.onnx"
    file.write_bytes(models.ADD)
    for source in (str(file), file, models.ADD):
        np.testing.assert_array_equal(ort.InferenceSession(source).run(None, FEED)[0], X + Y)


@pytest.mark.parametrize("source", [5, None, bytearray(models.ADD), memoryview(models.ADD)])
def test_open_from_other_types_is_a_type_error(ort, source):
    with pytest.raises(TypeError, match="Unable to load from type"):
        ort.InferenceSession(source)


def test_open_failures(ort, state):
    with pytest.raises(state.NoSuchFile, match="File doesn't exist"):
        ort.InferenceSession("/no/such/file.onnx")
    with pytest.raises(state.NoSuchFile, match=r"\[ONNXRuntimeError\] : 3 : NO_SUCHFILE : "):
        ort.InferenceSession(pathlib.Path("/no/such/file.onnx"))
    with pytest.raises(state.InvalidProtobuf, match="protobuf parsing failed"):
        ort.InferenceSession(b"this is no model")
    with pytest.raises(state.InvalidArgument, match="No graph was found"):
        ort.InferenceSession(b"")
    with pytest.raises(TypeError):
        ort.InferenceSession(models.ADD, 5)


def test_ports(add):
    x, y = add.get_inputs()
    assert (x.name, x.type, x.shape) == ("x", "tensor(float)", ["N", 3])
    assert (y.name, y.type, y.shape) == ("y", "tensor(float)", [3])
    assert [o.name for o in add.get_outputs()] == ["z"]
    assert add.get_overridable_initializers() == []
    assert str(x) == "NodeArg(name='x', type='tensor(float)', shape=['N', 3])"


def test_metadata(ort):
    text = models.model("g (float[N] x) => (float[N] y) { y = Neg(x) }", header='producer_name: "me", model_version: 3')
    import onnx

    proto = onnx.load_model_from_string(text)
    proto.domain, proto.doc_string, proto.graph.doc_string = "org.example", "the model", "the graph"
    entry = proto.metadata_props.add()
    entry.key, entry.value = "author", "nobody"
    meta = ort.InferenceSession(proto.SerializeToString()).get_modelmeta()
    assert (meta.producer_name, meta.graph_name, meta.version) == ("me", "g", 3)
    assert (meta.domain, meta.description, meta.graph_description) == ("org.example", "the model", "the graph")
    assert meta.custom_metadata_map == {"author": "nobody"}


def test_run_gives_arrays(add):
    (z,) = add.run(None, FEED)
    assert type(z) is np.ndarray and z.dtype == np.float32 and z.flags.writeable and z.flags.c_contiguous
    np.testing.assert_array_equal(z, X + Y)


@pytest.mark.parametrize("names", [None, [], ["z"], ("z",)])
def test_output_names(add, names):
    assert len(add.run(names, FEED)) == 1


def test_output_order_and_repeats(ort):
    session = ort.InferenceSession(models.TWO_OUTPUTS)
    x = np.array([1, 2], np.float32)
    b, a, b2 = session.run(["b", "a", "b"], {"x": x})
    np.testing.assert_array_equal(a, -x)
    np.testing.assert_array_equal(b, x * x)
    np.testing.assert_array_equal(b2, x * x)


def test_one_name_is_not_a_list_of_names(add):
    with pytest.raises(TypeError):
        add.run("z", FEED)


def test_wrong_names(add, state):
    with pytest.raises(state.InvalidArgument, match="Invalid output name: ?nope"):
        add.run(["nope"], FEED)
    with pytest.raises(state.InvalidArgument, match="Invalid input name: extra"):
        add.run(None, {**FEED, "extra": Y})
    with pytest.raises(ValueError, match=r"Required inputs \(\['y'\]\) are missing from input feed \(\['x'\]\)\."):
        add.run(None, {"x": X})
    with pytest.raises(ValueError, match=r"are missing from input feed \(\['x', 'q'\]\)"):
        add.run(None, {"x": X, "q": Y})
    with pytest.raises(AttributeError):
        add.run(None, [X, Y])


def test_feed_may_be_any_mapping(add):
    np.testing.assert_array_equal(add.run(None, UserDict(FEED))[0], X + Y)


def test_wrong_shapes(add, state):
    with pytest.raises(state.InvalidArgument, match="Invalid rank for input: x Got: 1 Expected: 2"):
        add.run(None, {"x": Y, "y": Y})
    with pytest.raises(state.InvalidArgument, match=r"(?s)invalid dimensions for input: x.*index: 1 Got: 4 Expected: 3"):
        add.run(None, {"x": np.ones((2, 4), np.float32), "y": Y})


def test_wrong_types(add, state):
    with pytest.raises(state.InvalidArgument, match=r"Actual: \(tensor\(double\)\) , expected: \(tensor\(float\)\)"):
        add.run(None, {"x": X.astype(np.float64), "y": Y})
    with pytest.raises(RuntimeError, match="can't be converted to MLDataType"):
        add.run(None, {"x": np.zeros((2, 3), "M8[s]"), "y": Y})
    for bad in (1.0, object(), np.float32(1)):
        with pytest.raises(RuntimeError, match="Unable to handle object of type"):
            add.run(None, {"x": bad, "y": Y})
    for bad in ("text", b"bytes", {1}, ((1.0, 2.0, 3.0),)):
        with pytest.raises(RuntimeError, match="Input must be a list of dictionaries or a single numpy array"):
            add.run(None, {"x": bad, "y": Y})


def test_lists_of_numbers(add):
    np.testing.assert_array_equal(add.run(None, {"x": [[1.0, 2, 3]], "y": [1.0, 2.0, 3.0]})[0], [[2, 4, 6]])


def test_arrays_that_are_not_plain(add):
    fortran = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))
    np.testing.assert_array_equal(add.run(None, {"x": fortran, "y": Y})[0], fortran + Y)
    strided = np.arange(12, dtype=np.float32).reshape(2, 6)[:, ::2]
    np.testing.assert_array_equal(add.run(None, {"x": strided, "y": Y[::-1]})[0], strided + Y[::-1])
    frozen = X.copy()
    frozen.flags.writeable = False
    np.testing.assert_array_equal(add.run(None, {"x": frozen, "y": Y})[0], X + Y)
    np.testing.assert_array_equal(add.run(None, {"x": np.ma.masked_array(X), "y": Y})[0], X + Y)
    transposed = np.broadcast_to(np.float32(2), (2, 3))
    np.testing.assert_array_equal(add.run(None, {"x": transposed, "y": Y})[0], 2 + np.tile(Y, (2, 1)))


@pytest.mark.differs("ONNX Runtime takes the bytes of foreign byte order as they are")
def test_foreign_byte_order(add):
    np.testing.assert_array_equal(add.run(None, {"x": X.astype(">f4"), "y": Y})[0], X + Y)


@pytest.mark.ours
def test_unaligned_arrays(add):
    raw = np.frombuffer(b"\0" + X.tobytes(), np.uint8)[1:]
    np.testing.assert_array_equal(add.run(None, {"x": raw.view(np.float32).reshape(2, 3), "y": Y})[0], X + Y)


def test_empty_extent(add):
    assert add.run(None, {"x": np.zeros((0, 3), np.float32), "y": Y})[0].shape == (0, 3)


def test_rank_zero(ort):
    session = ort.InferenceSession(models.model("g (float x) => (float y) { y = Neg(x) }"))
    (y,) = session.run(None, {"x": np.array(2, np.float32)})
    assert isinstance(y, np.ndarray) and y.shape == () and y == -2


def test_results_outlive_the_session(ort):
    (z,) = ort.InferenceSession(models.ADD).run(None, FEED)
    view = z[1:]
    del z
    np.testing.assert_array_equal(view, (X + Y)[1:])


def test_ort_values_in_run(ort, add):
    np.testing.assert_array_equal(add.run(None, {"x": ort.OrtValue.ortvalue_from_numpy(X), "y": Y})[0], X + Y)


def test_overridable_initializer(ort):
    session = ort.InferenceSession(models.with_weight())
    assert [i.name for i in session.get_overridable_initializers()] == ["w"]
    assert [i.name for i in session.get_inputs()] == ["x"]
    x = np.zeros(3, np.float32)
    np.testing.assert_array_equal(session.run(None, {"x": x})[0], [1, 2, 3])
    np.testing.assert_array_equal(session.run(None, {"x": x, "w": Y})[0], Y)


def test_sessions_can_be_referenced_weakly(add):
    assert weakref.ref(add)() is add


def test_providers(ort, add):
    assert add.get_providers() == ["CPUExecutionProvider"]
    assert add.get_provider_options() == {"CPUExecutionProvider": {}}
    add.set_providers(["CPUExecutionProvider"])
    np.testing.assert_array_equal(add.run(None, FEED)[0], X + Y)
    with pytest.warns(UserWarning, match="'CUDAExecutionProvider' is not in available provider names"):
        session = ort.InferenceSession(models.ADD, providers=["CUDAExecutionProvider", "CPUExecutionProvider"])
    assert session.get_providers() == ["CPUExecutionProvider"]
    with pytest.warns(UserWarning, match="Duplicate provider"):
        ort.InferenceSession(models.ADD, providers=["CPUExecutionProvider"] * 2)
    ort.InferenceSession(models.ADD, providers=[("CPUExecutionProvider", {"a": 1})])
    ort.InferenceSession(models.ADD, providers=["CPUExecutionProvider"], provider_options=[{"a": 1}])


@pytest.mark.parametrize(
    "arguments",
    [
        {"providers": ["CPUExecutionProvider"], "provider_options": [{}, {}]},
        {"providers": [("CPUExecutionProvider", {})], "provider_options": [{}]},
        {"providers": [5]},
        {"providers": [("CPUExecutionProvider", 5)]},
        {"providers": ["NoSuchExecutionProvider"]},
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_bad_providers_without_fallback(ort, arguments):
    with pytest.raises((ValueError, RuntimeError)):
        ort.InferenceSession(models.ADD, enable_fallback=0, **arguments)
    assert ort.InferenceSession(models.ADD, **arguments).get_providers() == ["CPUExecutionProvider"]


@pytest.mark.ours
def test_pickle(ort, tmp_path):
    file = tmp_path / "add.onnx"
    file.write_bytes(models.ADD)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.add_session_config_entry("some.key", "some value")
    options.add_free_dimension_override_by_name("N", 2)
    for source in (models.ADD, str(file)):
        copy = pickle.loads(pickle.dumps(ort.InferenceSession(source, options)))
        np.testing.assert_array_equal(copy.run(None, FEED)[0], X + Y)
        theirs = copy.get_session_options()
        assert theirs.intra_op_num_threads == 1
        assert theirs.graph_optimization_level == ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
        assert theirs.get_session_config_entry("some.key") == "some value"
        assert copy.get_inputs()[0].shape == [2, 3]


def test_disabled_optimizers(ort):
    session = ort.InferenceSession(models.ADD, disabled_optimizers=["ConstantFolding"])
    np.testing.assert_array_equal(session.run(None, FEED)[0], X + Y)


def test_many_sessions_do_not_grow(ort):
    import gc
    import resource

    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def cycles(n):
        for _ in range(n):
            ort.InferenceSession(models.ADD).run(None, FEED)
        gc.collect()

    cycles(50)
    before = peak()
    cycles(200)
    assert peak() - before < 20 * 1024  # kB


def test_results_are_the_callers_own(ort):
    """Writing into a result changes neither the input, nor the model, nor another result."""
    same = ort.InferenceSession(models.identity("float"))
    x = np.ones(3, np.float32)
    (first,) = same.run(None, {"x": x})
    first[:] = 7
    assert (x == 1).all() and (same.run(None, {"x": x})[0] == 1).all()
    constant = ort.InferenceSession(models.model("g () => (float[2] y) { y = Constant <value_floats = [1.0, 2.0]> () }"))
    (first,) = constant.run(None, {})
    first[:] = 7
    np.testing.assert_array_equal(constant.run(None, {})[0], [1, 2])
    twice = ort.InferenceSession(
        models.model("g (float[N] x) => (float[N] a, float[N] b) { a = Neg(x) b = Identity(a) }")
    )
    a, b = twice.run(None, {"x": x})
    a[:] = 7
    np.testing.assert_array_equal(b, -x)
