"""Quantized operators: exact whole numbers, scaled once."""

import math

from harness import thresholds as at
from harness.draw import Draw
from harness.instance import Instance

_BYTES = ("uint8", "int8")


def _whole(i: Instance, d: Draw, shape: tuple[int, ...], dtype: str, *, constant: float = 0.0) -> str:
    """Bytes of the whole range."""
    make = i.constant if d.maybe(constant) else i.input
    return make(shape, dtype, 0 if dtype == "uint8" else -128, 255 if dtype == "uint8" else 127)


def _scale(i: Instance, d: Draw, shape: tuple[int, ...] = ()) -> str:
    exponent = d.pick(0.5, 0.25, 0.125, 0.03, 1.0)
    return (
        i.constant(shape, "float32", 1, 3, exponent) if shape else i.given(exponent, "float32", constant=d.maybe(0.8))
    )


def matmul(i: Instance, d: Draw) -> None:
    """MatMulInteger and QLinearMatMul; rows and columns with scales of their own."""
    rows, columns = d.size(at.ROWS, 1, 40), d.size(at.COLUMNS, 1, 130)
    depth = d.size([*at.UNROLLED, 16, 64], 1, 200)
    a_type, b_type = d.one_of(_BYTES), d.one_of(_BYTES)
    batch = d.pick((), (), (2,))
    a = _whole(i, d, (*batch, rows, depth), a_type)
    b = _whole(i, d, (*(batch if d.maybe() else ()), depth, columns), b_type, constant=0.8)
    known = d.maybe(0.8)
    per_row = not batch and rows > 1 and d.maybe(0.2)
    a_zero = (
        i.given([d.integer(0, 9) for _ in range(rows)], a_type)
        if per_row
        else i.given(_zero_point(d, a_type), a_type, constant=known)
    )
    b_shape = () if d.maybe(0.7) or batch else (columns,)
    centered = {"uint8": 128, "int8": 0}[b_type]
    low, high = (centered, centered) if d.maybe(0.7) else (0, 9)
    b_zero = i.constant(b_shape, b_type, low, high) if known else i.input(b_shape, b_type, 0, 9)
    if d.maybe():
        sums = i.node("MatMulInteger", a, b, *([a_zero, b_zero] if d.maybe(0.7) else [a_zero] if d.maybe() else []))
        i.give(_made_real(i, d, sums, len(i.shape(sums)) - 1) if d.maybe() else sums)
        return
    y_type = a_type
    a_scale = _scale(i, d, (rows,) if per_row else ())
    b_scale = _scale(i, d, b_shape)
    y_scale = i.given(d.pick(64.0, 33.0, 256.0), "float32")
    i.give(i.node("QLinearMatMul", a, a_scale, a_zero, b, b_scale, b_zero, y_scale, i.given(d.integer(0, 9), y_type)))


def _zero_point(d: Draw, dtype: str) -> int:
    """Near zero, or one of the ends."""
    low, high = (0, 255) if dtype == "uint8" else (-128, 127)
    return d.pick(d.integer(0, 9), 0, low, high, d.integer(low, high))


def conv(i: Instance, d: Draw) -> None:
    """ConvInteger and QLinearConv; of all channels, of groups, of each channel alone."""
    rank = d.pick(2, 1, 3)
    depthwise = rank < 3 and d.maybe(0.25)
    groups = d.size(at.COLUMNS, 2, 140) if depthwise else d.pick(1, 1, 1, 2, 4)
    channels, outputs = (1, 1) if depthwise else (d.size([3, 4, 8, 16], 1, 40), d.size(at.COLUMNS, 1, 70))
    kernel = [d.pick(3, 1, 2, 5) if rank < 3 else d.pick(1, 2) for _ in range(rank)]
    work = 2_000_000 // (channels * outputs * groups * math.prod(kernel))
    dilations = [d.pick(1, 1, 1, 2) for _ in range(rank)]
    spans = [(size - 1) * apart + 1 for size, apart in zip(kernel, dilations, strict=True)]
    side = max(*spans, 5, min(20, int(work ** (1 / rank))))
    plane = [d.integer(span, side) for span in spans]
    x_type, w_type = d.one_of(_BYTES), d.one_of(_BYTES)
    x = _whole(i, d, (d.pick(1, 2), groups * channels, *plane), x_type)
    w = _whole(i, d, (groups * outputs, channels, *kernel), w_type, constant=0.85)
    known = d.maybe(0.85)
    x_zero = i.given(_zero_point(d, x_type), x_type, constant=known)
    w_shape = d.pick((), (groups * outputs,))
    centered = {"uint8": 128, "int8": 0}[w_type]
    w_zero = i.constant(w_shape, w_type, centered, centered) if d.maybe(0.7) else i.constant(w_shape, w_type, 0, 9)
    options: dict[str, object] = {"group": groups, "strides": [d.pick(1, 2) for _ in range(rank)]}
    options["dilations"] = dilations
    if d.maybe():
        options["pads"] = [span // 2 for span in spans] * 2
    elif d.maybe(0.3):
        options["auto_pad"] = d.pick("SAME_UPPER", "SAME_LOWER")
    if d.maybe(0.4):
        inputs = [x, w, *([x_zero, w_zero] if d.maybe(0.7) and not w_shape else [x_zero] if d.maybe() else [])]
        sums = i.node("ConvInteger", *inputs, **options)
        i.give(_made_real(i, d, sums, 1) if d.maybe() else sums)
        return
    bias = [i.constant((groups * outputs,), "int32", -1000, 1000)] if d.maybe() else []
    y_type = x_type
    scales = _scale(i, d), _scale(i, d, w_shape)
    y_scale, y_zero = i.given(d.pick(64.0, 33.0, 256.0), "float32"), i.given(_zero_point(d, y_type), y_type)
    i.give(i.node("QLinearConv", x, scales[0], x_zero, w, scales[1], w_zero, y_scale, y_zero, *bias, **options))


def _made_real(i: Instance, d: Draw, sums: str, axis: int) -> str:
    """What dynamic quantization does with sums: scaled for all or by column, biased, an activation, a residual."""
    shape = i.shape(sums)
    column = (shape[axis], *[1] * (len(shape) - 1 - axis))
    value = i.node("Cast", sums, to=1)
    value = i.node("Mul", value, _power(i, d, d.pick((), column)))
    if d.maybe():
        value = i.node("Add", value, i.constant(column, "float32", -8, 8))
    if d.maybe(0.3):
        value = i.node("Relu", value)
    elif d.maybe(0.3):
        value = i.node("Add", value, i.input(shape, "float32", -8, 8))
    return value


def _power(i: Instance, d: Draw, shape: tuple[int, ...]) -> str:
    """A scale, or several, known or not; powers of two, so that the sums stay exact."""
    return (i.constant if d.maybe(0.7) else i.input)(shape, "float32", 1, 1, d.pick(0.5, 2.0**-6))


def linear(i: Instance, d: Draw) -> None:
    """QuantizeLinear and DequantizeLinear: for the tensor, for an axis, for blocks."""
    shape = (d.integer(1, 5), d.pick(4, 8, 6), d.integer(1, 17))
    real = d.pick("float32", "float32", "float16") if i.version >= 19 else "float32"
    target = d.pick("uint8", "int8", "int16", "uint16") if i.version >= 21 else d.one_of(_BYTES)
    axis, block = d.pick(1, 0, 2), 0
    match d.index(3):
        case 0:
            scale_shape: tuple[int, ...] = ()
        case 1:
            scale_shape = (shape[axis],)
        case _:
            axis, block = 1, 2
            scale_shape = (shape[0], shape[1] // 2, shape[2])
    if i.version < 13:
        scale_shape, block = (), 0
    elif i.version < 21 and block:
        scale_shape, block = (shape[axis],), 0
    options: dict[str, object] = {"axis": axis} if i.version >= 13 else {}
    if block:
        options["block_size"] = block
    scale = i.tensor(scale_shape, real, 1, 3, 0.5)
    zero = [i.tensor(scale_shape, target, 0, 9)] if d.maybe() else []
    if d.maybe():
        x = i.input(shape, real, -300, 300, 0.25)
        if not zero and (i.version < 13 or d.maybe()):
            zero = [i.constant(scale_shape, target, 0, 0)]
        i.give(i.node("QuantizeLinear", x, scale, *zero, **options))
        return
    x = i.input(shape, target, 0, 100)
    y = i.node("DequantizeLinear", x, scale, *zero, **options)
    if d.maybe(0.3) and not block:
        y = i.node("Relu", y)
    i.give(y)


def dynamic(i: Instance, d: Draw) -> None:
    """A range that is found at run time."""
    x = i.input((d.integer(1, 9), d.size([4, 16, 64], 1, 130)), "float32", -20, 31, d.pick(1, 0.5))
    names = i.node("DynamicQuantizeLinear", x, outputs=3)
    i.give(*(names if d.maybe() else names[:1]))


_CONTRIB = "com.microsoft"


def _meaning(i: Instance, d: Draw, dtype: str, *scales: float) -> tuple[str, str]:
    """A scale and a zero point."""
    low = 0 if dtype == "uint8" else -128
    return i.given(d.pick(*scales), "float32"), i.given(d.pick(0, low, low + 255, d.integer(low, low + 255)), dtype)


def _image(i: Instance, d: Draw, dtype: str) -> str:
    """Bytes of some channels: as they come, planar, or of a convolution, which has channels last."""
    channels, batch = d.size([8, 16, 32, 64, 128], 1, 140), d.pick(1, 1, 2)
    shape = (batch, channels, d.integer(3, 9), d.integer(3, 11))
    if d.maybe(0.4):
        return _whole(i, d, shape, dtype)
    inner = d.pick(4, 8)
    x, w = _whole(i, d, (batch, inner, *shape[2:]), dtype), i.constant((channels, inner, 1, 1), "int8", -128, 127)
    scales = [i.given(scale, "float32") for scale in (0.5, 0.25, 8.0)]
    zero, none = i.given(d.integer(0, 9), dtype), i.given(0, "int8")
    return i.node("QLinearConv", x, scales[0], zero, w, scales[1], none, scales[2], zero)


def pool(i: Instance, d: Draw) -> None:
    """Pools of bytes."""
    dtype = d.one_of(_BYTES)
    x = _image(i, d, dtype)
    kernel = [d.pick(2, 3, 1), d.pick(2, 3, 1)]
    options: dict[str, object] = {"kernel_shape": kernel, "strides": [d.pick(2, 1, 3), d.pick(2, 1, 3)]}
    if d.maybe():
        options["pads"] = [d.integer(0, k - 1) for k in kernel * 2]
    meaning = [*_meaning(i, d, dtype, 0.5, 0.02), *_meaning(i, d, dtype, 0.5, 0.017)]
    match d.index(4):
        case 0:
            y = i.node("MaxPool", x, **options)
        case 1:
            y = i.node("QLinearGlobalAveragePool", x, *meaning, domain=_CONTRIB)
        case 2:
            whole = list(i.shape(x)[2:])
            y = i.node("QLinearAveragePool", x, *meaning, domain=_CONTRIB, kernel_shape=whole)
        case _:
            more = {"count_include_pad": 1} if d.maybe(0.4) else {}
            y = i.node("QLinearAveragePool", x, *meaning, domain=_CONTRIB, **options, **more)
    i.give(y)


def softmax(i: Instance, d: Draw) -> None:
    """Softmax of bytes, along any axis."""
    dtype = d.one_of(_BYTES)
    shape = (d.size([8, 16], 1, 20), d.size([8, 64, 256], 1, 300), *d.pick((), (d.integer(1, 40),)))
    x = _whole(i, d, shape, dtype)
    meaning = [*_meaning(i, d, dtype, 0.03, 0.1, 0.3), *_meaning(i, d, dtype, 1 / 256, 0.007)]
    axis = d.pick(-1, 1, 0)
    i.give(i.node("QLinearSoftmax", x, *meaning, domain=_CONTRIB, axis=axis, opset=13))


def table(i: Instance, d: Draw) -> None:
    """A function of bytes by its table, alone, and with what it is a function of."""
    dtype = d.one_of(_BYTES)
    x = _image(i, d, dtype) if d.maybe() else _whole(i, d, (d.integer(1, 9), d.size([32, 64], 1, 300)), dtype)
    given, made = _meaning(i, d, dtype, 0.03, 0.1), _meaning(i, d, dtype, 1 / 256, 0.01)
    y = i.node("QLinearSigmoid", x, *given, *made, domain=_CONTRIB)
    if d.maybe():
        i.give(y)
        return
    op = d.pick("QLinearMul", "QLinearAdd")
    i.give(i.node(op, x, *given, y, *made, *_meaning(i, d, dtype, 0.02, 0.1), domain=_CONTRIB))


def pointwise(i: Instance, d: Draw) -> None:
    """Sums and products of bytes, which may broadcast."""
    dtype = d.one_of(_BYTES)
    x = _image(i, d, dtype)
    shape = i.shape(x)
    other = d.pick(shape, (shape[0], shape[1], 1, 1), (shape[3],), ())
    w = _whole(i, d, other, dtype, constant=0.5)
    meanings = [_meaning(i, d, dtype, *scales) for scales in ((0.02, 0.5), (0.03, 0.25), (0.05, 1.0))]
    op = d.pick("QLinearAdd", "QLinearMul")
    i.give(i.node(op, x, *meanings[0], w, *meanings[1], *meanings[2], domain=_CONTRIB))


def pixels(i: Instance, d: Draw) -> None:
    """Planes of an image quantized into pixels, few planes and too many, of every width."""
    planes, dtype = d.integer(1, 5), d.one_of(_BYTES)
    shape = (d.pick(1, 2), planes, d.integer(1, 9), d.size(at.COLUMNS, 1, 300))
    x = i.input(shape, "float32", -300, 300, 0.25)
    q = i.node("QuantizeLinear", x, i.given(d.pick(0.5, 0.25), "float32"), i.given(_zero_point(d, dtype), dtype))
    i.give(i.node("Transpose", q, perm=[0, 2, 3, 1]))


def chain(i: Instance, d: Draw) -> None:
    """A product and what its kernel does: reals made bytes, a tensor or a constant row added, bytes made real.

    Weights are of any size, or so small that pairs of products fit into int16. Scales are powers of two, so that every
    way to compute it gives the same.
    """
    rows, depth, columns = d.size(at.ROWS, 1, 30), d.size([4, 16, 64], 1, 150), d.size(at.COLUMNS, 1, 130)
    one, step = i.given(1.0, "float32"), i.given(2.0 ** d.pick(-6, -8), "float32")
    zeros = [i.given(_zero_point(d, "uint8"), "uint8") for _ in range(3)]
    x, other = _whole(i, d, (rows, depth), "uint8"), _whole(i, d, (rows, columns), "uint8")
    if d.maybe(0.4):
        x = i.node(
            "QuantizeLinear", i.input((rows, depth), "float32", -300, 300, 0.25), i.given(0.5, "float32"), zeros[0]
        )
    most = d.pick(127, 64)
    weights, none = i.constant((depth, columns), "int8", -most, most), i.given(0, "int8")
    value = i.node("QLinearMatMul", x, one, zeros[0], weights, step, none, one, zeros[1])
    if d.maybe(0.7):
        added = other if d.maybe() else _whole(i, d, (columns,), "uint8", constant=1.0)
        pair = [value, one, zeros[1], added, one, zeros[2]]
        value = i.node("QLinearAdd", *(pair if d.maybe() else [*pair[3:], *pair[:3]]), one, zeros[1], domain=_CONTRIB)
    i.give(i.node("DequantizeLinear", value, step, zeros[1]) if d.maybe() else value)


FAMILIES = {
    "q-matmul": matmul,
    "q-conv": conv,
    "q-linear": linear,
    "q-dynamic": dynamic,
    "q-pool": pool,
    "q-softmax": softmax,
    "q-table": table,
    "q-pointwise": pointwise,
    "q-pixels": pixels,
    "q-chain": chain,
}
