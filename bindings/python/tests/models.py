"""Small models in ONNX's text format, as bytes."""

from onnx import TensorProto, helper, parser



def model(graph: str, ir_version: int = 8, opset: int = 17, domains: str = "", header: str = "") -> bytes:
    extra = f", {domains}" if domains else ""
    head = f", {header}" if header else ""
    text = f'<ir_version: {ir_version}, opset_import: ["" : {opset}{extra}]{head}>\n{graph}'
    return parser.parse_model(text).SerializeToString()


ADD = model("add_graph (float[N,3] x, float[3] y) => (float[N,3] z) { z = Add(x, y) }", header='producer_name: "tests"')
TWO_OUTPUTS = model("two (float[N] x) => (float[N] a, float[N] b) { a = Neg(x) b = Mul(x, x) }")
STRINGS = model("strings (string[N] x) => (string[N] z) { z = Identity(x) }")
SEQUENCE_OUT = model("g (float[N] a, float[M] b) => (seq(float[]) s) { s = SequenceConstruct(a, b) }")
SEQUENCE_AT = model("g (seq(float[]) s, int64 i) => (float[] z) { z = SequenceAt(s, i) }")
SEQUENCE_LENGTH = model("g (seq(float[]) s) => (int64 n) { n = SequenceLength(s) }")
MATMUL = model("g (float[M,K] a, float[K,N] b) => (float[M,N] c) { c = MatMul(a, b) }")


def identity(element: str, dims: str = "[N]", ir_version: int = 10, opset: int = 21) -> bytes:
    return model(f"g ({element}{dims} x) => ({element}{dims} z) {{ z = Identity(x) }}", ir_version, opset)


def cast(source: str, target: str, ir_version: int = 10, opset: int = 21) -> bytes:
    number = TensorProto.DataType.Value(target.upper() if target != "double" else "DOUBLE")
    return model(f"g ({source}[N] x) => ({target}[N] z) {{ z = Cast <to = {number}> (x) }}", ir_version, opset)


def with_weight() -> bytes:
    """y = x + w, where w is an initializer and an input as well, so that a feed may override it."""
    weight = helper.make_tensor("w", TensorProto.FLOAT, [3], [1.0, 2.0, 3.0])
    ports = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [3]) for n in ("x", "w")]
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [3])
    graph = helper.make_graph([helper.make_node("Add", ["x", "w"], ["y"])], "g", ports, [out], [weight])
    return _finish(graph)


def zip_map() -> bytes:
    node = helper.make_node("ZipMap", ["x"], ["z"], domain="ai.onnx.ml", classlabels_int64s=[7, 9])
    source = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 2])
    item = helper.make_map_type_proto(TensorProto.INT64, helper.make_tensor_type_proto(TensorProto.FLOAT, []))
    out = helper.make_value_info("z", helper.make_sequence_type_proto(item))
    return _finish(helper.make_graph([node], "g", [source], [out]))


def dict_vectorizer() -> bytes:
    node = helper.make_node("DictVectorizer", ["x"], ["z"], domain="ai.onnx.ml", string_vocabulary=["a", "b", "c"])
    kind = helper.make_map_type_proto(TensorProto.STRING, helper.make_tensor_type_proto(TensorProto.FLOAT, []))
    out = helper.make_tensor_value_info("z", TensorProto.FLOAT, None)
    return _finish(helper.make_graph([node], "g", [helper.make_value_info("x", kind)], [out]))


def optional(op: str) -> bytes:
    """op on an optional tensor: OptionalHasElement or Identity."""
    kind = helper.make_optional_type_proto(helper.make_tensor_type_proto(TensorProto.FLOAT, [None]))
    source = helper.make_value_info("x", kind)
    out = helper.make_tensor_value_info("z", TensorProto.BOOL, []) if op != "Identity" else helper.make_value_info("z", kind)
    return _finish(helper.make_graph([helper.make_node(op, ["x"], ["z"])], "g", [source], [out]), opset=18)


def slow(trips: int) -> bytes:
    """A loop of matrix products, long enough to be interrupted; x is [256,256]."""
    body = helper.make_graph(
        [helper.make_node("MatMul", ["v", "w"], ["v2"]), helper.make_node("Identity", ["c"], ["c2"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("c", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v", TensorProto.FLOAT, [256, 256]),
        ],
        [
            helper.make_tensor_value_info("c2", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v2", TensorProto.FLOAT, [256, 256]),
        ],
    )
    nodes = [
        helper.make_node("Constant", [], ["trips"], value=helper.make_tensor("t", TensorProto.INT64, [], [trips])),
        helper.make_node("Constant", [], ["go"], value=helper.make_tensor("g", TensorProto.BOOL, [], [True])),
        helper.make_node("Identity", ["x"], ["w"]),
        helper.make_node("Loop", ["trips", "go", "x"], ["y"], body=body),
    ]
    ports = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [256, 256]) for n in ("x", "y")]
    return _finish(helper.make_graph(nodes, "g", [ports[0]], [ports[1]]))


def slow_to_fold(nodes: int) -> bytes:
    """A row of products of constants: folding them takes a millisecond each, and the outcome is small."""
    weight = helper.make_tensor("w", TensorProto.FLOAT, [2048, 2048], bytes(4 * 2048 * 2048), raw=True)
    first = helper.make_tensor("v0", TensorProto.FLOAT, [1, 2048], bytes(4 * 2048), raw=True)
    made = [helper.make_node("MatMul", [f"v{i}", "w"], [f"v{i + 1}"]) for i in range(nodes)]
    out = helper.make_tensor_value_info(f"v{nodes}", TensorProto.FLOAT, [1, 2048])
    return _finish(helper.make_graph(made, "g", [], [out], [first, weight]))


def _finish(graph, opset: int = 17) -> bytes:
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 1)]
    made = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    return made.SerializeToString()
