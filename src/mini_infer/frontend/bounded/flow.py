"""A node among bounded values: what is asked of it, and the two that read the count itself."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import helper, numpy_helper

from mini_infer.frontend.inference.scope import Scope
from mini_infer.ir import Bound, TensorType

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

    def slice_axes(self) -> tuple[int, ...] | None:
        """The axes that a Slice cuts."""
        if self.version < 10:  # noqa: PLR2004 - until then attributes
            return next((tuple(each.ints) for each in self.node.attribute if each.name == "axes"), None)
        starts = self.constant(1)
        if len(self.node.input) > 3 and self.node.input[3]:  # noqa: PLR2004 - the axes are the fourth input
            return self.constant(3)
        return None if starts is None else tuple(range(len(starts)))


def end_of(flow: Flow) -> tuple[list[onnx.NodeProto], Bound] | None:
    """The first so many elements along the bounded axis itself: at most so many are there."""
    axis, shape = flow.only_first(), flow.shape(0)
    if axis is None or shape is None or flow.version < 10:  # noqa: PLR2004
        return None
    starts, ends, steps = flow.constant(1), flow.constant(2), flow.constant(4)
    axes = flow.slice_axes()
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
