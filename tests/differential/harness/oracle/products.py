"""Matrix products, contractions and convolutions."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from harness.ball import UNIT, Ball, bilinear, chain, mapped
from harness.oracle.call import Call

WINOGRAD = 48.0
"""Roundings of the largest sum around that Winograd's transforms may lose: of tiles of 6 x 6, by factors up to 5."""
STRASSEN = 16.0
"""How much larger than a product's sums those of Strassen's method are: of two numbers on each side, added in fours."""


def _matmul(call: Call) -> Ball:
    a, b = call[0], call[1]
    return bilinear(np.matmul, a, b, a.shape[-1], headroom=_headroom(b))


def _headroom(b: Ball) -> float:
    """Strassen's sums are larger, where it is considered."""
    return STRASSEN if b.value.ndim == 2 and min(b.shape) >= 512 else 1


def _gemm(call: Call) -> Ball:
    a, b, c = call[0], call[1], call.optional(2)
    alpha, beta = (float(np.float32(call.get(name, 1.0))) for name in ("alpha", "beta"))

    def turned(ball: Ball, name: str) -> Ball:
        if not call.get(name, 0):
            return ball
        return Ball(ball.value.T, ball.error.T, ball.dtype)

    a, b = turned(a, "transA"), turned(b, "transB")
    total = bilinear(np.matmul, a, b, a.shape[1], headroom=_headroom(b))
    if not total.real:
        result = total.value * np.asarray(int(alpha), total.value.dtype)
        if c is not None:
            result = result + c.value * np.asarray(int(beta), total.value.dtype)
        return Ball(result.astype(total.dtype), np.zeros(result.shape), total.dtype)
    if alpha != 1:
        total = mapped(lambda v: v * alpha, [total], total.dtype, scaled=lambda s: s * abs(alpha))
    if c is None or beta == 0:
        return total
    if beta != 1:
        c = mapped(lambda v: v * beta, [c], c.dtype)
    return mapped(lambda v, w: v + w, [total, c], total.dtype, scaled=lambda s, t: s + t)


def _einsum(call: Call) -> Ball:
    equation = call.get("equation")
    balls = [ball for ball in call.inputs if ball is not None]
    if len(balls) == 1:
        ones = Ball(np.ones((), balls[0].value.dtype), np.zeros(()), balls[0].dtype)
        left, arrow, right = equation.replace(" ", "").partition("->")
        equation = f"{left},{arrow}{right}"
        balls.append(ones)
    if len(balls) == 2:
        count = max(1, math.prod(balls[0].shape + balls[1].shape))
        return bilinear(lambda a, b: np.einsum(equation, a, b), *balls, count)
    value = np.einsum(equation, *(ball.value for ball in balls))  # small whole numbers: exact
    return Ball(
        np.asarray(value).astype(np.float64 if balls[0].real else balls[0].dtype), np.zeros(value.shape), balls[0].dtype
    )


def geometry(
    call: Call, sizes: Sequence[int], kernel: Sequence[int]
) -> tuple[list[int], list[int], list[tuple[int, int]]]:
    """Strides, dilations and padding of a window."""
    rank = len(kernel)
    strides = list(call.get("strides") or [1] * rank)
    dilations = list(call.get("dilations") or [1] * rank)
    automatic = call.get("auto_pad", "NOTSET")
    if automatic in {"SAME_UPPER", "SAME_LOWER"}:
        pads = []
        for size, k, s, d in zip(sizes, kernel, strides, dilations, strict=True):
            total = max(0, (-(-size // s) - 1) * s + (k - 1) * d + 1 - size)
            small = total // 2
            pads.append((small, total - small) if automatic == "SAME_UPPER" else (total - small, small))
        return strides, dilations, pads
    flat = list(call.get("pads") or [0] * 2 * rank) if automatic == "NOTSET" else [0] * 2 * rank
    return strides, dilations, list(zip(flat[:rank], flat[rank:], strict=True))


def patches(x: np.ndarray, kernel: Sequence[int], strides: Sequence[int], dilations: Sequence[int]) -> np.ndarray:
    """`[n, c, outputs..., window...]` of a tensor that is padded already."""
    rank = len(kernel)
    extents = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    view = np.lib.stride_tricks.sliding_window_view(x, extents, tuple(range(2, 2 + rank)))
    steps = (
        slice(None),
        slice(None),
        *(slice(None, None, s) for s in strides),
        *(slice(None, None, d) for d in dilations),
    )
    return view[steps]


def convolve(x: np.ndarray, w: np.ndarray, groups: int, strides, dilations, pads) -> np.ndarray:
    rank = w.ndim - 2
    x = np.pad(x, [(0, 0), (0, 0), *pads])
    view = patches(x, w.shape[2:], strides, dilations)
    each, outputs = x.shape[1] // groups, w.shape[0] // groups
    axes = [1, *range(2 + rank, 2 + 2 * rank)]
    parts = [
        np.tensordot(
            view[:, g * each : (g + 1) * each], w[g * outputs : (g + 1) * outputs], (axes, [1, *range(2, 2 + rank)])
        )
        for g in range(groups)
    ]
    return np.moveaxis(np.concatenate(parts, -1), -1, 1)


def conv(call: Call) -> Ball:
    x, w, bias = call[0], call[1], call.optional(2)
    kernel = w.shape[2:]
    strides, dilations, pads = geometry(call, x.shape[2:], kernel)
    groups = call.get("group", 1)
    winograd = (
        x.dtype == "float32"
        and groups == 1
        and kernel == (3, 3)
        and dilations == [1, 1]
        and strides in ([1, 1], [2, 2])
    )
    total = bilinear(
        lambda a, b: convolve(a, b, groups, strides, dilations, pads),
        x,
        w,
        math.prod(w.shape[1:]),
        amplified=WINOGRAD if winograd else 0,
    )
    return biased(total, bias, math.prod(w.shape[1:]))


def biased(total: Ball, bias: Ball | None, count: int) -> Ball:
    """Sums of so many products and a bias, from which they may start: it takes part in every rounding."""
    if bias is None:
        return total
    along = (1, -1, *[1] * (total.value.ndim - 2))
    moved = Ball(bias.value.reshape(along), bias.error.reshape(along), bias.dtype)
    found = mapped(lambda v, b: v + b, [total, moved], total.dtype, scaled=lambda s, t: s + t)
    if total.exact:
        return found
    unit = UNIT["float64" if total.dtype == "float64" else "float32"]
    return replace(found, error=found.error + chain(count) * unit * np.abs(moved.value))


def _conv_transpose(call: Call) -> Ball:
    x, w, bias = call[0], call[1], call.optional(2)
    kernel, rank, groups = w.shape[2:], w.value.ndim - 2, call.get("group", 1)
    strides = list(call.get("strides") or [1] * rank)
    dilations = list(call.get("dilations") or [1] * rank)
    extra = list(call.get("output_padding") or [0] * rank)
    whole = [
        (size - 1) * s + (k - 1) * d + 1 for size, s, k, d in zip(x.shape[2:], strides, kernel, dilations, strict=True)
    ]
    automatic, wanted = call.get("auto_pad", "NOTSET"), call.get("output_shape")
    if wanted is None and automatic.startswith("SAME"):
        wanted = [size * s for size, s in zip(x.shape[2:], strides, strict=True)]
    if wanted is not None:
        totals = [max(0, full + e - want) for full, e, want in zip(whole, extra, wanted, strict=True)]
        starts = [t // 2 if automatic == "SAME_UPPER" else t - t // 2 for t in totals]
        sizes = list(wanted)
    else:
        flat = list(call.get("pads") or [0] * 2 * rank) if automatic == "NOTSET" else [0] * 2 * rank
        starts = flat[:rank]
        sizes = [f + e - a - b for f, e, a, b in zip(whole, extra, flat[:rank], flat[rank:], strict=True)]

    def function(a, b):
        each, inner = b.shape[1], a.shape[1] // groups
        room = [max(f, s + n) for f, s, n in zip(whole, starts, sizes, strict=True)]
        y = np.zeros((a.shape[0], groups * each, *room), np.result_type(a, b))
        for g in range(groups):
            part = a[:, g * inner : (g + 1) * inner]
            for place in product(*map(range, kernel)):
                at = tuple(
                    slice(k * d, k * d + (n - 1) * s + 1, s)
                    for k, d, n, s in zip(place, dilations, a.shape[2:], strides, strict=True)
                )
                weight = b[(slice(g * inner, (g + 1) * inner), slice(None), *place)]
                y[(slice(None), slice(g * each, (g + 1) * each), *at)] += np.moveaxis(
                    np.tensordot(part, weight, ([1], [0])), -1, 1
                )
        return y[(slice(None), slice(None), *(slice(s, s + n) for s, n in zip(starts, sizes, strict=True)))]

    count = x.shape[1] // groups * math.prod(kernel)
    return biased(bilinear(function, x, w, count), bias, count)


OPERATORS = {
    "MatMul": _matmul,
    "Gemm": _gemm,
    "Einsum": _einsum,
    "Conv": conv,
    "ConvTranspose": _conv_transpose,
}
