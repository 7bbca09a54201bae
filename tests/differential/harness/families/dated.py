"""Forms that operators had in early operator sets: each family is for one of them."""

from collections.abc import Callable

import numpy as np
from onnx import TensorProto

from harness.draw import Draw
from harness.instance import Instance

_TYPES = ("float32", "float64")


def by_position(i: Instance, d: Draw) -> None:
    """Up to 8: batch normalization of each position by itself."""
    shape = d.pick((2, 3, 4), (1, 2, 3, 3), (3, 5))
    x = i.input(shape, low=-3, high=3)
    names = [i.constant(shape[1:], low=low, high=high) for low, high in ((1, 3), (-3, 3), (-3, 3), (1, 4))]
    i.give(i.node("BatchNormalization", x, *names, spatial=d.pick(0, 0, 1) if len(shape) < 3 else 0))


def padding_named_otherwise(i: Instance, d: Draw) -> None:
    """In 1: the amounts of a padding are `paddings`."""
    x = i.input((d.integer(2, 5), d.integer(2, 9)))
    i.give(i.node("Pad", x, paddings=[d.integer(0, 2) for _ in range(4)], value=d.pick(0.0, 1.5)))


def padding(i: Instance, d: Draw) -> None:
    """Up to 10: amounts and value are attributes."""
    x = i.input((d.integer(3, 5), d.integer(3, 9)), d.pick(*_TYPES))
    options = {"mode": d.pick("edge", "reflect")} if d.maybe() else {"value": d.pick(0.0, 1.5)}
    i.give(i.node("Pad", x, pads=[d.integer(0, 2) for _ in range(4)], **options))


def bounds(i: Instance, d: Draw) -> None:
    """Up to 10: bounds are attributes."""
    x = i.input((3, d.integer(1, 20)), d.pick(*_TYPES), -9, 9)
    i.give(i.node("Clip", x, min=d.pick(None, -2.0), max=d.pick(None, 3.0)))


def slices(i: Instance, d: Draw) -> None:
    """Up to 9: bounds are attributes, and there are no steps."""
    x = i.input((6, d.integer(4, 9)))
    options = {"axes": [1, 0]} if d.maybe() else {}
    y = i.node("Slice", i.node("Relu", x), starts=[1, -3], ends=[4, 100], **options)
    i.give(i.node("Neg", y) if d.maybe() else y)


def largest(i: Instance, d: Draw) -> None:
    """Up to 9: how many is an attribute."""
    i.give(*i.node("TopK", i.input((3, 7), low=0, high=900), outputs=2, k=d.integer(1, 3), axis=d.pick(1, 0, -1) % 2))


def normalized_rows(i: Instance, d: Draw) -> None:
    """Up to 12: along all axes from one on, seen as one."""
    x = i.input((2, 3, d.integer(1, 9)), d.pick("float32", "float64", "float16"), -6, 6)
    options = {"axis": d.pick(0, 1, 2)} if d.maybe(0.8) else {}
    i.give(i.node(d.pick("Softmax", "LogSoftmax", "Hardmax"), x, **options))


def axes_as_attribute(i: Instance, d: Draw) -> None:
    """Up to 12: axes are attributes, also inside of attention that is put together."""
    if d.maybe():
        x = i.node("Unsqueeze", i.input((3, d.integer(2, 9))), axes=[0, 2])
        i.give(i.node("Squeeze", i.node("Relu", x), axes=[0, 2]) if d.maybe() else i.node("ReduceSum", x, axes=[-1]))
        return
    length, size = d.pick(5, 8), 4
    q = i.node("Unsqueeze", i.input((2, length, size), low=-2, high=2, step=0.5), axes=[0])
    k = i.node("Squeeze", i.input((1, 1, 2, length, size), low=-2, high=2, step=0.5), axes=[1])
    v = i.input((1, 2, length, size), low=-2, high=2, step=0.5)
    scores = i.node("MatMul", q, i.node("Transpose", k, perm=(0, 1, 3, 2)))
    i.give(i.node("MatMul", i.node("Softmax", scores, axis=3), v))


def parts(i: Instance, d: Draw) -> None:
    """Up to 12: the sizes of parts are an attribute."""
    sizes = [d.integer(1, 4) for _ in range(3)]
    names = i.node("Split", i.node("Abs", i.input((2, sum(sizes)))), outputs=3, axis=1, split=sizes)
    i.give(*(i.node("Neg", name) for name in names))


def dropout(i: Instance, d: Draw) -> None:
    """Up to 11: no input says whether it is training."""
    names = i.node("Dropout", i.input((3, d.integer(1, 20))), outputs=2, ratio=0.5)
    i.give(*names if d.maybe() else names[:1])


def converted(i: Instance, d: Draw) -> None:
    """Sums over axes that are attributes, conversions."""
    x = i.node("Cast", i.input((4, d.integer(1, 9)), "int32"), to=TensorProto.FLOAT)
    i.give(i.node("ReduceMean", x, axes=[d.pick(0, 1)], keepdims=d.pick(1, 0)))


def enlarged(i: Instance, d: Draw) -> None:
    """In 10: sizes follow from scales alone, and every sample lies at its index over the scale."""
    scales = i.given(np.array([1, 1, 2, d.pick(2, 3)], np.float32))
    i.give(i.node("Resize", i.input((1, 2, 3, d.integer(2, 5))), scales, mode="nearest"))


_UP_TO_8 = (by_position, padding, bounds, slices, largest, normalized_rows, axes_as_attribute, parts, dropout)
_FORMS: dict[int, tuple[Callable[[Instance, Draw], None], ...]] = {
    1: (padding_named_otherwise,),
    8: (*_UP_TO_8, converted),
    10: (padding, bounds, normalized_rows, axes_as_attribute, parts, dropout, converted),
    12: (normalized_rows, axes_as_attribute, parts, converted),
}
"""Operator set → forms that it has."""


def _family(forms: tuple[Callable[[Instance, Draw], None], ...]) -> Callable[[Instance, Draw], None]:
    return lambda i, d: d.in_turn(forms)(i, d)


VERSIONS = {f"dated-{version}": version for version in _FORMS}
"""Family → the operator set that its models are of."""

FAMILIES = {f"dated-{version}": _family(forms) for version, forms in _FORMS.items()}
