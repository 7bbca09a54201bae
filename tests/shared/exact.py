"""What operators compute, exactly: integers in int64, real numbers in float64, written from the specification.

They judge on every machine. onnxruntime does not: its products of uint8 and int8 saturate on processors without VNNI,
and NumPy's float16 sums are rounded at every step. Nothing here is shared with the interpreter or the kernels.
"""

import itertools

import numpy as np


def conv(x, w, bias=None, *, group=1, strides=None, dilations=None, pads=None, auto_pad="NOTSET", kernel_shape=None):
    """Conv: `x [N, C, *S]`, `w [M, C / group, *K]`, `bias [M]` → `[N, M, *O]`."""
    kernel, strides, dilations = _window(w, strides, dilations, kernel_shape)
    extents = _extents(kernel, dilations)
    rank = len(kernel)
    begins, ends = (list(half) for half in (pads[:rank], pads[rank:])) if pads else ([0] * rank, [0] * rank)
    if auto_pad.startswith("SAME"):
        missing = [
            max((-(-size // stride) - 1) * stride + extent - size, 0)
            for size, stride, extent in zip(x.shape[2:], strides, extents, strict=True)
        ]
        begins, ends = _split(missing, less_in_front=auto_pad == "SAME_UPPER")
    x = np.pad(_wide(x), [(0, 0), (0, 0), *zip(begins, ends, strict=True)])
    sizes = [(n - e) // s + 1 for n, e, s in zip(x.shape[2:], extents, strides, strict=True)]
    xs, ws = np.split(x, group, axis=1), np.split(_wide(w), group)
    y = np.zeros((len(x), len(w), *sizes), np.result_type(x, ws[0]))
    ys = np.split(y, group, axis=1)
    for tap in itertools.product(*map(range, kernel)):
        seen = (..., *_steps(tap, dilations, strides, sizes))
        for part, weights, result in zip(xs, ws, ys, strict=True):
            result[...] += np.einsum("nc...,mc->nm...", part[seen], weights[:, :, *tap])
    return y if bias is None else y + _wide(bias).reshape(-1, *[1] * rank)


def conv_transpose(
    x,
    w,
    bias=None,
    *,
    group=1,
    strides=None,
    dilations=None,
    pads=None,
    auto_pad="NOTSET",
    kernel_shape=None,
    output_padding=None,
    output_shape=None,
):
    """ConvTranspose: `x [N, C, *S]`, `w [C, M / group, *K]`, `bias [M]` → `[N, M, *O]`."""
    kernel, strides, dilations = _window(w, strides, dilations, kernel_shape)
    rank = len(kernel)
    further = output_padding or [0] * rank
    full = [
        s * (n - 1) + e + more
        for n, s, e, more in zip(x.shape[2:], strides, _extents(kernel, dilations), further, strict=True)
    ]
    if auto_pad.startswith("SAME") and not output_shape:
        output_shape = [n * s for n, s in zip(x.shape[2:], strides, strict=True)]
    begins, ends = (pads[:rank], pads[rank:]) if pads else ([0] * rank, [0] * rank)
    if output_shape:
        surplus = [size - wanted for size, wanted in zip(full, output_shape, strict=True)]
        begins, ends = _split(surplus, less_in_front=auto_pad == "SAME_UPPER")
    xs, ws = np.split(_wide(x), group, axis=1), np.split(_wide(w), group)
    y = np.zeros((len(x), group * w.shape[1], *full), np.result_type(xs[0], ws[0]))
    ys = np.split(y, group, axis=1)
    for tap in itertools.product(*map(range, kernel)):
        reached = (..., *_steps(tap, dilations, strides, x.shape[2:]))
        for part, weights, result in zip(xs, ws, ys, strict=True):
            result[reached] += np.einsum("nc...,cm->nm...", part, weights[:, :, *tap])
    kept = (slice(begin, size - end) for size, begin, end in zip(full, begins, ends, strict=True))
    y = y[..., *kept]
    return y if bias is None else y + _wide(bias).reshape(-1, *[1] * rank)


def softmax(x, axis=-1):
    """Softmax in float64."""
    x = _wide(x)
    powers = np.exp(x - x.max(axis, keepdims=True))
    return powers / powers.sum(axis, keepdims=True)


def centered(x, zero=0):
    """Quantized numbers as int64, their zero point subtracted; several zero points lie along the last axis."""
    return x.astype(np.int64) - np.asarray(zero, np.int64)


def dynamically_quantized(x):
    """DynamicQuantizeLinear of a float32 tensor: its levels, scale and zero point, in float32 as the operator says."""
    least, most = np.minimum(x.min(), 0), np.maximum(x.max(), 0)
    scale = np.float32((most - least) / np.float32(255)) if most > least else np.float32(1)
    zero = np.uint8(np.clip(np.rint(-least / scale), 0, 255))
    return np.clip(np.rint(x / scale) + zero, 0, 255).astype(np.uint8), scale, zero


def assert_nearest_level(got, real, scale, zero, message=""):
    """Assert that each quantized number is the level nearest to the exact real number.

    Its distance is at most half a level, and a thousandth for the float32 arithmetic in front of the rounding.
    """
    limits = np.iinfo(got.dtype)
    levels = np.clip(real / np.asarray(scale, np.float64) + np.asarray(zero, np.float64), limits.min, limits.max)
    distance = np.abs(got - levels).max(initial=0)
    assert distance <= 0.501, f"{distance} levels from the exact value {message}"


def _wide(x):
    """The tensor in the type that sums are exact in."""
    return x.astype(np.float64 if x.dtype.kind == "f" else np.int64)


def _window(w, strides, dilations, kernel_shape):
    kernel = list(w.shape[2:])
    assert kernel_shape is None or list(kernel_shape) == kernel
    return kernel, strides or [1] * len(kernel), dilations or [1] * len(kernel)


def _extents(kernel, dilations):
    return [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]


def _split(total, *, less_in_front):
    """Padding in front of and behind each axis; the odd one lies behind where there is to be less in front."""
    small, large = [each // 2 for each in total], [each - each // 2 for each in total]
    return (small, large) if less_in_front else (large, small)


def _steps(tap, dilations, strides, sizes):
    """Where a window's tap lies at each of `sizes` positions, as slices."""
    return [slice(t * d, t * d + (n - 1) * s + 1, s) for t, d, s, n in zip(tap, dilations, strides, sizes, strict=True)]
