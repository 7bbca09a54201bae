"""Conv and ConvTranspose of any rank, as one matrix product per group."""

import math
from collections.abc import Sequence

import numpy as np

from mini_infer.interpreter.operators.values import Value, accumulator, attribute
from mini_infer.interpreter.operators.window import Window, box
from mini_infer.ir import Node


def conv(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`x [N, C, *S]`, `w [M, C/group, *K]`, optional `bias [M]` → `[N, M, *O]`."""
    x, w, *rest = inputs
    y = convolve(node, x.astype(accumulator(x.dtype)), w.astype(accumulator(w.dtype)))
    if rest and rest[0] is not None:
        y += rest[0].astype(y.dtype).reshape(-1, *[1] * (y.ndim - 2))
    return [y.astype(x.dtype, copy=False)]


def convolve(node: Node, x: np.ndarray, w: np.ndarray, fill: object = 0) -> np.ndarray:
    """The sums of products, in the type of `x`; padding counts as `fill`."""
    groups = attribute(node, "group", 1)
    kernel = w.shape[2:]
    window = Window.of(node, x.shape[2:], kernel)
    rank, taps = len(kernel), window.taps(window.pad(x, fill))
    positions, products = math.prod(window.output), math.prod(kernel) * w.shape[1]
    weights = w.reshape(groups, w.shape[0] // groups, products)
    y = np.empty((x.shape[0], groups, w.shape[0] // groups, positions), x.dtype)
    for sample, out in zip(taps, y, strict=True):
        columns = np.moveaxis(sample, range(1, 1 + rank), range(-rank, 0))
        np.matmul(weights, columns.reshape(groups, products, positions), out=out)
    return y.reshape(x.shape[0], w.shape[0], *window.output)


def conv_transpose(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`x [N, C, *S]`, `w [C, M/group, *K]`, optional `bias [M]` → `[N, M, *O]`: each input element adds its kernel."""
    x, w, *rest = inputs
    groups, kernel, spatial = attribute(node, "group", 1), w.shape[2:], x.shape[2:]
    strides, dilations, before, output = _transposed_geometry(node, spatial, kernel)
    rank, per_group = len(kernel), w.shape[1]
    dtype = accumulator(x.dtype)
    columns = np.matmul(
        w.astype(dtype).reshape(groups, -1, per_group * math.prod(kernel)).swapaxes(1, 2),
        x.astype(dtype).reshape(x.shape[0], groups, x.shape[1] // groups, math.prod(spatial)),
    ).reshape(x.shape[0], groups * per_group, *kernel, *spatial)
    reach = [(n - 1) * s + (k - 1) * d + 1 for n, s, k, d in zip(spatial, strides, kernel, dilations, strict=True)]
    room = [max(r, b + o) for r, b, o in zip(reach, before, output, strict=True)]
    full = np.zeros((x.shape[0], groups * per_group, *room), dtype)
    for tap in np.ndindex(*kernel) if math.prod(spatial) else ():
        starts = [k * d for k, d in zip(tap, dilations, strict=True)]
        where = [(start, start + (n - 1) * s + 1, s) for start, n, s in zip(starts, spatial, strides, strict=True)]
        full[box(*where)] += columns[(slice(None), slice(None), *tap)]
    y = full[box(*((b, b + o) for b, o in zip(before, output, strict=True)))]
    if rest and rest[0] is not None:
        y = y + rest[0].astype(dtype).reshape(-1, *[1] * rank)
    return [y.astype(x.dtype)]


def _transposed_geometry(
    node: Node, spatial: tuple[int, ...], kernel: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Strides, dilations, what is cut off before, and the output's size (ONNX ConvTranspose, `output_shape`)."""
    rank = len(kernel)
    strides = tuple(attribute(node, "strides", (1,) * rank))
    dilations = tuple(attribute(node, "dilations", (1,) * rank))
    extra = tuple(attribute(node, "output_padding", (0,) * rank))
    auto_pad = attribute(node, "auto_pad", "NOTSET")
    full = tuple(
        s * (n - 1) + e + (k - 1) * d + 1
        for s, n, e, k, d in zip(strides, spatial, extra, kernel, dilations, strict=True)
    )
    wanted = attribute(node, "output_shape")
    if wanted is None and auto_pad in ("SAME_UPPER", "SAME_LOWER"):
        wanted = tuple(n * s for n, s in zip(spatial, strides, strict=True))
    if wanted is None:
        pads = (0,) * (2 * rank) if auto_pad == "VALID" else tuple(attribute(node, "pads", (0,) * (2 * rank)))
        output = tuple(f - pads[i] - pads[i + rank] for i, f in enumerate(full))
        return strides, dilations, pads[:rank], output
    wanted = tuple(wanted)[-rank:]
    total = tuple(max(f - o, 0) for f, o in zip(full, wanted, strict=True))
    before = tuple(t // 2 if auto_pad == "SAME_UPPER" else t - t // 2 for t in total)
    return strides, dilations, before, wanted
