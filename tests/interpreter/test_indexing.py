"""Picking elements by index against onnxruntime."""

import numpy as np
import pytest
from against_onnxruntime import FEW, agree
from hypothesis import given
from hypothesis import strategies as st
from one_node import interpreted

from mini_infer.errors import InputError
from mini_infer.interpreter import evaluate
from mini_infer.ir import Node


@FEW
@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.data())
def test_gather_elements(shape, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    wanted = [data.draw(st.integers(0, size)) for size in shape]
    wanted[axis] = data.draw(st.integers(0, 5))
    random = np.random.default_rng(0)
    indices = random.integers(-shape[axis], shape[axis], wanted)
    agree("GatherElements", [random.standard_normal(shape, np.float32), indices], {"axis": axis})


def test_scatter():
    random = np.random.default_rng(0)
    indices = np.array([[1, 0], [2, -1]])
    updates = random.standard_normal((2, 2), np.float32)
    agree("Scatter", [random.standard_normal((3, 4), np.float32), indices, updates], {"axis": 1}, opset=9)


def test_an_index_outside_is_an_error():
    node = Node("pick", "GatherElements", ("x", "i"), ("y",), version=13)
    with pytest.raises(InputError, match=r"node 'pick' \(GatherElements\): an index is outside \[-3, 3\)"):
        evaluate(node, [np.zeros(3, np.float32), np.array([0, 3])])


@FEW
@given(st.data())
def test_slice(data):
    shape = data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=3))
    bounds = st.one_of(st.integers(-7, 7), st.just(-(2**63)))
    axes = data.draw(st.permutations(range(-len(shape), 0)))[: data.draw(st.integers(1, len(shape)))]
    starts, ends = ([data.draw(bounds) for _ in axes] for _ in range(2))
    steps = [data.draw(st.sampled_from([-3, -2, -1, 1, 2, 3])) for _ in axes]
    x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    agree("Slice", [x, *map(np.array, (starts, ends, axes, steps))], constant=(1, 2, 3, 4))


def test_slice_to_the_end():
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    ends = [np.array([2**63 - 1, -(2**63)]), np.array([0, 1]), np.array([1, -1])]
    agree("Slice", [x, np.array([1, 2]), *ends], constant=(1, 2, 3, 4))


def test_slice_by_attributes():
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    agree("Slice", [x], {"starts": [-2, 1], "ends": [100, -1], "axes": [0, 1]}, opset=9)
    agree("Slice", [x], {"starts": [1], "ends": [2]}, opset=9)


@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "wrap"])
def test_pad(mode):
    x = np.arange(60, dtype=np.float32).reshape(1, 2, 5, 6)
    agree("Pad", [x, np.array([0, 0, 1, 2, 0, 0, 3, 1])], {"mode": mode}, opset=19, constant=(1,))


def test_pad_by_less_than_nothing():
    x = np.arange(60, dtype=np.float32).reshape(1, 2, 5, 6)
    agree("Pad", [x, np.array([0, 0, -1, 2, 0, 0, 3, -2])], constant=(1,))
    agree("Pad", [x, np.array([1, -2, 3, 1]), np.float32(9), np.array([-2, 3])], opset=18, constant=(1, 3))
    agree("Pad", [x], {"pads": [0, 0, -1, 2, 0, 0, 3, 1], "value": 4.0}, opset=10)


@pytest.mark.parametrize("op", ["CumSum", "CumProd"])
def test_running_totals_of_half_floats_are_rounded_once(op):
    x = np.array([2048, 1, 1, 1, 1] if op == "CumSum" else [3, 1365, 1.5, 0.5, 1], np.float16)
    want = (np.cumsum if op == "CumSum" else np.cumprod)(x.astype(np.float64)).astype(np.float16)
    (got,) = interpreted(op, [x, np.array(0)], opset=14 if op == "CumSum" else 26, constant=[1])
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("axis", [np.array(1), np.array([1]), np.array([[-1]])])
def test_running_sums_along_an_axis_with_dimensions_of_its_own(axis):
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    (y,) = interpreted("CumSum", [x, axis], {"reverse": 1})
    np.testing.assert_array_equal(y, [[3, 3, 2], [12, 9, 5]])
