"""Cases that draws seldom meet, and of which each campaign is to have every one: in turn."""

import math
from collections.abc import Callable

import numpy as np
from onnx import TensorProto, helper

from harness.draw import Draw
from harness.instance import Instance

Cases = tuple[Callable[[Instance], str | list[str]], ...]


def family(cases: Cases) -> Callable[[Instance, Draw], None]:
    """A family that takes its cases in turn."""

    def make(i: Instance, d: Draw) -> None:
        made = d.in_turn(cases)(i)
        i.give(*([made] if isinstance(made, str) else made))

    return make


def _cast(source: str, target: str) -> Callable[[Instance], str]:
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(target))
    return lambda i: i.node("Cast", i.input((3, 9), source, 0, 100, 0.25 if source.startswith("float") else 1), to=kind)


def _reduced(op: str, dtype: str, *shape: int, axis: int = -1) -> Callable[[Instance], str]:
    low, high = (1, 1) if op == "ReduceProd" else (-9, 9)
    return lambda i: i.node(op, i.input(shape, dtype, low, high), i.ints(axis))


def _remainder(dtype: str) -> Callable[[Instance], str]:
    return lambda i: i.node("Mod", i.input((2, 9), dtype, 0, 9), i.tensor((9,), dtype, 2, 4))


def _many(i: Instance, value: float = 2.0) -> str:
    """A constant of more than a few bytes that is one number many times."""
    number = helper.make_tensor("value", TensorProto.FLOAT, [1], [value])
    return i.node("ConstantOfShape", i.ints(40, 50), value=number)


def _bounded(i: Instance, low: str, high: str) -> str:
    return i.node("Clip", i.input((2, 20)), low, high)


ELEMENTS: Cases = (
    *(_cast("float64", "float16"), _cast("int32", "float16"), _cast("float32", "uint64"), _cast("float64", "uint32")),
    *map(_remainder, ("uint8", "uint32", "int32", "float32", "float64")),
    lambda i: i.node("Pow", i.input((2, 9), low=1, high=4), i.given(-1.0, "float32")),
    lambda i: i.unjudged(_bounded(i, i.given(math.nan, "float32"), i.given(2.0, "float32"))),
    lambda i: i.node("Add", i.input((40, 50)), _many(i)),
    lambda i: i.node("Mul", _many(i), i.input((50,))),
    lambda i: i.node("Cast", i.node("Cast", i.node("Sub", _many(i), i.input((50,))), to=16), to=1),
    lambda i: i.node("Cast", i.given(["1.5", "-2"], object, constant=False), to=TensorProto.FLOAT),
    lambda i: i.node("Cast", i.node("Identity", i.given(["3", "0.5"], object)), to=TensorProto.FLOAT),
)

FOLDS: Cases = (
    _reduced("ReduceProd", "float32", 3, 70),
    _reduced("ReduceProd", "float32", 70, 3, axis=0),
    _reduced("ReduceMax", "int64", 4, 9),
    _reduced("ReduceMin", "int64", 9, 4, axis=0),
    _reduced("ReduceSum", "float64", 2, 1500),
    lambda i: i.node("LRN", i.input((1, 600, 2, 9)), size=599),
    lambda i: i.node("Softmax", i.input((3, 700, 40)), axis=1),
)


def _parts_of_one_whole(i: Instance) -> str:
    """What is joined twice lies in the larger whole; the smaller one is a part of it."""
    a, b, c = (i.node("Relu", i.input((1, n, 3, 3))) for n in (2, 3, 4))
    small = i.node("Concat", a, b, axis=1)
    large = i.node("Concat", a, b, c, axis=1)
    return i.node("Add", i.node("Conv", small, i.constant((9, 5, 1, 1), low=-1, high=1)), i.node("Neg", large))


def _part_seen_otherwise(i: Instance) -> str:
    """A reshape of a part with gaps needs bytes of its own."""
    whole = i.node("Neg", i.input((2, 6, 4)))
    part = i.node("Slice", whole, i.ints(1), i.ints(4), i.ints(1))
    rows = i.node("ReduceMax", i.node("Reshape", part, i.ints(4, 6)), i.ints(0))
    return i.node("Add", rows, i.node("ReduceMax", whole, i.ints(0, 1, 2), keepdims=0))


def _early_part(i: Instance) -> str:
    """A part that is made long before the others: it is copied, so that the whole need not live as long."""
    count = 150_000 + 10_000 * (i.draw.seed % 7)
    early = i.node("Relu", i.input((1, count)))
    much = i.node("Tile", early, i.ints(8, 1))
    late = i.node("Sub", i.input((1, count)), i.node("ReduceMax", much, i.ints(0)))
    return i.node("ReduceSum", i.node("Concat", early, late, axis=0), i.ints(0))


def _joined_of_nothing(i: Instance) -> str:
    none = i.node("Relu", i.input((3, 0)))
    return i.node("Concat", none, i.node("Neg", none), axis=1)


def _names_alike(i: Instance) -> list[str]:
    """Values whose names differ in what C leaves out of a name, and one that is called like a numbered one."""
    x = i.input((3, 5))
    names = ("a.b", "a_b", "a:b", "a_b_0", "a_b_1")
    for name in names:
        i.append(helper.make_node("Softmax", [x], [name], name=f"of {name}", axis=-1))
        x = name
    return [i.node("Neg", x)]


def _padded(mode: str, *amounts: int) -> Callable[[Instance], str]:
    return lambda i: i.node("Pad", i.input((3, 4)), i.ints(*amounts), mode=mode)


def _sized(i: Instance, policy: str) -> str:
    x = i.input((1, 2, 4, 6), low=0, high=9)
    options = {"axes": [2, 3], "keep_aspect_ratio_policy": policy, "mode": "linear"}
    return i.node("Resize", x, "", "", i.ints(8, 9), **options)


def _strided_image(i: Instance) -> str:
    """A Resize of a part whose rows have gaps behind the axes that change."""
    whole = i.node("Relu", i.input((2, 3, 4, 6), low=0, high=9))
    part = i.node("Slice", whole, i.ints(1), i.ints(5), i.ints(3))
    large = i.node("Resize", part, "", i.given([1, 2, 1, 1], "float32"), mode="nearest")
    return i.node("Add", i.node("Neg", large), i.node("ReduceMax", whole, i.ints(1, 2, 3)))


MOVES: Cases = (
    lambda i: i.node("Pad", i.input((3, 4)), i.ints(1, 0, 2, 1), i.given(7, "float32")),
    lambda i: i.node("Pad", i.input((3, 4)), i.ints(0, 1, 1, 0), i.given(7, "float32", constant=False)),
    *(
        _padded("wrap", 1, 2, 0, 1),
        _padded("wrap", 7, 0, 0, 9),
        _padded("reflect", 5, 0, 0, 7),
        _padded("edge", -1, 2, 1, -2),
    ),
    lambda i: i.node("CenterCropPad", i.input((5, 4)), i.ints(3, 9)),
    lambda i: i.node("CenterCropPad", i.input((2, 4), "int32"), i.ints(7, 4)),
    lambda i: _sized(i, "not_larger"),
    lambda i: _sized(i, "not_smaller"),
    _strided_image,
    _parts_of_one_whole,
    _part_seen_otherwise,
    _early_part,
    _joined_of_nothing,
    _names_alike,
    lambda i: i.node("Neg", i.node("Slice", i.node("Relu", i.input((6, 0))), i.ints(1), i.ints(5), i.ints(0))),
    lambda i: i.node("Resize", i.input((1, 1, 3, 20)), "", i.given([1, 1, 1, 2], "float32")),
    lambda i: i.node("Einsum", i.input((2, 3, 4)), i.tensor((4, 5)), equation="abc,cd->dab"),
    lambda i: i.node("Einsum", i.input((2, 3)), i.input((3, 5)), equation="ij,jk->ki"),
)

FAMILIES = {
    "certain-elements": family(ELEMENTS),
    "certain-folds": family(FOLDS),
    "certain-moves": family(MOVES),
}
