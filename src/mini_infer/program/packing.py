"""How a kernel wants its weights: packed at build time, and unpacked again for the interpreter."""

import math
from dataclasses import dataclass

import numpy as np

from mini_infer.ir import DType
from mini_infer.ir.halves import HALVES, narrowed, widened


@dataclass(frozen=True, slots=True)
class Packing:
    """A weight tensor as blocks of columns: `[groups][columns / block][rows][block]`, the last block zero-padded.

    The tensor, its axes split as `split` says, is transposed by `permutation` and then read as a
    `[groups, rows, columns]` array. A GEMM reads one block
    from front to back while it computes `block` columns of its output. Where its instructions take several neighboring
    rows at once, those of a column lie together: `[groups][columns / block][rows / piece][block][piece]`.

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
    piece
        Neighboring rows that lie together.
    stretches
        The rows are so many stretches of one length, each filled up with zeros to whole pieces.
    half
        The type of 16 bits that holds every number, and in which they lie; none: they lie as they are.
    """

    shape: tuple[int, ...]
    permutation: tuple[int, ...]
    groups: int
    rows: int
    columns: int
    block: int
    split: tuple[int, ...] = ()
    piece: int = 1
    stretches: int = 1
    half: DType | None = None

    def __post_init__(self) -> None:
        if min((self.block, self.groups, self.rows, self.columns, *self.axes, *self.shape)) < 0 or not self.block:
            raise ValueError(f"negative sizes, or blocks of {self.block} columns")
        if math.prod(self.axes) != math.prod(self.shape):
            raise ValueError(f"{self.split} does not split the axes of {self.shape}")
        if sorted(self.permutation) != list(range(len(self.axes))):
            raise ValueError(f"{self.permutation} is no permutation of the axes of {self.axes}")
        if self.groups * self.rows * self.columns != math.prod(self.shape):
            raise ValueError(f"{self.groups} x {self.rows} x {self.columns} elements are not those of {self.shape}")
        if min(self.piece, self.stretches) < 1 or self.rows % self.stretches:
            raise ValueError(f"{self.rows} rows in {self.stretches} stretches, in pieces of {self.piece}")
        if self.half is not None and self.half not in HALVES:
            raise ValueError(f"{self.half.value} is no type of 16 bits")

    @classmethod
    def rows_of(cls, shape: tuple[int, ...], half: DType) -> "Packing":
        """A tensor whose numbers lie in 16 bits, in the order that the model has them in."""
        elements = math.prod(shape)
        return cls(shape, tuple(range(len(shape))), 1, 1, elements, elements, half=half)

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
        pieces = (self.piece,) if self.piece > 1 else ()
        return self.groups, self.blocks, self.stretches * self._pieces, self.block, *pieces

    @property
    def _length(self) -> int:
        """Rows of one stretch."""
        return self.rows // self.stretches

    @property
    def _pieces(self) -> int:
        """Of one stretch."""
        return -(-self._length // self.piece)

    def pack(self, tensor: np.ndarray) -> np.ndarray:
        """A model's tensor of `shape` → packed."""
        tensor = tensor if self.half is None else narrowed(tensor, self.half)
        matrix = tensor.reshape(self.axes).transpose(self.permutation)
        matrix = matrix.reshape(self.groups, self.stretches, self._length, self.columns)
        missing = self._pieces * self.piece - self._length, self.blocks * self.block - self.columns
        padded = np.pad(matrix, ((0, 0), (0, 0), (0, missing[0]), (0, missing[1])))
        blocked = padded.reshape(self.groups, -1, self.piece, self.blocks, self.block)
        return np.ascontiguousarray(blocked.transpose(0, 3, 1, 4, 2)).reshape(self.packed_shape)

    def unpack(self, packed: np.ndarray) -> np.ndarray:
        """The exact inverse of `pack`."""
        packed = packed if self.half is None else widened(packed, self.half)
        blocked = packed.reshape(self.groups, self.blocks, -1, self.block, self.piece).transpose(0, 2, 4, 1, 3)
        padded = blocked.reshape(self.groups, self.stretches, self._pieces * self.piece, self.blocks * self.block)
        permuted = tuple(self.axes[axis] for axis in self.permutation)
        matrix = padded[:, :, : self._length, : self.columns].reshape(permuted)
        return np.ascontiguousarray(matrix.transpose(np.argsort(self.permutation)).reshape(self.shape))
