"""Loops: what a node makes of a part of its inputs is that part of its results, bit for bit.

Inputs are small integers where an operator multiplies and adds: sums of them are exact in any order.
"""

import itertools

import numpy as np
import pytest
from onnx import defs

from mini_infer.interpreter import evaluate
from mini_infer.ir import DType, Node, TensorType
from mini_infer.ir.axes import SHAPED, Loop, Slot, loops, part, through
from mini_infer.ir.axis_rules import RULES
from mini_infer.ir.operators import OPERATORS

VERSION = {op: defs.get_schema(op).since_version for op in RULES}
POINTWISE = sorted(op for op, traits in OPERATORS.items() if traits.elementwise)


def sizes(rng, rank=None):
    return [int(size) for size in rng.integers(1, 5, int(rng.integers(1, 5)) if rank is None else rank)]


def numbers(rng, *shape):
    return rng.integers(-3, 4, shape).astype(np.float32)


def one(rng, *items):
    return items[rng.integers(len(items))]


def broadcast(rng, shape):
    """A shape that broadcasts to this one."""
    kept = [size if rng.random() < 0.7 else 1 for size in shape]
    return kept[int(rng.integers(0, len(shape) + 1)) :]


def pointwise(op):
    def case(rng):
        shape = sizes(rng)
        if op == "Clip":
            return {}, [numbers(rng, *shape), np.float32(-1), np.float32(2)]
        if op in {"And", "Or", "Xor", "Not"}:
            return {}, [numbers(rng, *s) > 0 for s in [shape, broadcast(rng, shape)][: 1 if op == "Not" else 2]]
        count = sum(each.option == defs.OpSchema.FormalParameterOption.Single for each in defs.get_schema(op).inputs)
        inputs = [numbers(rng, *shape), *(numbers(rng, *broadcast(rng, shape)) for _ in range(max(0, count - 1)))]
        if op == "Where":
            inputs = [numbers(rng, *broadcast(rng, shape)) > 0, inputs[0], inputs[1]]
        if op.startswith("Bit"):
            inputs = [np.abs(each).astype(np.uint32) for each in inputs]
        attributes = {"BitShift": {"direction": "LEFT"}, "Mod": {"fmod": 1}}.get(op, {})
        if op in {"Max", "Min", "Mean", "Sum"}:
            inputs += [numbers(rng, *broadcast(rng, shape)) for _ in range(int(rng.integers(0, 3)))]
        return attributes, inputs

    return case


def convolution(rng, *, transposed=False):
    groups, rank = one(rng, 1, 1, 2, 3), int(rng.integers(1, 3))
    inputs, outputs = groups * int(rng.integers(1, 3)), int(rng.integers(1, 3))
    window = [one(rng, 1, 1, 2, 3) for _ in range(rank)]
    x = numbers(rng, int(rng.integers(1, 4)), inputs, *rng.integers(3, 6, rank))
    w = (
        numbers(rng, inputs, outputs, *window)
        if transposed
        else numbers(rng, groups * outputs, inputs // groups, *window)
    )
    bias = [numbers(rng, groups * outputs)] if rng.random() < 0.5 else []
    attributes = {"group": groups, "strides": tuple(one(rng, 1, 1, 2) for _ in range(rank))}
    attributes["pads"] = tuple(one(rng, 0, 0, 1) if size > 1 else 0 for size in window * 2)
    return attributes, [x, w, *bias]


def pool(rng):
    kernel = (2, one(rng, 1, 2))
    return {"kernel_shape": kernel, "strides": (1, one(rng, 1, 2))}, [numbers(rng, *sizes(rng, 2), 4, 3)]


def matmul(rng):
    batch, (rows, depth, columns) = sizes(rng, int(rng.integers(0, 3))), sizes(rng, 3)
    left = [depth] if rng.random() < 0.2 else [*broadcast(rng, batch), rows, depth]
    right = [depth] if rng.random() < 0.2 else [*broadcast(rng, batch), depth, columns]
    return {}, [numbers(rng, *left), numbers(rng, *right)]


def gemm(rng):
    rows, depth, columns = sizes(rng, 3)
    turned = [int(rng.integers(2)) for _ in range(2)]
    a = numbers(rng, *((depth, rows) if turned[0] else (rows, depth)))
    b = numbers(rng, *((columns, depth) if turned[1] else (depth, columns)))
    c = [numbers(rng, *broadcast(rng, (rows, columns)))] if rng.random() < 0.7 else []
    return {"transA": turned[0], "transB": turned[1]}, [a, b, *c]


def along(rng, *, least=1):
    shape = sizes(rng, int(rng.integers(least, 4)))
    return shape, int(rng.integers(-len(shape), len(shape)))


def reshape(rng):
    shape = sizes(rng)
    total = int(np.prod(shape))
    made, left = [], total
    while left > 1:
        made.append(one(rng, *[size for size in range(1, left + 1) if left % size == 0]))
        left //= made[-1]
    return {}, [numbers(rng, *shape), np.array(made or [1])]


def sliced(rng):
    shape, axis = along(rng)
    return {}, [numbers(rng, *shape), np.array([0]), np.array([max(1, shape[axis] - 1)]), np.array([axis])]


def reduction(rng):
    shape, axis = along(rng)
    axes = [np.array([axis])] if rng.random() < 0.8 else []
    return {"keepdims": int(rng.integers(2)), "noop_with_empty_axes": int(rng.integers(2))}, [
        numbers(rng, *shape),
        *axes,
    ]


def normalized(rng):
    shape, axis = along(rng)
    last = shape[axis:]
    return {"axis": axis}, [numbers(rng, *shape), numbers(rng, *last)]


def per_channel(count):
    def case(rng):
        shape = sizes(rng, int(rng.integers(3, 5)))
        return {}, [numbers(rng, *shape), *(np.abs(numbers(rng, shape[1])) + 1 for _ in range(count))]

    return case


def quantized(rng, *, back=False):
    shape, axis = along(rng)
    scale = np.float32(0.5) if rng.random() < 0.5 else np.abs(numbers(rng, shape[axis])) + 1
    x = numbers(rng, *shape)
    return {"axis": axis}, [x.astype(np.int8) if back else x, scale, np.zeros(np.shape(scale), np.int8)]


def attention(rng):
    batch, heads, queries, keys, size = sizes(rng, 5)
    shapes = [(batch, heads, queries, size), (batch, heads, keys, size), (batch, heads, keys, 3)]
    mask = [numbers(rng, *broadcast(rng, (batch, heads, queries)), keys)] if rng.random() < 0.7 else []
    mask = mask if mask and mask[0].ndim > 1 else []
    return {}, [*(numbers(rng, *shape) for shape in shapes), *mask]


def with_axis(*rest, **attributes):
    def case(rng):
        shape, axis = along(rng)
        return {"axis": axis, **attributes}, [numbers(rng, *shape), *rest]

    return case


def cumulated(rng):
    shape, axis = along(rng)
    return {}, [numbers(rng, *shape), np.array(axis)]


def gathered(rng):
    shape, axis = along(rng)
    return {"axis": axis}, [numbers(rng, *shape), rng.integers(0, shape[axis], sizes(rng, int(rng.integers(0, 3))))]


def padded(rng):
    shape, axis = along(rng)
    return {}, [numbers(rng, *shape), np.array([1, 2]), np.float32(7), np.array([axis])]


def joined(rng):
    shape, axis = along(rng)
    other = [*shape]
    other[axis] += 1
    return {"axis": axis}, [numbers(rng, *shape), numbers(rng, *other)]


def transposed(rng):
    shape = sizes(rng)
    return {"perm": tuple(map(int, rng.permutation(len(shape))))}, [numbers(rng, *shape)]


def expanded(rng):
    shape = sizes(rng)
    return {}, [numbers(rng, *broadcast(rng, shape)), np.array(shape)]


def unsqueezed(rng):
    shape = sizes(rng)
    return {}, [numbers(rng, *shape), np.array([int(rng.integers(0, len(shape) + 1))])]


def of_shape(*fixed, **attributes):
    def case(rng):
        return attributes, [numbers(rng, *(size or int(rng.integers(1, 4)) for size in fixed))]

    return case


CASES = {
    **{op: pointwise(op) for op in POINTWISE},
    **{op: reduction for op in RULES if op.startswith("Reduce")},
    **dict.fromkeys(("AveragePool", "LpPool", "MaxPool"), pool),
    **dict.fromkeys(("GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool"), of_shape(0, 0, 3, 2)),
    **dict.fromkeys(("LayerNormalization", "RMSNormalization"), normalized),
    **dict.fromkeys(("Hardmax", "LogSoftmax", "LpNormalization", "Softmax"), with_axis()),
    **dict.fromkeys(("ArgMax", "ArgMin"), with_axis()),
    **dict.fromkeys(("CumProd", "CumSum"), cumulated),
    "Attention": attention,
    "BatchNormalization": per_channel(4),
    "Cast": lambda rng: ({"to": 6}, [numbers(rng, *sizes(rng))]),
    "CastLike": lambda rng: ({}, [numbers(rng, *sizes(rng)), np.array([1, 2], np.int32)]),
    "Concat": joined,
    "Conv": convolution,
    "ConvTranspose": lambda rng: convolution(rng, transposed=True),
    "DepthToSpace": of_shape(0, 4, 2, 3, blocksize=2),
    "DequantizeLinear": lambda rng: quantized(rng, back=True),
    "Dropout": lambda rng: ({}, [numbers(rng, *sizes(rng))]),
    "Expand": expanded,
    "Flatten": lambda rng: ({"axis": int(rng.integers(0, 3))}, [numbers(rng, *sizes(rng, 3))]),
    "Gather": gathered,
    "GatherND": lambda rng: ({}, [numbers(rng, 3, 4, 2), rng.integers(0, 3, (*sizes(rng, 2), 2))]),
    "Gemm": gemm,
    "GroupNormalization": lambda rng: (
        {"num_groups": 2},
        [numbers(rng, int(rng.integers(1, 4)), 4, 3), numbers(rng, 4), numbers(rng, 4)],
    ),
    "Identity": lambda rng: ({}, [numbers(rng, *sizes(rng))]),
    "InstanceNormalization": per_channel(2),
    "LRN": of_shape(0, 4, 2, 3, size=3),
    "MatMul": matmul,
    "Pad": padded,
    "QuantizeLinear": quantized,
    "Reshape": reshape,
    "Slice": sliced,
    "SpaceToDepth": of_shape(0, 2, 4, 2, blocksize=2),
    "Split": with_axis(num_outputs=1),
    "Squeeze": lambda rng: ({}, [numbers(rng, *sizes(rng, 2), 1, 2), np.array([2])]),
    "Tile": lambda rng: ({}, [numbers(rng, *sizes(rng, 3)), rng.integers(1, 3, 3)]),
    "TopK": lambda rng: ({"axis": 1}, [numbers(rng, *sizes(rng, 3)), np.array([1])]),
    "Transpose": transposed,
    "Unsqueeze": unsqueezed,
}
"""Operator → random attributes and inputs of it."""

SECOND = {"Dropout", "TopK"}
"""Operators of two results."""


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
        attributes, arrays = CASES[op](rng)
        names = tuple(f"x{index}" for index in range(len(arrays)))
        outputs = ("y", "z") if op in SECOND else ("y",)
        node = Node("n", op, names, outputs, attributes, version=VERSION[op])
        arrays = [np.asarray(array) for array in arrays]
        wholes = evaluate(node, arrays)
        types = {**kinds(names, arrays), **kinds(outputs, wholes)}
        constants = dict(zip(names[1:], arrays[1:], strict=True))
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
