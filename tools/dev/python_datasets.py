"""Writes the example models of the Python package (bindings/python/sardonyx/datasets).

Needs the packages onnx and scikit-learn (Debian: python3-onnx, python3-sklearn). logreg_iris is fitted here to the first two
columns of the iris data.
"""

import pathlib

import numpy as np
from onnx import TensorProto, TypeProto, helper
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

FOLDER = pathlib.Path(__file__).parents[2] / "bindings" / "python" / "sardonyx" / "datasets"


def floats(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def write(name, nodes, inputs, outputs, initializers=(), opsets=(("", 17),)):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(initializers))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid(*o) for o in opsets], producer_name="sardonyx")
    model.ir_version = 8
    (FOLDER / f"{name}.onnx").write_bytes(model.SerializeToString())


def iris():
    data = load_iris()
    fitted = LogisticRegression(max_iter=1000).fit(data.data[:, :2], data.target)
    nodes = [
        helper.make_node("LinearClassifier", ["float_input"], ["label", "scores"], domain="ai.onnx.ml",
                         classlabels_ints=[0, 1, 2], coefficients=fitted.coef_.astype(np.float32).ravel().tolist(),
                         intercepts=fitted.intercept_.astype(np.float32).tolist(), post_transform="SOFTMAX"),
        helper.make_node("ZipMap", ["scores"], ["probabilities"], domain="ai.onnx.ml", classlabels_int64s=[0, 1, 2]),
    ]  # fmt: skip
    kind = TypeProto()
    item = kind.sequence_type.elem_type.map_type
    item.key_type = TensorProto.INT64
    item.value_type.tensor_type.elem_type = TensorProto.FLOAT
    item.value_type.tensor_type.shape.SetInParent()
    outputs = [
        helper.make_tensor_value_info("label", TensorProto.INT64, [3]),
        helper.make_value_info("probabilities", kind),
    ]
    write("logreg_iris", nodes, [floats("float_input", [3, 2])], outputs, opsets=[("", 17), ("ai.onnx.ml", 1)])


weights = helper.make_tensor("W", TensorProto.FLOAT, [3, 2], [1, 2, 3, 4, 5, 6])
write("sigmoid", [helper.make_node("Sigmoid", ["x"], ["y"])], [floats("x", [3, 4, 5])], [floats("y", [3, 4, 5])])
write("mul_1", [helper.make_node("Mul", ["X", "W"], ["Y"])], [floats("X", [3, 2])], [floats("Y", [3, 2])], [weights])
iris()
