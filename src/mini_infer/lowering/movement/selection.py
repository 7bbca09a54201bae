"""Operators that choose by position: Trilu, OneHot, ReverseSequence, TopK, CumSum, CumProd."""

import math
from collections.abc import Sequence

import numpy as np

from mini_infer.ir import DType, Node, TensorType
from mini_infer.lowering.attributes import given, integer
from mini_infer.lowering.builder import Builder
from mini_infer.program import Call
from mini_infer.program.kernels.movement.selection import CumulativeOp, OneHot, ReverseSequence, TopK, Triangular

_OPERATIONS = {"CumSum": "Add", "CumProd": "Mul"}


def lower_trilu(node: Node, build: Builder) -> Sequence[Call]:
    """One triangle of each matrix."""
    x, y = build.view(node.inputs[0]), build.view(node.outputs[0])
    width = x.type.dtype.numpy.itemsize
    name = given(node, 1)
    diagonal = build.view(name) if name else build.literal("main diagonal", np.zeros((), np.int64))
    *outer, rows, columns = x.type.shape
    kernel = Triangular(math.prod(outer), rows, columns, bool(integer(node, "upper", 1)), width)
    return (Call(kernel, (x, diagonal, y)),)


def lower_one_hot(node: Node, build: Builder) -> Sequence[Call]:
    """One row for each index; the output's shape says how deep."""
    indices, values, y = (build.view(name) for name in (node.inputs[0], node.inputs[2], node.outputs[0]))
    shape = y.type.shape
    axis = integer(node, "axis", -1) % len(shape)
    sizes = math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :])
    return (Call(OneHot(*sizes, indices.type.dtype, values.type.dtype), (indices, values, y)),)


def lower_reverse_sequence(node: Node, build: Builder) -> Sequence[Call]:
    """The beginning of each sequence reversed."""
    x, lengths, y = (build.view(name) for name in (*node.inputs, node.outputs[0]))
    time_first = integer(node, "time_axis") == 0
    first, second, *rest = x.type.shape
    time, batch = (first, second) if time_first else (second, first)
    inner = math.prod(rest) * x.type.dtype.numpy.itemsize
    return (Call(ReverseSequence(batch, time, inner, time_first), (x, lengths, y)),)


def lower_top_k(node: Node, build: Builder) -> Sequence[Call]:
    """The greatest or smallest elements along an axis, always sorted; the output's shape says how many."""
    x = build.view(node.inputs[0])
    shape = x.type.shape
    axis = integer(node, "axis", -1) % len(shape)
    kept = next(build.type(name).shape for name in node.writes)
    kinds = (TensorType(x.type.dtype, kept), TensorType(DType.INT64, kept))
    outputs = [build.output(node, position, kind) for position, kind in enumerate(kinds)]
    kernel = TopK(
        outer=math.prod(shape[:axis]),
        size=shape[axis],
        inner=math.prod(shape[axis + 1 :]),
        count=kept[axis],
        largest=bool(integer(node, "largest", 1)),
        dtype=x.type.dtype,
    )
    return (Call(kernel, (x, *outputs)),)


def lower_cumulate(node: Node, build: Builder) -> Sequence[Call]:
    """Running sums or products."""
    x, y = build.view(node.inputs[0]), build.view(node.outputs[0])
    axis = build.view(node.inputs[1])
    known = build.constant(node.inputs[1])
    kernel = CumulativeOp(
        shape=x.type.shape,
        axis=axis.type.dtype if known is None else int(known.item()) % len(x.type.shape),
        operation=_OPERATIONS[node.op],
        exclusive=bool(integer(node, "exclusive")),
        backwards=bool(integer(node, "reverse")),
        dtype=x.type.dtype,
    )
    return (Call(kernel, (x, *([axis] if known is None else []), y)),)
