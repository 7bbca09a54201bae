"""Element types and value types: what every value of a graph is known to be."""

import enum
import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from mini_infer.ir.dims import Dim, greatest, shown


class DType(enum.Enum):
    """An element type. Its value is its NumPy (or `ml_dtypes`) name."""

    FLOAT16 = "float16"
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    BFLOAT16 = "bfloat16"
    INT2 = "int2"
    INT4 = "int4"
    INT8 = "int8"
    INT16 = "int16"
    INT32 = "int32"
    INT64 = "int64"
    UINT2 = "uint2"
    UINT4 = "uint4"
    UINT8 = "uint8"
    UINT16 = "uint16"
    UINT32 = "uint32"
    UINT64 = "uint64"
    BOOL = "bool"
    COMPLEX64 = "complex64"
    COMPLEX128 = "complex128"
    FLOAT8E4M3FN = "float8_e4m3fn"
    FLOAT8E4M3FNUZ = "float8_e4m3fnuz"
    FLOAT8E5M2 = "float8_e5m2"
    FLOAT8E5M2FNUZ = "float8_e5m2fnuz"
    FLOAT8E8M0 = "float8_e8m0fnu"
    FLOAT4E2M1 = "float4_e2m1fn"

    __hash__ = object.__hash__  # types are keys everywhere, and an enumeration's own hash is computed in Python

    @cached_property
    def numpy(self) -> "np.dtype[np.generic]":
        """The NumPy element type; the exotic ones come from `ml_dtypes`."""
        try:
            return np.dtype(self.value)
        except TypeError:
            import ml_dtypes

            dtype: np.dtype[np.generic] = np.dtype(getattr(ml_dtypes, self.value))
            return dtype

    @property
    def is_float(self) -> bool:
        """Whether this is a real floating-point type."""
        return "float" in self.value

    @classmethod
    def of(cls, dtype: "np.dtype[np.generic]") -> "DType":
        """The element type of a NumPy dtype.

        Raises
        ------
        ValueError
            When no tensor can have this element type (strings, objects).
        """
        return _of(dtype)


@cache
def _of(dtype: "np.dtype[np.generic]") -> DType:
    return DType(dtype.name)


@dataclass(frozen=True, slots=True)
class TensorType:
    """A dense tensor of a known shape; a dimension that is given at run time is a `Dim` (see `ir.dims`)."""

    dtype: DType
    shape: tuple[int, ...]

    def __post_init__(self) -> None:
        if any(dim < 0 for dim in self.shape):
            raise ValueError(f"a shape has no negative dimensions: {self.shape}")

    @property
    def elements(self) -> int:
        """How many elements the tensor holds."""
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        """How many bytes the elements take, row-major and dense."""
        return self.elements * self.dtype.numpy.itemsize

    @property
    def most_bytes(self) -> int:
        """How many bytes the elements take at the largest sizes."""
        return greatest(self.bytes)

    @property
    def is_open(self) -> bool:
        """Whether a dimension is given at run time."""
        return any(isinstance(dim, Dim) for dim in self.shape)

    def takes(self, shape: "tuple[int, ...] | None") -> bool:
        """Whether an array of that shape is one of these tensors: each open dimension has a size of its range."""
        if shape is None or len(shape) != len(self.shape):
            return False
        found: dict[str, int] = {}
        for dim, size in zip(self.shape, shape, strict=True):
            if not isinstance(dim, Dim):
                if dim != size:
                    return False
                continue
            (symbol,) = dim.symbols
            if size not in symbol.sizes or found.setdefault(symbol.name, size) != size:
                return False
        return True

    def __str__(self) -> str:
        return f"{self.dtype.value}[{'x'.join(map(shown, self.shape))}]"


@dataclass(frozen=True, slots=True)
class OpaqueType:
    """A value without a static size: a string tensor, a sequence, an optional, or a data-dependent shape.

    Such values have no place in the arena; interpreted steps keep them as Python objects.
    """

    description: str

    def __str__(self) -> str:
        return self.description


ValueType = TensorType | OpaqueType
