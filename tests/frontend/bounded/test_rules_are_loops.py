"""What may run behind a count is what works one index at a time along the bounded axis: the loops of `ir.axes`.

The front end asks before a node's results have types, and in terms of ONNX; so it has rules of its own. Each thing that
they allow must be a loop.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import pytest
from axis_cases import CASES, draw
from onnx import helper

from mini_infer.frontend.bounded.flow import Flow
from mini_infer.frontend.bounded.rules import RULES
from mini_infer.interpreter import evaluate
from mini_infer.ir import Bound, DType, TensorType
from mini_infer.ir.axes import Slot, loops


@dataclass(frozen=True)
class Known:
    """As much of a scope as a rule asks for: all but the first input is known, unless it is bounded."""

    types: dict[str, TensorType]
    values: dict[str, np.ndarray]

    def type(self, name):
        return self.types[name.removesuffix("/padded")]

    def value(self, name):
        return self.values.get(name)


def kinds(names, arrays):
    return {name: TensorType(DType.of(array.dtype), array.shape) for name, array in zip(names, arrays, strict=True)}


def bounded_ways(node, types):
    """Every choice of a bounded axis of several elements, or none, for each input; of some input at least."""
    axes = [[None, *(axis for axis, size in enumerate(types[name].shape) if size > 1)] for name in node.inputs]
    return itertools.islice((way for way in itertools.product(*axes) if any(each is not None for each in way)), 200)


def allowed(op):
    """The ways that the front end allows, of random nodes: the bounded axes of inputs and outputs, and the loops."""
    rng = np.random.default_rng(1)
    for _ in range(10):
        node, arrays = draw(op, rng)
        results = evaluate(node, arrays)
        if op == "Reshape":
            arrays[1] = arrays[1].copy()
            arrays[1][rng.integers(arrays[1].size)] = -1
        types = {**kinds(node.inputs, arrays), **kinds(node.outputs, results)}
        values = dict(zip(node.inputs[1:], arrays[1:], strict=True))
        proto = helper.make_node(op, node.inputs, node.outputs, **node.attributes)
        found = loops(node, types, values)
        for way in bounded_ways(node, types):
            bounds = {
                name: Bound("count", axis) for name, axis in zip(node.inputs, way, strict=True) if axis is not None
            }
            axes = RULES[op](Flow(proto, node.version, Known(types, values), bounds))
            if axes is not None:
                yield way, axes, found


@pytest.mark.parametrize("op", sorted(RULES.keys() & CASES.keys()))
def test_what_runs_behind_a_count_is_a_loop(op):
    ways = list(allowed(op))
    assert ways
    for way, axes, found in ways:
        wanted = tuple(None if axis is None else Slot(axis) for axis in way), tuple(map(Slot, axes))
        assert wanted in [(loop.inputs, loop.outputs) for loop in found]
