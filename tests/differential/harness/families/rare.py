"""What is rarely seen: element types without kernels, inputs that are known late, odd forms."""

import numpy as np

from harness.draw import Draw
from harness.families.folds import FLOATS
from harness.instance import Instance

_BRAIN = "bfloat16"


def foreign(i: Instance, d: Draw) -> None:
    """Element types that have no kernels: interpreted, and right."""
    rows = i.input((3, 4), _BRAIN, 1, 3)
    image = i.input((1, 2, 4, 4), _BRAIN, 0, 3)
    half = i.input((2, 3, 4), "float16", -1, 1)
    index = i.given([0, 2], "int64")
    wide = i.given(np.arange(12).reshape(3, 4) * (1 + 1j), "complex128", constant=False)
    made = (
        lambda: i.node("Add", rows, i.constant((4,), _BRAIN, 1, 2)),
        lambda: i.node("MatMul", rows, i.constant((4, 2), _BRAIN, -1, 1)),
        lambda: i.node("Gemm", rows, i.constant((4, 2), _BRAIN, -1, 1)),
        lambda: i.node("ReduceMax", rows, i.ints(1)),
        lambda: i.node("ReduceSum", rows, i.ints(1)),
        lambda: i.node("GlobalMaxPool", image),
        lambda: i.node("MaxPool", image, kernel_shape=[2, 2]),
        lambda: i.node("Gather", rows, index),
        lambda: i.node("GatherElements", wide, i.given([[0, 1, 2, 0]], "int64"), axis=0),
        lambda: i.node("ScatterND", rows, i.given([[1]], "int64"), i.constant((1, 4), _BRAIN, 1, 3)),
        lambda: i.node("ArgMax", rows, axis=1),
        lambda: i.node("TopK", i.given([[3, 1, 2]], _BRAIN, constant=False), i.ints(2), outputs=2)[0],
        lambda: i.node("Transpose", wide),
        lambda: i.node("Identity", rows),
        lambda: i.node("Neg", rows),
        lambda: i.node("NonZero", rows),
        lambda: i.node("OneHot", index, i.given(3, "int64"), i.given([0, 1], _BRAIN)),
        lambda: i.node("Cast", i.node("Cast", half, to=16), to=1),
        lambda: i.node(
            "Resize", image, "", i.given([1, 1, 2, 2], "float32"), coordinate_transformation_mode="asymmetric"
        ),
        lambda: i.node("Resize", i.input((1, 1, 2, 2), "bool"), "", i.given([1, 1, 2, 2], "float32")),
        lambda: i.node("Resize", i.input((1, 1, 2, 2), "bool"), "", i.given([1, 1, 1, 1], "float32")),
        lambda: i.node("Einsum", rows, i.constant((4, 2), _BRAIN, -1, 1), equation="ij,jk->ik"),
        lambda: i.node("Relu", i.node("Add", rows, rows)),
        lambda: i.node("Pow", rows, i.given(2.0, "float32")),
        lambda: i.node("Dropout", i.input((3, 4)), "", i.given(False, "bool")),
        lambda: i.node("Dropout", i.input((3, 4)), i.given(0.0, "float32"), i.given(True, "bool")),
        lambda: i.unjudged(i.node("Attention", *(i.input((1, 2, 5, 4), _BRAIN) for _ in range(3)))),
        lambda: i.unjudged(
            i.node("RotaryEmbedding", *(i.input(s, _BRAIN) for s in ((1, 2, 3, 8), (1, 3, 4), (1, 3, 4))))
        ),
        lambda: i.unjudged(
            i.node("LSTM", *(i.input(s, "float16") for s in ((2, 1, 3), (1, 16, 3), (1, 16, 4))), hidden_size=4)
        ),
        lambda: i.unjudged(i.node("LRN", image, size=3)),
        lambda: i.unjudged(i.node("Softmax", rows, axis=-1)),
        lambda: i.unjudged(
            i.node("GridSample", i.input((1, 1, 3, 3), "float16"), i.input((1, 2, 2, 2), low=0, high=1))
        ),
        lambda: i.unjudged(
            i.node(
                "RoiAlign",
                i.input((1, 1, 6, 6), "float16"),
                i.given([[0, 0, 3, 3]], "float16", constant=False),
                i.given([0], "int64"),
            )
        ),
        lambda: i.node("DequantizeLinear", i.input((3,), "int32", 0, 50), i.given(0.5, "float32")),
    )
    i.give(d.in_turn(made)())


def powers(i: Instance, d: Draw) -> None:
    """Powers by constants and others, remainders, shrinking of integers, also behind a product."""
    dtype = d.pick("float32", "float64", "float16", "int32", "int64")
    x = i.input((d.pick(3, 40), d.integer(1, 20)), dtype, 1, 3)
    match d.in_turn(range(6)):
        case 0:
            exponent = d.pick(1.0, 2.0, 3.0, -1.0, 0.5) if dtype in FLOATS else d.pick(1, 2, 3)
            i.give(i.node("Pow", x, i.given(exponent, dtype)))
        case 1:
            i.give(i.node("Pow", x, i.input(i.shape(x), d.pick(dtype, "int32", "float32"), 1, 2)))
        case 2:
            i.give(i.node("Mod", x, i.tensor((1,), dtype, 2, 3), fmod=int(dtype in FLOATS)))
        case 3:
            kind = d.pick("int32", "int64", "uint8", "int8")
            i.give(i.node("Shrink", i.input((9,), kind, 0 if kind == "uint8" else -9, 9), lambd=1.5, bias=0.5))
        case 4:
            a, w = i.input((3, 4), low=1, high=2), i.constant((4, d.pick(5, 8, 17)), low=1, high=2)
            y = i.node("MatMul", a, w)
            i.give(
                i.node("Pow", y, i.given(d.pick(2.0, 0.5), "float32"))
                if d.maybe()
                else i.node("Mod", y, i.given(3.0, "float32"), fmod=1)
            )
        case 5:
            big = i.given([[-(2**63), 5, 2**62]], "int64", constant=False)
            i.give(i.node("Max", big, i.given(d.pick(-(2**63), 2**60), "int64")))


def extremes(i: Instance, d: Draw) -> None:
    """Literals that C has no words for, extreme casts."""
    from onnx import TensorProto

    x = i.input((7,), "float32", -3, 3)
    match d.index(4):
        case 0:
            i.give(i.node("Add", x, i.given(np.nan, "float32")))
        case 1:
            i.give(i.node("Max", x, i.given(d.pick(-np.inf, np.inf), "float32")))
        case 2:
            y = i.input((7,), d.pick("float32", "float64"), 0, 100, 0.5)
            i.give(i.node("Cast", y, to=TensorProto.UINT64))
        case 3:
            i.give(i.node("Where", i.input((7,), "bool"), i.given(-(2**63), "int64"), i.input((7,), "int64")))


def late(i: Instance, d: Draw) -> None:
    """What kernels want to know beforehand, known at the run only; the shape of the result is declared."""
    x = i.input((1, 2, 4, 4), low=0, high=9)
    flat = i.input((3, 4))

    def later(*values: int) -> str:
        return i.given(np.array(values, np.int64), constant=False)

    made = (
        lambda: i.node("ReduceSum", flat, later(1)),
        lambda: i.node("Slice", flat, later(0), i.ints(2), i.ints(0)),
        lambda: i.node("Pad", flat, later(0, 1, 0, 1)),
        lambda: i.node("Resize", x, "", "", later(1, 2, 8, 8)),
        lambda: i.node("Resize", x, "", i.given([1, 1, 2, 2], "float32", constant=False)),
        lambda: i.node("Gather", flat, later(1)),
        lambda: i.node("Split", flat, later(1, 2), outputs=2)[0],
        lambda: i.node("Reshape", flat, later(4, 3)),
        lambda: i.node("Expand", flat, later(2, 3, 4)),
        lambda: i.node("Clip", flat, i.given(-1.0, "float32", constant=False), i.given(2.0, "float32", constant=False)),
        lambda: i.node("Tile", flat, later(2, 1)),
        lambda: i.node(
            "Resize",
            x,
            i.given([0, 0, 0.25, 0, 1, 1, 0.75, 1], "float32", constant=False),
            i.given([1, 1, 2, 2], "float32"),
            coordinate_transformation_mode="tf_crop_and_resize",
            mode=d.pick("nearest", "linear"),
        ),
    )
    i.declared = True
    i.give(d.in_turn(made)())


def normal_at_run(i: Instance, d: Draw) -> None:
    """Batch normalization by statistics that are inputs, and of one axis."""
    shape = d.pick((2, 3, 4), (2, 3), (2, 3, 4, 5))
    x = i.input(shape, d.pick("float32", "float64"))
    dtype = i.dtype(x)
    make = i.input if d.maybe(0.7) else i.constant
    names = [make((3,), dtype, low, high) for low, high in ((1, 3), (-3, 3), (-3, 3), (1, 4))]
    i.give(i.node("BatchNormalization", x, *names, epsilon=d.pick(0.0, 1e-3)))


def padded(i: Instance, d: Draw) -> None:
    """Windows that lie in the padding altogether, and padding wider than the window."""
    channels = d.pick(4, 8, 16, 3)
    grouped = d.maybe(0.6)
    w = i.constant((channels, 1 if grouped else channels, *d.pick((2, 2), (1, 1), (3, 3))), low=-2, high=2)
    size = d.pick(1, 2, 3, 9)
    x = i.node("Conv", i.input((1, channels, size, size)), i.constant((channels, channels, 1, 1), low=-1, high=1))
    options = (
        {"pads": [1] * 4, "dilations": [2, 2]}
        if d.maybe()
        else {"pads": d.pick([9] * 4, [0, 9, 0, 9], [2] * 4, [9, 0, 9, 0])}
    )
    if options["pads"] in ([0, 9, 0, 9], [9, 0, 9, 0]) and size < i.shape(w)[2]:
        options = {"pads": [9] * 4}
    if "dilations" in options and size + 1 < 2 * (i.shape(w)[2] - 1):
        options = {"pads": [4] * 4}
    y = i.node(
        "Conv", x, w, *([i.constant((channels,))] if d.maybe() else []), group=channels if grouped else 1, **options
    )
    if not grouped and d.maybe(0.6) and min(i.shape(y)[2:]) >= 2:
        y = i.node("MaxPool", y, kernel_shape=[2, 2], strides=[2, 2])
    i.give(y)


def averaged(i: Instance, d: Draw) -> None:
    """Averages of activations in registers, whose windows tile the plane exactly; small planes under large padding."""
    channels, outputs = d.pick(1, 3, 4), d.pick(4, 6, 8, 17)
    k = d.pick(1, 3, 5)
    side = d.pick(2, 4, 8, 12)
    y = i.node(
        "Conv",
        i.input((1, channels, side, side), low=-2, high=2),
        i.constant((outputs, channels, k, k), low=-1, high=1),
        pads=[k // 2] * 4,
    )
    act = d.pick("Relu", "", "Sigmoid", "Tanh", "Atan", "Sin", "HardSwish", "LeakyRelu")
    y = i.node(act, y) if act else y
    i.give(i.node(d.pick("AveragePool", "AveragePool", "MaxPool"), y, kernel_shape=[2, 2], strides=[2, 2]))


def winograd_left(i: Instance, d: Draw) -> None:
    """How Winograd's tiles leave the registers: whole planes and ragged ones, residuals, light and heavy functions."""
    channels, outputs = d.pick(32, 16, 48), d.pick(32, 36, 48, 19)
    stride = d.pick(1, 1, 2)
    side = d.pick(16, 24, 32, 17) * stride
    x = i.input((1, channels, side, side), low=-1, high=1)
    y = i.node(
        "Conv",
        x,
        i.constant((outputs, channels, 3, 3), low=-1, high=1),
        *([i.constant((outputs,))] if d.maybe() else []),
        pads=[1] * 4,
        strides=[stride] * 2,
    )
    if d.maybe(0.4):
        y = i.node(
            "Add", y, i.node("Conv", x, i.constant((outputs, channels, 1, 1), low=-1, high=1), strides=[stride] * 2)
        )
    act = d.pick("", "Relu", "LeakyRelu", "Sigmoid", "Atan", "HardSwish")
    y = i.node(act, y) if act else y
    if d.maybe(0.25) and act in {"", "Relu"}:
        y = i.node("MaxPool", y, kernel_shape=[2, 2], strides=[2, 2])
    z = i.node("Conv", y, i.constant((4, outputs, 1, 1), low=-1, high=1)) if act in {"", "Relu"} else y
    i.give(z)


def attention_odd(i: Instance, d: Draw) -> None:
    """Attention as it is hardly ever written."""
    n, heads, length, size = 1, 2, d.pick(5, 8), d.pick(4, 8)
    q, k, v = (i.input((n, heads, length, size), low=-2, high=2, step=0.5) for _ in range(3))
    match d.in_turn(range(9)):
        case 0:
            k = i.node("Transpose", k, perm=(0, 1, 3, 2))
            scores = i.node("Mul", i.node("MatMul", q, k), i.input((1,), low=1, high=1))
            i.give(i.node("MatMul", i.node("Softmax", scores, axis=-1), v))
        case 1:
            wide = i.input((n, length, 1, heads, size), low=-2, high=2, step=0.5)
            q2 = i.node("Transpose", i.node("Squeeze", wide, i.ints(2)), perm=(0, 2, 1, 3))
            scores = i.node("MatMul", q2, i.node("Transpose", k, perm=(0, 1, 3, 2)))
            i.give(i.node("MatMul", i.node("Softmax", scores, axis=-1), v))
        case 2:
            flat = i.input((heads, length, size), low=-2, high=2, step=0.5)
            q2 = i.node("Unsqueeze", flat, i.ints(0))
            scores = i.node("MatMul", q2, i.node("Transpose", k, perm=(0, 1, 3, 2)))
            i.give(i.node("MatMul", i.node("Softmax", scores, axis=-1), v))
        case 3:
            scores = i.node("MatMul", q, i.node("Transpose", k, perm=(0, 1, 3, 2)))
            hidden = i.given(
                np.linspace(-9, -5, length).round().astype(np.float32).reshape(1, 1, 1, length), constant=True
            )
            scores = i.node("Where", i.input((1, 1, length, length), "bool"), scores, hidden)
            i.give(i.node("MatMul", i.node("Softmax", scores, axis=-1), v))
        case 4:
            scores = i.node("MatMul", q, i.node("Transpose", k, perm=(0, 1, 3, 2)))
            scaled_v = i.node("Mul", v, i.given(0.5, "float32"))
            i.give(i.node("MatMul", i.node("Softmax", scores, axis=-1), scaled_v))
        case 5:
            q2 = i.node("Reshape", i.node("Transpose", q, perm=(0, 2, 1, 3)), i.ints(n, heads, length, size))
            scores = i.node("MatMul", q2, i.node("Transpose", k, perm=(0, 1, 3, 2)))
            i.give(i.node("MatMul", i.node("Softmax", scores, axis=-1), v))
        case 6:
            shared = i.input((2, heads, 3, length, size), low=-2, high=2, step=0.5)
            q2, k2, v2 = (
                i.node("Transpose", shared, perm=p) for p in ((2, 1, 0, 3, 4), (2, 1, 0, 4, 3), (2, 1, 0, 3, 4))
            )
            i.give(i.node("MatMul", i.node("Softmax", i.node("MatMul", q2, k2), axis=-1), v2))
        case 7:
            mask = i.input(d.pick((1, 1, length, 1), (1, 1, 1, 1)), d.pick("bool", "float32"), 0, 1)
            scores = i.node("MatMul", q, i.node("Transpose", k, perm=(0, 1, 3, 2)))
            if i.dtype(mask) == "bool":
                scores = i.node("Where", mask, scores, i.given(-9.0, "float32"))
            else:
                scores = i.node("Add", scores, mask)
            i.give(i.node("MatMul", i.node("Softmax", scores, axis=-1), v))
        case 8:
            y = i.node(
                "Attention",
                q,
                k,
                v,
                *([i.input((length, length - 1), "bool")] if d.maybe() else []),
                is_causal=int(d.maybe()),
            )
            i.give(y)


def positions(i: Instance, _d: Draw) -> None:
    """Positions of maxima behind what would like its channels last."""
    x = i.node("Conv", i.input((1, 4, 6, 6), low=-3, high=3), i.constant((8, 4, 1, 1), low=-1, high=1))
    values, places = i.node("MaxPool", x, outputs=2, kernel_shape=[2, 2], strides=[2, 2])
    y = i.node("Conv", values, i.constant((8, 8, 1, 1), low=-1, high=1))
    i.give(y, places)


def odd(i: Instance, d: Draw) -> None:
    """A pad and a split that stay apart, norms with one statistic, losses, odd orders."""
    match d.in_turn(range(4)):
        case 0:
            x = i.input((4, 6))
            names = i.node("LayerNormalization", x, i.constant((6,)), outputs=3)
            i.nodes[-1].output[1] = ""
            i.give(names[0], names[2])
        case 1:
            x = i.input((6, 4))
            names = i.node("Split", x, i.ints(2, 2, 2), outputs=3)
            i.nodes[-1].output[1] = ""
            i.give(i.node("Add", names[0], names[2]))
        case 2:
            x = i.input((1, 3, 40, 40))
            i.give(i.node("Pad", x, i.ints(0, 2, 30, 30, 0, 2, 30, 30), mode="reflect"))
        case 3:
            i.give(i.node("GlobalLpPool", i.input((1, 3, 4)), p=3))


FAMILIES = {
    "foreign": foreign,
    "powers": powers,
    "extremes": extremes,
    "late": late,
    "normal-at-run": normal_at_run,
    "padded": padded,
    "averaged": averaged,
    "winograd-left": winograd_left,
    "attention-odd": attention_odd,
    "positions": positions,
    "odd": odd,
}
