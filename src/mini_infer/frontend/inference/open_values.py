"""Values that follow from sizes given at run time: shape arithmetic on arrays of numbers and dimensions."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mini_infer.frontend.inference.scope import Scope
from mini_infer.ir import SIZES, SIZES_DOMAIN, Dim, DType, Node, TensorType, UndecidedError
from mini_infer.ir.attributes import integer, integers

_MOST = 64
"""Elements of a value that is followed: shapes, axes, positions."""

Rule = Callable[[Node, Sequence[Any]], Any]
"""A node and its inputs' values, `None` where omitted → its output's."""


def with_sizes(node: Node, scope: Scope) -> Node:
    """A node as it is, or as one that says what follows from sizes: numbers, or its result's shape."""
    if not scope.has_dims or node.domain or len(node.writes) != 1:
        return node
    name = node.writes[0]
    kind = scope.type(name)
    found = _of_type(node, scope) if node.op in ("Shape", "Size") else _computed(node, scope)
    if found is not None and found.size <= _MOST and isinstance(kind, TensorType):
        if not any(isinstance(item, Dim) for item in found.ravel()):
            scope.define_value(name, found.astype(kind.dtype.numpy))
        else:
            scope.define_open_value(name, found)
        if kind.dtype is DType.INT64:
            numbers = {"values": tuple(found.ravel().tolist()), "shape": found.shape}
            return Node(node.name, SIZES, (), (name,), numbers, domain=SIZES_DOMAIN)
    elif node.op == "Reshape" and isinstance(kind, TensorType) and scope.open_value(node.inputs[1]) is not None:
        return replace(node, inputs=node.inputs[:1], attributes={"shape": kind.shape}, version=1)
    return node


def _of_type(node: Node, scope: Scope) -> np.ndarray | None:
    kind = scope.type(node.inputs[0])
    if not isinstance(kind, TensorType) or not kind.is_open:
        return None
    if node.op == "Size":
        return _array(kind.elements, ())
    rank = len(kind.shape)
    shape = kind.shape[slice(integer(node, "start", 0), integer(node, "end", rank))]
    return _array(shape, (len(shape),))


def _computed(node: Node, scope: Scope) -> np.ndarray | None:
    rule = _RULES.get(node.op)
    if rule is None or not any(scope.open_value(name) is not None for name in node.reads):
        return None
    values = []
    for name in node.inputs:
        value = scope.open_value(name)
        if value is None and name:
            known = scope.value(name)
            if known is None or known.dtype.kind not in "iub":
                return None
            value = known.astype(object)
        values.append(value)
    try:
        return np.asarray(rule(node, values), dtype=object)
    except (UndecidedError, IndexError, TypeError, ValueError):
        return None


def _array(items: "int | Sequence[int]", shape: tuple[int, ...]) -> np.ndarray:
    """An array of objects, which NumPy does not look into."""
    found = np.empty(shape, dtype=object)
    found[...] = items if shape else found
    if shape == ():
        found[()] = items
    return found


def _each(function: Callable[..., object]) -> Rule:
    """An operator of elements, which broadcast."""
    return lambda _node, values: np.frompyfunc(function, len(values), 1)(*values)


def _known(array: np.ndarray) -> tuple[int, ...]:
    """Numbers that must not depend on sizes."""
    if any(isinstance(item, Dim) for item in array.ravel()):
        raise UndecidedError("axes and positions that depend on sizes")
    return tuple(map(int, array.ravel()))


def _axes(node: Node, values: Sequence[np.ndarray]) -> tuple[int, ...] | None:
    if len(values) > 1 and values[1] is not None:
        return _known(values[1])
    return integers(node, "axes") or None


def _slice(_node: Node, values: Sequence[np.ndarray]) -> np.ndarray:
    data, starts, ends, *more = values
    axes = _known(more[0]) if more and more[0] is not None else tuple(range(len(_known(starts))))
    steps = _known(more[1]) if len(more) > 1 and more[1] is not None else (1,) * len(axes)
    cut = [slice(None)] * data.ndim
    for axis, start, end, step in zip(axes, _known(starts), _known(ends), steps, strict=True):
        if step < 1:
            raise UndecidedError("a slice that goes back")
        cut[axis] = slice(start, end, step)
    return data[tuple(cut)]


def _unsqueeze(node: Node, values: Sequence[np.ndarray]) -> np.ndarray:
    return np.expand_dims(values[0], _axes(node, values) or ())


def _squeeze(node: Node, values: Sequence[np.ndarray]) -> np.ndarray:
    return np.squeeze(values[0], _axes(node, values))


def _cast(node: Node, values: Sequence[np.ndarray]) -> np.ndarray:
    if integer(node, "to") not in (6, 7):  # int32 and int64: others would round or wrap
        raise UndecidedError("a cast")
    return values[0]


def _product(node: Node, values: Sequence[np.ndarray]) -> Any:
    axes = _axes(node, values)
    return np.prod(values[0], axis=axes, keepdims=bool(integer(node, "keepdims", 1)))


def _divided(one: int, other: int) -> int:
    if one < 0 or other <= 0:
        raise UndecidedError("a quotient of negative numbers")
    return one // other


def _equal(one: int, other: int) -> bool:
    if not isinstance(one - other, Dim):
        return one == other
    bool(one - other)  # undecided where it can be 0
    return False


_RULES: Mapping[str, Rule] = {
    "Add": _each(operator.add),
    "Cast": _cast,
    "Concat": lambda node, values: np.concatenate(values, axis=integer(node, "axis")),
    "Div": _each(_divided),
    "Equal": _each(_equal),
    "Gather": lambda node, values: np.take(
        values[0], np.array(_known(values[1])).reshape(values[1].shape), integer(node, "axis")
    ),
    "Greater": _each(operator.gt),
    "GreaterOrEqual": _each(operator.ge),
    "Identity": lambda _node, values: values[0],
    "Less": _each(operator.lt),
    "LessOrEqual": _each(operator.le),
    "Max": _each(max),
    "Min": _each(min),
    "Mod": _each(operator.mod),
    "Mul": _each(operator.mul),
    "Not": _each(operator.not_),
    "ReduceProd": _product,
    "Reshape": lambda _node, values: values[0].reshape(_known(values[1])),
    "Slice": _slice,
    "Squeeze": _squeeze,
    "Sub": _each(operator.sub),
    "Transpose": lambda node, values: np.transpose(values[0], integers(node, "perm") or None),
    "Unsqueeze": _unsqueeze,
    "Where": _each(lambda c, a, b: a if c else b),
}
