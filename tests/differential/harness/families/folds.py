"""Reductions, normalizations, softmax, pools by themselves."""

import math

from harness import thresholds as at
from harness.draw import Draw
from harness.instance import Instance

FLOATS = ("float32", "float32", "float32", "float16", "float64")
INTEGERS = ("int32", "int64", "int8", "uint8", "int16", "uint16", "uint32", "uint64")


def shape_of(d: Draw, most: int = 60_000, rank: int = 0) -> tuple[int, ...]:
    """A shape whose last axes lie at the thresholds of rows and columns."""
    rank = rank or d.pick(2, 1, 3, 4)
    sizes: list[int] = []
    room = most
    for axis in range(rank):
        long = at.FOLD_RUN if d.maybe(0.15) else at.FOLD_ROWS if axis == rank - 1 else at.FOLD_COLUMNS
        size = d.near(long, 1, max(1, min(room, 17_000))) if d.maybe(0.6) else d.integer(1, max(1, min(room, 9)))
        sizes.append(size)
        room = max(1, room // size)
    return tuple(sizes)


def reduction(i: Instance, d: Draw) -> None:
    """ONNX's ten, over any axes."""
    op = "Reduce" + d.pick("Sum", "Mean", "Max", "Min", "L1", "L2", "SumSquare", "LogSum", "LogSumExp", "Prod")
    dtype = d.pick(*FLOATS, *INTEGERS[:2], d.one_of(INTEGERS))
    if op in {"ReduceLogSum", "ReduceLogSumExp"} and i.version >= 28:
        dtype = d.pick(*FLOATS)
    if dtype in {"int16", "uint16"}:
        dtype = "int32"
    if dtype not in {"int32", "int64", "uint32", "uint64", *FLOATS}:
        op = d.pick("ReduceMax", "ReduceMin")
    shape = shape_of(d)
    rank = len(shape)
    axes = [a for a in range(rank) if d.maybe()] if rank > 1 else [0]
    count = math.prod(shape[a] for a in axes) if axes else math.prod(shape)
    low, high = (
        (1, 1) if op == "ReduceProd" and count > 20 else (1, 2) if op in {"ReduceLogSum", "ReduceProd"} else (-4, 4)
    )
    if dtype == "float16" and count > 500:
        low, high = 0, 1
    if dtype.startswith("uint"):
        low = max(low, 1 if op == "ReduceLogSum" else 0)
    x = i.input(shape, dtype, low, high)
    axes = [a - rank if d.maybe(0.2) else a for a in axes]
    keep = d.pick(1, 0)
    if not axes and d.maybe(0.5):
        y = (
            i.node(op, x, keepdims=keep, noop_with_empty_axes=d.pick(0, 1))
            if d.maybe()
            else i.node(op, x, keepdims=keep)
        )
    elif not axes:
        y = i.node(op, x, i.ints(0), keepdims=keep)
    else:
        y = i.node(op, x, i.ints(*axes), keepdims=keep)
    i.give(y)


def long_sum(i: Instance, d: Draw) -> None:
    """Sums of very many numbers that float32 does not hold: chains of additions must be short."""
    rows = d.pick(1, 2, 3)
    most = d.pick(20_000, 100_000, 400_000)
    count = max(2, (most + d.integer(-3, 3)) // rows)
    value = d.pick(0.1, 0.3, 1 / 3)
    array = i.given
    import numpy as np

    data = np.full((rows, count), value, np.float32)
    if d.maybe():
        data += np.random.default_rng(d.seed).standard_normal(data.shape).astype(np.float32) * np.float32(0.01)
    kind = d.index(6)
    if kind == 0:
        i.give(i.node("ReduceSum", array(data, constant=False), i.ints(1)))
    elif kind == 1:
        i.give(i.node("ReduceMean", array(np.ascontiguousarray(data.T), constant=False), i.ints(0)))
    elif kind == 2:
        side = math.isqrt(count)
        image = array(data[:, : side * side].reshape(1, rows, side, side), constant=False)
        i.give(i.node("GlobalAveragePool", image))
    elif kind == 3:
        inner = d.pick(2, 3, 5)
        cube = array(data.ravel()[: rows * count // inner * inner].reshape(-1, 1, inner), constant=False)
        i.give(i.node("ReduceSum", cube, i.ints(0, 2)))
    elif kind == 4:
        i.give(i.node("MatMul", array(data, constant=False), array(np.full((count, 1), 1.0, np.float32))))
    else:
        i.give(i.node("MatMul", array(data[:1], constant=False), array(np.full((count, 8), 0.5, np.float32))))


def arg(i: Instance, d: Draw) -> None:
    """Positions of extremes."""
    shape = shape_of(d)
    dtype = d.pick("float32", "float16", "float64", *INTEGERS)
    x = i.input(shape, dtype, 0 if dtype.startswith("u") else -100, 100)
    i.give(
        i.node(
            d.pick("ArgMax", "ArgMin"),
            x,
            axis=d.integer(0, len(shape) - 1) - (len(shape) if d.maybe(0.3) else 0),
            keepdims=d.pick(1, 0),
            select_last_index=d.pick(0, 1),
        )
    )


def softmax(i: Instance, d: Draw) -> None:
    """Softmax, its logarithm, Hardmax."""
    shape = shape_of(d, rank=d.pick(2, 3, 4, 1))
    op = d.pick("Softmax", "Softmax", "LogSoftmax", "Hardmax")
    x = i.input(shape, d.pick(*FLOATS), -6, 6)
    if d.maybe(0.3):
        x = i.node("Add", x, i.constant(shape[-1:], i.dtype(x)))
    i.give(i.node(op, x, axis=d.integer(0, len(shape) - 1) - (len(shape) if d.maybe(0.3) else 0)))


def normalization(i: Instance, d: Draw) -> None:
    """Normalizations of rows, channels, groups."""
    dtype = d.pick(*FLOATS)
    kind = d.pick(
        "LayerNormalization",
        "RMSNormalization",
        "InstanceNormalization",
        "GroupNormalization",
        "LpNormalization",
        "MeanVarianceNormalization",
    )
    if kind in {"LayerNormalization", "RMSNormalization"}:
        shape = shape_of(d, rank=d.pick(2, 3, 4))
        axis = d.pick(-1, len(shape) - 1, d.integer(0, len(shape) - 1))
        x = i.input(shape, dtype)
        scale = i.tensor(shape[axis:] if d.maybe(0.7) else shape[-1:], dtype, 1, 3)
        if kind == "RMSNormalization":
            i.give(i.node(kind, x, scale, axis=axis))
            return
        inputs = [x, scale, *([i.tensor(shape[-1:], dtype)] if d.maybe() else [])]
        if d.maybe(0.3) and dtype != "float16":
            i.give(*i.node(kind, *inputs, outputs=3, axis=axis, epsilon=1e-3))
        else:
            i.give(i.node(kind, *inputs, axis=axis, epsilon=d.pick(1e-5, 1e-3, 0.5)))
        return
    if kind == "MeanVarianceNormalization":
        dtype = "float32"
    if kind == "LpNormalization":
        shape = shape_of(d, 4000)
        i.give(i.node(kind, i.input(shape, dtype), p=d.pick(1, 2), axis=d.integer(0, len(shape) - 1)))
        return
    channels = d.pick(1, 2, 4, 6, 8, 16, 33)
    space = [d.size(at.FOLD_ROWS, 1, 40) for _ in range(d.pick(2, 1, 3) if kind != "MeanVarianceNormalization" else 2)]
    x = i.input((d.pick(1, 2), channels, *space), dtype)
    if kind == "MeanVarianceNormalization":
        i.give(i.node(kind, x, **({} if d.maybe() else {"axes": d.pick([0, 2, 3], [1], [2, 3], [0, 1, 2, 3])})))
        return
    scale, bias = i.tensor((channels,), dtype, 1, 3), i.tensor((channels,), dtype)
    if kind == "InstanceNormalization":
        i.give(i.node(kind, x, scale, bias, epsilon=1e-3))
        return
    groups = d.one_of([g for g in range(1, channels + 1) if channels % g == 0])
    if i.version < 21:
        scale, bias = i.tensor((groups,), dtype, 1, 3), i.tensor((groups,), dtype)
    i.give(i.node(kind, x, scale, bias, num_groups=groups, epsilon=1e-3))


def pool(i: Instance, d: Draw) -> None:
    """Pools of any window, of any type, with positions."""
    rank = d.pick(2, 2, 1, 3)
    channels = d.size(at.POOL_CHANNELS, 1, 130)
    kernel = [d.pick(2, 3, 1, 5, 7, 8) if rank < 3 else d.pick(1, 2, 3) for _ in range(rank)]
    if d.maybe(0.1):
        kernel = [d.near([at.POOL_PART, 2 * at.POOL_PART, 7]) if rank == 1 else d.pick(6, 9) for _ in range(rank)]
    op = d.pick("MaxPool", "AveragePool")
    dilations = [d.pick(1, 1, 1, 2) for _ in range(rank)]
    if op == "AveragePool" and i.version < 19:
        dilations = [1] * rank
    plane = [(k - 1) * e + 1 + d.pick(0, 1, 2, 5, 9, 14) for k, e in zip(kernel, dilations, strict=True)]
    dtype = d.pick(
        "float32", "float32", "float32", "float16", "float64", *(("int8", "uint8") if op == "MaxPool" else ())
    )
    x = i.input((d.pick(1, 2), channels, *plane), dtype, -9, 9)
    if d.maybe(0.5) and dtype == "float32" and channels <= 48:
        x = i.node("Conv", x, i.constant((channels, channels, *[1] * rank), low=-1, high=1))
    options: dict[str, object] = {}
    match d.index(4):
        case 1:
            options["pads"] = [d.integer(0, k - 1) if k > 1 else 0 for k in kernel] * 2
        case 2:
            options["auto_pad"] = d.pick("SAME_UPPER", "SAME_LOWER", "VALID")
            dilations = [1] * rank
        case 3:
            options["ceil_mode"] = 1
    options |= {"strides": [d.pick(1, 2, 3) for _ in range(rank)]}
    if any(e > 1 for e in dilations):
        options["dilations"] = dilations
    if op == "AveragePool" and d.maybe(0.4):
        options["count_include_pad"] = 1
    if op == "MaxPool" and d.maybe(0.25):
        i.give(*i.node(op, x, outputs=2, kernel_shape=kernel, storage_order=d.pick(0, 1), **options))
    else:
        i.give(i.node(op, x, kernel_shape=kernel, **options))


def global_pool(i: Instance, d: Draw) -> None:
    """Pools over everything."""
    rank = d.pick(2, 1, 3)
    channels = d.size(at.POOL_CHANNELS, 1, 130)
    side = d.size([at.POOL_PART, 7, 14, 100], 1, max(2, int((60_000 / channels) ** (1 / rank))))
    op = d.pick("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")
    x = i.input((d.pick(1, 2), channels, *[side] * rank), d.pick(*FLOATS))
    if d.maybe(0.4) and channels <= 32 and i.dtype(x) == "float32" and op != "GlobalLpPool":
        x = i.node("Conv", x, i.constant((channels, channels, *[1] * rank), low=-1, high=1))
    i.give(i.node(op, x, **({"p": d.pick(2, 1)} if op == "GlobalLpPool" else {})))


def local_response(i: Instance, d: Draw) -> None:
    """Sums of squares over neighboring channels."""
    x = i.input((d.pick(1, 2), d.integer(1, 12), *[d.integer(1, 9) for _ in range(d.pick(2, 1, 3))]), d.pick(*FLOATS))
    i.give(
        i.node(
            "LRN",
            x,
            size=d.pick(3, 1, 2, 5),
            alpha=d.pick(1e-4, 0.5),
            beta=d.pick(0.75, 0.5, 0.6),
            bias=d.pick(1.0, 2.0),
        )
    )


def loss(i: Instance, d: Draw) -> None:
    """Losses by class."""
    dtype = d.pick("float32", "float64", "float16")
    batch, classes = d.integer(1, 5), d.integer(1, 7)
    places = d.pick((), (3,), (2, 3))
    x = i.input((batch, classes, *places), dtype)
    target = i.input((batch, *places), d.pick("int64", "int32"), 0, classes - 1)
    inputs = [x, target, *([i.tensor((classes,), dtype, 1, 3)] if d.maybe() else [])]
    options = {"reduction": d.pick("mean", "sum", "none")}
    if d.maybe(0.3):
        options["ignore_index"] = classes - 1  # type: ignore[assignment]
    if d.maybe():
        i.give(i.node("NegativeLogLikelihoodLoss", *inputs, **options))
    elif d.maybe():
        i.give(*i.node("SoftmaxCrossEntropyLoss", *inputs, outputs=2, **options))
    else:
        i.give(i.node("SoftmaxCrossEntropyLoss", *inputs, **options))


FAMILIES = {
    "reduce": reduction,
    "long-sum": long_sum,
    "arg": arg,
    "softmax": softmax,
    "norm": normalization,
    "pool": pool,
    "global-pool": global_pool,
    "lrn": local_response,
    "loss": loss,
}
