"""Files of LoRA adapters: named tensors in one FlatBuffer, which sessions take by LoraAdapter.Load.

The layout: a root table {format_version, adapter_version, model_version: int32; parameters: [Parameter]}, where a
Parameter is {name: string; dims: [int64]; data_type: int32; raw_data: [uint8]}, with the identifier TORT.
"""

from __future__ import annotations

import os
import struct

_IDENTIFIER = b"TORT"
_FORMAT_VERSION = 1


class _Writer:
    """Writes front to back: each table is preceded by its vtable and followed by what it points to."""

    def __init__(self):
        self.bytes = bytearray()

    def align(self, to: int, ahead: int = 0):
        """Pads so that what comes `ahead` bytes later is aligned."""
        self.bytes += b"\0" * (-(len(self.bytes) + ahead) % to)

    def here(self) -> int:
        return len(self.bytes)

    def int32(self, value: int) -> int:
        at = self.here()
        self.bytes += struct.pack("<i", value)
        return at

    def point(self, at: int):
        """The offset field at `at` points here."""
        struct.pack_into("<I", self.bytes, at, self.here() - at)

    def vector(self, at: int, count: int, content: bytes, alignment: int):
        self.align(max(alignment, 4), 4)
        self.point(at)
        self.bytes += struct.pack("<I", count) + content

    def string(self, at: int, text: str):
        data = text.encode()
        self.vector(at, len(data), data + b"\0", 4)

    def table(self, fields: list[int]) -> list[int]:
        """A vtable, then a table of four-byte fields; where each field lies, and the table first."""
        self.align(4)
        vtable = self.here()
        size = 4 + 4 * len(fields)
        self.bytes += struct.pack(f"<HH{len(fields)}H", 4 + 2 * len(fields), size, *range(4, size, 4))
        self.align(4)
        table = self.int32(self.here() - vtable)
        return [table, *(self.int32(value) for value in fields)]


class _Table:
    """A table of a FlatBuffer, read with every offset checked."""

    def __init__(self, data: bytes, position: int):
        self.data, self.position = data, position
        self.vtable = position - self.read("<i", position)
        self.fields = (self.read("<H", self.vtable) - 4) // 2

    def read(self, layout: str, at: int) -> int:
        if at < 0 or at + struct.calcsize(layout) > len(self.data):
            raise ValueError("the adapter file is damaged: an offset leads outside it")
        return struct.unpack_from(layout, self.data, at)[0]

    def field(self, index: int) -> int | None:
        offset = self.read("<H", self.vtable + 4 + 2 * index) if index < self.fields else 0
        return self.position + offset if offset else None

    def int32(self, index: int) -> int:
        at = self.field(index)
        return self.read("<i", at) if at is not None else 0

    def vector(self, index: int, item_size: int) -> tuple[int, int]:
        """Where the items begin, and how many there are."""
        at = self.field(index)
        if at is None:
            return 0, 0
        start = at + self.read("<I", at)
        count = self.read("<I", start)
        if start + 4 + count * item_size > len(self.data):
            raise ValueError("the adapter file is damaged: a vector leads outside it")
        return start + 4, count

    def bytes_at(self, index: int) -> bytes:
        start, count = self.vector(index, 1)
        return self.data[start : start + count]

    def tables(self, index: int):
        start, count = self.vector(index, 4)
        for at in range(start, start + 4 * count, 4):
            yield _Table(self.data, at + self.read("<I", at))


class AdapterFormat:
    """A LoRA adapter: its versions and its parameters, a dict of OrtValues."""

    def __init__(self, adapter=None):
        self._adapter_version = 0
        self._model_version = 0
        self._parameters: dict = {}
        if adapter is not None:
            self._adapter_version, self._model_version = adapter._adapter_version, adapter._model_version
            self._parameters = dict(adapter._parameters)

    @staticmethod
    def read_adapter(file_path: os.PathLike) -> AdapterFormat:
        from sardonyx.capi._values import OrtValue

        with open(file_path, "rb") as file:
            data = file.read()
        if data[4:8] != _IDENTIFIER:
            raise ValueError(f"{os.fspath(file_path)} is not a file of a LoRA adapter")
        root = _Table(data, struct.unpack_from("<I", data)[0])
        out = AdapterFormat()
        out._adapter_version, out._model_version = root.int32(1), root.int32(2)
        for parameter in root.tables(3):
            start, rank = parameter.vector(1, 8)
            shape = list(struct.unpack_from(f"<{rank}q", data, start))
            value = OrtValue.ortvalue_from_shape_and_type(shape, parameter.int32(2))
            raw = parameter.bytes_at(3)
            if len(raw) != value.tensor_size_in_bytes():
                raise ValueError("the adapter file is damaged: a parameter has the wrong number of bytes")
            memoryview(value._get_c_value())[:] = raw
            out._parameters[parameter.bytes_at(0).decode()] = value
        return out

    def export_adapter(self, file_path: os.PathLike) -> None:
        writer = _Writer()
        writer.bytes += b"\0\0\0\0" + _IDENTIFIER
        root = writer.table([_FORMAT_VERSION, self._adapter_version, self._model_version, 0])
        struct.pack_into("<I", writer.bytes, 0, root[0])
        writer.vector(root[4], len(self._parameters), b"\0\0\0\0" * len(self._parameters), 4)
        slots = writer.here() - 4 * len(self._parameters)
        for i, (name, value) in enumerate(self._parameters.items()):
            table = writer.table([0, 0, value.element_type(), 0])
            struct.pack_into("<I", writer.bytes, slots + 4 * i, table[0] - (slots + 4 * i))
            shape = value.shape()
            writer.string(table[1], name)
            writer.vector(table[2], len(shape), struct.pack(f"<{len(shape)}q", *shape), 8)
            raw = bytes(memoryview(value._get_c_value()))
            writer.vector(table[4], len(raw), raw, 8)
        writer.align(8)
        with open(file_path, "wb") as file:
            file.write(writer.bytes)

    # The same as attributes, which the C-level class of this name has.
    format_version = property(lambda self: self.get_format_version())
    adapter_version = property(
        lambda self: self.get_adapter_version(), lambda self, version: self.set_adapter_version(version)
    )
    model_version = property(lambda self: self.get_model_version(), lambda self, version: self.set_model_version(version))
    parameters = property(lambda self: self.get_parameters(), lambda self, params: self.set_parameters(params))

    def get_format_version(self) -> int:
        return _FORMAT_VERSION

    def set_adapter_version(self, adapter_version: int) -> None:
        self._adapter_version = int(adapter_version)

    def get_adapter_version(self) -> int:
        return self._adapter_version

    def set_model_version(self, model_version: int) -> None:
        self._model_version = int(model_version)

    def get_model_version(self) -> int:
        return self._model_version

    def set_parameters(self, params: dict) -> None:
        for name, value in params.items():
            if not value.is_tensor():
                raise ValueError(f"parameter '{name}' is not a tensor")
        self._parameters = dict(params)

    def get_parameters(self) -> dict:
        return dict(self._parameters)
