"""Which nodes may run on what lies after a count, because no element there changes one before it.

Each rule says along which axis each output is bounded, given along which axis the inputs are; `None` where the elements
along that axis depend on each other, or where that is not known. They are asked before a node's results have types.
"""

from collections.abc import Callable, Mapping

import numpy as np

from mini_infer.frontend.bounded.flow import Flow
from mini_infer.ir.operators import OPERATORS

Axes = tuple[int, ...] | None
Rule = Callable[[Flow], Axes]


def _elementwise(flow: Flow) -> Axes:
    """The same axis for all, counted from the end; whatever is not bounded is the same for all its elements."""
    positions = [position for position, name in enumerate(flow.node.input) if name]
    shapes = [flow.shape(position) for position in positions]
    if any(shape is None for shape in shapes) or not flow.agrees:
        return None
    known = [shape for shape in shapes if shape is not None]
    rank = max(map(len, known))
    places = {
        axis + rank - len(shape)
        for position, shape in zip(positions, known, strict=True)
        if (axis := flow.axis(position)) is not None
    }
    if len(places) != 1:
        return None
    (place,) = places
    for position, shape in zip(positions, known, strict=True):
        own = place - (rank - len(shape))
        if flow.axis(position) is None and own >= 0 and shape[own] != 1:
            return None
    return (place,)


def _first(flow: Flow) -> Axes:
    """The first input, element by element, whatever type another may stand for."""
    axis = flow.only_first()
    return None if axis is None else (axis,)


def _transpose(flow: Flow) -> Axes:
    axis, shape = flow.axis(0), flow.shape(0)
    if axis is None or shape is None:
        return None
    perm = next((list(each.ints) for each in flow.node.attribute if each.name == "perm"), [*range(len(shape))][::-1])
    return (perm.index(axis),)


def _squeeze(flow: Flow) -> Axes:
    axis, shape, axes = flow.axis(0), flow.shape(0), flow.axes()
    if axis is None or shape is None or axes is None:
        return None
    gone = {each % len(shape) for each in axes}
    return None if axis in gone else (axis - sum(each < axis for each in gone),)


def _unsqueeze(flow: Flow) -> Axes:
    axis, shape, axes = flow.axis(0), flow.shape(0), flow.axes()
    if axis is None or shape is None or axes is None:
        return None
    rank = len(shape) + len(axes)
    new = {each % rank for each in axes}
    return ([place for place in range(rank) if place not in new][axis],)


def _gather(flow: Flow) -> Axes:
    """Bounded indices into a whole axis, or whole indices into another axis."""
    shape, indices = flow.shape(0), flow.shape(1)
    if shape is None or indices is None:
        return None
    gathered = (flow.attribute("axis", 0) or 0) % len(shape)
    axis, chosen = flow.axis(0), flow.axis(1)
    if axis is None:
        return None if chosen is None or not shape[gathered] else (gathered + chosen,)
    if chosen is not None or axis == gathered:
        return None
    return (axis if axis < gathered else axis - 1 + len(indices),)


def _gather_nd(flow: Flow) -> Axes:
    shape, indices, axis = flow.shape(0), flow.shape(1), flow.axis(1)
    if shape is None or indices is None or axis is None or flow.axis(0) is not None or flow.attribute("batch_dims", 0):
        return None
    return (axis,) if axis < len(indices) - 1 and all(shape[: indices[-1]]) else None


def _slice(flow: Flow) -> Axes:
    """Other axes are cut."""
    axis, shape = flow.only_first(), flow.shape(0)
    if axis is None or shape is None:
        return None
    axes = flow.slice_axes()
    return None if axes is None or axis in {each % len(shape) for each in axes} else (axis,)


def _reshape(flow: Flow) -> Axes:
    """The bounded axis stays whole: what is before it and what is after it multiply to the same as before."""
    axis, shape, wanted = flow.only_first(), flow.shape(0), flow.constant(1)
    if axis is None or shape is None or wanted is None or flow.attribute("allowzero", 0):
        return None
    sizes = [shape[k] if size == 0 and k < len(shape) else size for k, size in enumerate(wanted)]
    for place, size in enumerate(sizes):
        before, after = np.prod(sizes[:place], dtype=int), np.prod(sizes[place + 1 :], dtype=int)
        kept = wanted[place] == -1 or (wanted[place] == 0 and place == axis)
        if (
            kept
            and size
            and before == np.prod(shape[:axis], dtype=int)
            and after == np.prod(shape[axis + 1 :], dtype=int)
        ):
            return (place,)
    return None


def _flatten(flow: Flow) -> Axes:
    return (0,) if flow.axis(0) == 0 and flow.attribute("axis", 1) == 1 else None


def _concat(flow: Flow) -> Axes:
    shape = flow.shape(0)
    axes = {flow.axis(position) for position in range(len(flow.node.input))}
    if shape is None or len(axes) != 1 or not flow.agrees:
        return None
    (axis,) = axes
    joined = (flow.attribute("axis", 1) or 0) % len(shape)
    return None if axis is None or axis == joined else (axis,)


def _matmul(flow: Flow) -> Axes:
    """Rows of the left side."""
    axis, left, right = flow.only_first(), flow.shape(0), flow.shape(1)
    if axis is None or left is None or right is None or len(right) != 2:  # noqa: PLR2004 - a plain matrix
        return None
    return (axis,) if axis < len(left) - 1 else None


def _gemm(flow: Flow) -> Axes:
    if flow.only_first() != 0 or flow.attribute("transA", 0):
        return None
    bias = flow.shape(2) if len(flow.node.input) > 2 and flow.node.input[2] else ()  # noqa: PLR2004
    return (0,) if bias is not None and (len(bias) < 2 or bias[0] == 1) else None  # noqa: PLR2004


def _batch(flow: Flow) -> Axes:
    """Every element of a batch alone."""
    return (0,) * len(flow.node.output) if flow.only_first() == 0 else None


def _along(default: int) -> Rule:
    """An operator that works along one other axis and keeps all."""

    def rule(flow: Flow) -> Axes:
        axis, shape = flow.only_first(), flow.shape(0)
        if axis is None or shape is None:
            return None
        own = (flow.attribute("axis", default) or 0) % len(shape)
        return None if own == axis else (axis,) * len(flow.node.output)

    return rule


def _normalized(flow: Flow) -> Axes:
    """Everything from an axis on is normalized; so did Softmax before opset 13."""
    axis, shape = flow.only_first(), flow.shape(0)
    if axis is None or shape is None:
        return None
    default = 1 if flow.node.op_type != "LayerNormalization" else -1
    own = (flow.attribute("axis", default) or 0) % len(shape)
    return (axis,) if axis < own and len(flow.node.output) == 1 else None


def _softmax(flow: Flow) -> Axes:
    return _along(-1)(flow) if flow.version >= 13 else _normalized(flow)  # noqa: PLR2004


def _arg_reduce(flow: Flow) -> Axes:
    axis, shape = flow.axis(0), flow.shape(0)
    if axis is None or shape is None:
        return None
    own = (flow.attribute("axis", 0) or 0) % len(shape)
    return None if own == axis else (axis if flow.attribute("keepdims", 1) or own > axis else axis - 1,)


def _reduce(flow: Flow) -> Axes:
    axis, shape, axes = flow.only_first(), flow.shape(0), flow.axes()
    if axis is None or shape is None or axes is None:
        return None
    gone = {each % len(shape) for each in axes}
    if axis in gone or not gone:
        return None
    return (axis if flow.attribute("keepdims", 1) else axis - sum(each < axis for each in gone),)


def _roi_align(flow: Flow) -> Axes:
    return (0,) if flow.axis(0) is None and flow.agrees and {flow.axis(1), flow.axis(2)} == {0} else None


RULES: Mapping[str, Rule] = {
    **{op: _elementwise for op, traits in OPERATORS.items() if traits.elementwise},
    **dict.fromkeys("Cast CastLike Identity".split(), _first),
    **dict.fromkeys("ArgMax ArgMin".split(), _arg_reduce),
    **dict.fromkeys(
        "AveragePool BatchNormalization Conv ConvTranspose GlobalAveragePool GlobalMaxPool".split(), _batch
    ),
    **dict.fromkeys("GroupNormalization InstanceNormalization MaxPool".split(), _batch),
    **dict.fromkeys("LogSoftmax Softmax".split(), _softmax),
    **dict.fromkeys(
        "ReduceL1 ReduceL2 ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare".split(), _reduce
    ),
    "Concat": _concat,
    "Flatten": _flatten,
    "Gather": _gather,
    "GatherND": _gather_nd,
    "Gemm": _gemm,
    "LayerNormalization": _normalized,
    "MatMul": _matmul,
    "Reshape": _reshape,
    "RoiAlign": _roi_align,
    "Slice": _slice,
    "Split": _along(0),
    "Squeeze": _squeeze,
    "TopK": _along(-1),
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
"""Operator → along which axes its outputs are bounded."""
