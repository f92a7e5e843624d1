"""Weights in blocks of few bits: the numbers are those of ONNX Runtime, which the same tests check there."""

import numpy as np
import pytest


def matmul(state, bits, src, block_size, symmetric):
    k, n = src.shape
    blocks = -(-k // block_size)
    dst = np.zeros((n, blocks, block_size * bits // 8), np.uint8)
    scale, zero = np.zeros(n * blocks, src.dtype), np.zeros(n * ((blocks * bits + 7) // 8), np.uint8)
    getattr(state, f"quantize_matmul_{bits}bits")(dst, src, scale, zero, block_size, n, k, symmetric)
    return dst, scale, zero


def unpacked(array, bits):
    each = np.stack([(array >> (bits * i)) & ((1 << bits) - 1) for i in range(8 // bits)], -1)
    return each.reshape(*array.shape[:-1], -1).astype(np.float64)


@pytest.mark.parametrize("kind", [np.float32, np.float16])
@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("bits", [2, 4, 8])
@pytest.mark.parametrize(("k", "n", "block_size"), [(64, 5, 16), (96, 3, 32), (33, 2, 16), (200, 4, 64)])
def test_error_is_at_most_half_a_step(state, kind, bits, symmetric, k, n, block_size):
    src = (np.random.default_rng(k).standard_normal((k, n)) * 3).astype(kind)
    src[:, 0] = np.abs(src[:, 0])
    dst, scale, zero = matmul(state, bits, src, block_size, symmetric)
    blocks = -(-k // block_size)
    zeros = unpacked(zero.reshape(n, -1), bits)[:, :blocks] if not symmetric else np.full((n, blocks), 2.0 ** (bits - 1))
    steps = scale.reshape(n, blocks).astype(np.float64)
    elements = unpacked(dst, bits)
    back = ((elements - zeros[..., None]) * steps[..., None]).reshape(n, -1)[:, :k].T
    slack = np.repeat(np.abs(steps), block_size, 1)[:, :k].T
    # A zero point is rounded and so is an element; symmetric blocks lack the largest value's negative.
    assert (np.abs(back - src) <= slack * (1.01 if bits > 2 or not symmetric else 2.01)).all()


def test_numbers(state):
    """Halves go away from zero; the value of the largest size, with its sign, is the lowest element."""
    src = np.array([-8, 0.5, 1.5, 2.5, 3.5, -0.5, -1.5, -2.5, -3.5, 4.5, 5.5, 6.5, 7, 1, 2, 3], np.float32).reshape(16, 1)
    dst, scale, _ = matmul(state, 4, src, 16, True)
    assert scale.tolist() == [1] and unpacked(dst, 4).ravel().tolist() == [0, 9, 10, 11, 12, 8, 7, 6, 5, 13, 14, 15, 15, 9, 10, 11]
    dst, scale, zero = matmul(state, 4, np.linspace(-2.5, 12.5, 16, dtype=np.float32).reshape(16, 1), 16, False)
    assert scale.tolist() == [1] and zero.tolist() == [0x83]  # the missing second block has the zero point 8
    assert unpacked(dst, 4).ravel().tolist() == [*range(1, 16), 15]
    dst, scale, zero = matmul(state, 4, np.zeros((16, 1), np.float32), 16, True)
    assert dst.ravel().tolist() == [0x88] * 8 and scale.tolist() == [0]


@pytest.mark.parametrize("symmetric", [True, False])
def test_qdq(state, symmetric):
    k, n, block_size = 64, 6, 32
    src = np.random.default_rng(1).standard_normal((k, n)).astype(np.float32)
    dst, scale, zero = np.zeros(k * n // 2, np.uint8), np.zeros(2 * n, np.float32), np.zeros(n, np.uint8)
    assert state.quantize_qdq_matmul_4bits(dst, src, scale, zero, block_size, n, k, symmetric) == symmetric
    elements = unpacked(dst, 4).reshape(k, n)
    if symmetric:
        elements = np.where(elements > 7, elements - 16, elements)
    zeros = unpacked(zero, 4).reshape(2, n) if not symmetric else np.zeros((2, n))
    back = (elements - np.repeat(zeros, block_size, 0)) * np.repeat(scale.reshape(2, n), block_size, 0)
    assert (np.abs(back - src) <= np.repeat(np.abs(scale.reshape(2, n)), block_size, 0) * 1.01).all()


@pytest.mark.differs("ONNX Runtime writes beyond arrays that are too small")
def test_wrong_sizes(state):
    src = np.ones((16, 2), np.float32)
    good = [np.zeros((2, 1, 8), np.uint8), src, np.zeros(2, np.float32), np.zeros(2, np.uint8), 16, 2, 16, False]
    state.quantize_matmul_4bits(*good)
    for place, wrong, error in (
        (0, np.zeros((2, 1, 4), np.uint8), ValueError),
        (1, src.astype(np.float64), TypeError),
        (1, src.T.copy(), ValueError),
        (2, np.zeros(1, np.float32), ValueError),
        (2, np.zeros(2, np.float16), TypeError),
        (3, np.zeros(1, np.uint8), ValueError),
        (4, 12, RuntimeError),
    ):
        with pytest.raises(error):
            state.quantize_matmul_4bits(*good[:place], wrong, *good[place + 1 :])
