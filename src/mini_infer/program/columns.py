"""Weights of few bits packed for products: their columns side by side in vectors, the bits as the model has them."""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class ColumnPacking:
    """A tensor whose lines are columns of a matrix, as vectors of columns: `[vectors][pieces][width][piece]`.

    The last piece of a line, and the columns that are missing in the last vector, are padded with zeros.

    Parameters
    ----------
    shape
        Of the tensor in the model; its elements are `[columns, n]`.
    columns
        How many lines there are.
    width
        Columns in a vector.
    piece
        Neighbors in a line that stay together: the four bytes of a word.
    """

    shape: tuple[int, ...]
    columns: int
    width: int
    piece: int = 1

    def __post_init__(self) -> None:
        if min((self.columns, self.width, self.piece, *self.shape), default=0) < 1:
            raise ValueError(f"{self.shape} as {self.columns} columns in vectors of {self.width}")
        if math.prod(self.shape) % self.columns:
            raise ValueError(f"{self.shape} has no {self.columns} columns of one length")

    @property
    def length(self) -> int:
        """Elements of a line."""
        return math.prod(self.shape) // self.columns

    @property
    def packed_shape(self) -> tuple[int, ...]:
        """The shape of what `pack` gives."""
        return -(-self.columns // self.width), -(-self.length // self.piece), self.width, self.piece

    def pack(self, tensor: np.ndarray) -> np.ndarray:
        """A model's tensor of `shape` → packed."""
        vectors, pieces, width, piece = self.packed_shape
        missing = (vectors * width - self.columns, pieces * piece - self.length)
        lines = tensor.reshape(self.columns, self.length)
        whole = np.pad(lines, [(0, count) for count in missing]) if any(missing) else lines
        return np.ascontiguousarray(whole.reshape(vectors, width, pieces, piece).transpose(0, 2, 1, 3))

    def unpack(self, packed: np.ndarray) -> np.ndarray:
        """The exact inverse of `pack`."""
        vectors, pieces, width, piece = self.packed_shape
        whole = packed.transpose(0, 2, 1, 3).reshape(vectors * width, pieces * piece)
        return np.ascontiguousarray(whole[: self.columns, : self.length].reshape(self.shape))
