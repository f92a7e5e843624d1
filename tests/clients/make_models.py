#!/usr/bin/env python3
"""Writes the models of the client tests into a folder: make_models.py FOLDER"""
import os
import sys

from onnx_file import *  # noqa: F403

TYPES = {"float32": FLOAT, "uint8": UINT8, "int8": INT8, "uint16": UINT16, "int16": INT16, "int32": INT32, "int64": INT64,
         "string": STRING, "bool": BOOL, "float16": FLOAT16, "float64": DOUBLE, "uint32": UINT32, "uint64": UINT64,
         "bfloat16": BFLOAT16, "uint4": UINT4, "int4": INT4}


def add():
    t = tensor_type(FLOAT, [2, 3])
    g = Graph("addition", [node("Add", ["a", "b"], ["sum"])], [("a", t), ("b", t)], [("sum", t)], doc="a graph")
    return model(g, domain="test.sardonyx", version=7, doc="adds", properties=[("author", "us"), ("note", "grün")])


def dynamic():
    w = tensor("w", FLOAT, [3, 2], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    g = Graph("dynamic", [node("MatMul", ["x", "w"], ["y"])], [("x", tensor_type(FLOAT, ["batch", 3], ["DATA_BATCH"]))],
              [("y", tensor_type(FLOAT, ["batch", 2]))], [w])
    return model(g)


def identity(dtype):
    t = tensor_type(dtype, ["n", "m"])
    return model(Graph("identity", [node("Identity", ["x"], ["y"])], [("x", t)], [("y", t)]))


def strings():
    t = tensor_type(STRING, ["n"])
    return model(Graph("strings", [node("StringConcat", ["a", "b"], ["joined"])], [("a", t), ("b", t)], [("joined", t)]))


def classifier():
    """Labels, and a map from label to score per row."""
    linear = node("LinearClassifier", ["x"], ["label", "scores"], domain="ai.onnx.ml", coefficients=[1.0, 0.0, 0.0, 1.0],
                  intercepts=[0.0, 0.0], multi_class=0, post_transform="NONE", classlabels_strings=["left", "right"])
    zipmap = node("ZipMap", ["scores"], ["probabilities"], domain="ai.onnx.ml", classlabels_strings=["left", "right"])
    entry = map_type(STRING, tensor_type(FLOAT, []))
    return model(Graph("classifier", [linear, zipmap], [("x", tensor_type(FLOAT, ["n", 2]))],
                       [("label", tensor_type(STRING, ["n"])), ("probabilities", sequence_type(entry))]), ml=3)


def map_input():
    vector = node("DictVectorizer", ["counts"], ["y"], domain="ai.onnx.ml", string_vocabulary=["red", "green", "blue"])
    return model(Graph("map_input", [vector], [("counts", map_type(STRING, tensor_type(FLOAT, [])))],
                       [("y", tensor_type(FLOAT, [1, 3]))]), ml=3)


def sequence():
    t = tensor_type(FLOAT, ["n"])
    nodes = [node("SequenceConstruct", ["a", "b"], ["both"]), node("SequenceLength", ["both"], ["length"])]
    return model(Graph("sequence", nodes, [("a", t), ("b", t)],
                       [("both", sequence_type(t)), ("length", tensor_type(INT64, []))]))


def sequence_input():
    t = tensor_type(FLOAT, ["n"])
    return model(Graph("sequence_input", [node("ConcatFromSequence", ["parts"], ["y"], axis=0)],
                       [("parts", sequence_type(t))], [("y", t)]))


def several():
    """Three outputs of different types and shapes."""
    nodes = [node("Relu", ["x"], ["positive"]), node("Neg", ["x"], ["negated"]), node("Shape", ["x"], ["shape"])]
    t = tensor_type(FLOAT, ["n", "m"])
    return model(Graph("several", nodes, [("x", t)],
                       [("positive", t), ("negated", t), ("shape", tensor_type(INT64, [2]))]))


def loop():
    """x is multiplied by a rotation n times: a run as long as one likes."""
    body = Graph("body", [node("Identity", ["c"], ["c_out"]), node("MatMul", ["v", "w"], ["v_out"])],
                 [("i", tensor_type(INT64, [])), ("c", tensor_type(BOOL, [])), ("v", tensor_type(FLOAT, [64, 64]))],
                 [("c_out", tensor_type(BOOL, [])), ("v_out", tensor_type(FLOAT, [64, 64]))])
    shift = [float((column - row) % 64 == 1) for row in range(64) for column in range(64)]
    g = Graph("loop", [node("Loop", ["n", "", "x"], ["y"], body=body)],
              [("n", tensor_type(INT64, [])), ("x", tensor_type(FLOAT, [64, 64]))], [("y", tensor_type(FLOAT, [64, 64]))],
              [tensor("w", FLOAT, [64, 64], shift)])
    return model(g)


def external():
    """Its weight lies in external.bin."""
    w = tensor("w", FLOAT, [4], None, external=("external.bin", 0, 16))
    t = tensor_type(FLOAT, [4])
    return model(Graph("external", [node("Mul", ["x", "w"], ["y"])], [("x", t)], [("y", t)], [w]))


def overridable():
    """scale is an input with a default."""
    t = tensor_type(FLOAT, [2])
    return model(Graph("overridable", [node("Mul", ["x", "scale"], ["y"])], [("x", t), ("scale", t)], [("y", t)],
                       [tensor("scale", FLOAT, [2], [10.0, 100.0])]))


def reshape():
    """Fails when run with a shape of another size."""
    return model(Graph("reshape", [node("Reshape", ["x", "shape"], ["y"])],
                       [("x", tensor_type(FLOAT, ["n"])), ("shape", tensor_type(INT64, ["rank"]))],
                       [("y", tensor_type(FLOAT))]))


def unknown_operator():
    t = tensor_type(FLOAT, [1])
    return model(Graph("unknown", [node("NoSuchOperator", ["x"], ["y"])], [("x", t)], [("y", t)]))


def main(folder):
    os.makedirs(folder, exist_ok=True)
    makers = (add, dynamic, strings, classifier, map_input, sequence, sequence_input, several, loop, external, overridable,
              reshape, unknown_operator)
    files = {f.__name__ + ".onnx": f() for f in makers}
    files.update({"identity_%s.onnx" % name: identity(dtype) for name, dtype in TYPES.items()})
    files["external.bin"] = raw(FLOAT, [1.0, 2.0, 3.0, 4.0])
    files["garbage.onnx"] = b"this is not a model"
    files["empty.onnx"] = b""
    for name, data in files.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)
    print("%d files in %s" % (len(files), folder))


if __name__ == "__main__":
    main(sys.argv[1])
