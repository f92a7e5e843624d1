"""What onnxruntime_pybind11_state.schemadef is: descriptions of operators."""

from __future__ import annotations

import enum
import struct
from typing import Any

from sardonyx.capi._operators import operators

_ENDLESS = 2**31 - 1


class OpSchema:
    """What an operator takes and gives, at its newest version. Made by get_all_operator_schema only."""

    class AttrType(enum.Enum):
        FLOAT = 1
        INT = 2
        STRING = 3
        TENSOR = 4
        GRAPH = 5
        FLOATS = 6
        INTS = 7
        STRINGS = 8
        TENSORS = 9
        GRAPHS = 10
        SPARSE_TENSOR = 11
        SPARSE_TENSORS = 12
        TYPE_PROTO = 13

    class FormalParameterOption(enum.Enum):
        Single = 0
        Optional = 1
        Variadic = 2

    class SupportType(enum.Enum):
        COMMON = 0
        EXPERIMENTAL = 1

    class TypeConstraintParam:
        type_param_str: str
        description: str
        allowed_type_strs: list[str]

    class FormalParameter:
        name: str
        types: set[str]
        typeStr: str  # noqa: N815 - the name that programs read
        description: str
        option: OpSchema.FormalParameterOption
        isHomogeneous: bool  # noqa: N815

    class Attribute:
        name: str
        description: str
        type: OpSchema.AttrType
        required: bool
        _default_value: bytes

    name: str
    domain: str
    since_version: int
    doc: str
    file: str
    line: int
    support_level: SupportType
    deprecated: bool
    min_input: int
    max_input: int
    min_output: int
    max_output: int
    inputs: list[FormalParameter]
    outputs: list[FormalParameter]
    attributes: dict[str, Attribute]
    type_constraints: list[TypeConstraintParam]
    has_type_and_shape_inference_function: bool

    def __init__(self) -> None:
        raise TypeError("OpSchema: no constructor")

    @staticmethod
    def is_infinite(number: int) -> bool:
        """Whether a max_input or max_output means any number."""
        return number == _ENDLESS


def get_all_operator_schema() -> list[OpSchema]:
    """Every operator of this build, at the newest version that it knows; texts of documentation are empty."""
    return [_schema(operator) for operator in operators()]


def _made(kind: type, **fields: Any) -> Any:
    out = object.__new__(kind)
    for name, value in fields.items():
        setattr(out, name, value)
    return out


def _schema(o: dict[str, Any]) -> OpSchema:
    types = {t["name"]: t["types"] for t in o["types"]}
    return _made(
        OpSchema,
        name=o["name"],
        domain=o["domain"],
        since_version=o["since"],
        doc="",
        file="",
        line=0,
        support_level=OpSchema.SupportType.COMMON,
        deprecated=False,
        min_input=o["min_inputs"],
        max_input=_ENDLESS if o["any_inputs"] else len(o["inputs"]),
        min_output=o["min_outputs"],
        max_output=_ENDLESS if o["any_outputs"] else len(o["outputs"]),
        inputs=[_parameter(p, types) for p in o["inputs"]],
        outputs=[_parameter(p, types) for p in o["outputs"]],
        attributes={a["name"]: _attribute(a) for a in o["attributes"]},
        type_constraints=[
            _made(OpSchema.TypeConstraintParam, type_param_str=name, description="", allowed_type_strs=allowed)
            for name, allowed in types.items()
            if "(" not in name  # a parameter of one fixed type is named by it
        ],
        has_type_and_shape_inference_function=True,
    )


def _parameter(p: dict[str, Any], types: dict[str, list[str]]) -> OpSchema.FormalParameter:
    option = OpSchema.FormalParameterOption[p["option"].capitalize()]
    return _made(
        OpSchema.FormalParameter,
        name=p["name"],
        types=set(types.get(p["type"]) or [p["type"]]),
        typeStr=p["type"],
        description="",
        option=option,
        isHomogeneous=p["homogeneous"],
    )


def _attribute(a: dict[str, Any]) -> OpSchema.Attribute:
    kind = OpSchema.AttrType["TYPE_PROTO" if a["type"] == "type" else a["type"].upper()]
    default = _attribute_proto(a["name"], kind, a["default"]) if "default" in a else b""
    return _made(
        OpSchema.Attribute, name=a["name"], description="", type=kind, required=a["required"], _default_value=default
    )




def _varint(value: int) -> bytes:
    value &= 2**64 - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _bytes_field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _attribute_proto(name: str, kind: OpSchema.AttrType, value: Any) -> bytes:
    """The attribute as a serialized AttributeProto: name 1, f 2, i 3, s 4, floats 7, ints 8, strings 9, type 20."""
    out = _bytes_field(1, name.encode())
    if kind is OpSchema.AttrType.FLOAT:
        out += b"\x15" + struct.pack("<f", value)
    elif kind is OpSchema.AttrType.INT:
        out += b"\x18" + _varint(value)
    elif kind is OpSchema.AttrType.STRING:
        out += _bytes_field(4, value.encode())
    elif kind is OpSchema.AttrType.FLOATS:
        out += b"".join(b"\x3d" + struct.pack("<f", item) for item in value)
    elif kind is OpSchema.AttrType.INTS:
        out += b"".join(b"\x40" + _varint(item) for item in value)
    return out + b"\xa0\x01" + _varint(kind.value)
