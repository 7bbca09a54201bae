"""Nodes that may run on what lies behind a count, because no element there changes one before it.

Each rule says along which axis each output is bounded, given along which axis the inputs are; `None` where the elements
along that axis depend on each other, or where that is not known.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import helper, numpy_helper

from mini_infer.frontend.scope import Scope
from mini_infer.ir import Bound, TensorType
from mini_infer.ir.alias import ELEMENTWISE

_AXES_AS_INPUT = {"ReduceSum": 13, "Squeeze": 13, "Unsqueeze": 13}
"""The opset from which these operators have their axes as an input; the other reductions since opset 18."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A node that reads bounded values.

    Parameters
    ----------
    node, version, scope
        The node, its opset, and what is known of its inputs.
    bounds
        Of the values that have one.
    """

    node: onnx.NodeProto
    version: int
    scope: Scope
    bounds: Mapping[str, Bound]

    @property
    def count(self) -> str:
        """The count of the first bounded input."""
        return next(self.bounds[name].count for name in self.node.input if name in self.bounds)

    @property
    def agrees(self) -> bool:
        """Whether all bounded inputs have the same count."""
        return len({self.bounds[name].count for name in self.node.input if name in self.bounds}) == 1

    def axis(self, position: int) -> int | None:
        """The bounded axis of an input."""
        name = self.node.input[position] if position < len(self.node.input) else ""
        return self.bounds[name].axis if name in self.bounds else None

    def only_first(self) -> int | None:
        """The bounded axis of the first input, if no other input is bounded."""
        others = (self.axis(position) for position in range(1, len(self.node.input)))
        return self.axis(0) if all(axis is None for axis in others) else None

    def shape(self, position: int) -> tuple[int, ...] | None:
        """The shape of an input, upper bounds included; `None` when it is not static."""
        name = self.node.input[position]
        kind = self.scope.type(f"{name}/padded" if name in self.bounds else name)
        return kind.shape if isinstance(kind, TensorType) else None

    def constant(self, position: int) -> tuple[int, ...] | None:
        """The integers of an input that is known; `None` otherwise, or when it is omitted."""
        name = self.node.input[position] if position < len(self.node.input) else ""
        value = self.scope.value(name) if name and name not in self.bounds else None
        return None if value is None else tuple(int(item) for item in value.ravel())

    def attribute(self, name: str, default: int | None = None) -> int | None:
        """An integer attribute."""
        return next((int(each.i) for each in self.node.attribute if each.name == name), default)

    def axes(self) -> tuple[int, ...] | None:
        """The axes that an operator names, in an attribute or an input."""
        listed = next((tuple(each.ints) for each in self.node.attribute if each.name == "axes"), None)
        since = _AXES_AS_INPUT.get(self.node.op_type, 18)
        return self.constant(1) if self.version >= since else listed


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
    axes = _slice_axes(flow)
    return None if axes is None or axis in {each % len(shape) for each in axes} else (axis,)


def _slice_axes(flow: Flow) -> tuple[int, ...] | None:
    if flow.version < 10:  # noqa: PLR2004 - until then attributes
        return next((tuple(each.ints) for each in flow.node.attribute if each.name == "axes"), None)
    starts = flow.constant(1)
    if len(flow.node.input) > 3 and flow.node.input[3]:  # noqa: PLR2004 - the axes are the fourth input
        return flow.constant(3)
    return None if starts is None else tuple(range(len(starts)))


def end_of(flow: Flow) -> tuple[list[onnx.NodeProto], Bound] | None:
    """The first so many elements along the bounded axis itself: at most so many are there."""
    axis, shape = flow.only_first(), flow.shape(0)
    if axis is None or shape is None or flow.version < 10:  # noqa: PLR2004
        return None
    starts, ends, steps = flow.constant(1), flow.constant(2), flow.constant(4)
    axes = _slice_axes(flow)
    if axes is None or len(axes) != 1 or axes[0] % len(shape) != axis or starts != (0,) or steps not in (None, (1,)):
        return None
    if ends is None or ends[0] <= 0:
        return None
    source, name = flow.node.input[0], flow.node.output[0]
    count, limit = f"{name}/count", f"{name}/limit"
    made = onnx.NodeProto()
    made.CopyFrom(flow.node)
    made.input[0] = f"{source}/padded"
    made.output[0] = f"{name}/padded"
    most = numpy_helper.from_array(np.array(min(ends[0], shape[axis]), np.int64))
    nodes = [
        helper.make_node("Constant", [], [limit], value=most),
        helper.make_node("Min", [flow.count, limit], [count], f"{name}/least"),
        made,
    ]
    return nodes, Bound(count, axis)


def shape_of(flow: Flow) -> list[onnx.NodeProto]:
    """The dimensions with the count among them."""
    name = flow.node.output[0]
    shape, axis = flow.shape(0) or (), flow.axis(0)
    positions = range(len(shape))[flow.attribute("start", 0) : flow.attribute("end", len(shape))]
    nodes, parts = [], []
    for position in positions:
        part = f"{name}/{position}"
        if position == axis:
            one = numpy_helper.from_array(np.array([1], np.int64))
            nodes.append(helper.make_node("Constant", [], [f"{part}/shape"], value=one))
            nodes.append(helper.make_node("Reshape", [flow.count, f"{part}/shape"], [part], part))
        else:
            size = numpy_helper.from_array(np.array([shape[position]], np.int64))
            nodes.append(helper.make_node("Constant", [], [part], value=size))
        parts.append(part)
    if not parts:
        nodes.append(helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.zeros(0, np.int64))))
        return nodes
    return [*nodes, helper.make_node("Concat", parts, [name], f"{name}/joined", axis=0)]


def _reshape(flow: Flow) -> Axes:
    """The bounded axis stays whole: what is before it and what is behind it multiply to the same as before."""
    axis, shape, wanted = flow.only_first(), flow.shape(0), flow.constant(1)
    if axis is None or shape is None or wanted is None or flow.attribute("allowzero", 0):
        return None
    sizes = [shape[k] if size == 0 and k < len(shape) else size for k, size in enumerate(wanted)]
    for place, size in enumerate(sizes):
        before, behind = np.prod(sizes[:place], dtype=int), np.prod(sizes[place + 1 :], dtype=int)
        kept = wanted[place] == -1 or (wanted[place] == 0 and place == axis)
        if (
            kept
            and size
            and before == np.prod(shape[:axis], dtype=int)
            and behind == np.prod(shape[axis + 1 :], dtype=int)
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
    """Everything from an axis on is normalised; so did Softmax before opset 13."""
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
    **dict.fromkeys([*ELEMENTWISE, "Cast", "CastLike", "Identity"], _elementwise),
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
