"""Programs as JSON and arrays: the text form of every frozen type that an engine file holds.

Tuples become lists; dataclasses, enums, mappings, bytes and arrays become objects with a ``$`` key. Only the classes
listed in `CLASSES` can be read back, and each field must have the type it is declared with: a file can neither name
code to run, nor bring text where a kernel expects a number.
"""

import base64
import dataclasses
import enum
from collections.abc import Hashable, Mapping
from typing import Any, TypeVar, cast

import numpy as np

from mini_infer.ir import Bound, DType, Graph, Node, OpaqueType, TensorType
from mini_infer.memory import Buffer, Pool, Problem
from mini_infer.program import kernels
from mini_infer.program.conform import conforms, field_types
from mini_infer.program.packing import Packing
from mini_infer.program.strassen import StrassenPacking
from mini_infer.program.types import Call, Control, ControlKind, Port, Space, Step, View
from mini_infer.program.winograd import WinogradPacking

T = TypeVar("T")

_KERNELS = [kind for kind in vars(kernels).values() if isinstance(kind, type)]
_TYPES = [
    *[Bound, Buffer, Call, Control, Graph, Node, OpaqueType, Packing, Pool, Port, Problem, Step, TensorType, View],
    StrassenPacking,
    WinogradPacking,
]

CLASSES: dict[str, type] = {kind.__name__: kind for kind in (*_TYPES, *_KERNELS) if dataclasses.is_dataclass(kind)}
"""The dataclasses that may stand in a file, by name."""

ENUMS: dict[str, type[enum.Enum]] = {"ControlKind": ControlKind, "DType": DType, "Space": Space}
"""The enumerations that may stand in a file, by name."""


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
    if type(value).__name__ not in CLASSES:
        raise TypeError(f"{type(value).__name__} has no text form")
    fields = {
        field.name: encode(getattr(value, field.name), arrays) for field in dataclasses.fields(value) if field.init
    }
    return {"$": type(value).__name__, **fields}


def decode(data: Any, arrays: list[np.ndarray]) -> Any:
    """The inverse of `encode`.

    Raises
    ------
    ValueError, TypeError, KeyError, IndexError
        When the data is not what `encode` writes.
    """
    match data:
        case str():
            return data.encode().decode()  # half of a surrogate pair is no text
        case list():
            return tuple(decode(item, arrays) for item in data)
        case {"$bytes": text}:
            return base64.b64decode(text, validate=True)
        case {"$objects": items, "shape": shape}:
            objects = np.empty(len(items), dtype=object)
            objects[:] = [decode(item, arrays) for item in items]
            return objects.reshape(shape)
        case {"$array": index}:
            return arrays[_index(index)]
        case {"$map": pairs}:
            return {decode(key, arrays): decode(item, arrays) for key, item in pairs}
        case {"$enum": name, "value": value}:
            return ENUMS[name](value)
        case {"$": name, **fields}:
            return build(CLASSES[name], {str(key): decode(item, arrays) for key, item in fields.items()})
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
