"""A minimal writer of ONNX files: just the protobuf fields that the test models need, with the standard library only."""
import struct

FLOAT, UINT8, INT8, UINT16, INT16, INT32, INT64, STRING, BOOL, FLOAT16, DOUBLE, UINT32, UINT64 = range(1, 14)
BFLOAT16, UINT4, INT4 = 16, 21, 22
PACK = {FLOAT: "f", UINT8: "B", INT8: "b", UINT16: "H", INT16: "h", INT32: "i", INT64: "q", BOOL: "?", FLOAT16: "e",
        DOUBLE: "d", UINT32: "I", UINT64: "Q"}


def varint(n):
    n &= (1 << 64) - 1
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def field(number, value):
    """One protobuf field: int as varint, float as fixed32, str and bytes as length-delimited, a list as repeated."""
    if value is None:
        return b""
    if isinstance(value, (list, tuple)):
        return b"".join(field(number, v) for v in value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def tensor(name, dtype, dims, values, external=None):
    """A TensorProto. external = (file, offset, length) leaves the data in that file."""
    out = field(1, list(dims)) + field(2, dtype) + field(8, name)
    if dtype == STRING:
        return out + field(6, list(values))
    if external:
        keys = zip(("location", "offset", "length"), map(str, external))
        return out + field(13, [field(1, k) + field(2, v) for k, v in keys]) + field(14, 1)
    return out + field(9, raw(dtype, values))


def raw(dtype, values):
    return struct.pack("<%d%s" % (len(values), PACK[dtype]), *values)


def tensor_type(dtype, dims=None, denotations=()):
    """A TypeProto of a tensor; dims of ints and names, None for an unknown rank."""
    body = field(1, dtype)
    if dims is not None:
        entries = []
        for i, d in enumerate(dims):
            entry = field(2, d) if isinstance(d, str) else field(1, d)
            entries.append(entry + field(3, denotations[i] if i < len(denotations) else None))
        body += field(2, field(1, entries))
    return field(1, body)


def sequence_type(element):
    return field(4, field(1, element))


def map_type(key, value):
    return field(5, field(1, key) + field(2, value))


def attribute(name, value):
    out = field(1, name)
    if isinstance(value, Graph):
        return out + field(6, value.encode()) + field(20, 5)
    if isinstance(value, bytes):
        return out + field(5, value) + field(20, 4)
    if isinstance(value, str):
        return out + field(4, value) + field(20, 3)
    if isinstance(value, float):
        return out + field(2, value) + field(20, 1)
    if isinstance(value, int):
        return out + field(3, value) + field(20, 2)
    number, kind = {float: (7, 6), int: (8, 7), str: (9, 8)}[type(value[0])]
    return out + field(number, list(value)) + field(20, kind)


def node(op, inputs, outputs, domain=None, **attributes):
    encoded = [attribute(k, v) for k, v in attributes.items()]
    return (field(1, list(inputs)) + field(2, list(outputs)) + field(3, op.lower() + "_" + outputs[0]) + field(4, op) +
            field(5, encoded) + field(7, domain))


class Graph:
    def __init__(self, name, nodes, inputs, outputs, initializers=(), doc=None):
        """inputs and outputs: pairs of a name and a TypeProto."""
        self.parts = (name, nodes, inputs, outputs, initializers, doc)

    def encode(self):
        name, nodes, inputs, outputs, initializers, doc = self.parts
        info = lambda pairs: [field(1, n) + field(2, t) for n, t in pairs]
        return (field(1, nodes) + field(2, name) + field(5, list(initializers)) + field(10, doc) +
                field(11, info(inputs)) + field(12, info(outputs)))


def model(graph, opset=21, ml=None, ir_version=10, domain=None, version=None, doc=None, properties=()):
    opsets = [field(1, "") + field(2, opset)] + ([field(1, "ai.onnx.ml") + field(2, ml)] if ml else [])
    return (field(1, ir_version) + field(2, "sardonyx-tests") + field(3, "1") + field(4, domain) + field(5, version) +
            field(6, doc) + field(7, graph.encode()) + field(8, opsets) +
            field(14, [field(1, k) + field(2, v) for k, v in properties]))
