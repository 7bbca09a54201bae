"""Chains whose steps stream: every kernel that is cut into bands of rows, at heights where bands end and rings turn."""

import math

from harness import thresholds as at
from harness.draw import Draw
from harness.families.chains import calm, finish
from harness.families.convolutions import activation, conv_node
from harness.families.products import normalized
from harness.instance import Instance

_WORK = 1_500_000
"""Multiply-adds of one node."""
_ELEMENTS = 60_000
"""Of one value."""


def _outputs(i: Instance, d: Draw, x: str, steps: int) -> int:
    """How many channels a node makes that takes so many multiply-adds for each of them."""
    plane = i.shape(x)[0] * math.prod(i.shape(x)[2:])
    most = max(1, min(64, _WORK // max(1, steps * plane), 2 * _ELEMENTS // plane))
    return d.size([4, 8, 16, 24, 32, 48], 1, most)


def _window(d: Draw, plane: list[int], sizes: tuple[int, ...]) -> dict[str, list[int]]:
    """A window with strides, dilations and pads; it fits whatever the height."""
    kernel = [d.one_of(sizes) for _ in plane]
    if d.maybe(0.2):
        kernel[1] = 1
    dilations = [d.pick(1, 1, 1, 2, 3) for _ in plane]
    spans = [step * (size - 1) for step, size in zip(dilations, kernel, strict=True)]
    before = [d.pick(span // 2, 0, min(span, 1), span) for span in spans]
    after = [
        max(d.pick(span // 2, 0, min(span, 1), span), span + 1 - size - pad)
        for span, size, pad in zip(spans, plane, before, strict=True)
    ]
    strides = [d.pick(1, 1, 2, 3) for _ in plane]
    return {"kernel_shape": kernel, "strides": strides, "dilations": dilations, "pads": before + after}


def _convolution(i: Instance, d: Draw, x: str) -> str:
    """Any window, in one group or several."""
    _, channels, *plane = i.shape(x)
    options = _window(d, plane, (3, 1, 2, 5, 7))
    groups = d.pick(1, 1, 2, 3) if channels % 6 == 0 else d.pick(1, 1, 2) if channels % 2 == 0 else 1
    outputs = _outputs(i, d, x, channels // groups * math.prod(options["kernel_shape"]))
    kernel = options.pop("kernel_shape")
    return conv_node(i, d, x, -(-outputs // groups) * groups, kernel, groups=groups, **options)


def _winograd(i: Instance, d: Draw, x: str) -> str:
    """A window of three by three, with which transforms are worth it where there are channels."""
    _, channels, *plane = i.shape(x)
    pads = d.pick([1] * 4, [1] * 4, [0, 1, 1, 0], [2] * 4)
    if min(plane) + min(pads) * 2 < 3:
        pads = [1, 1, 1, 1]
    stride = d.pick(1, 1, 1, 2)
    return conv_node(i, d, x, max(8, _outputs(i, d, x, 9 * channels)), [3, 3], pads=pads, strides=[stride] * 2)


def _depthwise(i: Instance, d: Draw, x: str) -> str:
    """One channel to each group."""
    _, channels, *plane = i.shape(x)
    options = _window(d, plane, (3, 3, 5, 2))
    return conv_node(i, d, x, channels * d.pick(1, 1, 1, 2), options.pop("kernel_shape"), groups=channels, **options)


def _pointwise(i: Instance, d: Draw, x: str) -> str:
    """One element of the plane to one."""
    return conv_node(i, d, x, _outputs(i, d, x, i.shape(x)[1]), [1, 1], strides=[d.pick(1, 1, 1, 2)] * 2)


def _transposed(i: Instance, d: Draw, x: str) -> str:
    """A larger plane: phases without a common row, and with some."""
    _, channels, *plane = i.shape(x)
    kernel, strides = [d.pick(2, 3, 4, 1) for _ in plane], [d.pick(2, 2, 1, 3) for _ in plane]
    pads = [d.integer(0, size // 2) for size in kernel]
    whole = [(n - 1) * s + k - 2 * p for n, s, k, p in zip(plane, strides, kernel, pads, strict=True)]
    if min(whole) < 1:
        pads = [0, 0]
    groups = d.pick(1, 1, 2) if channels % 2 == 0 else 1
    w = i.constant((channels, d.integer(1, 6), *kernel), low=-1, high=1)
    return i.node("ConvTranspose", x, w, strides=strides, pads=pads * 2, group=groups)


def _pool(i: Instance, d: Draw, x: str) -> str:
    """Overlapping or not, padded or not."""
    op = d.pick("MaxPool", "AveragePool")
    options: dict[str, object] = {}
    plane = list(i.shape(x)[2:])
    kernel = [min(d.pick(2, 3, 3, 5), size) for size in plane]
    if d.maybe():
        options["pads"] = [d.integer(0, size - 1) for size in kernel] * 2
        options["count_include_pad"] = d.pick(0, 1) if op == "AveragePool" else None
    elif d.maybe(0.3):
        options["ceil_mode"] = 1
    elif op == "MaxPool" and all(2 * (k - 1) < size for k, size in zip(kernel, plane, strict=True)):
        options["dilations"] = [d.pick(1, 2)] * 2
    return i.node(op, x, kernel_shape=kernel, strides=[d.pick(2, 1, 3)] * 2, **options)


def _resized(i: Instance, d: Draw, x: str) -> str:
    """Rows picked: twice or more, not all, in no simple rule; or weighted."""
    factors = [1, 1, d.pick(2.0, 2.0, 3.0, 1.5, 0.5, 1.0), d.pick(2.0, 2.0, 0.5, 1.0)]
    factors = [f if f > 1 or size * f >= 1 else 1.0 for f, size in zip(factors, i.shape(x), strict=True)]
    how = d.pick("asymmetric", "half_pixel", "align_corners")
    nearest = d.pick("floor", "round_prefer_floor", "ceil")
    mode = d.pick("nearest", "nearest", "nearest", "linear")
    return i.node(
        "Resize",
        x,
        "",
        i.given(factors, "float32"),
        mode=mode,
        coordinate_transformation_mode=how,
        nearest_mode=nearest if mode == "nearest" else None,
    )


def _blocks(i: Instance, d: Draw, x: str) -> str:
    """Channels to rows and columns, or back."""
    _, channels, *plane = i.shape(x)
    if channels % 4 == 0 and d.maybe(0.7):
        return i.node("DepthToSpace", x, blocksize=2, mode=d.pick("DCR", "CRD"))
    if all(size % 2 == 0 for size in plane) and channels <= 16:
        return i.node("SpaceToDepth", x, blocksize=2)
    y = conv_node(i, d, x, 4 * d.integer(1, 4), [1, 1])
    return i.node("DepthToSpace", y, blocksize=2, mode=d.pick("DCR", "CRD"))


def _joined(i: Instance, d: Draw, x: str, values: list[str]) -> str:
    """Parts of one tensor: made there, or copied."""
    alike = [v for v in values if i.shape(v)[2:] == i.shape(x)[2:]] or [x]
    others = [d.one_of(alike) if d.maybe(0.8) else conv_node(i, d, x, d.integer(1, 8), [1, 1]) for _ in range(2)]
    return i.node("Concat", *([x, *others][: d.pick(2, 3)] if d.maybe() else [*others[:1], x]), axis=1)


def _residual(i: Instance, d: Draw, x: str, values: list[str]) -> str:
    """A sum with what was made before, however long ago."""
    alike = [v for v in values if i.shape(v) == i.shape(x)]
    other = d.one_of(alike) if alike else _pointwise_like(i, d, x)
    return i.node(d.pick("Add", "Add", "Mul", "Sub"), *((x, other) if d.maybe() else (other, x)))


def _pointwise_like(i: Instance, d: Draw, x: str) -> str:
    return conv_node(i, d, x, i.shape(x)[1], [1, 1])


def _gate(i: Instance, d: Draw, x: str) -> str:
    """What waits for its own mean or maximum."""
    channels = i.shape(x)[1]
    op = d.pick("GlobalAveragePool", "GlobalAveragePool", "GlobalMaxPool")
    small = i.node("Relu", conv_node(i, d, i.node(op, x), d.pick(4, 1, 8), [1, 1]))
    return i.node("Mul", x, i.node(d.pick("HardSigmoid", "Sigmoid"), conv_node(i, d, calm(i, small), channels, [1, 1])))


def _mean(i: Instance, d: Draw, x: str) -> str:
    """The mean of all rows, added to each of them."""
    y = i.node("ReduceMean", x, i.ints(2, 3), keepdims=1) if d.maybe() else i.node("GlobalAveragePool", x)
    return i.node(d.pick("Sub", "Add"), x, y)


def _rows_moved(i: Instance, d: Draw, x: str) -> str:
    """Rows that are cut off, put around, or laid another way."""
    _, channels, high, wide = i.shape(x)
    match d.index(4):
        case 0 if high > 1:
            start = d.integer(0, high - 1)
            return i.node("Slice", x, i.ints(start), i.ints(d.integer(start + 1, high)), i.ints(2))
        case 1:
            pads = [0, 0, d.integer(0, 3), d.integer(0, 2), 0, 0, d.integer(0, 3), d.integer(0, 2)]
            # an image of one row has none to reflect
            mode = d.pick("constant", "edge", "reflect") if min(high, wide) > 3 else d.pick("constant", "edge")
            return i.node("Pad", x, i.ints(*pads), mode=mode)
        case 2 if channels > 1:
            cut = d.integer(1, channels - 1)
            parts = i.node("Split", x, i.ints(cut, channels - cut), outputs=2, axis=1)
            return i.node("Concat", *reversed(parts), axis=1)
    y = i.node("Transpose", x, perm=(0, 2, 3, 1))
    if d.maybe(0.4):
        y = i.node("LayerNormalization", y, i.constant((channels,), low=1, high=2), epsilon=1e-3)
    elif d.maybe(0.4):
        y = i.node("Softmax", y, axis=-1)
    return i.node("Transpose", y, perm=(0, 3, 1, 2))


def _step(i: Instance, d: Draw, x: str, values: list[str]) -> str:
    """One more node or two."""
    made = (
        _convolution,
        _winograd,
        _depthwise,
        _pointwise,
        _pool,
        _convolution,
        _winograd,
        _transposed,
        _resized,
        _resized,
        _blocks,
        _gate,
        _mean,
        _rows_moved,
        activation,
        normalized,
        _joined,
        _residual,
        _residual,
    )
    chosen = d.one_of(made)
    return chosen(i, d, x, values) if chosen in (_joined, _residual) else chosen(i, d, x)


def _chain(i: Instance, d: Draw, x: str, most: int) -> None:
    values = [x]
    for _ in range(d.integer(2, most)):
        here = d.one_of(values[-2:])
        y = calm(i, _step(i, d, here, values))
        if math.prod(i.shape(y)) > _ELEMENTS:
            y = calm(i, i.node("MaxPool", y, kernel_shape=[min(2, n) for n in i.shape(y)[2:]], strides=[2, 2]))
        values.append(y)
    finish(i, d, values)


def image(i: Instance, d: Draw) -> None:
    """Images, some of a single row, some of more rows than bands, one or several."""
    high = d.pick(14, 1, 2, 3, 7, 13, 17, 28, 33, 56, 65)
    wide = min(d.pick(8, 5, 11, 1, 16, 28, 56), 1600 // high)
    x = i.input((d.pick(1, 1, 1, 2, 3), d.size([3, 4, 8, 16], 1, 24), high, wide), low=-2, high=2)
    if d.maybe(0.8):
        x = calm(i, _winograd(i, d, x) if d.maybe() else _convolution(i, d, x))
    _chain(i, d, x, 8)


def tall(i: Instance, d: Draw) -> None:
    """Images of so many rows that several are one, and of as many as tables have."""
    rows = d.near([at.BUFFER_ROWS, 2 * at.BUFFER_ROWS, at.PICKED_ROWS // 2, 521, 1031], 1)
    x = i.input((1, d.pick(1, 2, 3), rows, d.pick(1, 2)), low=-2, high=2)
    if rows > 2 * at.BUFFER_ROWS + 1 or d.maybe(0.2):
        x = i.node("Resize", x, "", i.given([1, 1, 2, 2], "float32"), mode="nearest")
    _chain(i, d, x, 4)


FAMILIES = {"stream-image": image, "stream-tall": tall}
