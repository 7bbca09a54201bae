"""Fixing the shapes of a model's inputs."""

from collections.abc import Container, Mapping, Sequence

import numpy as np
import onnx

from mini_infer.errors import ModelError
from mini_infer.frontend.model.dims import ANONYMOUS, dim_flags, open_dims, suggestion
from mini_infer.ir.ranges import Range, Shape


def named_shapes(inputs: Sequence[onnx.ValueInfoProto], shapes: Mapping[str, Shape]) -> Mapping[str, Shape]:
    """The shapes by the inputs' names; one without a name is that of the only input.

    Raises
    ------
    ModelError
        When a shape has no name, and there is not one input.
    """
    if "" not in shapes or any(info.name == "" for info in inputs):
        return shapes
    if len(inputs) != 1 or len(shapes) > 1:
        names = ", ".join(info.name for info in inputs) or "none"
        raise ModelError(f"a shape is given without an input's name; say which it is of: the inputs are {names}")
    return {inputs[0].name: shapes[""]}


class OpenError(ModelError):
    """Dimensions of inputs stay open."""


def fix_shapes(inputs: list[onnx.ValueInfoProto], shapes: Mapping[str, Shape], ranges: Container[str] = ()) -> None:
    """Write the given shapes into the inputs, in place, and make sure that nothing else stays open than `ranges`.

    A symbol that two inputs share is filled in where it is known from one of them. What a shape has ranges for is
    written there already (`dims.fix_dims`).

    Raises
    ------
    ModelError
        When a name, rank or dimension does not fit, or a dimension stays open: naming all such inputs and the flag.
    """
    known = {info.name: info for info in inputs}
    for name in shapes:
        if name not in known:
            raise ModelError(f"the model has no input {name!r} to give a shape; its inputs are {', '.join(known)}")
        if not known[name].type.HasField("tensor_type"):
            raise ModelError(f"input {name!r} is not a tensor, so it has no shape")
    symbols: dict[str, int] = {}
    for name, shape in shapes.items():
        _bind(known[name], shape, symbols)
    shapeless = []
    for info in inputs:
        if not info.type.HasField("tensor_type") or info.type.tensor_type.elem_type == onnx.TensorProto.STRING:
            continue
        if info.type.tensor_type.HasField("shape"):
            for dim in info.type.tensor_type.shape.dim:
                if symbols.get(dim.dim_param, -1) >= 0:
                    dim.dim_value = symbols[dim.dim_param]
        if not info.type.tensor_type.HasField("shape"):
            shapeless.append(info.name if info.name.isprintable() else repr(info.name))
    dims = {name: places for name, places in open_dims(inputs).items() if name not in ranges}
    if dims or shapeless:
        names = ", ".join(name if name.isprintable() else repr(name) for name in [*dims, *shapeless])
        flags = [dim_flags({name: suggestion(name, places) for name, places in dims.items()})] if dims else []
        flags += [f"--shapes {name}:DIMxDIM..." for name in shapeless]
        raise OpenError(f"open dimensions: {names}; give them: {' '.join(flags)}")


def _bind(info: onnx.ValueInfoProto, shape: Shape, symbols: dict[str, int]) -> None:
    """Write one shape; note what it says about symbols (-1: two inputs say different things, so nothing)."""
    tensor = info.type.tensor_type
    if not _is_shape(shape):
        raise ModelError(f"input {info.name!r}: {shape!r} is not a shape")
    shape = tuple(size if isinstance(size, Range) else int(size) for size in shape)
    given = "x".join(map(str, shape))
    if tensor.HasField("shape"):
        says = f"{info.name}:{'x'.join(map(_dim_text, tensor.shape.dim))}"
        if len(tensor.shape.dim) != len(shape):
            rank = len(tensor.shape.dim)
            raise ModelError(
                f"input {info.name!r} has {rank} dimensions ({says}), but {len(shape)} are given ({given})"
            )
        for position, (dim, size) in enumerate(zip(tensor.shape.dim, shape, strict=True)):
            if isinstance(size, Range):
                continue
            if _is_fixed(dim) and dim.dim_value != size:
                raise ModelError(
                    f"input {info.name!r}: the model fixes dimension {position} at {dim.dim_value} ({says}), "
                    f"but {size} is given ({given})"
                )
            if dim.dim_param not in ANONYMOUS:
                symbols[dim.dim_param] = size if symbols.get(dim.dim_param, size) == size else -1
    tensor.shape.SetInParent()
    for _ in shape[len(tensor.shape.dim) :]:
        tensor.shape.dim.add()
    for dim, size in zip(tensor.shape.dim, shape, strict=True):
        if not isinstance(size, Range):
            dim.Clear()
            dim.dim_value = size


def _is_shape(given: object) -> bool:
    """Whether a caller gave a shape: sizes, NumPy's among them, that fit a message."""
    sizes = (int, np.integer)
    return isinstance(given, tuple | list) and all(
        isinstance(dim, Range) or (isinstance(dim, sizes) and not isinstance(dim, bool) and 0 <= dim < 2**63)
        for dim in given
    )


def _is_fixed(dim: "onnx.TensorShapeProto.Dimension") -> bool:
    return dim.HasField("dim_value") and dim.dim_value >= 0


def _dim_text(dim: "onnx.TensorShapeProto.Dimension") -> str:
    return str(dim.dim_value) if _is_fixed(dim) else "N"
