"""The names of onnxruntime 1.30, with their arguments and defaults. The table is compared with the package under test:
sardonyx has to have all of it, and where onnxruntime is under test the table has to be what onnxruntime has."""

import os

import pytest
import surface

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "onnxruntime_1.30.tsv")

# What sardonyx leaves out, and why.
LEFT_OUT = {
    "quantize_matmul_bnb4": "writes weights in a form that no operator of this build reads",
    "quantize_qdq_matmul_2bits": "writes weights in a form that no operator of this build reads",
    "pack_fp4_weights_for_cuda_moe_gemm": "serves CUDA only",
}
# Where the signatures differ, and why.
OTHER_SIGNATURE = {
    "OrtValue.__dlpack__": "sardonyx takes what newer versions of the protocol pass",
}


def table():
    with open(TABLE) as file:
        return [tuple(line.rstrip("\n").split("\t")) for line in file]


def test_the_table_is_that_of_onnxruntime(package):
    if package != "onnxruntime":
        pytest.skip("onnxruntime is not under test; ./dev python --peer checks the table")
    assert sorted(surface.rows(package)) == sorted(table())


def test_every_name(package):
    have = {row[:2]: row[2:] for row in surface.rows(package, again=True)}
    missing = [row[:2] for row in table() if row[:2] not in have and row[1] not in LEFT_OUT]
    assert missing == []


def test_kinds_values_and_signatures(package):
    have = {row[:2]: row[2:] for row in surface.rows(package, again=True)}
    different = []
    for module, name, kind, what in table():
        ours = have.get((module, name))
        if ours is None or (name in OTHER_SIGNATURE and kind == ours[0]):
            continue
        if kind != ours[0] or (what and what != ours[1]):
            different.append((f"{module}: {name}", f"{kind} {what}", " ".join(ours)))
    assert different == []


def test_what_is_left_out_is_not_there(package, state):
    """So that the list above does not grow old."""
    if package == "sardonyx":
        assert [name for name in LEFT_OUT if hasattr(state, name)] == []
