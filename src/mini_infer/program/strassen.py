"""Strassen's products (`kernels.contraction.strassen` has the formulas): b packed as the seven right operands."""

from dataclasses import dataclass

import numpy as np

PRODUCTS = 7


@dataclass(frozen=True, slots=True)
class StrassenPacking:
    """The right sides `[k_blocks][columns / 2 / block][7][depth / 2 / k_blocks][block]` of a product.

    In the kernel's order: E + H, E, H, E + F, G + H, F - H, G - E of each K block of the depth.

    Parameters
    ----------
    shape
        Of the tensor in the model: `[depth, columns]`, or `[columns, depth]`.
    transposed
        Whether it is the latter.
    k_blocks
        Parts of the depth that are split in quarters each by itself.
    block
        Columns computed together, of each half.
    """

    shape: tuple[int, ...]
    transposed: bool
    k_blocks: int
    block: int

    def __post_init__(self) -> None:
        if len(self.shape) != 2 or min(*self.shape, self.k_blocks, self.block) < 1:  # noqa: PLR2004 - a matrix
            raise ValueError(f"{self.shape} in {self.k_blocks} k_blocks and blocks of {self.block} is no matrix")
        depth, columns = self._sizes
        if depth % (2 * self.k_blocks) or columns % (2 * self.block):
            raise ValueError(f"{self.shape} has no quarters of {self.k_blocks} k-blocks and blocks of {self.block}")

    @property
    def _sizes(self) -> tuple[int, int]:
        """Depth and columns."""
        first, second = self.shape
        return (second, first) if self.transposed else (first, second)

    @property
    def packed_shape(self) -> tuple[int, ...]:
        """The shape of what `pack` gives."""
        depth, columns = self._sizes
        halves = columns // 2 // self.block
        return self.k_blocks, halves, PRODUCTS, depth // 2 // self.k_blocks, self.block

    def pack(self, tensor: np.ndarray) -> np.ndarray:
        """A model's tensor of `shape` → the right operands, each sum rounded once."""
        depth, columns = self._sizes
        matrix = tensor.T if self.transposed else tensor
        split = matrix.reshape(self.k_blocks, 2, depth // 2 // self.k_blocks, 2, columns // 2 // self.block, self.block)
        e, f, g, h = (split[:, down, :, right] for down in (0, 1) for right in (0, 1))
        operands = np.stack([e + h, e, h, e + f, g + h, f - h, g - e])
        return np.ascontiguousarray(operands.transpose(1, 3, 0, 2, 4))

    def unpack(self, packed: np.ndarray) -> np.ndarray:
        """The model's tensor again, but for the rounding of its sums: a quarter of it within 1e-7 of its greatest."""
        depth, columns = self._sizes
        _, e, h, _, _, f_h, g_e = packed.transpose(2, 0, 3, 1, 4)
        matrix = np.stack([np.stack([e, f_h + h], 2), np.stack([g_e + e, h], 2)], 1).reshape(depth, columns)
        return np.ascontiguousarray(matrix.T if self.transposed else matrix)
