"""A program with types, checked by mypy --strict and run."""

import numpy as np
from onnx import parser

import sardonyx as ort


def open_model() -> ort.InferenceSession:
    text = '<ir_version: 8, opset_import: ["" : 17]> g (float[N] x) => (float[N] y) { y = Neg(x) }'
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    model: bytes = parser.parse_model(text).SerializeToString()
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def main() -> None:
    session = open_model()
    names: list[str] = [port.name for port in session.get_inputs()]
    shape: list[object] = list(session.get_inputs()[0].shape)
    x = np.ones(3, np.float32)
    outputs = session.run(None, {names[0]: x}, ort.RunOptions())
    value: ort.OrtValue = ort.OrtValue.ortvalue_from_numpy(x)
    address: int = value.data_ptr()
    binding = session.io_binding()
    binding.bind_cpu_input("x", x)
    binding.bind_output("y", "cpu")
    session.run_with_iobinding(binding)
    version: str = session.get_modelmeta().graph_name
    assert address and shape == ["N"] and version == "g"
    assert (outputs[0] == binding.copy_outputs_to_cpu()[0]).all()


if __name__ == "__main__":
    main()
