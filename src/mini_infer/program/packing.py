"""How a kernel wants its weights: packed at build time, and unpacked again for the interpreter."""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Packing:
    """A weight tensor as blocks of columns: `[groups][columns / block][rows][block]`, the last block zero-padded.

    The tensor, its axes split as `split` says, is transposed by `permutation` and then read as a
    `[groups, rows, columns]` array. A GEMM reads one block
    from front to back while it computes `block` columns of its output.

    Parameters
    ----------
    shape
        Of the tensor in the model.
    permutation
        Axes of the model's tensor in the order (groups…, rows…, columns…).
    groups, rows, columns
        The sizes of the three merged axes.
    block
        Columns computed together.
    split
        The tensor's shape with some axes cut in two, such as the channels of a grouped convolution; empty: as it is.
    """

    shape: tuple[int, ...]
    permutation: tuple[int, ...]
    groups: int
    rows: int
    columns: int
    block: int
    split: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if min((self.block, self.groups, self.rows, self.columns, *self.axes, *self.shape)) < 0 or not self.block:
            raise ValueError(f"negative sizes, or blocks of {self.block} columns")
        if math.prod(self.axes) != math.prod(self.shape):
            raise ValueError(f"{self.split} does not split the axes of {self.shape}")
        if sorted(self.permutation) != list(range(len(self.axes))):
            raise ValueError(f"{self.permutation} is no permutation of the axes of {self.axes}")
        if self.groups * self.rows * self.columns != math.prod(self.shape):
            raise ValueError(f"{self.groups} x {self.rows} x {self.columns} elements are not those of {self.shape}")

    @property
    def axes(self) -> tuple[int, ...]:
        """The shape that is transposed."""
        return self.split or self.shape

    @property
    def blocks(self) -> int:
        """How many blocks of columns one group has."""
        return -(-self.columns // self.block)

    @property
    def packed_shape(self) -> tuple[int, ...]:
        """The shape of what `pack` gives."""
        return self.groups, self.blocks, self.rows, self.block

    def pack(self, tensor: np.ndarray) -> np.ndarray:
        """A model's tensor of `shape` → packed, `[groups, blocks, rows, block]`."""
        matrix = tensor.reshape(self.axes).transpose(self.permutation).reshape(self.groups, self.rows, self.columns)
        padding = self.blocks * self.block - self.columns
        padded = np.pad(matrix, ((0, 0), (0, 0), (0, padding)))
        blocked = padded.reshape(self.groups, self.rows, self.blocks, self.block)
        return np.ascontiguousarray(blocked.transpose(0, 2, 1, 3))

    def unpack(self, packed: np.ndarray) -> np.ndarray:
        """The exact inverse of `pack`."""
        padded = packed.transpose(0, 2, 1, 3).reshape(self.groups, self.rows, self.blocks * self.block)
        permuted = tuple(self.axes[axis] for axis in self.permutation)
        matrix = padded[:, :, : self.columns].reshape(permuted)
        return np.ascontiguousarray(matrix.transpose(np.argsort(self.permutation)).reshape(self.shape))
