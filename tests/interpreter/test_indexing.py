"""Picking elements by index against onnxruntime."""

import numpy as np
import pytest
from against_onnxruntime import FEW, agree
from hypothesis import given
from hypothesis import strategies as st

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
