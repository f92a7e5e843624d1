"""Three tiny models to try things with: sigmoid.onnx, mul_1.onnx and logreg_iris.onnx."""

import os


def get_example(name: str) -> str:
    """The path of an example model."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    if not os.path.isfile(path):
        known = sorted(file for file in os.listdir(os.path.dirname(path)) if file.endswith(".onnx"))
        raise FileNotFoundError(f"there is no example '{name}'; the examples are {', '.join(known)}")
    return path
