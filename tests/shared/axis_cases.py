"""Random nodes of the operators that may run behind a count: attributes and inputs, of small sizes.

Floats are small integers where an operator multiplies and adds: sums of them are exact in any order.
"""

import numpy as np
from onnx import defs

from mini_infer.frontend.bounded.rules import RULES
from mini_infer.ir import Node
from mini_infer.ir.operators import OPERATORS

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


def with_axis(*rest, **attributes):
    def case(rng):
        shape, axis = along(rng)
        return {"axis": axis, **attributes}, [numbers(rng, *shape), *rest]

    return case


def gathered(rng):
    shape, axis = along(rng)
    return {"axis": axis}, [numbers(rng, *shape), rng.integers(0, shape[axis], sizes(rng, int(rng.integers(0, 3))))]


def joined(rng):
    shape, axis = along(rng)
    other = [*shape]
    other[axis] += 1
    return {"axis": axis}, [numbers(rng, *shape), numbers(rng, *other)]


def transposed(rng):
    shape = sizes(rng)
    return {"perm": tuple(map(int, rng.permutation(len(shape))))}, [numbers(rng, *shape)]


def regions(rng):
    count, images = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    corners = np.sort(numbers(rng, count, 2, 2), axis=1).reshape(count, 4) + 3
    return {"output_height": 2, "output_width": 2}, [
        numbers(rng, images, 2, 6, 6),
        corners,
        rng.integers(0, images, count),
    ]


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
    **dict.fromkeys(("AveragePool", "MaxPool"), pool),
    **dict.fromkeys(("GlobalAveragePool", "GlobalMaxPool"), of_shape(0, 0, 3, 2)),
    "LayerNormalization": normalized,
    **dict.fromkeys(("LogSoftmax", "Softmax"), with_axis()),
    **dict.fromkeys(("ArgMax", "ArgMin"), with_axis()),
    "BatchNormalization": per_channel(4),
    "Cast": lambda rng: ({"to": 6}, [numbers(rng, *sizes(rng))]),
    "CastLike": lambda rng: ({}, [numbers(rng, *sizes(rng)), np.array([1, 2], np.int32)]),
    "Concat": joined,
    "Conv": convolution,
    "ConvTranspose": lambda rng: convolution(rng, transposed=True),
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
    "MatMul": matmul,
    "Reshape": reshape,
    "RoiAlign": regions,
    "Slice": sliced,
    "Split": with_axis(num_outputs=1),
    "Squeeze": lambda rng: ({}, [numbers(rng, *sizes(rng, 2), 1, 2), np.array([2])]),
    "TopK": lambda rng: ({"axis": 1}, [numbers(rng, *sizes(rng, 3)), np.array([1])]),
    "Transpose": transposed,
    "Unsqueeze": unsqueezed,
}
"""Operator → random attributes and inputs of it."""


def draw(op, rng):
    """A node of the operator, and the arrays that it reads."""
    attributes, arrays = CASES[op](rng)
    names = tuple(f"x{index}" for index in range(len(arrays)))
    outputs = ("y", "z") if op == "TopK" else ("y",)
    version = defs.get_schema(op).since_version
    return Node("n", op, names, outputs, attributes, version=version), [np.asarray(array) for array in arrays]
