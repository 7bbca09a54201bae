"""Inputs that are given a value once and for all."""

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from numpy.typing import ArrayLike

from mini_infer.errors import ModelError
from mini_infer.frontend.inference.types import describe, dtype_of


def fix_values(inputs: Sequence[onnx.ValueInfoProto], fixed: Mapping[str, ArrayLike]) -> dict[str, np.ndarray]:
    """The given values in the types of their inputs; one element may stand for a tensor of one element.

    Raises
    ------
    ModelError
        When a name, type or shape does not fit.
    """
    known = {info.name: info for info in inputs}
    values = {}
    for name, value in fixed.items():
        if name not in known:
            raise ModelError(f"the model has no input {name!r} to fix; its inputs are {', '.join(known)}")
        try:
            array = np.asarray(value)
        except ValueError as error:  # lists of different lengths
            raise ModelError(f"input {name!r} cannot be fixed at {value!r}: {error}") from error
        values[name] = _fit(known[name], array)
    return values


def _fit(info: onnx.ValueInfoProto, value: np.ndarray) -> np.ndarray:
    tensor = info.type.tensor_type
    dtype = dtype_of(tensor.elem_type) if info.type.HasField("tensor_type") else None
    wrong = ModelError(f"input {info.name!r} is {describe(info.type)}, so it cannot be fixed at {_text(value)}")
    if dtype is None:
        raise wrong
    try:
        cast = value.astype(dtype.numpy)
    except (TypeError, ValueError) as error:
        raise wrong from error
    if not dtype.is_float and not np.array_equal(cast, value):
        raise wrong
    if not tensor.HasField("shape"):
        return cast
    dims = [dim.dim_value if dim.HasField("dim_value") and dim.dim_value >= 0 else None for dim in tensor.shape.dim]
    if cast.size == 1 and all(dim in (None, 1) for dim in dims):
        return cast.reshape((1,) * len(dims))
    if len(dims) != cast.ndim or any(dim not in (None, size) for dim, size in zip(dims, cast.shape, strict=True)):
        raise wrong
    return cast


def _text(value: np.ndarray) -> str:
    return repr(value.item()) if value.size == 1 else f"{value.dtype}[{'x'.join(map(str, value.shape))}]"
