"""Operators that are a product or two."""

from collections.abc import Sequence

import numpy as np

from mini_infer.frontend.composer import Composer


def affine_grid(c: Composer) -> Sequence[str]:
    """`AffineGrid`: each image's matrix times every point of the output, in the order x, y (, z)."""
    theta = c.input(0)
    batch, _, *sizes = map(int, c.value(1))
    aligned = c.attribute("align_corners", 0)
    rank = len(sizes)
    reach = [(n - 1) / n if not aligned else float(n > 1) for n in sizes]  # a single point is the middle
    axes = [np.linspace(-end, end, n) for end, n in zip(reach, sizes, strict=True)]
    points = np.stack([*np.meshgrid(*axes, indexing="ij")[::-1], np.ones(sizes)], axis=-1).reshape(-1, rank + 1)
    grid = c("MatMul", c("CastLike", c.constant(points), theta), c("Transpose", theta, perm=[0, 2, 1]))
    return [c("Reshape", grid, c.integers(batch, *sizes, rank))]


def swiglu(c: Composer) -> Sequence[str]:
    """`SwiGLU`: the Swish of the gate times the value."""
    gate, value = c.input(0), c.input(1)
    alpha = c.attribute("alpha", 1.0)
    scaled = gate if alpha == 1 else c("Mul", gate, c.like(alpha, gate))
    return [c("Mul", c("Mul", gate, c("Sigmoid", scaled)), value)]
