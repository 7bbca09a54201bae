"""Winograd's convolutions F(2x2, 3x3) and F(4x4, 3x3): the transforms, and weights packed in their transformed form.

Along one axis the m outputs of a tile are a product of polynomials, evaluated at m + 1 points and infinity and put
together again::

    y = A^T ((G w) * (B^T x))        3 weights w, m + 2 inputs x, one product for each of m + 2 points

and the same along the other axis (S. Winograd, 1980; A. Lavin, S. Gray, 2015, arXiv:1509.09308). Points are 0, pairs
of a number and its opposite, and infinity. At F(4x4), pairs of 3/4 and 3/2 lose a third of the digits that the usual
1 and 2 lose: the numbers in A and B are closer together.
"""

import math
from dataclasses import dataclass

import numpy as np

KERNEL = 3
"""Weights along one axis."""

PAIRS: dict[int, tuple[float, ...]] = {2: (1.0,), 4: (0.75, 1.5)}
"""Outputs of a tile along one axis → the points that are taken with both signs."""


def points(size: int) -> int:
    """How many products the tile of `size` outputs takes, along one axis."""
    return size + KERNEL - 1


def weight_transform(size: int) -> np.ndarray:
    """G: the weights' polynomial at 0, each pair (positive first) and infinity, `[points, 3]`, float64."""
    finite = [0.0, *(sign * point for point in PAIRS[size] for sign in (1.0, -1.0))]
    rows = []
    for point in finite:
        scale = math.prod(point - other for other in finite if other != point)
        rows.append([point**power / scale for power in range(KERNEL)])
    return np.array([*rows, [0.0, 0.0, 1.0]])


@dataclass(frozen=True, slots=True)
class WinogradPacking:
    """The weights of a 3x3 convolution, transformed: `[columns / block][points * points][rows][block]`, zero-padded.

    Parameters
    ----------
    shape
        Of the tensor in the model: `[columns, rows, 3, 3]`, output channels by input channels.
    size
        Outputs of a tile along each axis: a key of `PAIRS`.
    block
        Output channels computed together.
    """

    shape: tuple[int, ...]
    size: int
    block: int

    def __post_init__(self) -> None:
        if self.size not in PAIRS or self.shape[2:] != (KERNEL, KERNEL):
            raise ValueError(f"no transform of weights {self.shape} for tiles of {self.size} x {self.size} outputs")

    @property
    def blocks(self) -> int:
        """How many blocks of output channels there are."""
        return -(-self.shape[0] // self.block)

    @property
    def bytes(self) -> int:
        """Size of the packed weights, in float32."""
        return 4 * self.blocks * self.block * points(self.size) ** 2 * self.shape[1]

    def pack(self, tensor: np.ndarray) -> np.ndarray:
        """A model's tensor of `shape` → transformed in float64, rounded once, and packed."""
        columns, rows = self.shape[:2]
        transform = weight_transform(self.size)
        product = np.zeros((self.blocks * self.block, rows, *[points(self.size)] * 2), tensor.dtype)
        product[:columns] = transform @ tensor.astype(np.float64) @ transform.T
        blocked = product.reshape(self.blocks, self.block, rows, -1)
        return np.ascontiguousarray(blocked.transpose(0, 3, 2, 1))

    def unpack(self, packed: np.ndarray) -> np.ndarray:
        """The model's tensor again, but for the rounding of its transform: within 1e-6 of its window's greatest."""
        columns, rows = self.shape[:2]
        product = packed.transpose(0, 3, 2, 1).reshape(-1, rows, *[points(self.size)] * 2)[:columns]
        inverse = np.linalg.pinv(weight_transform(self.size))
        return np.ascontiguousarray((inverse @ product.astype(np.float64) @ inverse.T).astype(packed.dtype))
