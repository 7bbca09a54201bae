"""Giving the open dimensions of a model's inputs sizes, or ranges of sizes, by their names."""

import ast
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx

from mini_infer.errors import ModelError, UsageError, did_you_mean
from mini_infer.ir.dims import LARGEST, Dim, UndecidedError
from mini_infer.ir.ranges import Dims, Range

ANONYMOUS = frozenset({"", "?", "-1", "None", "none", "unknown"})
"""Names that exporters give to dimensions that have nothing in common."""

_BATCH = re.compile(r"batch|(n|b|bs|bsz|num_?samples)(_?size)?", re.IGNORECASE)
_LONG = re.compile(r"seq|len|time|frame|token|past|step|length|width|height", re.IGNORECASE)
_IMAGE = 4
"""Dimensions of a batch of images; the last two are height and width."""

_SIGNS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an open dimension is: the input, how many dimensions that has, and which of them it is."""

    input: onnx.ValueInfoProto
    axis: int

    @property
    def dim(self) -> "onnx.TensorShapeProto.Dimension":
        """The dimension itself, in the message."""
        dim: onnx.TensorShapeProto.Dimension = self.input.type.tensor_type.shape.dim[self.axis]
        return dim

    @property
    def rank(self) -> int:
        """Dimensions of the input."""
        return len(self.input.type.tensor_type.shape.dim)


def open_dims(inputs: Iterable[onnx.ValueInfoProto]) -> dict[str, list[Place]]:
    """The open dimensions of tensors of known rank, by name; those without a name are called `input.axis`."""
    found: dict[str, list[Place]] = {}
    for info in inputs:
        tensor = info.type.tensor_type
        if not info.type.HasField("tensor_type") or tensor.elem_type == onnx.TensorProto.STRING:
            continue
        for axis, dim in enumerate(tensor.shape.dim):
            if not dim.HasField("dim_value") or dim.dim_value < 0:
                found.setdefault(_name(info, axis), []).append(Place(info, axis))
    return found


def _name(info: onnx.ValueInfoProto, axis: int) -> str:
    given = info.type.tensor_type.shape.dim[axis].dim_param
    return f"{info.name}.{axis}" if given in ANONYMOUS else given


def suggestion(name: str, places: Iterable[Place]) -> "int | Range":
    """What one would give for an open dimension that nothing is known of but its name and its places."""
    first = {place.axis == 0 and place.rank > 1 for place in places} == {True}
    if _BATCH.search(name) if "batch" in name.lower() else _BATCH.fullmatch(name):
        return 1
    if first and not _LONG.search(name):
        return 1
    if all(place.rank == _IMAGE and place.axis >= _IMAGE - 2 for place in places):
        return Range(32, 640, 32)
    return Range(1, 512)


def dim_flags(dims: Dims) -> str:
    """The flags that give these sizes, as one would paste them."""
    return " ".join(_quoted(f"--dim {name}={size}") for name, size in dims.items())


def _quoted(flag: str) -> str:
    """The flag as a shell takes it."""
    word = flag.removeprefix("--dim ")
    return flag if re.fullmatch(r"[\w.:@=/+-]+", word) else "--dim " + "'" + word.replace("'", "'\\''") + "'"


def fix_dims(inputs: Iterable[onnx.ValueInfoProto], dims: Dims) -> dict[str, Dim]:
    """Write sizes into the inputs, in place, and for ranges the texts of their dimensions; these, by their texts.

    A dimension that is not given and whose name is an expression of others, such as `past + seq`, follows from them.

    Raises
    ------
    ModelError
        When the model has no open dimension of a name.
    UsageError
        When what is given is no size and no range.
    """
    named = open_dims(inputs)
    found: dict[str, Dim] = {}
    sizes = {name: _size(name, given) for name, given in dims.items() if not isinstance(given, str)}
    texts = {name: given for name, given in dims.items() if isinstance(given, str)}
    for name, text in texts.items():
        if (size := _computed(text, sizes)) is None:
            raise UsageError(f"{name}={text}: give a sum or product of dimensions that are given, such as past+seq")
        sizes[name] = size
    for name in named:
        if name not in sizes and (size := _computed(name, sizes)) is not None:
            sizes[name] = size
    used = {each for text in (*texts.values(), *named) for each in re.findall(r"\w+", text)}
    for name, size in sizes.items():
        if name not in named:
            if name in used:
                continue  # the inputs have it in expressions alone
            known = ", ".join(map(repr, named)) or "none"
            meant = did_you_mean(name, named)
            raise ModelError(f"the model has no open dimension {name!r}{meant}; its open dimensions: {known}")
        for place in named[name]:
            if isinstance(size, int):
                place.dim.dim_value = size
            else:
                place.dim.dim_param = str(size)
                found[str(size)] = size
    return found


def ranges_in(inputs: Iterable[onnx.ValueInfoProto], shapes: "Mapping[str, tuple[int | Range, ...]]") -> Dims:
    """The ranges that shapes give, by the names of the dimensions; an input of unknown rank gets dimensions, in place.

    Raises
    ------
    ModelError
        When a shape has a range where the model has another rank, or a size of its own.
    """
    known = {info.name: info for info in inputs}
    found: dict[str, Range] = {}
    for name, shape in shapes.items():
        info = known.get(name)
        if info is None or not isinstance(shape, tuple | list) or not any(isinstance(each, Range) for each in shape):
            continue  # whoever writes shapes into the inputs says what is wrong
        tensor = info.type.tensor_type
        if not tensor.HasField("shape"):
            for _ in shape:
                tensor.shape.dim.add()
        dims = tensor.shape.dim
        if len(dims) != len(shape):
            raise ModelError(f"input {name!r} has {len(dims)} dimensions, but {len(shape)} are given")
        for axis, size in enumerate(shape):
            if not isinstance(size, Range):
                continue
            if dims[axis].HasField("dim_value") and dims[axis].dim_value >= 0:
                fixed = dims[axis].dim_value
                raise ModelError(f"input {name!r}: the model fixes dimension {axis} at {fixed}, but {size} is given")
            dim = _name(info, axis)
            if found.setdefault(dim, size) != size:
                raise UsageError(f"{dim} is both {found[dim]} and {size}: one dimension has one range")
    return found


def _computed(text: str, sizes: Mapping[str, "int | Dim"]) -> "int | Dim | None":
    """The size that an expression of known ones is; `None`: it is none."""
    try:
        return _evaluated(ast.parse(text.strip(), mode="eval").body, sizes)
    except (SyntaxError, ValueError, LookupError, UndecidedError, ArithmeticError, RecursionError, MemoryError):
        return None


def _evaluated(tree: ast.expr, sizes: Mapping[str, "int | Dim"]) -> "int | Dim":
    match tree:
        case ast.Name(id=name):
            return sizes[name]
        case ast.Constant(value=int() as number) if not isinstance(number, bool):
            return number
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _SIGNS:
            found: int | Dim = _SIGNS[type(sign)](_evaluated(left, sizes), _evaluated(right, sizes))
            return found
    raise ValueError(tree)


def _size(name: str, given: "int | Range") -> "int | Dim":
    if isinstance(given, Range):
        return given.symbol(name).dim
    if isinstance(given, bool) or not isinstance(given, int | np.integer) or not 0 <= given < LARGEST:
        raise UsageError(f"{name} is {given!r}: give a whole number or a Range")
    return int(given)
