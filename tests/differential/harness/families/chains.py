"""Chains of two to nine nodes: what passes fuse, fold, move and cut into blocks, with values that are used twice."""

import math

from harness import thresholds as at
from harness.draw import Draw
from harness.families.convolutions import activation, conv_node
from harness.families.products import normalized
from harness.instance import Instance

_MOST = 4000.0
"""Numbers beyond this are made small again, so that sums stay exact."""


def calm(i: Instance, x: str) -> str:
    """The value, clipped if it has grown."""
    if i.largest(x) <= _MOST:
        return x
    return i.node("Clip", x, i.given(-64.0, "float32"), i.given(64.0, "float32"))


def _constant(i: Instance, d: Draw, x: str) -> str:
    """A constant that broadcasts against a value, of powers of two and small numbers."""
    shape = i.shape(x)
    rank = len(shape)
    channel = tuple(n if a == 1 else 1 for a, n in enumerate(shape))
    options = [(), (1,), shape[-1:], (1,) * rank, shape, (*[1] * (rank - 1), shape[-1])]
    if rank > 2:
        options += [channel, channel[1:], channel]
    return i.constant(d.one_of(options), low=-2, high=3, step=d.pick(1, 0.5, 2))


def _scaling(i: Instance, d: Draw, x: str) -> str:
    """A factor or an addend, known beforehand, on either side."""
    op = d.pick("Mul", "Add", "Sub", "Div", "Mul", "Add")
    if op == "Div":
        return i.node(op, x, i.given(d.pick(2.0, 0.5, 4.0), "float32"))
    c = _constant(i, d, x)
    shape = i.shape(x)
    y = i.node(op, c, x) if d.maybe(0.4) else i.node(op, x, c)
    assert i.shape(y) == shape
    return y


def _image_step(i: Instance, d: Draw, x: str, values: list[str]) -> str:
    """One more node or two behind an image."""
    n, channels, *plane = i.shape(x)
    choice = d.index(14)
    if choice == 0 or (choice == 1 and channels > 40):
        return _scaling(i, d, x)
    if choice == 1:
        k = d.pick(1, 3)
        outputs = d.size([4, 8, 16, 32], 1, 40)
        return conv_node(i, d, x, outputs, [k, k], pads=[k // 2] * 4, strides=[d.pick(1, 1, 2)] * 2)
    if choice == 2:
        return normalized(i, d, x)
    if choice == 3:
        return activation(i, d, x)
    if choice == 4:
        alike = [v for v in values if i.shape(v) == i.shape(x)]
        return i.node(d.pick("Add", "Mul", "Sub", "Max"), x, d.one_of(alike) if alike else i.input(i.shape(x)))
    if choice == 5 and min(plane) >= 3:
        k = d.pick(2, 3)
        pads = [1] * 4 if k == 3 and d.maybe() else [0] * 4
        return i.node(
            d.pick("MaxPool", "AveragePool"), x, kernel_shape=[k, k], strides=[d.pick(2, 1, k)] * 2, pads=pads
        )
    if choice == 6:
        alike = [v for v in values if i.shape(v)[2:] == i.shape(x)[2:]] or [x]
        other = d.one_of(alike) if d.maybe(0.8) else i.constant((n, d.integer(1, 5), *plane))
        return i.node("Concat", *((x, other) if d.maybe() else (other, x)), axis=1)
    if choice == 7 and channels > 1:
        cut = d.integer(1, channels - 1)
        first, second = i.node("Split", x, i.ints(cut, channels - cut), outputs=2, axis=1)
        values.append(first)
        return second
    if choice == 8 and channels > 1:
        start = d.integer(0, channels - 1)
        return i.node("Slice", x, i.ints(start), i.ints(d.integer(start + 1, channels)), i.ints(1))
    if choice == 9:
        k = d.pick(3, 1, 2)
        if min(plane) >= k:
            return conv_node(i, d, x, channels, [k, k], groups=channels, pads=[k // 2] * 4)
    if choice == 10:
        pads = [0, 0, d.integer(0, 2), d.integer(0, 2), 0, 0, d.integer(0, 2), d.integer(0, 2)]
        y = i.node("Pad", x, i.ints(*pads))
        return conv_node(i, d, y, 8, [1, 1]) if d.maybe() else y
    if choice == 11:
        pooled = i.node("GlobalAveragePool", x)
        gate = i.node(d.pick("Sigmoid", "Relu", "HardSigmoid"), conv_node(i, d, pooled, channels, [1, 1]))
        return i.node("Mul", x, gate)
    if choice == 12:
        y = i.node("Transpose", x, perm=(0, 2, 3, 1))
        y = _scaling(i, d, y) if d.maybe() else i.node("MatMul", y, i.constant((channels, channels), low=-1, high=1))
        return i.node("Transpose", y, perm=(0, 3, 1, 2))
    if choice == 13 and min(plane) * max(plane) <= 400 and channels <= 24:
        return i.node("ConvTranspose", x, i.constant((channels, d.integer(1, 8), 2, 2), low=-1, high=1), strides=[2, 2])
    return i.node("Relu", x)


def image(i: Instance, d: Draw) -> None:
    """Images: convolutions and what networks put around them."""
    side = d.pick(6, 5, 8, 14, 28)
    x = i.input((d.pick(1, 1, 2), d.size([3, 4, 8, 16], 1, 24), side, side + d.pick(0, 1, 3)), low=-2, high=2)
    values = [x]
    if d.maybe(0.7):
        k = d.pick(3, 1, 5)
        x = conv_node(i, d, x, d.size([4, 8, 16, 32], 1, 40), [k, k], pads=[k // 2] * 4)
        values.append(x)
    for _ in range(d.integer(1, 7)):
        x = calm(i, _image_step(i, d, d.one_of(values[-2:]), values))
        values.append(x)
    finish(i, d, values)


def finish(i: Instance, d: Draw, values: list[str]) -> None:
    i.give(values[-1])
    made = [v for v in values[:-1] if v not in i.inputs and v not in i.outputs]
    if made and d.maybe(0.35):
        i.give(d.one_of(made))


def _rows_step(i: Instance, d: Draw, x: str, values: list[str]) -> str:
    """One more node or two behind rows."""
    shape = i.shape(x)
    width = shape[-1]
    match d.index(13):
        case 0:
            return _scaling(i, d, x)
        case 1:
            y = i.node("MatMul", x, i.constant((width, d.size(at.COLUMNS, 1, 96)), low=-1, high=1))
            return i.node("Add", y, i.constant(i.shape(y)[-1:])) if d.maybe() else y
        case 2 if len(shape) == 2:
            columns = d.size(at.COLUMNS, 1, 96)
            turned = d.maybe()
            w = i.constant((columns, width) if turned else (width, columns), low=-1, high=1)
            return i.node("Gemm", x, w, i.constant((columns,)), transB=int(turned))
        case 3:
            return activation(i, d, x)
        case 4:
            alike = [v for v in values if i.shape(v) == shape]
            return i.node(d.pick("Add", "Mul", "Sub"), x, d.one_of(alike) if alike else i.input(shape))
        case 5:
            return i.node(
                "LayerNormalization", x, i.constant((width,), low=1, high=2), i.constant((width,)), epsilon=1e-3
            )
        case 6:
            return i.node("Softmax", x, axis=-1)
        case 7:
            gate = d.pick("Sigmoid", "Tanh", "Erf", "Softplus")
            return i.node("Mul", x, i.node(gate, x))
        case 8 if len(shape) == 3:
            return i.node("Transpose", x, perm=d.pick((0, 2, 1), (1, 0, 2)))
        case 9:
            other = [v for v in values if i.shape(v)[:-1] == shape[:-1]] or [x]
            return i.node("Concat", x, d.one_of(other), axis=-1)
        case 10 if width > 1:
            cut = d.integer(1, width - 1)
            first, second = i.node("Split", x, i.ints(cut, width - cut), outputs=2, axis=-1)
            values.append(first)
            return second
        case 11:
            flat = i.node("Reshape", x, i.ints(-1, width))
            y = i.node("MatMul", flat, i.constant((width, 16), low=-1, high=1))
            return i.node("Reshape", y, i.ints(*shape[:-1], 16)) if d.maybe() else y
        case 12:
            mean = i.node("ReduceMean", x, i.ints(-1), keepdims=1)
            return i.node("Sub", x, mean)
    return i.node("Relu", x)


def rows(i: Instance, d: Draw) -> None:
    """Rows: products and what networks put around them."""
    shape = d.pick(
        (d.size(at.ROWS, 1, 40), d.size(at.COLUMNS, 1, 96)), (d.pick(1, 2), d.integer(1, 30), d.size(at.COLUMNS, 1, 64))
    )
    x = i.input(shape, low=-2, high=2)
    values = [x]
    for _ in range(d.integer(2, 8)):
        x = calm(i, _rows_step(i, d, d.one_of(values[-2:]), values))
        values.append(x)
        if math.prod(i.shape(x)) > 60_000:
            break
    finish(i, d, values)


def perceptron(i: Instance, d: Draw) -> None:
    """Two products with something wide between them, which is made in blocks of rows or columns."""
    n, width, hidden = d.size(at.ROWS, 4, 64), d.pick(8, 16, 24, 40), d.pick(64, 96, 130, 256)
    x = i.input(d.pick((n, width), (2, n, width), (1, n, width)), low=-2, high=2)
    y = i.node("MatMul", x, i.constant((width, hidden), low=-1, high=1))
    if d.maybe(0.7):
        addend = d.pick(i.constant((hidden,)), i.input((hidden,)), i.input(()), i.input((1,)))
        y = i.node("Add", y, addend)
    if d.maybe(0.3):
        y = i.node("Mul", y, i.tensor(d.pick((), (1,), (hidden,)), low=1, high=2))
    y = activation(i, d, y)
    if d.maybe(0.2):
        y = i.node("Mul", y, i.node("MatMul", x, i.constant((width, hidden), low=-1, high=1)))
    y = i.node("MatMul", calm(i, y), i.constant((hidden, width), low=-1, high=1))
    if d.maybe():
        y = i.node("Add", y, x)
    i.give(y)


def features(i: Instance, d: Draw) -> None:
    """Convolutions with many channels between them, made in blocks of channels; convolutions of concatenations."""
    side, channels, wide = d.pick(6, 9, 14), d.integer(1, 8), d.pick(32, 48, 65, 96)
    x = i.input((1, channels, side, side), low=-2, high=2)
    y = conv_node(i, d, x, wide, [1, 1])
    y = activation(i, d, y)
    match d.index(4):
        case 0:
            y = conv_node(i, d, y, wide, [3, 3], groups=wide, pads=[1] * 4, strides=[d.pick(1, 2)] * 2)
            y = i.node("Clip", y, i.given(0.0, "float32"), i.given(6.0, "float32"))
        case 1:
            y = i.node(d.pick("MaxPool", "AveragePool"), y, kernel_shape=[2, 2], strides=[2, 2])
        case 2:
            other = conv_node(i, d, x, d.integer(1, 40), [1, 1])
            extra = [i.constant((1, 3, side, side))] if d.maybe(0.3) else []
            y = i.node("Concat", y, other, *extra, axis=1)
        case 3:
            y = i.node("Add", y, conv_node(i, d, x, wide, [1, 1]))
    y = conv_node(i, d, calm(i, y), d.integer(1, 24), d.pick([1, 1], [3, 3]), pads=None)
    if d.maybe() and i.shape(y)[2:] == i.shape(x)[2:]:
        y = i.node("Concat", x, y, axis=1)
    i.give(activation(i, d, y))


def heads(i: Instance, d: Draw) -> None:
    """Several heads of attention behind projections."""
    count, size, length = d.pick(2, 3, 4), d.pick(4, 8, 16), d.size([8, 16, 32], 4, 48)
    width = count * size
    x = i.input((d.pick(1, 2), length, width), low=-1, high=1)

    def split(scale: float = 1) -> str:
        y = i.node("MatMul", x, i.constant((width, width), low=-1, high=1, step=scale))
        if d.maybe():
            y = i.node("Add", y, i.constant((width,), low=-1, high=1))
        return i.node("Reshape", y, i.ints(0, 0, count, size))

    if d.maybe(0.3):
        together = i.node("MatMul", x, i.constant((width, 3 * width), low=-1, high=1, step=0.25))
        together = i.node("Reshape", together, i.ints(0, 0, 3, count, size))
        together = i.node("Transpose", together, perm=(2, 0, 3, 1, 4))
        q, k, v = (i.node("Gather", together, i.given(number, "int64"), axis=0) for number in range(3))
        k = i.node("Transpose", k, perm=(0, 1, 3, 2))
    else:
        q = i.node("Transpose", split(0.25), perm=(0, 2, 1, 3))
        k = i.node("Transpose", split(0.25), perm=(0, 2, 3, 1))
        v = i.node("Transpose", split(), perm=(0, 2, 1, 3))
    scores = i.node(d.pick("Mul", "Div"), i.node("MatMul", q, k), i.given(d.pick(0.5, 0.25), "float32"))
    if d.maybe(0.4):
        scores = i.node("Add", scores, i.input((1, 1, length, length), low=-2, high=0))
    y = i.node("MatMul", i.node("Softmax", scores, axis=-1), v)
    y = i.node("Reshape", i.node("Transpose", y, perm=(0, 2, 1, 3)), i.ints(0, 0, width))
    i.give(i.node("Add", i.node("MatMul", y, i.constant((width, width), low=-1, high=1)), x))


FAMILIES = {
    "chain-image": image,
    "chain-rows": rows,
    "blocks-rows": perceptron,
    "blocks-channels": features,
    "blocks-heads": heads,
}
