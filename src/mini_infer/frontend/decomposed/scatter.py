"""Operators that put elements where indices say, as ScatterElements."""

import math
from collections.abc import Sequence

import numpy as np

from mini_infer.frontend.composer import Composer


def max_unpool(c: Composer) -> Sequence[str]:
    """`MaxUnpool`: zeros, and each element where the pooling found it; indices count through the whole tensor.

    They count through the pooled tensor; when the output is given another shape, they still do (as onnxruntime has it).
    """
    x, indices = c.input(0), c.input(1)
    shape = c.shape(x)
    rank = len(shape) - 2
    kernel = c.attribute("kernel_shape")
    strides = c.attribute("strides") or [1] * rank
    pads = c.attribute("pads") or [0] * 2 * rank
    inferred = [(shape[k + 2] - 1) * strides[k] - pads[k] - pads[rank + k] + kernel[k] for k in range(rank)]
    target = (*shape[:2], *inferred)
    if c.input(2) and tuple(map(int, c.value(2))) != target:
        raise c.refusal("is given a shape that its windows do not fill")
    zeros = c("Expand", c.like(0, x), c.integers(math.prod(target)))
    flat = (c("Reshape", each, c.integers(-1)) for each in (indices, x))
    return [c("Reshape", c("ScatterElements", zeros, *flat, axis=0), c.integers(*target))]


def tensor_scatter(c: Composer) -> Sequence[str]:
    """`TensorScatter`: an update written into a cache, from an index for each batch element on, round its end."""
    cache, update, start = (c.input(position) for position in range(3))
    shape, new = c.shape(cache), c.shape(update)
    axis = c.attribute("axis", -2) % len(shape)
    steps = c.constant(np.arange(new[axis]).reshape([-1 if k == axis else 1 for k in range(len(shape))]), np.int64)
    places = steps
    if start:
        places = c("Add", c("Reshape", start, c.integers(-1, *[1] * (len(shape) - 1))), steps)
    if c.attribute("mode", "linear") == "circular":
        places = c("Mod", places, c.constant(shape[axis], np.int64))
    return [c("ScatterElements", cache, c("Expand", places, c.integers(*new)), update, axis=axis)]
