"""Loops: what a node makes of a part of its inputs is that part of its results, bit for bit.

Sums of the cases' numbers are exact in any order.
"""

import itertools

import numpy as np
import pytest
from axis_cases import CASES, VERSION, draw, numbers

from mini_infer.interpreter import evaluate
from mini_infer.ir import DType, Node, TensorType
from mini_infer.ir.axes import SHAPED, Loop, Slot, loops, part, through
from mini_infer.ir.axis_rules import RULES


def cut(array, slot, start, count):
    if slot is None:
        return array
    return np.asarray(array).take(range(start * slot.step, (start + count) * slot.step), axis=slot.axis)


def kinds(names, arrays):
    return {
        name: TensorType(DType.of(np.asarray(array).dtype), np.shape(array))
        for name, array in zip(names, arrays, strict=True)
    }


def assert_parts_are_parts(node, arrays, found, wholes):
    slots = dict(zip((*node.inputs, *node.outputs), (*found.inputs, *found.outputs), strict=True))
    for start, stop in itertools.combinations(range(found.size + 1), 2):
        count = stop - start
        inputs = [cut(array, slot, start, count) for array, slot in zip(arrays, found.inputs, strict=True)]
        wanted = [cut(whole, slot, start, count) for whole, slot in zip(wholes, found.outputs, strict=True)]
        if node.op in SHAPED:
            inputs[1] = np.array(wanted[0].shape)
        got = evaluate(part(node, slots, found.size, count), inputs)
        for each, other in zip(got, wanted, strict=True):
            assert each.shape == other.shape
            assert each.tobytes() == np.ascontiguousarray(other).tobytes()


def test_every_operator_with_loops_has_a_case():
    assert CASES.keys() == RULES.keys()


@pytest.mark.parametrize("op", sorted(CASES))
def test_a_part_of_the_inputs_makes_that_part_of_the_results(op):
    rng = np.random.default_rng(0)
    seen = 0
    for _ in range(6):
        node, arrays = draw(op, rng)
        wholes = evaluate(node, arrays)
        types = {**kinds(node.inputs, arrays), **kinds(node.outputs, wholes)}
        constants = dict(zip(node.inputs[1:], arrays[1:], strict=True))
        for found in loops(node, types, constants):
            seen += 1
            assert_parts_are_parts(node, arrays, found, wholes)
    assert seen


def run(nodes, values):
    values = dict(values)
    for node in nodes:
        values.update(zip(node.outputs, evaluate(node, [values[name] for name in node.inputs]), strict=True))
    return values


def plain(op, inputs, output, **attributes):
    return Node(output, op, tuple(inputs.split()), (output,), attributes, version=VERSION[op])


def fused(*body):
    inside = {inner.outputs[0] for inner in body}
    inputs = dict.fromkeys(name for inner in body for name in inner.inputs if name not in inside)
    return Node("f", body[0].op, tuple(inputs), body[-1].outputs, domain="mini_infer", body=body)


BODIES = {
    "a convolution with channels last": (
        fused(
            plain("Transpose", "x", "p", perm=(0, 3, 1, 2)),
            plain("Conv", "p w b", "c"),
            plain("Add", "c s", "d"),
            plain("Transpose", "d", "y", perm=(0, 2, 3, 1)),
        ),
        {"x": (2, 3, 4, 5), "w": (6, 5, 1, 1), "b": (6,), "s": (1, 6, 1, 1)},
        [("x", 0, 0), ("x", 1, 1), ("x", 2, 2), ("w", 0, 3), ("b", 0, 3), ("s", 1, 3)],
    ),
    "windows read their neighbors": (
        fused(plain("Conv", "x w", "c", pads=(1, 1, 1, 1)), plain("Relu", "c", "y")),
        {"x": (2, 3, 4, 4), "w": (6, 3, 3, 3)},
        [("x", 0, 0), ("w", 0, 1)],
    ),
    "groups keep their channels": (
        fused(plain("Conv", "x w", "c", group=6), plain("Neg", "c", "y")),
        {"x": (1, 6, 4), "w": (6, 1, 2)},
        [("x", 1, 1), ("w", 0, 1)],
    ),
    "a matrix added to the rows it is multiplied with": (
        fused(plain("MatMul", "x w", "c"), plain("Add", "c w", "y")),
        {"x": (4, 4), "w": (4, 4)},
        [("w", 1, 1)],
    ),
    "heads of attention": (
        fused(
            plain("Transpose", "q", "qt", perm=(0, 2, 1, 3)),
            plain("Transpose", "k", "kt", perm=(0, 2, 3, 1)),
            plain("Transpose", "v", "vt", perm=(0, 2, 1, 3)),
            plain("MatMul", "qt kt", "s"),
            plain("Add", "s mask", "m"),
            plain("MatMul", "m vt", "o"),
            plain("Transpose", "o", "y", perm=(0, 2, 1, 3)),
        ),
        {"q": (2, 3, 4, 2), "k": (2, 5, 4, 2), "v": (2, 5, 4, 3), "mask": (4, 1, 5)},
        [*((name, axis, axis) for name in "qkv" for axis in (0, 2)), ("q", 1, 1), ("mask", 0, 2), ("v", 3, 3)],
    ),
}
"""Fused nodes, the shapes of what they read, and the axis of an input that goes with one of the result."""


@pytest.mark.parametrize("name", BODIES)
def test_loops_go_through_fused_nodes(name):
    node, shapes, wanted = BODIES[name]
    rng = np.random.default_rng(0)
    values = {name: numbers(rng, *shape) for name, shape in shapes.items()}
    (result,) = node.outputs
    whole = run(node.body, values)[result]
    types = {**kinds(values, values.values()), **kinds([result], [whole])}
    found = loops(node, types, {})
    pairs = {
        (name, slot.axis, loop.outputs[0].axis)
        for loop in found
        for name, slot in zip(node.inputs, loop.inputs, strict=True)
        if slot
    }
    assert pairs == set(wanted)
    for loop in found:
        slots = dict(zip((*node.inputs, result), (*loop.inputs, *loop.outputs), strict=True))
        for start, stop in itertools.combinations(range(loop.size + 1), 2):
            count = stop - start
            inputs = {name: cut(array, slots[name], start, count) for name, array in values.items()}
            made = run(part(node, slots, loop.size, count).body, inputs)[result]
            np.testing.assert_array_equal(made, cut(whole, slots[result], start, count))


def test_a_loop_goes_through_nodes_that_follow_each_other():
    """A head of the result is `size` columns of the product, and of its weights."""
    nodes = [plain("MatMul", "x w", "p"), plain("Reshape", "p shape", "h"), plain("Neg", "h", "y")]
    shapes = {"x": (2, 3, 5), "w": (5, 12), "p": (2, 3, 12), "h": (2, 3, 4, 3), "y": (2, 3, 4, 3)}
    types = {name: TensorType(DType.FLOAT32, shape) for name, shape in shapes.items()}
    types["shape"] = TensorType(DType.INT64, (4,))
    heads = next(loop for loop in loops(nodes[-1], types, {}) if loop.outputs == (Slot(2),))
    assert through(nodes, heads, types, {}) == {
        "x": None,
        "w": Slot(1, 3),
        "p": Slot(2, 3),
        "shape": None,
        "h": Slot(2),
        "y": Slot(2),
    }
    within = next(loop for loop in loops(nodes[-1], types, {}) if loop.outputs == (Slot(3),))
    assert through(nodes, within, types, {}) is None


def test_what_is_not_known_has_no_loops():
    assert not loops(plain("Relu", "x", "y"), {}, {})
    kind = TensorType(DType.FLOAT32, (2, 3))
    types = {"x": kind, "y": kind, "training": TensorType(DType.BOOL, ())}
    assert not loops(Node("n", "Relu", ("x",), ("y",), domain="com.example"), types, {})
    assert not loops(Node("n", "Dropout", ("x", "", "training"), ("y",)), types, {})
    assert loops(Node("n", "Dropout", ("x",), ("y",)), types, {}) == (
        Loop(2, (Slot(0),), (Slot(0),)),
        Loop(3, (Slot(1),), (Slot(1),)),
    )
