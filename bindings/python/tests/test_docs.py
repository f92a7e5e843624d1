"""The examples of docs/python.md run, in order, as one program."""

import contextlib
import io
import os
import re

import models
import pytest

pytestmark = pytest.mark.ours
PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "docs", "python.md")

PRINTED = """\
(2, 3)
[3] tensor(float) True
[[-1. -1. -1.]]
[-5. -5. -5.]
first (4, 3)
[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Unexpected input data type. Actual: (tensor(double)) , expected: (tensor(float))
"""


def test_examples():
    with open(PAGE) as text:
        program = "\n".join(re.findall(r"```python\n(.*?)```", text.read(), re.DOTALL))
    model = models.model("g (float[N,3] x) => (float[N,3] y) { y = Neg(x) }")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(program, PAGE, "exec"), {"model": model})
    assert printed.getvalue() == PRINTED
