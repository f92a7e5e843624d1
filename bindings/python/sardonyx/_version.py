"""Versions: our own, and that of the ONNX Runtime whose surface this package has."""

own = "0.1.0"
compatible = "1.30.0"
