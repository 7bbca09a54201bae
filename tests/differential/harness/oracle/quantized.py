"""Quantized operators: exact whole numbers, and one rounding."""

import ml_dtypes
import numpy as np

from harness.ball import Ball, known, rounded
from harness.oracle.call import Call
from harness.oracle.products import convolve, geometry, patches


def _centered(ball: Ball, zero: Ball | None, *, row: bool = False, channel: bool = False) -> np.ndarray:
    value = ball.value.astype(np.int64)
    if zero is None:
        return value
    origin = zero.value.astype(np.int64)
    if row and origin.ndim == 1 and origin.size > 1:
        origin = origin[:, None]
    if channel and origin.ndim == 1:
        origin = origin.reshape(-1, *[1] * (value.ndim - 1))
    return value - origin


def saturated(real: np.ndarray, zero: np.ndarray, target: str, factor: object, slack: float = 2.0**-22) -> Ball:
    """Rounded to even, shifted, saturated; where a tie is so near that scaling's roundings decide, either is right.

    Powers of two scale without rounding.
    """
    if "float" in target:  # of eight bits: only the shape is told
        return Ball(np.zeros(real.shape, target), np.full(real.shape, np.inf), target)
    ends = ml_dtypes.iinfo(target)
    rounded_once = np.clip(np.rint(real) + zero, ends.min, ends.max)
    low, high = (np.clip(np.rint(real * (1 + s) + s * 1e-30) + zero, ends.min, ends.max) for s in (-slack, slack))
    vague = (low != rounded_once) | (high != rounded_once)
    exact = np.all(np.frexp(np.asarray(factor, np.float64))[0] == 0.5)
    return Ball(rounded_once.astype(target), np.where(vague & ~exact, 1, 0), target)


def _matmul_integer(call: Call) -> Ball:
    a = _centered(call[0], call.optional(2), row=True)
    b = _centered(call[1], call.optional(3))
    return known(np.matmul(a, b).astype(np.int32))


def _qlinear_matmul(call: Call) -> Ball:
    a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero = (call[k] for k in range(8))
    total = np.matmul(_centered(a, a_zero, row=True), _centered(b, b_zero))

    def by_row(v):
        return v[:, None] if v.ndim == 1 and v.size > 1 else v

    factor = by_row(a_scale.value) * b_scale.value / by_row(y_scale.value)
    return saturated(total * factor, by_row(y_zero.value).astype(np.int64), y_zero.dtype, factor)


def _conv_integer(call: Call) -> Ball:
    x, w = _centered(call[0], call.optional(2)), _centered(call[1], call.optional(3), channel=True)
    return known(_convolved(call, x, w).astype(np.int32))


def _convolved(call: Call, x: np.ndarray, w: np.ndarray) -> np.ndarray:
    strides, dilations, pads = geometry(call, x.shape[2:], w.shape[2:])
    total = convolve(x.astype(np.float64), w.astype(np.float64), call.get("group", 1), strides, dilations, pads)
    return total.astype(np.int64)


def _qlinear_conv(call: Call) -> Ball:
    x, w = _centered(call[0], call[2]), _centered(call[3], call[5], channel=True)
    bias = call.optional(8)
    total = _convolved(call, x, w)
    along = (1, -1, *[1] * (total.ndim - 2))
    if bias is not None:
        total = total + bias.value.astype(np.int64).reshape(along)
    scale = call[4].value.reshape(along) if call[4].value.ndim else call[4].value
    factor = call[1].value.reshape(()) * scale / call[6].value.reshape(())
    return saturated(total * factor, call[7].value.astype(np.int64).reshape(()), call[7].dtype, factor)


def _blocks(call: Call, ball: Ball) -> np.ndarray:
    """A scale or zero point in the shape of x."""
    x, block, axis = call[0], call.get("block_size", 0), call.get("axis", 1)
    if block:
        return np.repeat(ball.value, block, axis).take(range(x.shape[axis]), axis)
    if ball.value.size == 1:
        return ball.value.reshape(())
    shape = [1] * x.value.ndim
    shape[axis] = -1
    return ball.value.reshape(shape)


def _quantize(call: Call) -> Ball:
    x, zero = call[0], call.optional(2)
    scale = _blocks(call, call[1])
    if zero is None:
        from onnx import helper

        kind = call.get("output_dtype", 0)
        target, origin = str(helper.tensor_dtype_to_np_dtype(kind)) if kind else "uint8", np.zeros((), np.int64)
    else:
        target, origin = zero.dtype, _blocks(call, zero).astype(np.int64)
    slack = 2.0**-9 if call[1].dtype == "float16" else 2.0**-22
    result = saturated(x.value.astype(np.float64) / scale, origin, target, scale, slack)
    return Ball(result.value, np.where(x.error > 0, np.inf, result.error), target)


def _dequantize(call: Call) -> Ball:
    from onnx import helper

    x, zero = call[0], call.optional(2)
    scale = _blocks(call, call[1])
    origin = _blocks(call, zero).astype(np.int64) if zero is not None else 0
    value = (x.value.astype(np.int64) - origin) * scale.astype(np.float64)
    kind = call.get("output_dtype", 0)
    dtype = str(helper.tensor_dtype_to_np_dtype(kind)) if kind else call[1].dtype
    return rounded(value, np.zeros(value.shape), dtype, 1)


def _dynamic(call: Call) -> list[Ball]:
    x = call[0].value
    low, high = np.float32(min(0, x.min())), np.float32(max(0, x.max()))
    step = np.float32((high - low) / np.float32(255)) if high != low else np.float32(1) / np.float32(255)
    origin = np.float32(-low) / step
    zero = np.uint8(np.rint(np.clip(origin, 0, 255)))
    near = abs(float(origin) % 1 - 0.5) < 1e-4
    result = saturated(x / np.float64(step), np.int64(zero), "uint8", step, 2.0**-20)
    vague = np.where(near, 2, result.error)
    return [
        Ball(result.value, vague, "uint8"),
        rounded(np.array(np.float64(step)), np.array(0.0) + 1e-300, "float32", 2),
        Ball(np.array(zero), np.array(float(near)), "uint8"),
    ]


def _levels(levels: np.ndarray, zero: Ball, slack: float, *given: Ball) -> Ball:
    """Levels, the zero point among them, rounded and saturated; where `slack` of one may decide, either is right.

    What is computed of bytes that are uncertain themselves is not judged.
    """
    ends = np.iinfo(zero.dtype)
    low, middle, high = (np.clip(np.rint(levels + s), ends.min, ends.max) for s in (-slack, 0, slack))
    error = np.where((low != middle) | (high != middle), 1, 0)
    vague = any((ball.error > 0).any() for ball in given)
    return Ball(middle.astype(zero.dtype), np.full(levels.shape, np.inf) if vague else error, zero.dtype)


def _real(ball: Ball, scale: Ball, zero: Ball) -> np.ndarray:
    return _centered(ball, zero) * np.float64(scale.value.item())


def _scaled(real: np.ndarray, scale: Ball, zero: Ball) -> np.ndarray:
    return real / np.float64(scale.value.item()) + np.float64(zero.value.item())


def _qlinear_pool(call: Call) -> Ball:
    x, x_scale, x_zero, y_scale, y_zero = (call[k] for k in range(5))
    real = _real(x, x_scale, x_zero)
    whole = call.node.op_type == "QLinearGlobalAveragePool"
    kernel = list(x.shape[2:]) if whole else list(call.get("kernel_shape"))
    strides, dilations, pads = ([1, 1], [1, 1], [(0, 0)] * 2) if whole else geometry(call, x.shape[2:], kernel)
    around = [(0, 0), (0, 0), *pads]
    axes = (-2, -1)
    sums = patches(np.pad(real, around), kernel, strides, dilations).sum(axes)
    there = np.pad(np.ones((1, 1, *x.shape[2:])), around, constant_values=call.get("count_include_pad", 0))
    counts = patches(there, kernel, strides, dilations).sum(axes)
    return _levels(_scaled(sums / counts, y_scale, y_zero), y_zero, 1e-2, x)


def _qlinear_softmax(call: Call) -> Ball:
    x, x_scale, x_zero, y_scale, y_zero = (call[k] for k in range(5))
    axis = call.get("axis", -1)
    real = _real(x, x_scale, x_zero)
    powers = np.exp(real - real.max(axis, keepdims=True))
    parts = np.floor(np.float32(1) / y_scale.value.item())
    levels = powers / powers.sum(axis, keepdims=True) * np.float64(parts)
    return _levels(levels + np.float64(y_zero.value.item()), y_zero, 1e-2, x)


def _qlinear_sigmoid(call: Call) -> Ball:
    x, x_scale, x_zero, y_scale, y_zero = (call[k] for k in range(5))
    real = 1 / (1 + np.exp(-_real(x, x_scale, x_zero)))
    return _levels(_scaled(real, y_scale, y_zero), y_zero, 1e-2, x)


def _qlinear_binary(call: Call) -> Ball:
    a, b = (_real(*(call[k] for k in range(first, first + 3))) for first in (0, 3))
    real = a + b if call.node.op_type == "QLinearAdd" else a * b
    return _levels(_scaled(real, call[6], call[7]), call[7], 1e-2, call[0], call[3])


OPERATORS = {
    "QLinearAdd": _qlinear_binary,
    "QLinearMul": _qlinear_binary,
    "QLinearAveragePool": _qlinear_pool,
    "QLinearGlobalAveragePool": _qlinear_pool,
    "QLinearSigmoid": _qlinear_sigmoid,
    "QLinearSoftmax": _qlinear_softmax,
    "MatMulInteger": _matmul_integer,
    "QLinearMatMul": _qlinear_matmul,
    "ConvInteger": _conv_integer,
    "QLinearConv": _qlinear_conv,
    "QuantizeLinear": _quantize,
    "DequantizeLinear": _dequantize,
    "DynamicQuantizeLinear": _dynamic,
}
