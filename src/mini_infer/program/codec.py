"""Programs as JSON and arrays: the text form of every frozen type that an engine file holds.

Tuples become lists; dataclasses, enums, mappings, bytes and arrays become objects with a ``$`` key. Only classes that
the reader names can be read back, and each field must have the type it is declared with: a file can neither name code
to run, nor bring text where a kernel expects a number.
"""

import base64
import dataclasses
import enum
import typing
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any, TypeVar, cast

import numpy as np

from mini_infer.ir import Bound, Dim, DType, Graph, Node, OpaqueType, Symbol, TensorType
from mini_infer.ir.dims import Quotient
from mini_infer.memory import Buffer, Overlap, Pool, Problem
from mini_infer.program.columns import ColumnPacking
from mini_infer.program.conform import conforms, field_types
from mini_infer.program.packing import Packing
from mini_infer.program.strassen import StrassenPacking
from mini_infer.program.types import Call, Control, ControlKind, Port, Ring, Run, Space, State, Step, Stream, Turn, View
from mini_infer.program.winograd import WinogradPacking

T = TypeVar("T")

Classes = Mapping[str, type]

DIMENSIONS = (Dim, Quotient, Symbol)
"""What stands for sizes that are given at run time: in no program that has none."""

_TYPES = [
    *[
        Bound,
        Buffer,
        Call,
        Control,
        Graph,
        Node,
        OpaqueType,
        Overlap,
        Packing,
        Pool,
        Port,
        Problem,
        Ring,
        Run,
        State,
        Step,
        Stream,
    ],
    *[TensorType, Turn, View],
    *DIMENSIONS,
    ColumnPacking,
    StrassenPacking,
    WinogradPacking,
]

CLASSES: Classes = {kind.__name__: kind for kind in _TYPES}
"""The dataclasses that may stand in a file, by name, but for kernels and their parts."""

ENUMS: dict[str, type[enum.Enum]] = {"ControlKind": ControlKind, "DType": DType, "Space": Space}
"""The enumerations that may stand in a file, by name."""


def with_kernels(kinds: Iterable[type]) -> Classes:
    """All dataclasses that may stand in a file whose kernels are of these kinds: those of their fields, too."""
    found = dict(CLASSES)
    waiting = list(kinds)
    while waiting:
        kind = waiting.pop()
        if found.setdefault(kind.__name__, kind) is not kind:
            raise ValueError(f"two classes are called {kind.__name__}")
        parts = (part for hint in field_types(cast("Hashable", kind)).values() for part in _dataclasses(hint))
        waiting += [part for part in parts if part.__name__ not in found]
    return found


def _dataclasses(hint: Any) -> Iterator[type]:
    """The dataclasses in an annotation."""
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        yield hint
    for argument in typing.get_args(hint):
        yield from _dataclasses(argument)


def encode(value: Any, arrays: list[np.ndarray]) -> Any:
    """`value` as JSON; arrays met on the way are appended to `arrays` and referred to by index.

    Raises
    ------
    TypeError
        For a type that has no text form.
    """
    match value:
        case None | bool() | int() | float() | str():
            return value
        case bytes():
            return {"$bytes": base64.b64encode(value).decode()}
        case tuple():
            return [encode(item, arrays) for item in value]
        case np.ndarray() if value.dtype.hasobject:
            return {"$objects": [encode(item, arrays) for item in value.ravel().tolist()], "shape": list(value.shape)}
        case np.ndarray():
            arrays.append(value)
            return {"$array": len(arrays) - 1}
        case Mapping():
            return {"$map": [[encode(key, arrays), encode(item, arrays)] for key, item in value.items()]}
        case enum.Enum():
            return {"$enum": type(value).__name__, "value": value.value}
    if not dataclasses.is_dataclass(value):
        raise TypeError(f"{type(value).__name__} has no text form")
    fields = {
        field.name: encode(getattr(value, field.name), arrays) for field in dataclasses.fields(value) if field.init
    }
    return {"$": type(value).__name__, **fields}


def decode(data: Any, arrays: list[np.ndarray], classes: Classes = CLASSES) -> Any:
    """The inverse of `encode`, of values of these classes.

    Raises
    ------
    ValueError, TypeError, KeyError, IndexError
        When the data is not what `encode` writes.
    """
    match data:
        case str():
            return data.encode().decode()  # half of a surrogate pair is no text
        case list():
            return tuple(decode(item, arrays, classes) for item in data)
        case {"$bytes": text}:
            return base64.b64decode(text, validate=True)
        case {"$objects": items, "shape": shape}:
            objects = np.empty(len(items), dtype=object)
            objects[:] = [decode(item, arrays, classes) for item in items]
            return objects.reshape(shape)
        case {"$array": index}:
            return arrays[_index(index)]
        case {"$map": pairs}:
            return {decode(key, arrays, classes): decode(item, arrays, classes) for key, item in pairs}
        case {"$enum": name, "value": value}:
            return ENUMS[name](value)
        case {"$": name, **fields}:
            return build(classes[name], {str(key): decode(item, arrays, classes) for key, item in fields.items()})
        case dict():
            raise ValueError(f"an object with the keys {sorted(data)} means nothing here")
    return data


def _index(value: Any) -> int:
    """A place in a list, counted from its beginning."""
    if not conforms(value, int) or value < 0:
        raise TypeError(f"{value!r} is no place in a list")
    return int(value)


def build(kind: type[T], fields: dict[str, Any]) -> T:
    """A dataclass from decoded fields, checked against their annotations.

    Raises
    ------
    TypeError
        When a field has another type than its annotation, down to the items of tuples, or is missing.
    """
    for name, hint in field_types(cast("Hashable", kind)).items():
        if name in fields and not conforms(fields[name], hint):
            raise TypeError(f"{kind.__name__}.{name} cannot be {fields[name]!r:.200}")
    return kind(**fields)
