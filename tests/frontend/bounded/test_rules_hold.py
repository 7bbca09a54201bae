"""What may run behind a count makes each part of its results, along their bounded axes, of that part of its inputs.

The front end asks its rules before a node's results have types, and in terms of ONNX; here they are held to what the
node computes. Sums of the cases' numbers are exact in any order.
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
    """The ways that the front end allows, of random nodes: with what they read, and the bounded axes of both sides."""
    rng = np.random.default_rng(1)
    for _ in range(10):
        node, arrays = draw(op, rng)
        if op == "Reshape":
            arrays[1] = arrays[1].copy()
            arrays[1][rng.integers(arrays[1].size)] = -1
        types = {**kinds(node.inputs, arrays), **kinds(node.outputs, evaluate(node, arrays))}
        values = dict(zip(node.inputs[1:], arrays[1:], strict=True))
        proto = helper.make_node(op, node.inputs, node.outputs, **node.attributes)
        for way in bounded_ways(node, types):
            bounds = {
                name: Bound("count", axis) for name, axis in zip(node.inputs, way, strict=True) if axis is not None
            }
            axes = RULES[op](Flow(proto, node.version, Known(types, values), bounds))
            if axes is not None:
                yield node, arrays, way, axes


def cut(array, axis, start, stop):
    return array if axis is None else array.take(range(start, stop), axis=axis)


def test_every_rule_has_a_case():
    assert CASES.keys() == RULES.keys()


@pytest.mark.parametrize("op", sorted(CASES))
def test_a_part_of_the_inputs_makes_that_part_of_the_results(op):
    ways = list(allowed(op))
    assert ways
    for node, arrays, way, axes in ways:
        wholes = evaluate(node, arrays)
        (size,) = {array.shape[axis] for array, axis in zip(arrays, way, strict=True) if axis is not None}
        assert {whole.shape[axis] for whole, axis in zip(wholes, axes, strict=True)} == {size}
        for start, stop in itertools.combinations(range(size + 1), 2):
            inputs = [cut(array, axis, start, stop) for array, axis in zip(arrays, way, strict=True)]
            wanted = [cut(whole, axis, start, stop) for whole, axis in zip(wholes, axes, strict=True)]
            for each, other in zip(evaluate(node, inputs), wanted, strict=True):
                assert each.shape == other.shape
                assert each.tobytes() == np.ascontiguousarray(other).tobytes()
