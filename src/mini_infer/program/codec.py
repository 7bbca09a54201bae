"""Programs as JSON and arrays: the text form of every frozen type that an engine file holds.

Tuples become lists; dataclasses, enums, mappings, bytes and arrays become objects with a ``$`` key. Only classes that
the reader names can be read back, and each field must have the type it is declared with: a file can neither name code
to run, nor bring text where a kernel expects a number.
"""

import base64
import dataclasses
import enum
from collections.abc import Hashable, Mapping
from typing import Any, TypeVar, cast

import numpy as np

from mini_infer.program.conform import conforms, field_types

T = TypeVar("T")

Classes = Mapping[str, type]
"""The dataclasses and enumerations that may stand in a text, by name."""


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


def decode(data: Any, arrays: list[np.ndarray], classes: Classes) -> Any:
    """The inverse of `encode`, of values of these dataclasses and enumerations.

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
            return _kind(classes, name, is_enum=True)(value)
        case {"$": name, **fields}:
            kind = _kind(classes, name, is_enum=False)
            return build(kind, {str(key): decode(item, arrays, classes) for key, item in fields.items()})
        case dict():
            raise ValueError(f"an object with the keys {sorted(data)} means nothing here")
    return data


def _kind(classes: Classes, name: str, *, is_enum: bool) -> Any:
    kind = classes[name]
    if issubclass(kind, enum.Enum) is not is_enum:
        raise ValueError(f"{name} is no {'enumeration' if is_enum else 'dataclass'}")
    return kind


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
