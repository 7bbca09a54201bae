"""Operators that only move elements."""

import math

import numpy as np

from harness import thresholds as at
from harness.draw import Draw
from harness.families.folds import FLOATS, INTEGERS
from harness.instance import Instance

_TYPES = ("float32", "float32", "float16", "float64", *INTEGERS, "bool")


def _shape(d: Draw, rank: int = 0, most: int = 40_000) -> tuple[int, ...]:
    rank = rank or d.pick(2, 1, 3, 4, 5)
    sizes = []
    room = most
    for _ in range(rank):
        size = d.size(at.BLOCKS, 1, max(1, min(70, room)))
        sizes.append(size)
        room = max(1, room // size)
    return tuple(sizes)


def _input(i: Instance, d: Draw, shape: tuple[int, ...]) -> str:
    return i.input(shape, d.one_of(_TYPES), 0, 100)


def transpose(i: Instance, d: Draw) -> None:
    """Permutations, of sizes at the blocks that are transposed together."""
    shape = _shape(d)
    order = list(range(len(shape)))
    for k in reversed(range(1, len(order))):
        other = d.integer(0, k)
        order[k], order[other] = order[other], order[k]
    x = _input(i, d, shape)
    i.give(i.node("Transpose", x, perm=order) if d.maybe(0.8) else i.node("Transpose", x))


def reshape(i: Instance, d: Draw) -> None:
    """Views, and copies where a view is an output."""
    shape = _shape(d)
    x = _input(i, d, shape)
    match d.index(5):
        case 0:
            y = i.node("Reshape", x, i.ints(-1, shape[-1]))
        case 1:
            y = i.node("Flatten", x, axis=d.integer(0, len(shape)))
        case 2:
            y = i.node("Unsqueeze", x, i.ints(d.integer(0, len(shape))))
        case 3:
            y = i.node("Squeeze", i.node("Unsqueeze", x, i.ints(0)), i.ints(0))
        case _:
            y = i.node("Identity", x)
    if d.maybe() and i.dtype(x) in FLOATS:
        y = i.node("Neg", y)
    i.give(y)


def slices(i: Instance, d: Draw) -> None:
    """Slices of any step, also backwards; several axes."""
    shape = _shape(d)
    x = _input(i, d, shape)
    axes = [a for a in range(len(shape)) if d.maybe()] or [0]
    starts, ends, steps = [], [], []
    for axis in axes:
        size = shape[axis]
        step = d.pick(1, 1, 2, 3, -1, -2)
        a, b = sorted((d.integer(0, size - 1), d.integer(0, size - 1)))
        starts.append(a if step > 0 else b)
        ends.append(b + 1 if step > 0 else a - 1 if a else -size - 1)
        steps.append(step)
    if d.maybe(0.3):
        starts = [s - n for s, n in zip(starts, (shape[a] for a in axes), strict=True)]
    if d.maybe(0.1):  # before the first element, whichever way it goes
        starts, ends = (
            [-shape[a] - 3 for a in axes],
            [e if s > 0 else -(2**63) for e, s in zip(ends, steps, strict=True)],
        )
    if i.version < 10:
        keep = [k for k, step in enumerate(steps) if step == 1]
        axes, starts, ends = ([v[k] for k in keep] for v in (axes, starts, ends))
        if not axes:
            axes, starts, ends = [0], [0], [1]
        i.give(i.node("Slice", x, starts=starts, ends=ends, axes=axes))
        return
    i.give(i.node("Slice", x, i.ints(*starts), i.ints(*ends), i.ints(*axes), i.ints(*steps)))


def joins(i: Instance, d: Draw) -> None:
    """Concatenations and splits, also of what is computed and of constants."""
    shape = list(_shape(d))
    axis = d.integer(0, len(shape) - 1)
    dtype = d.one_of(_TYPES)
    if d.maybe():
        names = []
        for _ in range(d.integer(1, 5)):
            shape[axis] = d.integer(1, 9)
            part = i.tensor(shape, dtype, 0, 50)
            if dtype in FLOATS and d.maybe():
                part = i.node(d.pick("Relu", "Neg"), part)
            names.append(part)
        if d.maybe(0.2):
            names.append(names[0])
        i.give(i.node("Concat", *names, axis=axis - (len(shape) if d.maybe(0.3) else 0)))
        return
    count = d.integer(1, 4)
    sizes = [d.integer(1, 6) for _ in range(count)]
    given = count == 1 or d.maybe(0.8)
    if not given and i.version < 18:  # parts of other sizes than the first one's came with num_outputs
        sizes = sizes[:1] * count
    shape[axis] = sum(sizes)
    x = i.input(shape, dtype, 0, 50)
    if dtype in FLOATS and d.maybe():
        x = i.node("Abs", x)
    if given:
        parts = i.node("Split", x, i.ints(*sizes), outputs=count, axis=axis) if i.version >= 13 else [x]
    else:
        parts = i.node("Split", x, outputs=count, axis=axis, **({"num_outputs": count} if i.version >= 18 else {}))
    parts = [parts] if isinstance(parts, str) else parts
    i.give(*(i.node("Neg", p) if dtype in FLOATS and d.maybe() else i.node("Identity", p) for p in parts))


def repeats(i: Instance, d: Draw) -> None:
    """Expand and Tile."""
    shape = tuple(1 if d.maybe(0.3) else n for n in _shape(d, most=4000))
    x = _input(i, d, shape)
    if d.maybe():
        target = [n if n > 1 else d.pick(1, 3, 8, 33) for n in shape]
        if d.maybe(0.3):
            target = [2, *target]
        i.give(i.node("Expand", x, i.ints(*target)))
    else:
        i.give(i.node("Tile", x, i.ints(*(d.pick(1, 2, 3, 5) for _ in shape))))


def pads(i: Instance, d: Draw) -> None:
    """Paddings of every mode, also negative ones, and crops."""
    shape = tuple(max(4, n) for n in _shape(d, most=4000))
    x = _input(i, d, shape)
    if d.maybe(0.15):
        i.give(i.node("CenterCropPad", x, i.ints(*(max(1, n + d.integer(-3, 4)) for n in shape))))
        return
    mode = d.pick("constant", "edge", "reflect", "wrap")
    if i.version < 19 and mode == "wrap":
        mode = "edge"
    axes = [a for a in range(len(shape)) if d.maybe()] or [0]
    amounts = [d.pick(0, 1, 2, 3, -1) for _ in range(2 * len(axes))]
    inputs = [x, i.ints(*amounts)]
    if mode == "constant" and d.maybe():
        inputs.append(i.given(1 if i.dtype(x) == "bool" else 7, i.dtype(x), constant=d.maybe(0.7)))
    if i.version >= 18:
        inputs += [""] * (3 - len(inputs))
        inputs.append(i.ints(*axes))
    elif axes != list(range(len(shape))):
        full = [0] * 2 * len(shape)
        for position, axis in enumerate(axes):
            full[axis], full[axis + len(shape)] = amounts[position], amounts[position + len(axes)]
        inputs[1] = i.ints(*full)
    i.give(i.node("Pad", *inputs, mode=mode))


def blocks(i: Instance, d: Draw) -> None:
    """Depth to space and back."""
    block = d.pick(2, 1, 3)
    n, c, h, w = d.pick(1, 2), d.integer(1, 5), d.integer(1, 9), d.integer(1, 9)
    if d.maybe():
        x = i.input((n, c * block**2, h, w), d.pick("float32", "uint8", "int32"), 0, 50)
        i.give(i.node("DepthToSpace", x, blocksize=block, mode=d.pick("DCR", "CRD")))
    else:
        x = i.input((n, c, h * block, w * block), d.pick("float32", "uint8", "int32"), 0, 50)
        i.give(i.node("SpaceToDepth", x, blocksize=block))


def fills(i: Instance, d: Draw) -> None:
    """Tensors that are made, triangles, dropout."""
    match d.index(4):
        case 0:
            x = i.input((d.integer(1, 9), d.integer(1, 9)), d.pick("float32", "int32", "bool"))
            i.give(i.node("EyeLike", x, k=d.integer(-3, 3), dtype=d.pick(None, 1, 7)))
        case 1:
            shape = _shape(d, d.pick(2, 3))
            given = [i.given(d.integer(-3, 3), "int64", constant=d.maybe())] if d.maybe() else []
            i.give(i.node("Trilu", _input(i, d, shape), *given, upper=d.pick(1, 0)))
        case 2:
            x = i.input(_shape(d), "float32")
            if d.maybe():
                i.give(*i.node("Dropout", x, outputs=2))
            else:
                i.give(i.node("Add", i.node("Dropout", x), x))
        case 3:
            shape = (d.integer(1, 6), d.integer(1, 7), *_shape(d, d.pick(1, 2), 50))
            first = d.maybe()
            lengths = [d.integer(1, shape[0 if first else 1]) for _ in range(shape[1 if first else 0])]
            x = _input(i, d, shape)
            options = {"time_axis": 0, "batch_axis": 1} if first else {"time_axis": 1, "batch_axis": 0}
            i.give(i.node("ReverseSequence", x, i.given(lengths, "int64", constant=d.maybe()), **options))


def parts(i: Instance, d: Draw) -> None:
    """Values in each other's bytes: concatenations of slices of concatenations, with work in between."""
    channels = [d.integer(1, 6) for _ in range(d.integer(2, 3))]
    plane = (d.integer(1, 9), d.integer(1, 9))
    values = [i.node("Relu", i.input((1, c, *plane))) for c in channels]
    for _ in range(d.integer(1, 4)):
        match d.index(4):
            case 0:
                picked = [d.one_of(values) for _ in range(d.integer(2, 3))]
                same = [v for v in picked if i.shape(v)[2:] == i.shape(picked[0])[2:]]
                values.append(i.node("Concat", *same, axis=1))
            case 1:
                x = d.one_of(values)
                n = i.shape(x)[1]
                start = d.integer(0, n - 1)
                end = d.integer(start + 1, n)
                values.append(i.node("Slice", x, i.ints(start), i.ints(end), i.ints(1)))
            case 2:
                x = d.one_of(values)
                n = i.shape(x)[1]
                if n > 1:
                    cut = d.integer(1, n - 1)
                    values += i.node("Split", x, i.ints(cut, n - cut), outputs=2, axis=1)
            case 3:
                x = d.one_of(values)
                values.append(i.node(d.pick("Neg", "Relu", "Abs"), x))
    if d.maybe():
        x = values[-1]
        values.append(i.node("Conv", x, i.constant((d.integer(1, 9), i.shape(x)[1], 1, 1), low=-1, high=1)))
    if d.maybe(0.3):
        x = values[-1]
        values.append(i.node("Concat", x, i.constant(i.shape(x)), axis=1))
    i.give(values[-1])
    if d.maybe(0.4):
        i.give(i.node("Neg", d.one_of(values)))


def large(i: Instance, d: Draw) -> None:
    """Copies beyond a chunk, and loops beyond the items."""
    count = d.near([at.CHUNK, 2 * at.CHUNK])
    match d.index(3):
        case 0:
            i.give(i.node("Identity", i.input((count,), d.pick("float32", "uint8"))))
        case 1:
            rows = d.near([at.ITEMS, 16])
            i.give(i.node("Transpose", i.input((rows, 3, at.ITEMS // 3), "float32"), perm=(1, 2, 0)))
        case 2:
            x = i.input((d.near([at.ITEMS]), 2, 5), "float32")
            i.give(i.node("Tile", x, i.ints(1, 3, 1)))
    assert math.prod(i.shape(i.nodes[-1].output[0])) < np.iinfo(np.int32).max


FAMILIES = {
    "transpose": transpose,
    "reshape": reshape,
    "slice": slices,
    "join": joins,
    "repeat": repeats,
    "pad": pads,
    "depth-to-space": blocks,
    "fill": fills,
    "parts": parts,
    "large-copy": large,
}
