"""Pooling against onnxruntime."""

import numpy as np
import pytest
from against_onnxruntime import FEW, agree
from hypothesis import assume, given
from hypothesis import strategies as st


@st.composite
def pools(draw, *, max_rank=3, dilations=2):
    kernel = draw(st.lists(st.integers(1, 3), min_size=1, max_size=max_rank))
    rank = len(kernel)
    attributes = {
        "kernel_shape": kernel,
        "strides": draw(st.lists(st.integers(1, 3), min_size=rank, max_size=rank)),
        "dilations": draw(st.lists(st.integers(1, dilations), min_size=rank, max_size=rank)),
    }
    padding = draw(st.sampled_from(["pads", "SAME_UPPER", "SAME_LOWER", "VALID", "none"]))
    if padding == "pads":
        attributes["pads"] = [draw(st.integers(0, k - 1)) for k in kernel * 2]
        attributes["ceil_mode"] = draw(st.integers(0, 1))
    elif padding == "none":
        attributes["ceil_mode"] = draw(st.integers(0, 1))
    else:
        attributes["auto_pad"] = padding
        attributes["strides"] = [min(s, k) for s, k in zip(attributes["strides"], kernel, strict=True)]
        attributes["dilations"] = [1] * rank
    extents = [(k - 1) * d + 1 for k, d in zip(kernel, attributes["dilations"], strict=True)]
    spatial = [draw(st.integers(extent, extent + 5)) for extent in extents]
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return random.standard_normal((draw(st.integers(1, 2)), draw(st.integers(1, 3)), *spatial), np.float32), attributes


@FEW
@given(pools())
def test_max_pool(case):
    x, attributes = case
    agree("MaxPool", [x], attributes)


@FEW
@given(pools(), st.integers(0, 1))
def test_max_pool_indices(case, order):
    x, attributes = case
    assume(x.ndim > 3 or not order)
    agree("MaxPool", [x], {**attributes, "storage_order": order}, outputs=2)


@FEW
@given(pools(), st.integers(0, 1))
def test_average_pool(case, include):
    x, attributes = case
    agree("AveragePool", [x], {**attributes, "count_include_pad": include}, opset=19, atol=1e-5)


@FEW
@given(pools(dilations=1), st.integers(1, 3))
def test_lp_pool(case, p):
    x, attributes = case
    attributes = {key: value for key, value in attributes.items() if key not in ("ceil_mode", "dilations")}
    agree("LpPool", [x], {**attributes, "p": p}, opset=13, rtol=1e-4)


@pytest.mark.parametrize("op", ["GlobalAveragePool", "GlobalMaxPool"])
@pytest.mark.parametrize("shape", [(2, 3, 4), (1, 2, 3, 4), (1, 2, 3, 2, 2)])
def test_global_pools(op, shape):
    agree(op, [np.random.default_rng(0).standard_normal(shape, np.float32)])


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.float64])
def test_max_pool_of_other_types(dtype):
    x = np.random.default_rng(0).integers(0, 100, (1, 2, 5, 5)).astype(dtype)
    agree("MaxPool", [x], {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [2, 2]})
