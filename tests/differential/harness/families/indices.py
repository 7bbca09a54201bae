"""Operators that read or write where indices say, and those of data-dependent size."""

import numpy as np

from harness.draw import Draw
from harness.families.folds import FLOATS, INTEGERS
from harness.instance import Instance

_TYPES = ("float32", "float32", "float64", "float16", *INTEGERS, "bool")


def _shape(d: Draw, rank: int) -> tuple[int, ...]:
    return tuple(d.size([4, 8, 16, 64], 1, 70 if rank == 1 else 20 if rank == 2 else 9) for _ in range(rank))


def _indices(i: Instance, d: Draw, shape: tuple[int, ...], size: int, kind: str = "") -> str:
    low = -size if d.maybe(0.4) else 0
    return i.tensor(shape, kind or d.pick("int64", "int32"), low, size - 1)


def gather(i: Instance, d: Draw) -> None:
    """Whole slices."""
    shape = _shape(d, d.pick(2, 1, 3))
    axis = d.integer(0, len(shape) - 1)
    x = i.tensor(shape, d.one_of(_TYPES), 0, 100)
    wanted = d.pick((), (1,), (3,), (2, 3), (17,))
    i.give(i.node("Gather", x, _indices(i, d, wanted, shape[axis]), axis=axis - (len(shape) if d.maybe(0.3) else 0)))


def gather_elements(i: Instance, d: Draw) -> None:
    """One element for each index."""
    shape = _shape(d, d.pick(2, 1, 3))
    axis = d.integer(0, len(shape) - 1)
    wanted = tuple(d.integer(1, n) if a != axis else d.integer(1, 9) for a, n in enumerate(shape))
    x = i.input(shape, d.one_of(_TYPES), 0, 100)
    i.give(i.node("GatherElements", x, _indices(i, d, wanted, shape[axis]), axis=axis))


def _places(i: Instance, d: Draw, sizes: tuple[int, ...], outer: tuple[int, ...], *, apart: bool = False) -> str:
    """Positions along several axes; all different, where order would matter."""
    rng = np.random.default_rng(d.seed)
    total = int(np.prod(sizes))
    count = int(np.prod(outer))
    flat = rng.permutation(total)[:count] if apart and count <= total else rng.integers(0, total, count)
    places = np.stack(np.unravel_index(flat, sizes), -1).astype(np.int64)
    if d.maybe(0.3):
        places = np.where(rng.random(places.shape) < 0.3, places - np.array(sizes), places)
    return i.given(places.reshape(*outer, len(sizes)), constant=d.maybe(0.7))


def gather_nd(i: Instance, d: Draw) -> None:
    """Slices at positions along several axes."""
    shape = _shape(d, d.pick(2, 3, 3))
    shared = d.pick(0, 0, 1) if len(shape) > 2 else 0
    depth = d.integer(1, len(shape) - shared)
    outer = (*shape[:shared], *d.pick((3,), (1,), (2, 2)))
    x = i.input(shape, d.one_of(_TYPES), 0, 100)
    i.give(i.node("GatherND", x, _places(i, d, shape[shared : shared + depth], outer), batch_dims=shared))


def scatter(i: Instance, d: Draw) -> None:
    """Elements or slices put into a tensor, or combined with it."""
    shape = _shape(d, d.pick(2, 1, 3))
    dtype = d.pick("float32", "float32", "float64", "int32", "int64", "uint8", "float16", "bool")
    reduction = d.pick("none", "none", "add", "mul", "max", "min")
    if dtype == "bool" or i.version < 18:
        reduction = "none"
    options = {"reduction": reduction} if reduction != "none" else {}
    x = i.input(shape, dtype, 0, 3)
    if d.maybe(0.3) and dtype in FLOATS:
        x = i.node("Relu", x)
    if d.maybe():
        depth = d.integer(1, len(shape))
        outer = d.pick((2,), (1,), (3,))
        if int(np.prod(outer)) > int(np.prod(shape[:depth])):
            outer = (1,)
        places = _places(i, d, shape[:depth], outer, apart=reduction == "none")
        i.give(i.node("ScatterND", x, places, i.tensor((*outer, *shape[depth:]), dtype, 0, 3), **options))
        return
    axis = d.integer(0, len(shape) - 1)
    wanted = tuple(d.integer(1, n) for n in shape)
    if reduction == "none":
        rng = np.random.default_rng(d.seed)
        order = rng.permuted(
            np.broadcast_to(np.arange(shape[axis]), (*shape[:axis], *shape[axis + 1 :], shape[axis])), axis=-1
        )
        array = np.moveaxis(order, -1, axis)[tuple(slice(0, n) for n in wanted)]
        indices = i.given(array.astype(d.pick("int64", "int32")), constant=d.maybe(0.7))
    else:
        indices = _indices(i, d, wanted, shape[axis])
    i.give(i.node("ScatterElements", x, indices, i.tensor(wanted, dtype, 0, 3), axis=axis, **options))


def one_hot(i: Instance, d: Draw) -> None:
    """Rows of zeros with a one."""
    depth = d.integer(1, 9)
    kind, dtype = d.pick("int64", "int32", "float32", "uint8"), d.pick("float32", "int64", "int32", "float64", "bool")
    low = 0 if kind == "uint8" else -depth
    x = i.input(d.pick((3,), (2, 3), (1,), (17,)), kind, low - (0 if kind == "uint8" else 2), depth + 1)
    off_on = i.given([0, 1] if dtype == "bool" else [2, 5], dtype, constant=d.maybe(0.7))
    i.give(
        i.node("OneHot", x, i.given(depth, "int64") if d.maybe(0.7) else i.ints(depth), off_on, axis=d.pick(-1, 0, 1))
    )


def top_k(i: Instance, d: Draw) -> None:
    """The greatest or smallest along an axis."""
    shape = _shape(d, d.pick(2, 1, 3))
    axis = d.integer(0, len(shape) - 1)
    count = d.integer(1, shape[axis])
    x = i.input(shape, d.pick("float32", "float16", "float64", "int32", "int64", "uint8", "int8"), 0, 1000)
    if i.dtype(x) in {"uint8", "int8"}:
        x = i.input(shape, i.dtype(x), 0, 100)
    values, indices = i.node("TopK", x, i.ints(count), outputs=2, axis=axis, largest=d.pick(1, 0))
    i.give(*((values, indices) if d.maybe(0.7) else (values,) if d.maybe() else (indices,)))


def cumulate(i: Instance, d: Draw) -> None:
    """Running sums and products."""
    shape = _shape(d, d.pick(2, 1, 3))
    op = d.pick("CumSum", "CumProd") if i.version >= 26 else "CumSum"
    dtype = d.pick("float32", "float64", "int32", "int64", "uint32")
    x = i.input(shape, dtype, 0 if op == "CumSum" else 1, 3 if op == "CumSum" else 1)
    axis = i.given(
        d.integer(0, len(shape) - 1) - (len(shape) if d.maybe(0.3) else 0),
        d.pick("int64", "int32"),
        constant=d.maybe(0.6),
    )
    i.give(i.node(op, x, axis, exclusive=d.pick(0, 1), reverse=d.pick(0, 1)))


def sized_by_data(i: Instance, d: Draw) -> None:
    """Outputs with an upper bound of their size."""
    match d.index(3):
        case 0:
            shape = _shape(d, d.pick(2, 1, 3, 4))
            y = i.node("NonZero", i.input(shape, d.pick("float32", "int64", "bool", "uint8"), 0, 1))
            i.give(i.node("Transpose", y) if d.maybe(0.3) else y)
        case 1:
            shape = _shape(d, d.pick(2, 1, 3))
            x = i.input(shape, d.one_of(_TYPES), 0, 100)
            if d.maybe(0.3):
                i.give(i.node("Compress", x, i.input((d.integer(1, int(np.prod(shape))),), "bool")))
            else:
                axis = d.integer(0, len(shape) - 1)
                i.give(i.node("Compress", x, i.input((d.integer(1, shape[axis]),), "bool"), axis=axis))
        case 2:
            suppression(i, d)


def suppression(i: Instance, d: Draw) -> None:
    """Boxes that do not overlap better ones; scores that all differ."""
    batch, classes, count = d.pick(1, 2), d.pick(1, 2, 3), d.integer(1, 24)
    rng = np.random.default_rng(d.seed)
    centered = d.pick(0, 1)
    corners = rng.integers(0, 12, (batch, count, 4)).astype(np.float32)
    if centered:
        corners[..., 2:] = corners[..., 2:] % 5 + 1
    else:
        corners[..., 2:] = corners[..., :2] + corners[..., 2:] % 5 + 1
    scores = rng.permuted(np.arange(batch * classes * count)).reshape(batch, classes, count).astype(np.float32)
    inputs = [i.given(corners, constant=False), i.given(scores, constant=False), i.given([d.integer(1, 9)], "int64")]
    inputs.append("" if d.maybe(0.2) else i.given([d.pick(0.51, 0.01, 0.26)], "float32", constant=d.maybe(0.8)))
    if d.maybe():
        inputs.append(i.given([d.pick(0.5, 4.5)], "float32", constant=d.maybe(0.8)))
    i.give(i.node("NonMaxSuppression", *inputs, center_point_box=centered))


FAMILIES = {
    "gather": gather,
    "gather-elements": gather_elements,
    "gather-nd": gather_nd,
    "scatter": scatter,
    "one-hot": one_hot,
    "top-k": top_k,
    "cumulate": cumulate,
    "sized-by-data": sized_by_data,
}
