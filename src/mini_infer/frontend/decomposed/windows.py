"""Windows over images: norms of them, and columns of them put back."""

import math
from collections.abc import Sequence

import numpy as np

from mini_infer.frontend.composer import Composer


def lp_pool(c: Composer) -> Sequence[str]:
    """`LpPool`: the mean of the p-th powers, zeros of the padding included, times the size of the window, to 1 / p.

    In `ceil_mode` a window may reach beyond the padding, where a mean does not count: that stays as it is.
    """
    x, p = c.input(0), c.attribute("p", 2)
    if c.attribute("ceil_mode", 0):
        raise c.refusal("has windows that reach beyond the padding")
    known = c.attributes("auto_pad", "dilations", "kernel_shape", "pads", "strides")
    magnitude = c("Abs", x) if p % 2 else x
    means = c("AveragePool", c("Pow", magnitude, c.like(p, x)), count_include_pad=1, **known)
    sums = c("Mul", means, c.like(math.prod(known["kernel_shape"]), x))
    return [c("Sqrt", sums) if p == 2 else c("Pow", sums, c.like(1 / p, x))]  # noqa: PLR2004 - the common norm


def col2im(c: Composer) -> Sequence[str]:
    """`Col2Im` of `[batch, channels * block, columns]`: a transposed convolution whose kernels copy an element each."""
    x = c.input(0)
    size, block = (tuple(map(int, c.value(position))) for position in (1, 2))
    rank = len(size)
    strides = c.attribute("strides") or [1] * rank
    dilations = c.attribute("dilations") or [1] * rank
    pads = c.attribute("pads") or [0] * 2 * rank
    batch, depth, _ = c.shape(x)
    elements = math.prod(block)
    channels = depth // elements
    reach = [(k - 1) * d + 1 for k, d in zip(block, dilations, strict=True)]
    columns = [(size[k] + pads[k] + pads[rank + k] - reach[k]) // strides[k] + 1 for k in range(rank)]
    left = [size[k] + pads[k] + pads[rank + k] - reach[k] - (columns[k] - 1) * strides[k] for k in range(rank)]
    kernels = np.tile(np.eye(elements, dtype=np.float32), (channels, 1)).reshape(depth, 1, *block)
    laid = c("Reshape", x, c.integers(batch, depth, *columns))
    attributes = {"strides": strides, "dilations": dilations, "pads": pads, "output_padding": left, "group": channels}
    return [c("ConvTranspose", laid, c("CastLike", c.constant(kernels), x), **attributes)]
