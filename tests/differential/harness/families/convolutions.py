"""Convolutions by every kernel, and what follows them in registers."""

import math

from harness import thresholds as at
from harness.draw import Draw
from harness.instance import Instance

_WORK = (200_000, 1_000_000, 8_000_000)
"""Multiply-adds that an instance may have."""

_TILED = ("float32", "float32", "float32", "float32", "float64")
"""What register tiles multiply."""


def _side(d: Draw, most: int, low: int = 1) -> int:
    return d.size([7, 14, 16, 28, 32, 56, 64, 96, 128, 224], low, max(low, most))


def _pads(d: Draw, kernel: list[int], rank: int) -> dict[str, object]:
    """Padding of some kind."""
    match d.index(4):
        case 0:
            return {}
        case 1:
            return {"pads": [k // 2 for k in kernel] * 2}
        case 2:
            return {"auto_pad": d.pick("SAME_UPPER", "SAME_LOWER", "VALID")}
    return {"pads": [d.integer(0, min(3, kernel[k % rank])) for k in range(2 * rank)]}


def _plane(d: Draw, rank: int, work: int, minimum: list[int], steps: int = 1) -> list[int]:
    """Sizes of the spatial axes, each window fitting, of at most so many elements."""
    room = max(1, work // max(1, steps))
    sizes = []
    for axis in range(rank):
        left = rank - axis
        most = max(minimum[axis], min(2048 if rank == 1 else 256, math.ceil(room ** (1 / left))))
        size = _side(d, most, minimum[axis])
        sizes.append(size)
        room = max(1, room // size)
    return sizes


def conv_node(
    i: Instance,
    d: Draw,
    x: str,
    outputs: int,
    kernel: list[int],
    *,
    groups: int = 1,
    **options: object,
) -> str:
    """A convolution of a value; constants mostly."""
    channels, dtype = i.shape(x)[1], i.dtype(x)
    small = 1 if dtype == "float16" else 2
    weights = i.constant((outputs, channels // groups, *kernel), dtype, -small, small)
    if d.maybe(0.1):
        weights = i.input((outputs, channels // groups, *kernel), dtype, -small, small)
    inputs = [x, weights]
    if d.maybe():
        inputs.append(i.tensor((outputs,), dtype, -8, 8) if d.maybe(0.1) else i.constant((outputs,), dtype, -8, 8))
    return i.node("Conv", *inputs, group=groups if groups > 1 else None, **options)


def activation(i: Instance, d: Draw, x: str) -> str:
    """Nothing, something light, or something heavy behind a product."""
    match d.index(8):
        case 0 | 1 | 2:
            return x
        case 3:
            return i.node("Relu", x)
        case 4:
            return i.node("LeakyRelu", x, alpha=d.pick(0.25, 0.5, -0.5))
        case 5:
            return i.node("Clip", x, i.given(-6.0, i.dtype(x)), i.given(6.0, i.dtype(x)))
        case 6:
            return i.node(d.pick("Sigmoid", "Tanh", "HardSwish", "HardSigmoid", "Softplus", "Mish", "Elu"), x)
    op = d.pick("Sin", "Atan", "Gelu", "Erf", "Abs")
    return i.node("Erf" if op == "Gelu" and i.version < 20 else op, x)


def direct(i: Instance, d: Draw) -> None:
    """Any rank, stride, dilation, padding and group; depths at the thresholds of parts and loops."""
    rank = d.pick(2, 1, 2, 2, 3)
    kernel = [d.pick(3, 1, 2, 3, 4, 5, 7) for _ in range(rank)]
    if rank == 3:
        kernel = [min(k, 3) for k in kernel]
    window = math.prod(kernel)
    groups = d.pick(1, 1, 1, 2, 3)
    wanted = d.near(at.DEPTHS, 1, 2400) if d.maybe() else d.size(at.COLUMNS, 1, 64) * window
    channels = max(1, round(wanted / window))
    outputs = d.size(at.COLUMNS, 1, 128)
    dilations = [d.pick(1, 1, 1, 2, 3) for _ in range(rank)]
    strides = [d.pick(1, 1, 2, 3) for _ in range(rank)]
    minimum = [(k - 1) * e + 1 for k, e in zip(kernel, dilations, strict=True)]
    work = d.one_of(_WORK) // (channels * outputs * window)
    plane = _plane(d, rank, work * math.prod(strides), minimum)
    batch = d.pick(1, 1, 1, 2, 3)
    x = i.input((batch, groups * channels, *plane), d.one_of(_TILED), low=-3, high=3)
    options = _pads(d, kernel, rank)
    y = conv_node(
        i,
        d,
        x,
        groups * outputs,
        kernel,
        groups=groups,
        strides=strides,
        dilations=dilations,
        kernel_shape=kernel,
        **options,
    )
    if d.maybe(0.3):
        y = activation(i, d, y)
    i.give(y)


def long_window(i: Instance, d: Draw) -> None:
    """One input channel or few, and a window that is long along the last axis."""
    channels, outputs = d.pick(1, 1, 2, 3), d.pick(1, 4, 8, 16, 17, 40)
    length = d.near([*at.PARTS, 128, 100, 200], 16, 700)
    tall = d.pick(1, 1, 2, 3)
    size = length + d.pick(0, 1, 5, 30, 64, 200)
    if d.maybe(0.4):
        x = i.input((1, channels, tall + d.integer(0, 3), size), d.one_of(_TILED), low=-2, high=2)
        kernel = [tall, length]
    else:
        x = i.input((1, channels, size), d.one_of(_TILED), low=-2, high=2)
        kernel = [length]
    i.give(conv_node(i, d, x, outputs, kernel, **_pads(d, kernel, len(kernel))))


def few_outputs(i: Instance, d: Draw) -> None:
    """Many channels into very few: sums of one vector of columns, cut into parts over the channels."""
    rank = d.pick(2, 1, 2)
    kernel = [d.pick(3, 2, 3, 4, 5) for _ in range(rank)]
    channels = d.near([*at.PARTS, 40, 48, 56, 60, 64, 128], 8, 600)
    outputs = d.integer(1, 8)
    room = max(2, d.one_of(_WORK) // (channels * outputs * math.prod(kernel)))
    plane = [max(k, s) for k, s in zip(kernel, _plane(d, rank, room, kernel), strict=True)]
    if d.maybe(0.3):
        plane = list(kernel)
    x = i.input((1, channels, *plane), d.one_of(_TILED), low=-2, high=2)
    i.give(activation(i, d, conv_node(i, d, x, outputs, kernel, **_pads(d, kernel, rank))))


def winograd(i: Instance, d: Draw) -> None:
    """Windows of 3 x 3, which the transforms take."""
    channels = d.size([4, 8, 16, 32, 48, 64], 1, 96)
    outputs = d.size([4, 8, 16, 24, 32, 48, 64], 1, 96)
    stride = d.pick(1, 1, 1, 2)
    work = d.pick(2_000_000, 6_000_000, 20_000_000) // (9 * channels * outputs)
    plane = _plane(d, 2, min(4096, max(16, work * stride)), [3, 3])
    x = i.input((d.pick(1, 1, 2), channels, *plane), low=-2, high=2)
    y = conv_node(i, d, x, outputs, [3, 3], strides=[stride] * 2, pads=d.pick([1] * 4, [0] * 4, [0, 1, 1, 0]))
    match d.index(4):
        case 1:
            y = i.node("Relu", y)
        case 2:
            y = i.node("Relu", i.node("Add", y, i.input(i.shape(y))))
        case 3:
            y = activation(i, d, y)
    if d.maybe(0.3) and min(i.shape(y)[2:]) >= 2:
        y = i.node(d.pick("MaxPool", "AveragePool"), y, kernel_shape=[2, 2], strides=[2, 2])
    i.give(y)


def depthwise(i: Instance, d: Draw) -> None:
    """One channel in and out of each group, perhaps among channels-last neighbors."""
    rank = d.pick(2, 1, 2, 2, 3)
    channels = d.size([*at.COLUMNS], 1, 160)
    kernel = [d.pick(3, 1, 2, 5, 7) for _ in range(rank)] if rank < 3 else [d.pick(1, 2, 3) for _ in range(3)]
    dilations = [d.pick(1, 1, 2) for _ in range(rank)]
    minimum = [(k - 1) * e + 1 for k, e in zip(kernel, dilations, strict=True)]
    plane = _plane(d, rank, d.one_of(_WORK) // (channels * math.prod(kernel)), minimum)
    if d.maybe(0.3):
        plane[-1] = max(minimum[-1], d.near(at.DEPTHWISE))
    x = i.input((d.pick(1, 2), channels, *plane), d.one_of(_TILED), low=-3, high=3)
    if d.maybe():
        x = conv_node(i, d, x, channels, [1] * rank) if channels <= 64 else i.node("Relu", x)
    multiplier = d.pick(1, 1, 1, 2)
    y = conv_node(
        i,
        d,
        x,
        channels * multiplier,
        kernel,
        groups=channels,
        strides=[d.pick(1, 1, 2, 3) for _ in range(rank)],
        dilations=dilations,
        **_pads(d, kernel, rank),
    )
    if d.maybe(0.3):
        y = i.node("Add", y, i.input(i.shape(y), i.dtype(y)))
    i.give(activation(i, d, y))


def pooled(i: Instance, d: Draw) -> None:
    """A convolution with a pool behind it: in registers, or of its whole result."""
    rank = d.pick(2, 2, 1, 3)
    channels, outputs = d.pick(1, 3, 4, 8, 16), d.size([*at.COLUMNS], 1, 96)
    kernel = [d.pick(3, 1, 2, 5, 7) for _ in range(rank)] if rank < 3 else [d.pick(1, 2, 3) for _ in range(3)]
    elements = d.pick(2_000, 20_000, at.POOL_IN_REGISTERS[1] // 4, at.BAND // 4, at.BAND // 2)
    room = max(4, int(min(elements // outputs, 20_000_000 // (channels * outputs * math.prod(kernel)))))
    plane = _plane(d, rank, room, [k + 4 for k in kernel])
    x = i.input((d.pick(1, 1, 2), channels, *plane), d.one_of(_TILED), low=-2, high=2)
    groups = d.pick(1, 1, 1, 2) if channels % 2 == 0 and outputs % 2 == 0 else 1
    y = conv_node(i, d, x, outputs, kernel, groups=groups, **_pads(d, kernel, rank))
    y = activation(i, d, y)
    size = min(i.shape(y)[2:])
    pool = [min(size, d.pick(2, 2, 3, 4, 5)) for _ in range(rank)]
    options: dict[str, object] = {"strides": pool}
    if d.maybe(0.4):
        options = {
            "strides": [d.integer(1, 3) for _ in range(rank)],
            "pads": [d.integer(0, k - 1) if k > 1 else 0 for k in pool] * 2,
        }
    if d.maybe(0.15):
        options["ceil_mode"] = 1
    op = d.pick("MaxPool", "AveragePool")
    if op == "MaxPool" and d.maybe(0.1) and all(2 * k - 1 <= n for k, n in zip(pool, i.shape(y)[2:], strict=True)):
        options = {"strides": [1] * rank, "dilations": [2] * rank}
    y = i.node(op, y, kernel_shape=pool, **options)
    i.give(y)


def bands(i: Instance, d: Draw) -> None:
    """Results so large that streams pool them a band of rows at a time, overlapping or not, by whatever kernel."""
    outputs, channels, k = d.pick(64, 48, 96), d.pick(4, 3, 16), d.pick(3, 1, 5)
    side = math.isqrt(d.pick(at.BAND, at.BAND * 3 // 2, at.BAND * 2) // (4 * outputs)) + d.pick(0, 1, 3)
    x = i.input((1, channels, side, side), low=-1, high=1)
    y = activation(i, d, conv_node(i, d, x, outputs, [k, k], pads=[k // 2] * 4))
    pool = d.pick(3, 2, 5)
    options = d.pick(
        {"strides": [2, 2], "pads": [1] * 4}, {"strides": [1, 1]}, {"strides": [pool, pool]}, {"strides": [2, 2]}
    )
    i.give(i.node(d.pick("MaxPool", "MaxPool", "AveragePool"), y, kernel_shape=[pool, pool], **options))


def plain(i: Instance, d: Draw) -> None:
    """Other element types, and weights that are computed."""
    dtype = d.pick("float64", "float16", "float32")
    rank = d.pick(2, 1, 3)
    channels, outputs, groups = d.size([8, 16], 1, 24), d.size([8, 16], 1, 24), d.pick(1, 1, 2)
    kernel = [d.pick(1, 2, 3) for _ in range(rank)]
    plane = _plane(d, rank, 300_000 // (channels * outputs * math.prod(kernel)), kernel)
    if d.maybe(0.2):
        plane[-1] = max(kernel[-1], d.near(at.STRIPS))
    wide = (1 << 20) + 1 if dtype == "float64" else 3
    x = i.input((d.pick(1, 2), groups * channels, *plane), dtype, -wide, wide)
    w = i.input((groups * outputs, channels, *kernel), dtype, -2, 2)
    inputs = [x, w, i.input((groups * outputs,), dtype)] if d.maybe() else [x, w]
    y = i.node("Conv", *inputs, group=groups, strides=[d.pick(1, 2) for _ in range(rank)], **_pads(d, kernel, rank))
    match d.index(4):
        case 1:
            y = i.node("Relu", y)
        case 2:
            y = i.node("Add", y, i.input(i.shape(y), dtype))
        case 3:
            y = i.node("Relu", i.node("Add", i.constant(i.shape(y), dtype), y))
    if d.maybe(0.2) and min(i.shape(y)[2:]) >= 2:
        y = i.node("MaxPool", y, kernel_shape=[2] * rank, strides=[2] * rank)
    i.give(y)


def transposed(i: Instance, d: Draw) -> None:
    """Transposed convolutions: phases, padding, groups."""
    rank = d.pick(2, 2, 1, 3)
    dtype = d.pick("float32", "float32", "float32", "float64")
    channels = d.size([*at.PARTS, 16, 64], 1, 160)
    outputs = d.size([3, 4, 8, 16], 1, 40)
    groups = d.pick(1, 1, 2)
    kernel = [d.pick(4, 1, 2, 3, 5) for _ in range(rank)] if rank < 3 else [d.pick(2, 1, 3) for _ in range(3)]
    strides, dilations = [d.pick(2, 1, 2, 3) for _ in range(rank)], [d.pick(1, 1, 1, 2) for _ in range(rank)]
    plane = _plane(d, rank, d.one_of(_WORK) // (channels * outputs * math.prod(kernel)), [1] * rank)
    plane = [min(p, 24) for p in plane]
    x = i.input((1 if rank == 3 else d.pick(1, 2), groups * channels, *plane), dtype, -2, 2)
    options: dict[str, object] = {}
    match d.index(5):
        case 1:
            options["pads"] = [d.integer(0, k // 2) for k in kernel] * 2
        case 2:
            options["auto_pad"] = d.pick("SAME_UPPER", "SAME_LOWER", "VALID")
            if d.maybe(0.3):
                options["output_padding"] = [s - 1 for s in strides]
        case 3:
            options["output_padding"] = [s - 1 for s in strides]
        case 4:
            options["output_shape"] = [n * s for n, s in zip(plane, strides, strict=True)]
    whole = [(n - 1) * s + (k - 1) * e + 1 for n, s, k, e in zip(plane, strides, kernel, dilations, strict=True)]
    before = options.get("pads", [0] * 2 * rank)
    if any(w - before[a] - before[a + rank] < 1 for a, w in enumerate(whole)):  # type: ignore[index]
        options.pop("pads", None)
    if "output_shape" in options or options.get("auto_pad", "").startswith("SAME"):  # type: ignore[attr-defined]
        wanted = [n * s for n, s in zip(plane, strides, strict=True)]
        if any(w < n for w, n in zip(whole, wanted, strict=True)):
            options = {}
    w = i.tensor((groups * channels, outputs, *kernel), dtype, -2, 2)
    inputs = [x, w, i.constant((groups * outputs,), dtype)] if d.maybe() else [x, w]
    y = i.node("ConvTranspose", *inputs, group=groups, strides=strides, dilations=dilations, **options)
    if dtype == "float32":
        y = activation(i, d, y)
    if d.maybe(0.2):
        y = i.node("Add", y, i.input(i.shape(y), dtype))
    i.give(y)


FAMILIES = {
    "conv": direct,
    "conv-long": long_window,
    "conv-few": few_outputs,
    "conv-winograd": winograd,
    "conv-depthwise": depthwise,
    "conv-pooled": pooled,
    "conv-bands": bands,
    "conv-plain": plain,
    "conv-transposed": transposed,
}
