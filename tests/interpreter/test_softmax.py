"""Softmax and its kin against onnxruntime."""

import numpy as np
import pytest
from against_onnxruntime import FEW, agree
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize("op", ["Softmax", "LogSoftmax", "Hardmax"])
@pytest.mark.parametrize("opset", [7, 11, 13])
@FEW
@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=4), st.integers(-4, 3), st.booleans(), st.integers(0, 2**32 - 1)
)
def test_softmax_of_every_opset(op, opset, shape, axis, has_axis, seed):
    if not -len(shape) <= axis < len(shape) or (opset < 11 and axis < 0):
        axis = 0
    x = np.random.default_rng(seed).standard_normal(shape, np.float32)
    agree(op, [x], {"axis": axis} if has_axis else {}, opset=opset)
