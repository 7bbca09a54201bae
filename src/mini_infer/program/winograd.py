"""Winograd's 3x3 convolutions in tiles of 2 x 2 or 4 x 4 outputs: the transforms, and weights packed when transformed.

Along one axis the m outputs of a tile are a product of polynomials, evaluated at finitely many points and infinity and
put together again::

    y = A^T ((G w) * (B^T x))        3 weights w, m + 2 inputs x, one product for each of m + 2 points

and the same along the other axis (S. Winograd, 1980; A. Lavin, S. Gray, 2015, arXiv:1509.09308). Points are 0, pairs
of a number and its opposite, and infinity. In tiles of four, pairs of 3/4 and 3/2 lose a third of the digits that the
usual 1 and 2 lose: the numbers in A and B are closer together.

With a stride of 2, weights 0 and 2 see the even inputs alone, and are such a polynomial of two weights: m + 1 points,
without 0. Weight 1 sees the odd inputs alone: one product more for each output.
"""

import math
from dataclasses import dataclass

import numpy as np

KERNEL = 3
"""Weights along one axis."""

PAIRS: dict[int, dict[int, tuple[float, ...]]] = {
    1: {2: (1.0,), 4: (0.75, 1.5)},
    2: {2: (0.75,), 4: (0.5, 1.25)},
}
"""Stride → outputs of a tile along one axis → the points that are taken with both signs."""


def points(size: int, stride: int) -> int:
    """How many products the tile of `size` outputs takes, along one axis; it reads as many inputs."""
    return (size - 1) * stride + KERNEL


def weight_points(size: int) -> int:
    """How many of them have weights of their own: with a stride of 2 the last ones share weight 1."""
    return size + KERNEL - 1


def weight_transform(size: int, stride: int) -> np.ndarray:
    """G: the weights' polynomial at 0, each pair (positive first) and infinity, `[weight_points, 3]`, float64.

    With a stride of 2: that of weights 0 and 2 without 0, then weight 1.
    """
    pairs = [sign * point for point in PAIRS[stride][size] for sign in (1.0, -1.0)]
    finite = [0.0, *pairs] if stride == 1 else pairs
    scales = [math.prod(point - other for other in finite if other != point) for point in finite]
    if stride == 1:
        rows = [[point**power / scale for power in range(KERNEL)] for point, scale in zip(finite, scales, strict=True)]
        return np.array([*rows, [0.0, 0.0, 1.0]])
    rows = [[1.0 / scale, 0.0, point / scale] for point, scale in zip(finite, scales, strict=True)]
    return np.array([*rows, [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])


@dataclass(frozen=True, slots=True)
class WinogradPacking:
    """The weights of a 3x3 convolution, transformed and zero-padded: `[columns / block][weight points][rows][block]`.

    Parameters
    ----------
    shape
        Of the tensor in the model: `[columns, rows, 3, 3]`, output channels by input channels.
    size
        Outputs of a tile along each axis: a key of `PAIRS`.
    block
        Output channels computed together.
    stride
        1 or 2.
    """

    shape: tuple[int, ...]
    size: int
    block: int
    stride: int = 1

    def __post_init__(self) -> None:
        if min(*self.shape, self.block) < 1:
            raise ValueError(f"weights {self.shape} in blocks of {self.block}")
        if self.size not in PAIRS.get(self.stride, {}) or self.shape[2:] != (KERNEL, KERNEL):
            raise ValueError(f"no transform of weights {self.shape} for tiles of {self.size} x {self.size} outputs")

    @property
    def blocks(self) -> int:
        """How many blocks of output channels there are."""
        return -(-self.shape[0] // self.block)

    @property
    def packed_shape(self) -> tuple[int, ...]:
        """The shape of what `pack` gives."""
        return self.blocks, weight_points(self.size) ** 2, self.shape[1], self.block

    @property
    def bytes(self) -> int:
        """Size of the packed weights, in float32."""
        return 4 * math.prod(self.packed_shape)

    def pack(self, tensor: np.ndarray) -> np.ndarray:
        """A model's tensor of `shape` → transformed in float64, rounded once, and packed."""
        columns, rows = self.shape[:2]
        transform = weight_transform(self.size, self.stride)
        product = np.zeros((self.blocks * self.block, rows, *[weight_points(self.size)] * 2), tensor.dtype)
        product[:columns] = transform @ tensor.astype(np.float64) @ transform.T
        blocked = product.reshape(self.blocks, self.block, rows, -1)
        return np.ascontiguousarray(blocked.transpose(0, 3, 2, 1))

    def unpack(self, packed: np.ndarray) -> np.ndarray:
        """The model's tensor again, but for the rounding of its transform: within 1e-6 of its window's greatest."""
        columns, rows = self.shape[:2]
        product = packed.transpose(0, 3, 2, 1).reshape(-1, rows, *[weight_points(self.size)] * 2)[:columns]
        inverse = np.linalg.pinv(weight_transform(self.size, self.stride))
        return np.ascontiguousarray((inverse @ product.astype(np.float64) @ inverse.T).astype(packed.dtype))
