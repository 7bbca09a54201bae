"""Softmax and its kin in float64, written out."""

import exact
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from one_node import interpreted

from examples import examples


def _hardmax(rows):
    return np.eye(rows.shape[-1])[rows.argmax(-1)]


ROWS = {"Softmax": exact.softmax, "LogSoftmax": lambda rows: np.log(exact.softmax(rows)), "Hardmax": _hardmax}


@pytest.mark.parametrize("op", ROWS)
@pytest.mark.parametrize("opset", [7, 11, 13])
@examples(30)
@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=4), st.integers(-4, 3), st.booleans(), st.integers(0, 2**32 - 1)
)
def test_softmax_of_every_opset(op, opset, shape, axis, has_axis, seed):
    if not -len(shape) <= axis < len(shape) or (opset < 11 and axis < 0):
        axis = 0
    x = np.random.default_rng(seed).standard_normal(shape, np.float32)
    (got,) = interpreted(op, [x], {"axis": axis} if has_axis else {}, opset=opset)
    axis = (axis if has_axis else -1 if opset >= 13 else 1) % len(shape)
    if opset >= 13:
        wanted = np.moveaxis(ROWS[op](np.moveaxis(x, axis, -1)), -1, axis)
    else:  # everything from the axis on is one row
        wanted = ROWS[op](x.reshape(int(np.prod(shape[:axis])), -1)).reshape(shape)
    np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-6)
