"""Operators of each element alone."""

import math

import numpy as np

from harness.ball import UNIT, Ball, known, mapped, rounded
from harness.oracle.call import Call

_erf = np.vectorize(math.erf, otypes=[np.float64])

FEW = 8
"""Roundings of a function that is computed by a polynomial: four units in the last place."""


def _sigmoid(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))


def _softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _gelu(x):
    return x / 2 * (1 + _erf(x / math.sqrt(2)))


def _gelu_tanh(x):
    return x / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


_FUNCTIONS = {
    "Acos": np.arccos,
    "Acosh": np.arccosh,
    "Asin": np.arcsin,
    "Asinh": np.arcsinh,
    "Atan": np.arctan,
    "Atanh": np.arctanh,
    "Cos": np.cos,
    "Cosh": np.cosh,
    "Erf": _erf,
    "Exp": np.exp,
    "Log": np.log,
    "Sigmoid": _sigmoid,
    "Sin": np.sin,
    "Sinh": np.sinh,
    "Softplus": _softplus,
    "Tan": np.tan,
    "Tanh": np.tanh,
}

_EXACT = {"Ceil": np.ceil, "Floor": np.floor, "Round": np.rint, "Identity": lambda x: x, "Sqrt": np.sqrt}


def _unary(function, roundings):
    return lambda call: mapped(function, [call[0]], call[0].dtype, roundings)


def _parametric(function, roundings, **defaults):
    """A function of one input and of attributes; errors are relative to the largest of the numbers on the way."""

    def operator(call: Call) -> Ball:
        numbers = [float(np.float32(call.get(name, value))) for name, value in defaults.items()]
        size = 1 + sum(map(abs, numbers))
        return mapped(
            lambda x: function(x, *numbers),
            [call[0]],
            call[0].dtype,
            roundings,
            scaled=(lambda s: (s + 1) * size) if roundings > 1 else None,
        )

    return operator


def _typed(call: Call, function, *, truth: bool = False) -> Ball:
    """A function of integers (computed in their type, wrapping around) or of floats."""
    balls = [ball for ball in call.inputs if ball is not None]
    return mapped(function, balls, "bool" if truth else balls[0].dtype)


def _both(function, scaled=None):
    """A function of two inputs or more, from the left."""

    def operator(call: Call) -> Ball:
        result, *rest = (ball for ball in call.inputs if ball is not None)
        if not rest and not result.real:
            return result
        for ball in rest:
            result = mapped(function, [result, ball], result.dtype, scaled=scaled)
        return result

    return operator


def _test(function):
    return lambda call: _typed(call, function, truth=True)


def _div(a, b):
    """A quotient; of integers rounded to zero, and 0 where the divisor is."""
    if a.dtype.kind == "f":
        return a / b
    with np.errstate(all="ignore"):
        wide_a, wide_b = np.broadcast_arrays(a.astype(object), b.astype(object))
        quotients = [
            0 if d == 0 else (abs(n) // abs(d)) * (1 if (n < 0) == (d < 0) else -1)
            for n, d in zip(wide_a.ravel(), wide_b.ravel(), strict=True)
        ]
        bits = 8 * a.dtype.itemsize
        wrapped = [int(q) & ((1 << bits) - 1) for q in quotients]
        return np.array(wrapped, np.uint64).astype(a.dtype).reshape(wide_a.shape)


def _mod(call: Call) -> Ball:
    fmod = call.get("fmod", 0)

    def function(a, b):
        if a.dtype.kind == "f":
            return np.fmod(a, b) if fmod else np.mod(a, b)
        with np.errstate(all="ignore"):
            return np.where(b == 0, 0, (np.fmod if fmod else np.mod)(a, np.where(b == 0, 1, b))).astype(a.dtype)

    return _typed(call, function)


def _pow(call: Call) -> Ball:
    """A power; of integers wrapping around."""
    base, exponent = call[0], call[1]
    if base.real:
        return mapped(lambda a, b: np.power(a, b.astype(np.float64)), [base, exponent], base.dtype, 8)
    if exponent.real:
        return mapped(lambda a, b: np.trunc(np.power(a.astype(np.float64), b)), [base, exponent], base.dtype)
    value = np.power(base.value, exponent.value.astype(base.value.dtype))
    return Ball(value, np.zeros(value.shape), base.dtype)


def _clip(call: Call) -> Ball:
    x = call[0]
    if call.version < 11:
        low, high = call.get("min", -3.4028234663852886e38), call.get("max", 3.4028234663852886e38)
        return mapped(lambda v: np.minimum(np.maximum(v, low), high), [x], x.dtype)
    result = x
    for position, function in ((1, np.maximum), (2, np.minimum)):
        if (bound := call.optional(position)) is not None:
            result = mapped(function, [result, bound], x.dtype)
    return result


def cast(ball: Ball, target: str) -> Ball:
    """A conversion, of floats that fit their target, and of texts."""
    if ball.dtype == "object":
        return known(ball.value.astype(np.float64).astype(target))
    if target in UNIT:
        value = ball.value.astype(np.float64)
        inexact = {"float16": 10, "float32": 23}.get(ball.dtype, 53)
        del inexact
        with np.errstate(all="ignore"):
            nearest = value.astype(target).astype(np.float64)
        if ball.exact:  # one rounding, to the nearest: the very number
            return Ball(nearest, np.zeros(value.shape), target)
        return rounded(value, ball.error, target)
    if target == "bool":
        return mapped(lambda v: v != 0, [ball], "bool")
    if ball.real:
        return mapped(lambda v: np.trunc(v).astype(np.int64), [ball], target)
    return Ball(ball.value.astype(target), ball.error, target)


def _cast(call: Call) -> Ball:
    from onnx import helper

    target = helper.tensor_dtype_to_np_dtype(call.get("to"))
    return cast(call[0], str(target))


def _where(call: Call) -> Ball:
    condition, a, b = call[0], call[1], call[2]
    value = np.where(condition.value, a.value, b.value)
    error = np.where(condition.value, a.error, b.error)
    return Ball(value, np.where(condition.error > 0, np.inf, error), a.dtype)


def _sum(call: Call) -> Ball:
    return _both(lambda a, b: a + b, scaled=lambda a, b: a + b)(call)


def _mean(call: Call) -> Ball:
    total = _sum(call)
    count = len(call.inputs)
    return mapped(lambda v: v / count, [total], total.dtype, scaled=lambda s: s / count)


def _shift(call: Call) -> Ball:
    left = call.get("direction") == "LEFT"

    def function(a, b):
        bits = 8 * a.dtype.itemsize
        shifted = np.left_shift(a, np.minimum(b, bits - 1)) if left else np.right_shift(a, np.minimum(b, bits - 1))
        return np.where(b >= bits, 0, shifted).astype(a.dtype)

    return _typed(call, function)


def _is_inf(call: Call) -> Ball:
    negative, positive = call.get("detect_negative", 1), call.get("detect_positive", 1)
    return mapped(lambda v: (np.isneginf(v) & bool(negative)) | (np.isposinf(v) & bool(positive)), [call[0]], "bool")


def _sign(v):
    return np.sign(v)


def _gelu_of(call: Call) -> Ball:
    function = _gelu_tanh if call.get("approximate", "none") == "tanh" else _gelu
    return mapped(function, [call[0]], call[0].dtype, 8, scaled=lambda s: s + 1)


def _prelu(call: Call) -> Ball:
    slope = call[1]
    return mapped(lambda x, s: np.where(x < 0, x * s, x), [call[0], slope], call[0].dtype)


def _shrink(call: Call) -> Ball:
    bias, threshold = (float(np.float32(call.get(n, d))) for n, d in (("bias", 0.0), ("lambd", 0.5)))
    x = call[0]
    if x.real:
        return mapped(
            lambda v: np.where(v > threshold, v - bias, np.where(v < -threshold, v + bias, 0)), [x], x.dtype, 1.01
        )

    def function(v):
        real = v.astype(np.float64)
        return np.trunc(np.where(real > threshold, real - bias, np.where(real < -threshold, real + bias, 0)))

    return mapped(function, [x], x.dtype)


def _batch_normalization(call: Call) -> Ball | list[Ball]:
    x, *statistics = (call[k] for k in range(5))
    along = (1, -1, *[1] * (x.value.ndim - 2)) if x.value.ndim > 1 else (-1,)
    if not call.get("spatial", 1):  # up to opset 8: one number for each position
        along = (1, *x.shape[1:])
    scale, bias, mean, variance = (b.value.reshape(along) for b in statistics)
    epsilon = float(np.float32(call.get("epsilon", 1e-5)))
    running = []
    if call.get("training_mode", 0):
        momentum = float(np.float32(call.get("momentum", 0.9)))
        axes = tuple(axis for axis in range(x.value.ndim) if axis != 1)
        own = x.value.mean(axes), x.value.var(axes)
        for old, new in zip(statistics[2:], own, strict=True):
            value = old.value * momentum + new * (1 - momentum)
            running.append(rounded(value, np.full(value.shape, 64 * UNIT[x.dtype] * x.value.size), old.dtype))
        mean, variance = (number.reshape(along) for number in own)
    factor = scale / np.sqrt(variance + epsilon)
    value = (x.value - mean) * factor + bias
    size = (x.scale + np.abs(mean)) * np.abs(factor) + np.abs(bias)
    exact = np.all(np.mod(factor * 1024, 1) == 0) and np.all(np.mod(mean * factor * 1024, 1) == 0)
    error = x.error * np.abs(factor)
    if running or not exact:
        error = error + (6 + 64 * len(running)) * UNIT[x.dtype] * size
    result = rounded(value, error, x.dtype, 1, size)
    return [result, *running] if running else result


def _constant(call: Call) -> Ball:
    return known(np.array(call.get("value_float"), np.float32))


OPERATORS = {
    "Constant": _constant,
    **{name: _unary(function, FEW) for name, function in _FUNCTIONS.items()},
    **{name: _unary(function, 1) for name, function in _EXACT.items()},
    "Abs": _unary(np.abs, 1),
    "Neg": _unary(np.negative, 1),
    "Sign": _unary(_sign, 1),
    "Reciprocal": _unary(lambda v: 1 / v, 1),
    "Relu": _unary(lambda v: np.maximum(v, 0), 1),
    "Softsign": _unary(lambda v: v / (1 + np.abs(v)), 2),
    "Mish": _unary(lambda v: v * np.tanh(_softplus(v)), 16),
    "HardSwish": lambda call: mapped(
        lambda v: v * np.clip(v / 6 + 0.5, 0, 1), [call[0]], call[0].dtype, 4, scaled=lambda s: s * (s + 1)
    ),
    "Gelu": _gelu_of,
    "Celu": _parametric(lambda v, a: np.maximum(v, 0) + np.minimum(0, a * np.expm1(v / a)), 16, alpha=1.0),
    "Elu": _parametric(lambda v, a: np.where(v > 0, v, a * np.expm1(v)), 16, alpha=1.0),
    "Selu": _parametric(
        lambda v, a, g: g * np.where(v > 0, v, a * np.expm1(v)), 16, alpha=1.6732632423543772, gamma=1.0507009873554805
    ),
    "HardSigmoid": _parametric(lambda v, a, b: np.clip(a * v + b, 0, 1), 3, alpha=0.2, beta=0.5),
    "LeakyRelu": _parametric(lambda v, a: np.where(v < 0, a * v, v), 1, alpha=0.01),
    "ThresholdedRelu": _parametric(lambda v, a: np.where(v > a, v, 0), 1, alpha=1.0),
    "Swish": _parametric(lambda v, a: v * _sigmoid(a * v), 16, alpha=1.0),
    "Shrink": _shrink,
    "Add": _both(lambda a, b: a + b, scaled=lambda a, b: a + b),
    "Sub": _both(lambda a, b: a - b, scaled=lambda a, b: a + b),
    "Mul": _both(lambda a, b: a * b, scaled=lambda a, b: a * b),
    "Div": _both(_div, scaled=lambda a, b: a / np.where(b == 0, 1, b)),
    "Max": _both(np.maximum),
    "Min": _both(np.minimum),
    "Sum": _sum,
    "Mean": _mean,
    "Mod": _mod,
    "Pow": _pow,
    "PRelu": _prelu,
    "Clip": _clip,
    "Cast": _cast,
    "CastLike": lambda call: cast(call[0], call[1].dtype),
    "Where": _where,
    "BitShift": _shift,
    "IsInf": _is_inf,
    "IsNaN": lambda call: mapped(np.isnan, [call[0]], "bool"),
    "Not": _test(np.logical_not),
    "And": _test(np.logical_and),
    "Or": _test(np.logical_or),
    "Xor": _test(np.logical_xor),
    "Equal": _test(np.equal),
    "Less": _test(np.less),
    "LessOrEqual": _test(np.less_equal),
    "Greater": _test(np.greater),
    "GreaterOrEqual": _test(np.greater_equal),
    "BitwiseAnd": lambda call: _typed(call, np.bitwise_and),
    "BitwiseOr": lambda call: _typed(call, np.bitwise_or),
    "BitwiseXor": lambda call: _typed(call, np.bitwise_xor),
    "BitwiseNot": lambda call: _typed(call, np.invert),
    "BatchNormalization": _batch_normalization,
}
