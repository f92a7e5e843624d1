"""Weights of matrix products in blocks of 2, 4 or 8 bits, as tools write them: each block of rows of a column has a scale and a
zero point. Results go into arrays that the caller made, in the layouts that ONNX Runtime documents for MatMulNBits and for
DequantizeLinear with blocks.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_BLOCK_SIZES = (16, 32, 64, 128, 256)


def _blocks(src: np.ndarray, block_size: int, bits: int, symmetric: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Elements [rows, columns], and scales and zero points [blocks, columns]."""
    rows, columns = src.shape
    count = -(-rows // block_size)
    padded = np.zeros((count * block_size, columns), np.float32)
    padded[:rows] = src
    values = padded.reshape(count, block_size, columns)
    most, middle = (1 << bits) - 1, 1 << (bits - 1)
    low, high = np.minimum(values.min(1), 0), np.maximum(values.max(1), 0)
    if symmetric:
        scale = np.where(np.abs(high) > np.abs(low), high, low) / np.float32(-middle)
    else:
        scale = (high - low) / np.float32(most)
    with np.errstate(divide="ignore"):
        inverse = np.where(scale != 0, np.float32(1) / scale, np.float32(0))
    if symmetric:
        zero = np.full(scale.shape, middle, np.float32)
    else:
        zero = np.clip(np.floor(np.where(scale != 0, -low / np.where(scale != 0, scale, 1), 0) + np.float32(0.5)), 0, most)
    elements = np.clip(np.floor(values * inverse[:, None] + zero[:, None] + np.float32(0.5)), 0, most)
    elements = np.nan_to_num(elements, nan=0)
    return elements.reshape(-1, columns)[:rows].astype(np.uint8), scale, zero.astype(np.uint8)


def _packed(elements: np.ndarray, bits: int, fill: int = 0) -> np.ndarray:
    """Along the last axis, the first element in the lowest bits; `fill` completes the last byte."""
    each = 8 // bits
    missing = -elements.shape[-1] % each
    tail = np.full((*elements.shape[:-1], missing), fill, np.uint8)
    grouped = np.concatenate([elements, tail], -1).reshape(*elements.shape[:-1], -1, each)
    out = np.zeros(grouped.shape[:-1], np.uint8)
    for i in range(each):
        out |= grouped[..., i] << np.uint8(bits * i)
    return out


def _checked(dst: np.ndarray, src: np.ndarray, scale: np.ndarray, block_size: int, columns: int, rows: int) -> None:
    if src.dtype not in (np.float32, np.float16) or scale.dtype != src.dtype:
        raise TypeError(f"source and scales must be float32 or float16 alike, not {src.dtype} and {scale.dtype}")
    if src.shape != (rows, columns):
        raise ValueError(f"the source has the shape {src.shape}, not {(rows, columns)}")
    if block_size not in _BLOCK_SIZES:
        raise RuntimeError(f"the block size is {block_size}, expected one of {_BLOCK_SIZES}")
    for array in (dst, scale):
        if not array.flags.c_contiguous or not array.flags.writeable:
            raise ValueError("results need contiguous arrays that can be written")


def _into(name: str, array: np.ndarray, content: np.ndarray) -> None:
    if array.size < content.size:
        raise ValueError(f"{name} has {array.size} elements, {content.size} are needed")
    array.reshape(-1)[: content.size] = content.reshape(-1)


def _matmul(bits: int) -> Callable[..., None]:
    def quantize(
        dst: np.ndarray,
        src: np.ndarray,
        scale: np.ndarray,
        zero_points: np.ndarray,
        block_size: int,
        n: int,
        k: int,
        is_symmetric: bool,
        /,
    ) -> None:
        """dst: [n, blocks, block_size * bits / 8]; src: [k, n]; scale: [n, blocks]; zero_points: [n, bytes of the blocks]."""
        _checked(dst, src, scale, block_size, n, k)
        blocks, blob = -(-k // block_size), block_size * bits // 8
        if dst.size != n * blocks * blob:
            raise ValueError(f"the destination has {dst.size} bytes, {n * blocks * blob} are needed")
        elements, scales, zeros = _blocks(src, block_size, bits, is_symmetric)
        content = _packed(elements.T, bits)
        dst.reshape(n, blocks * blob)[:, : content.shape[1]] = content
        _into("the array of scales", scale, scales.T)
        if not is_symmetric:
            _into("the array of zero points", zero_points, _packed(zeros.T, bits, 1 << (bits - 1)))

    return quantize


quantize_matmul_2bits, quantize_matmul_4bits, quantize_matmul_8bits = _matmul(2), _matmul(4), _matmul(8)
for _bits, _function in ((2, quantize_matmul_2bits), (4, quantize_matmul_4bits), (8, quantize_matmul_8bits)):
    _function.__name__ = _function.__qualname__ = f"quantize_matmul_{_bits}bits"


def quantize_qdq_matmul_4bits(
    dst: np.ndarray,
    src: np.ndarray,
    scale: np.ndarray,
    zero_points: np.ndarray,
    block_size: int,
    n: int,
    k: int,
    is_symmetric: bool,
    /,
) -> bool:
    """dst: int4 or uint4 [k, n]; scale and zero_points: [blocks, n]. True if the elements are signed, which they are if
    symmetric."""
    _checked(dst, src, scale, block_size, n, k)
    elements, scales, zeros = _blocks(src, block_size, 4, is_symmetric)
    if is_symmetric:
        elements ^= 8  # less 8, in two's complement
    _into("the destination", dst, _packed(elements.reshape(-1), 4))
    _into("the array of scales", scale, scales)
    if not is_symmetric:
        _into("the array of zero points", zero_points, _packed(zeros.reshape(-1), 4))
    return bool(is_symmetric)
