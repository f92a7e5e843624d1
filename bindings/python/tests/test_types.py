"""Element types and kinds of values, in and out."""

import models
import numpy as np
import pytest

NATIVE = {
    "bool": np.bool_,
    "uint8": np.uint8,
    "int8": np.int8,
    "uint16": np.uint16,
    "int16": np.int16,
    "int32": np.int32,
    "int64": np.int64,
    "uint32": np.uint32,
    "uint64": np.uint64,
    "float16": np.float16,
    "float": np.float32,
    "double": np.float64,
}
EXTENSION = ["bfloat16", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4", "int4"]


@pytest.mark.parametrize("name", NATIVE)
def test_native_types(ort, name):
    session = ort.InferenceSession(models.identity(name))
    assert session.get_inputs()[0].type == f"tensor({name})"
    data = np.array([0, 1, 1, 0]).astype(NATIVE[name])
    (out,) = session.run(None, {"x": data})
    assert out.dtype == data.dtype
    np.testing.assert_array_equal(out, data)


@pytest.mark.parametrize("alias", [np.longlong, np.intc, np.byte])
def test_c_types_are_types_of_their_size(ort, alias):
    dtype = np.dtype(alias)
    session = ort.InferenceSession(models.identity({1: "int8", 4: "int32", 8: "int64"}[dtype.itemsize]))
    np.testing.assert_array_equal(session.run(None, {"x": np.array([1, -2], alias)})[0], [1, -2])


@pytest.mark.ours
@pytest.mark.parametrize("name", EXTENSION)
def test_extension_types(ort, name):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    dtype = {"bfloat16": "bfloat16", "uint4": "uint4", "int4": "int4"}.get(name, name.replace("float8", "float8_"))
    session = ort.InferenceSession(models.identity(name))
    for values in ([0, 1, 2, 3, 1], [1, 0], [2]):
        data = np.array(values).astype(getattr(ml_dtypes, dtype))
        (out,) = session.run(None, {"x": data})
        assert out.dtype == data.dtype
        np.testing.assert_array_equal(out.astype(np.float32), values)


@pytest.mark.ours
def test_negative_int4(ort):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    data = np.array([-8, 7, -1], np.int8).astype(ml_dtypes.int4)
    (out,) = ort.InferenceSession(models.identity("int4")).run(None, {"x": data})
    np.testing.assert_array_equal(out.astype(np.int8), [-8, 7, -1])


@pytest.mark.ours
def test_bfloat16_without_ml_dtypes(package):
    import subprocess
    import sys

    code = f"""
import sys; sys.modules["ml_dtypes"] = None; sys.path.insert(0, {str(__file__).rsplit("/", 1)[0]!r})
import numpy as np, models, {package} as ort
session = ort.InferenceSession(models.cast("float", "bfloat16"))
(out,) = session.run(None, {{"x": np.array([1, -2], np.float32)}})
assert out.dtype == np.uint16 and out.tolist() == [0x3F80, 0xC000], out
back = ort.InferenceSession(models.cast("bfloat16", "float"))
value = ort.OrtValue.ortvalue_from_numpy_with_onnx_type(out, 16)
assert back.run(None, {{"x": value}})[0].tolist() == [1, -2]
"""
    # onnx itself needs ml_dtypes, so models is imported before it goes away
    code = code.replace('sys.modules["ml_dtypes"] = None; ', "").replace(
        "import numpy as np, models,", 'import numpy as np, models; sys.modules["ml_dtypes"] = None\nimport'
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "given",
    [
        np.array(["a", "ü€", ""], object),
        np.array(["a", "ü€", ""]),
        ["a", "ü€", ""],
    ],
)
def test_strings(ort, given):
    (out,) = ort.InferenceSession(models.STRINGS).run(None, {"x": given})
    assert out.dtype == object and out.tolist() == ["a", "ü€", ""]


def test_strings_of_other_objects(ort):
    session = ort.InferenceSession(models.STRINGS)
    assert session.run(None, {"x": np.array([None, 1], object)})[0].tolist() == ["None", "1"]
    assert session.run(None, {"x": np.array(["a\0b"], object)})[0].tolist() == ["a\0b"]
    with pytest.raises(UnicodeEncodeError):
        session.run(None, {"x": np.array(["\udc80"], object)})


@pytest.mark.differs("ONNX Runtime reads past the end of byte strings, and stores the repr of bytes objects")
def test_byte_strings(ort):
    session = ort.InferenceSession(models.STRINGS)
    assert session.run(None, {"x": np.array([b"a", b"bcd"])})[0].tolist() == ["a", "bcd"]
    assert session.run(None, {"x": np.array([b"a", "b"], object)})[0].tolist() == ["a", "b"]


def test_strings_shapes(ort):
    session = ort.InferenceSession(models.model("g (string[A,B] x) => (string[A,B] z) { z = Identity(x) }"))
    data = np.array([["a", "b", "c"], ["d", "e", "f"]], object)
    (out,) = session.run(None, {"x": data.T})
    assert out.tolist() == data.T.tolist()
    assert session.run(None, {"x": np.zeros((0, 2), object)})[0].shape == (0, 2)


def test_numbers_are_not_strings(ort, state):
    with pytest.raises(state.InvalidArgument, match="expected: \\(tensor\\(string\\)\\)"):
        ort.InferenceSession(models.STRINGS).run(None, {"x": np.array([1])})


def test_sequences_out(ort):
    session = ort.InferenceSession(models.SEQUENCE_OUT)
    assert session.get_outputs()[0].type == "seq(tensor(float))"
    (items,) = session.run(None, {"a": np.ones(2, np.float32), "b": np.zeros(3, np.float32)})
    assert isinstance(items, list)
    np.testing.assert_array_equal(items[0], [1, 1])
    np.testing.assert_array_equal(items[1], [0, 0, 0])


def test_sequences_in(ort):
    session = ort.InferenceSession(models.SEQUENCE_AT)
    items = [np.ones(2, np.float32), np.zeros(3, np.float32)]
    np.testing.assert_array_equal(session.run(None, {"s": items, "i": np.array(1)})[0], [0, 0, 0])
    length = ort.InferenceSession(models.SEQUENCE_LENGTH)
    assert length.run(None, {"s": []})[0] == 0
    assert length.run(None, {"s": items})[0] == 2


def test_sequences_refused(ort, state):
    session = ort.InferenceSession(models.SEQUENCE_AT)
    i = np.array(0)
    with pytest.raises(RuntimeError):
        session.run(None, {"s": [np.ones(2, np.float32), np.ones(2, np.int32)], "i": i})
    with pytest.raises(RuntimeError, match="Input is not a tensor"):
        session.run(None, {"s": [[1.0]], "i": i})
    with pytest.raises(state.InvalidArgument):
        session.run(None, {"s": np.ones(2, np.float32), "i": i})
    with pytest.raises(RuntimeError):
        session.run(None, {"s": (np.ones(2, np.float32),), "i": i})


def test_maps_out(ort):
    session = ort.InferenceSession(models.zip_map())
    assert session.get_outputs()[0].type == "seq(map(int64,tensor(float)))"
    assert session.run(None, {"x": np.array([[1, 2], [3, 4]], np.float32)}) == [[{7: 1.0, 9: 2.0}, {7: 3.0, 9: 4.0}]]


def test_maps_in(ort, state):
    session = ort.InferenceSession(models.dict_vectorizer())
    assert session.get_inputs()[0].type == "map(string,tensor(float))"
    np.testing.assert_array_equal(session.run(None, {"x": {"a": 1.0, "c": 2}})[0], [[1, 0, 2]])
    np.testing.assert_array_equal(session.run(None, {"x": {"b": np.float32(3)}})[0], [[0, 3, 0]])
    with pytest.raises(RuntimeError, match="Size of dictionary is empty"):
        session.run(None, {"x": {}})
    with pytest.raises(state.InvalidArgument, match="expected: "):
        session.run(None, {"x": {1: 1.0}})


def test_optionals(ort):
    has = ort.InferenceSession(models.optional("OptionalHasElement"))
    assert has.get_inputs()[0].type == "optional(tensor(float))"
    assert not has.run(None, {"x": None})[0]
    assert has.run(None, {"x": np.ones(2, np.float32)})[0]
    same = ort.InferenceSession(models.optional("Identity"))
    assert same.run(None, {"x": None}) == [None]
    np.testing.assert_array_equal(same.run(None, {"x": np.ones(2, np.float32)})[0], [1, 1])
