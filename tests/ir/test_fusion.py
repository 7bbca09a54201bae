"""Rules of fusion against what the windows of ONNX are."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mini_infer.ir import Node
from mini_infer.ir.fusion import is_depthwise, is_tiling, rises


def windows(size, kernel, stride, dilation, pads, ceil):
    """The elements that each window along one axis reads, as ONNX has it: a last one may not begin beyond the end."""
    extent = (kernel - 1) * dilation + 1
    room = size + sum(pads) - extent
    count = -(-room // stride) + 1 if ceil else room // stride + 1
    starts = [start for start in range(0, count * stride, stride) if start < size + pads[0]]
    return [[start - pads[0] + step * dilation for step in range(kernel)] for start in starts]


@given(
    st.integers(1, 9),
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(1, 3),
    st.tuples(st.integers(0, 1), st.integers(0, 1)),
    st.booleans(),
)
def test_windows_that_tile_are_neighbors_within_the_border(size, kernel, stride, dilation, pads, ceil):
    if (kernel - 1) * dilation >= size + sum(pads):
        return
    attributes = {"kernel_shape": (kernel,), "strides": (stride,), "dilations": (dilation,), "pads": pads}
    pool = Node("p", "MaxPool", ("x",), ("y",), {**attributes, "ceil_mode": int(ceil)})
    found = windows(size, kernel, stride, dilation, pads, ceil)
    within = all(0 <= place < size for window in found for place in window)
    gapless = all(window == [*range(window[0], window[0] + kernel)] for window in found)
    neighbors = all(right[0] == left[0] + kernel for left, right in pairwise(found))
    if is_tiling(pool, (size,)):
        assert within
        assert gapless
        assert neighbors
    elif kernel == stride and dilation == 1 and not any(pads):
        assert not within
    assert is_tiling(pool, (size,)) <= (kernel == stride)


@pytest.mark.parametrize(
    ("group", "weights", "expected"),
    [(4, (4, 1, 3, 3), True), (4, (8, 1, 3, 3), False), (1, (1, 1, 3), False), (2, (2, 2, 3), False)],
)
def test_depthwise_convolutions_make_one_channel_of_each(group, weights, expected):
    assert is_depthwise(Node("c", "Conv", ("x", "w"), ("y",), {"group": group}), weights) is expected


def test_a_slope_that_falls_does_not_rise():
    assert rises(Node("a", "LeakyRelu", ("x",), ("y",)))
    assert not rises(Node("a", "LeakyRelu", ("x",), ("y",), {"alpha": -0.1}))
    assert not rises(Node("a", "HardSwish", ("x",), ("y",)))
