"""Operators of each element alone, in every type and with every broadcasting."""

import numpy as np

from harness.draw import Draw
from harness.families.folds import FLOATS, INTEGERS
from harness.instance import Instance

_UNARY = (
    "Abs Neg Ceil Floor Round Sqrt Exp Log Reciprocal Relu Sigmoid Tanh Erf Softplus Softsign Sign Identity".split()
)
_RARE = "Acos Acosh Asin Asinh Atan Atanh Cos Cosh Sin Sinh Tan Gelu HardSwish Mish".split()
_PARAMETRIC = {
    "Elu": {"alpha": 0.5},
    "Celu": {"alpha": 0.5},
    "Selu": {"alpha": 1.5, "gamma": 2.0},
    "LeakyRelu": {"alpha": 0.25},
    "HardSigmoid": {"alpha": 0.25, "beta": 0.5},
    "ThresholdedRelu": {"alpha": 0.5},
    "Shrink": {"bias": 0.5, "lambd": 1.0},
    "Swish": {"alpha": 0.5},
}
_DOMAINS = {"Acos": (-1, 1), "Asin": (-1, 1), "Atanh": (0, 0), "Acosh": (1, 6), "Log": (1, 9), "Sqrt": (0, 9)}


def _size(d: Draw) -> tuple[int, ...]:
    rank = d.pick(2, 1, 3, 4, 0)
    return tuple(d.size([4, 8, 16, 32, 64, 128], 1, 130 if rank < 3 else 17) for _ in range(rank))


def _against(d: Draw, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape that broadcasts to another."""
    match d.index(5):
        case 0:
            return shape
        case 1:
            return shape[len(shape) - d.integer(0, len(shape)) :]
        case 2:
            return tuple(1 for _ in shape)
        case 3:
            return ()
    return tuple(n if d.maybe() else 1 for n in shape)


def unary(i: Instance, d: Draw) -> None:
    """Functions of one number."""
    dtype = d.pick(*FLOATS)
    if d.maybe(0.3):
        op = d.one_of([*_PARAMETRIC])
        if op == "Swish" and i.version < 24:
            op = "Elu"
        i.give(i.node(op, i.input(_size(d), dtype, -6, 6, 0.5), **(_PARAMETRIC[op] if d.maybe() else {})))
        return
    op = d.one_of(_UNARY) if d.maybe(0.6) else d.one_of(_RARE)
    if op == "Gelu" and i.version < 20:
        op = "Erf"
    low, high = _DOMAINS.get(op, (-5, 5))
    if op in {"Abs", "Neg", "Sign", "Relu", "Identity"} and d.maybe():
        dtype = d.one_of(INTEGERS if op in {"Abs", "Sign", "Identity"} else ("int32", "int64", "int8", "int16"))
    x = i.input(_size(d), dtype, low, high, 1 if dtype in INTEGERS else d.pick(1, 0.5) if op not in _DOMAINS else 1)
    if op == "Reciprocal":
        x = i.input(_size(d), dtype, 1, 4, 0.5)
    options = {"approximate": d.pick("none", "tanh")} if op == "Gelu" else {}
    i.give(i.node(op, x, **options))


def binary(i: Instance, d: Draw) -> None:
    """Functions of two, broadcast, of every type."""
    shape = _size(d)
    dtype = d.pick(*FLOATS, *INTEGERS)
    op = d.pick(
        "Add",
        "Sub",
        "Mul",
        "Div",
        "Max",
        "Min",
        "Pow",
        "Mod",
        "PRelu",
        "BitwiseAnd",
        "BitwiseOr",
        "BitwiseXor",
        "BitShift",
    )
    options: dict[str, object] = {}
    low, high = -6, 6
    if dtype in FLOATS and op in {"BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitShift"}:
        op = "Add"
    if op == "Pow":
        dtype = d.pick("float32", "float64", "int32", "int64", "float16")
        low, high = 1, 3
    if op == "Mod" and (dtype in FLOATS or d.maybe(0.3)):
        options["fmod"] = 1
    if op == "PRelu":
        dtype = d.pick("float32", "float64", "float16", "int32", "int64")
    if op == "BitShift":
        dtype = d.pick("uint8", "uint16", "uint32", "uint64")
        options["direction"] = d.pick("LEFT", "RIGHT")
    other = _against(d, shape)
    first, second = (shape, other) if d.maybe(0.7) or op == "PRelu" else (other, shape)
    a = i.tensor(first, dtype, low, high)
    positive = (1, 4) if op in {"Div", "Pow", "Mod", "BitShift"} else (low, high)
    b = i.tensor(second, dtype, *positive)
    i.give(i.node(op, a, b, **options))


def logic(i: Instance, d: Draw) -> None:
    """Truth values and comparisons."""
    shape, other = _size(d), ()
    other = _against(d, shape)
    match d.index(4):
        case 0:
            dtype = d.pick(*FLOATS, *INTEGERS)
            op = d.pick("Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual")
            i.give(i.node(op, i.input(shape, dtype, -2, 2), i.tensor(other, dtype, -2, 2)))
        case 1:
            a = i.node(d.pick("And", "Or", "Xor"), i.input(shape, "bool"), i.tensor(other, "bool"))
            i.give(i.node("Not", a) if d.maybe() else a)
        case 2:
            dtype = d.pick(*FLOATS, *INTEGERS, "bool")
            i.give(i.node("Where", i.input(shape, "bool"), i.input(other, dtype), i.tensor(_against(d, shape), dtype)))
        case 3:
            x = (
                np.random.default_rng(d.seed)
                .choice([np.nan, np.inf, -np.inf, 1.0, -2.0], shape or (1,))
                .astype("float32")
            )
            op = d.pick("IsNaN", "IsInf")
            options = {"detect_negative": d.pick(1, 0), "detect_positive": d.pick(1, 0)} if op == "IsInf" else {}
            i.give(i.node(op, i.given(x, constant=False), **options))


def cast(i: Instance, d: Draw) -> None:
    """Conversions between all types."""
    from onnx import helper

    kinds = [*sorted(set(FLOATS)), *INTEGERS, "bool"]
    source, target = d.one_of(kinds), d.one_of(kinds)
    low = 0 if target.startswith(("u", "b")) or source.startswith("u") else -100
    x = i.input(_size(d), source, low, 100, 0.25 if source in FLOATS else 1)
    if d.maybe(0.3):
        i.give(i.node("CastLike", x, i.given(np.zeros(1), target)))
    else:
        i.give(i.node("Cast", x, to=helper.np_dtype_to_tensor_dtype(np.dtype(target))))


def several(i: Instance, d: Draw) -> None:
    """Operators of any number of inputs, and bounds."""
    shape = _size(d)
    op = d.pick("Sum", "Mean", "Max", "Min", "Clip")
    dtype = d.pick(*FLOATS) if op in {"Sum", "Mean"} or i.version < 13 else d.pick(*FLOATS, *INTEGERS)
    if op == "Clip":
        x = i.input(shape, dtype, 0 if dtype.startswith("u") else -9, 9)
        bounds = [d.pick("", i.tensor((), dtype, 1, 2)), d.pick("", i.tensor((), dtype, 3, 5))]
        if i.version < 11:
            i.give(i.node(op, i.input(shape, "float32"), min=-1.5, max=2.5))
        else:
            i.give(i.node(op, x, *bounds))
        return
    i.give(i.node(op, *(i.tensor(_against(d, shape), dtype) for _ in range(d.integer(1, 4))), i.input(shape, dtype)))


def special(i: Instance, d: Draw) -> None:
    """NaN, infinities, signed zeros, ends of integers."""
    rng = np.random.default_rng(d.seed)
    shape = _size(d) or (1,)
    dtype = d.pick("float32", "float64", "float16", "int32", "int8", "uint8", "int64")
    if dtype in FLOATS:
        values = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 3.0])
        op = d.pick(
            "Max",
            "Min",
            "Relu",
            "Abs",
            "Neg",
            "Sign",
            "Floor",
            "Round",
            "LeakyRelu",
            "Add",
            "Equal",
            "Clip",
            "Exp",
            "Tanh",
            "Sigmoid",
        )
    else:
        ends = np.iinfo(dtype)
        values = np.array([ends.min, ends.max, 0, 1, 2, 7])
        op = d.pick("Add", "Sub", "Mul", "Max", "Abs", "Div", "Mod")
        if op == "Abs" and dtype.startswith("u"):
            op = "Add"
    a = i.given(rng.choice(values, shape).astype(dtype), constant=False)
    if op in {"Max", "Min", "Add", "Sub", "Mul", "Div", "Equal", "Mod"}:
        b = rng.choice(values, shape).astype(dtype)
        i.give(i.node(op, a, i.given(b, constant=d.maybe())))
    elif op == "Clip":
        i.give(i.node(op, a, i.given(-2.0, dtype), i.given(2.0, dtype)))
    else:
        i.give(i.node(op, a, **({"alpha": 0.5} if op == "LeakyRelu" else {})))


def chain(i: Instance, d: Draw) -> None:
    """Chains that are fused into one expression, with values used twice and several outputs."""
    shape = _size(d)
    dtype = d.pick("float32", "float32", "float32", "float16", "float64", "int32")
    values = [i.input(shape, dtype)]
    for _ in range(d.integer(2, 8)):
        x = d.one_of(values[-3:])
        if i.largest(x) > 200:
            x = values[0]
        if dtype == "int32" or d.maybe(0.7):
            other = i.tensor(_against(d, shape), dtype, -3, 3) if d.maybe(0.6) else d.one_of(values)
            op = d.pick("Add", "Sub", "Mul", "Max", "Min")
            if i.largest(other) > 200:
                op = "Max"
            values.append(i.node(op, x, other) if d.maybe(0.8) else i.node(op, other, x))
        else:
            values.append(
                i.node(d.pick("Relu", "Abs", "Sigmoid", "Tanh", "Neg", "Exp" if i.largest(x) < 6 else "Relu"), x)
            )
    i.give(values[-1])
    if d.maybe(0.3):
        i.give(d.one_of(values[1:-1] or values[-1:]) if len(values) > 2 else "")


FAMILIES = {
    "unary": unary,
    "binary": binary,
    "logic": logic,
    "cast": cast,
    "several": several,
    "special": special,
    "elements": chain,
}
