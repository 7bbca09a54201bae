"""Fixing the shapes of a model's inputs."""

import re
from collections.abc import Container, Mapping

import numpy as np
import onnx

from mini_infer.errors import ModelError, UsageError
from mini_infer.frontend.model.dims import ANONYMOUS


def parse_shape(text: str) -> tuple[str, tuple[int, ...]]:
    """`name:1x3x224x224` → name and dimensions. The name may hold colons; `name:` is a scalar.

    Raises
    ------
    UsageError
        When the text is not of this form.
    """
    name, colon, dims = text.rpartition(":")
    if not colon or not name or not re.fullmatch(r"(\d+(x\d+)*)?", dims):
        raise UsageError(f"{text!r} is not a shape: write NAME:DIMxDIM..., for example x:1x3x224x224")
    return name, tuple(int(dim) for dim in dims.split("x")) if dims else ()


def fix_shapes(
    inputs: list[onnx.ValueInfoProto], shapes: Mapping[str, tuple[int, ...]], ranges: Container[str] = ()
) -> None:
    """Write the given shapes into the inputs, in place, and make sure that nothing else stays open than `ranges`.

    A symbol that two inputs share is filled in where it is known from one of them.

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
    open_inputs = []
    for info in inputs:
        if not info.type.HasField("tensor_type") or info.type.tensor_type.elem_type == onnx.TensorProto.STRING:
            continue
        if info.type.tensor_type.HasField("shape"):
            for dim in info.type.tensor_type.shape.dim:
                if symbols.get(dim.dim_param, -1) >= 0:
                    dim.dim_value = symbols[dim.dim_param]
        flag = _open_flag(info, ranges)
        if flag:
            open_inputs.append((info.name, flag))
    if open_inputs:
        names = ", ".join(repr(name) for name, _ in open_inputs)
        flags = " ".join(flag for _, flag in open_inputs)
        raise ModelError(f"dimensions of input {names} are open; give them: {flags}")


def _bind(info: onnx.ValueInfoProto, shape: tuple[int, ...], symbols: dict[str, int]) -> None:
    """Write one shape; note what it says about symbols (-1: two inputs say different things, so nothing)."""
    tensor = info.type.tensor_type
    if not _is_shape(shape):
        raise ModelError(f"input {info.name!r}: {shape!r} is not a shape")
    shape = tuple(map(int, shape))
    given = "x".join(map(str, shape))
    if tensor.HasField("shape"):
        says = f"{info.name}:{'x'.join(map(_dim_text, tensor.shape.dim))}"
        if len(tensor.shape.dim) != len(shape):
            rank = len(tensor.shape.dim)
            raise ModelError(
                f"input {info.name!r} has {rank} dimensions ({says}), but {len(shape)} are given ({given})"
            )
        for position, (dim, size) in enumerate(zip(tensor.shape.dim, shape, strict=True)):
            if _is_fixed(dim) and dim.dim_value != size:
                raise ModelError(
                    f"input {info.name!r}: the model fixes dimension {position} at {dim.dim_value} ({says}), "
                    f"but {size} is given ({given})"
                )
            if dim.dim_param not in ANONYMOUS:
                symbols[dim.dim_param] = size if symbols.get(dim.dim_param, size) == size else -1
    del tensor.shape.dim[:]
    tensor.shape.SetInParent()
    for size in shape:
        tensor.shape.dim.add().dim_value = size


def _is_shape(given: object) -> bool:
    """Whether a caller gave a shape: sizes, NumPy's among them, that fit a message."""
    sizes = (int, np.integer)
    return isinstance(given, tuple | list) and all(
        isinstance(dim, sizes) and not isinstance(dim, bool) and 0 <= dim < 2**63 for dim in given
    )


def _is_fixed(dim: "onnx.TensorShapeProto.Dimension") -> bool:
    return dim.HasField("dim_value") and dim.dim_value >= 0


def _dim_text(dim: "onnx.TensorShapeProto.Dimension") -> str:
    return str(dim.dim_value) if _is_fixed(dim) else "N"


def _open_flag(info: onnx.ValueInfoProto, ranges: Container[str]) -> str:
    """The flag that would fix an input's shape; empty when it is fixed."""
    tensor = info.type.tensor_type
    name = info.name if info.name.isprintable() else repr(info.name)
    if not tensor.HasField("shape"):
        return f"--shapes {name}:DIMxDIM..."
    if all(_is_fixed(dim) or dim.dim_param in ranges for dim in tensor.shape.dim):
        return ""
    return f"--shapes {name}:{'x'.join(map(_dim_text, tensor.shape.dim))}"
