"""Products, convolutions, attention and recurrences that draws seldom meet: in turn."""

from harness.families.certain import Cases, family
from harness.instance import Instance


def _strassen(rows: int, depth: int, activation: str = "", *, residual: bool = False):
    """A product by Strassen's method, of one stretch or of several."""

    def make(i: Instance) -> str:
        y = i.node("MatMul", i.input((rows, depth), low=-2, high=2), i.constant((depth, 512), low=-1, high=1))
        y = i.node("Add", y, i.input((rows, 512))) if residual else y
        return i.node(activation, y) if activation else y

    return make


def _panels(rows: int, depth: int, columns: int):
    """A product whose weights are asked for ahead or not, and which rows share or not."""

    def make(i: Instance) -> str:
        return i.node("MatMul", i.input((rows, depth), low=-2, high=2), i.constant((depth, columns), low=-1, high=1))

    return make


def _panels_of_bytes(rows: int, depth: int, columns: int):
    """The same of bytes."""

    def make(i: Instance) -> str:
        a = i.input((rows, depth), "uint8", 0, 255)
        return i.node("MatMulInteger", a, i.constant((depth, columns), "int8", low=-128, high=127))

    return make


def _scaled(dtype: str, *, residual: bool = False):
    """A Gemm whose product is scaled before c is added."""

    def make(i: Instance) -> str:
        a, b, c = i.input((3, 4), dtype, -2, 2), i.tensor((4, 5), dtype, -2, 2), i.tensor((5,), dtype, -2, 2)
        y = i.node("Gemm", a, b, c, alpha=0.5, beta=2.0)
        if not residual:
            return y
        return i.node("ReduceMax", i.node("Add", y, i.node("Relu", i.input((3, 5), dtype))), i.ints(1))

    return make


def _clipped_far(i: Instance, *bounds: int) -> str:
    """Bounds that no parameter of an operation holds exactly."""
    y = i.node("MatMul", i.input((3, 4), "int64"), i.input((4, 5), "int64"))
    return i.node("Clip", y, *(i.given(bound, "int64") for bound in bounds))


PRODUCTS: Cases = (
    *(_strassen(rows, 768) for rows in (32, 36, 40, 48)),
    _strassen(36, 1536),
    _strassen(40, 1536, "Relu", residual=True),
    _strassen(32, 1536, "Atan"),
    _strassen(36, 768, "Sin"),
    _panels(49, 512, 96),  # few rows: ahead
    _panels(6, 64, 96),  # weights that the nearest cache holds
    _panels(5000, 96, 96),  # many rows
    _panels(4100, 1024, 500),  # in parts, which share the second cache
    *(_panels_of_bytes(rows, 2048, 500) for rows in (1, 50, 1100)),
    *(_scaled("float16"), _scaled("float32", residual=True), _scaled("float64"), _scaled("float16", residual=True)),
    lambda i: _clipped_far(i, -(2**60)),
    lambda i: _clipped_far(i, -(2**60), 2**60 + 1),
)


def _conv(i: Instance, x: str, outputs: int, k: int, groups: int = 1, **options: object) -> str:
    weights = i.constant((outputs, i.shape(x)[1] // groups, k, k), low=-1, high=1)
    return i.node("Conv", x, weights, i.constant((outputs,)), group=groups, **options)


def _residual_apart(i: Instance) -> str:
    """A residual that is a part of another value, with gaps."""
    whole = i.node("Relu", i.input((2, 9, 3, 3, 4), low=-2, high=2))
    part = i.node("Slice", whole, i.ints(2), i.ints(8), i.ints(1))
    y = i.node("Conv", i.input((2, 4, 3, 3, 4), low=-2, high=2), i.constant((6, 4, 1, 1, 1), low=-1, high=1))
    y = i.node("Add", y, part)
    return i.node("Add", i.node("Neg", y), i.node("ReduceSum", whole, i.ints(1, 2, 3, 4)))


def _by_channel(i: Instance) -> str:
    """A convolution of each channel by itself, plus a residual."""
    x = _conv(i, i.input((1, 16, 9, 9), low=-2, high=2), 16, 1)
    y = i.node("Add", _conv(i, x, 16, 3, 16, pads=[1] * 4), x)
    return _conv(i, y, 8, 1)


def _all_padding(groups: int):
    """Several neighboring tiles whose windows lie in the padding."""

    def make(i: Instance) -> str:
        x = _conv(i, i.input((1, 8, 2, 2), low=-2, high=2), 8, 1)
        return _conv(i, x, 8, 1, groups, pads=[0, 70, 0, 70])

    return make


def _nothing_new(i: Instance) -> str:
    """A band of rows whose pool needs none that the band before had not."""
    y = _conv(i, i.input((1, 2, 37, 37), low=-2, high=2), 100, 1)
    return i.node("MaxPool", y, kernel_shape=[2, 2], pads=[0, 0, 1, 1])


def _rounded_up(i: Instance) -> str:
    """An average of windows that tile the plane, whose count is rounded up all the same."""
    return i.node(
        "AveragePool",
        _conv(i, i.input((1, 3, 8, 8)), 6, 3, pads=[1] * 4),
        kernel_shape=[2, 2],
        strides=[2, 2],
        ceil_mode=1,
    )


def _winograd_in_bands(i: Instance) -> str:
    """Overlapping pools of results that Winograd's method makes."""
    y = _conv(i, i.input((1, 32, 48, 48), low=-1, high=1), 64, 3, pads=[1] * 4)
    return i.node("MaxPool", i.node("Relu", y), kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)


def _growing_bands(i: Instance) -> str:
    """Such a pool whose first band is smaller than the others, since it begins in the padding."""
    y = _conv(i, i.input((1, 32, 48, 48), low=-1, high=1), 128, 3, pads=[1] * 4)
    return i.node("MaxPool", y, kernel_shape=[5, 5], strides=[3, 3], pads=[4] * 4)


def _single_elements(i: Instance) -> str:
    """A quantized convolution by windows of one element, of an even number of channels: no sums are laid out anew."""
    x, w = i.input((1, 4, 5, 5), "uint8", 0, 99), i.constant((3, 4, 1, 1), "int8", -9, 9)
    return i.node("ConvInteger", x, w, i.given(7, "uint8"))


def _winograd(outputs: int, activation: str, *, residual: bool):
    """Winograd's method with channels that fill no vectors."""

    def make(i: Instance) -> str:
        x = i.input((1, 32, 17, 17), low=-1, high=1)
        before = _conv(i, x, outputs, 1) if residual else ""
        y = _conv(i, x, outputs, 3, pads=[1] * 4)
        y = i.node("Add", y, before) if residual else y
        return i.node(activation, y) if activation else y

    return make


def _pooled_of(activation: str):
    """A pool in registers of what a function makes of the sums."""
    return lambda i: i.node(
        "AveragePool",
        i.node(activation, _conv(i, i.input((1, 3, 8, 8)), 6, 3, pads=[1] * 4)),
        kernel_shape=[2, 2],
        strides=[2, 2],
    )


CONVOLUTIONS: Cases = (
    _residual_apart,
    _by_channel,
    *map(_all_padding, (1, 8)),
    _nothing_new,
    _rounded_up,
    _winograd_in_bands,
    _growing_bands,
    _single_elements,
    *(_winograd(36, "Atan", residual=False), _winograd(19, "Relu", residual=True), _winograd(36, "Sin", residual=True)),
    *map(_pooled_of, ("Gelu", "Atan", "Sigmoid")),
)


def _written(i: Instance, q: str, k: str, v: str) -> str:
    """Attention as it is written out; k by column."""
    return i.node("MatMul", i.node("Softmax", i.node("MatMul", q, k), axis=-1), v)


def _heads(i: Instance, *shape: int) -> str:
    return i.input(shape, low=-2, high=2, step=0.5)


def _of_parts(i: Instance) -> str:
    """Queries, keys and values that are rows of one tensor, seen in other shapes."""
    shared = _heads(i, 5, 3, 2, 4)
    q, k, v = (i.node("Gather", i.node("Transpose", shared, perm=(1, 2, 0, 3)), i.given(n, "int64")) for n in range(3))
    q, v = (i.node("Unsqueeze", x, i.ints(0)) for x in (q, v))
    k = i.node("Squeeze", i.node("Unsqueeze", i.node("Transpose", k, perm=(0, 2, 1)), i.ints(0, 1)), i.ints(1))
    return _written(i, q, k, v)


def _squeezed(i: Instance) -> str:
    """Axes that come and go between the operands and what they are parts of."""
    q = i.node("Squeeze", i.node("Transpose", _heads(i, 1, 5, 1, 2, 4), perm=(0, 2, 3, 1, 4)), i.ints(1))
    k = i.node(
        "Transpose",
        i.node("Squeeze", i.node("Transpose", _heads(i, 1, 6, 1, 2, 4), perm=(2, 0, 3, 1, 4)), i.ints(0)),
        perm=(0, 1, 3, 2),
    )
    v = i.node("Unsqueeze", i.node("Transpose", _heads(i, 6, 2, 4), perm=(1, 0, 2)), i.ints(0))
    return _written(i, q, k, v)


def _flattened(i: Instance) -> str:
    """Queries that are a part of something, seen as a matrix and turned."""
    part = i.node("Slice", _heads(i, 3, 2, 2, 5), i.ints(1), i.ints(3), i.ints(0))
    q = i.node("Unsqueeze", i.node("Transpose", i.node("Flatten", part, axis=3), perm=(1, 0)), i.ints(0))
    return _written(i, q, _heads(i, 1, 8, 6), _heads(i, 1, 6, 4))


def _attention(i: Instance, *, past: bool) -> list[str]:
    """ONNX's own operator with a past and no present, or the other way round."""
    inputs = [_heads(i, 1, 2, 5, 4) for _ in range(3)]
    outputs = 3
    if past:
        inputs += ["", _heads(i, 1, 2, 3, 4), _heads(i, 1, 2, 3, 4)]
        outputs = 1
    names = i.node("Attention", *inputs, outputs=outputs)
    return [names] if isinstance(names, str) else names


ATTENTION: Cases = (
    lambda i: _written(i, _heads(i, 0, 2, 5, 4), _heads(i, 0, 2, 4, 6), _heads(i, 0, 2, 6, 4)),
    _of_parts,
    _squeezed,
    _flattened,
    lambda i: _attention(i, past=True),
    lambda i: _attention(i, past=False),
)


def _recurrent(op: str, gates: int, *, bias: bool, **options: object):
    def make(i: Instance) -> str:
        x, w, r = (
            i.input((3, 2, 5), low=-2, high=2, step=0.5),
            i.tensor((1, gates * 6, 5), low=-2, high=2, step=1 / 16),
            i.tensor((1, gates * 6, 6), low=-2, high=2, step=1 / 16),
        )
        more = [i.tensor((1, 2 * gates * 6), low=-2, high=2, step=0.25)] if bias else []
        return i.node(op, x, w, r, *more, outputs=2, hidden_size=6, **options)[0]

    return make


RECURRENT: Cases = (
    _recurrent("GRU", 3, bias=True, linear_before_reset=1),
    _recurrent("GRU", 3, bias=False, linear_before_reset=1),
    _recurrent("RNN", 1, bias=True, activations=["ScaledTanh"], activation_alpha=[0.5], activation_beta=[0.25]),
    _recurrent("RNN", 1, bias=False, activations=["Affine"], activation_alpha=[0.5], activation_beta=[0.25]),
    _recurrent("LSTM", 4, bias=True, input_forget=1),
)

FAMILIES = {
    "certain-products": family(PRODUCTS),
    "certain-convs": family(CONVOLUTIONS),
    "certain-attention": family(ATTENTION),
    "certain-recurrent": family(RECURRENT),
}
