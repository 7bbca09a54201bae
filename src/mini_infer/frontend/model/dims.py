"""Giving the open dimensions of a model's inputs sizes, or ranges of sizes, by their names."""

from collections.abc import Iterable

import numpy as np
import onnx

from mini_infer.errors import ModelError, UsageError
from mini_infer.ir.dims import LARGEST, Dim
from mini_infer.ir.ranges import Dims, Range

ANONYMOUS = frozenset({"", "?", "-1", "None", "none", "unknown"})
"""Names that exporters give to dimensions that have nothing in common."""


def open_dims(inputs: Iterable[onnx.ValueInfoProto]) -> dict[str, list["onnx.TensorShapeProto.Dimension"]]:
    """The open dimensions of tensors of known rank, by name; those without a name are called `input.axis`."""
    found: dict[str, list[onnx.TensorShapeProto.Dimension]] = {}
    for info in inputs:
        tensor = info.type.tensor_type
        if not info.type.HasField("tensor_type") or tensor.elem_type == onnx.TensorProto.STRING:
            continue
        for axis, dim in enumerate(tensor.shape.dim):
            if not dim.HasField("dim_value") or dim.dim_value < 0:
                name = f"{info.name}.{axis}" if dim.dim_param in ANONYMOUS else dim.dim_param
                found.setdefault(name, []).append(dim)
    return found


def fix_dims(inputs: Iterable[onnx.ValueInfoProto], dims: Dims) -> dict[str, Dim]:
    """Write sizes into the inputs, in place, and for ranges the texts of their dimensions; these, by their texts.

    Raises
    ------
    ModelError
        When the model has no open dimension of a name.
    UsageError
        When what is given is no size and no range.
    """
    named = open_dims(inputs)
    found: dict[str, Dim] = {}
    for name, given in dims.items():
        if name not in named:
            known = ", ".join(map(repr, named)) or "none"
            raise ModelError(f"the model has no open dimension {name!r}; its open dimensions: {known}")
        size = _size(name, given)
        for dim in named[name]:
            if isinstance(size, int):
                dim.dim_value = size
            else:
                dim.dim_param = str(size)
                found[str(size)] = size
    return found


def _size(name: str, given: "int | Range") -> "int | Dim":
    if isinstance(given, Range):
        return given.symbol(name).dim
    if isinstance(given, bool) or not isinstance(given, int | np.integer) or not 0 <= given < LARGEST:
        raise UsageError(f"{name} is {given!r}: give a whole number or a Range")
    return int(given)
