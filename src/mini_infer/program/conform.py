"""Whether a value has the type that a dataclass field asks for: what a file says is checked before it is built."""

import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from mini_infer.ir import Dim

_EXACT: Mapping[Any, frozenset[type]] = {
    bool: frozenset({bool}),
    int: frozenset({int, Dim}),
    float: frozenset({int, float, Dim}),
}
"""Numbers → the types that they may be of."""


@cache
def field_types(kind: type) -> Mapping[str, Any]:
    """Field name → annotation, of a dataclass."""
    return typing.get_type_hints(kind)


def conforms(value: Any, hint: Any) -> bool:
    """Whether `value` is what the annotation says, down to the items of tuples and mappings.

    Knows the annotations that programs use: plain classes, unions, `None`, `Any`, literals, tuples and mappings. A bool
    is no int here, because generated C depends on which it is.
    """
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return True
    if isinstance(hint, typing.ForwardRef):
        return True  # the recursive part of an attribute: its items were decoded from the same few types
    if origin in {typing.Union, types.UnionType}:
        return any(conforms(value, option) for option in arguments)
    if origin is typing.Literal:
        return value in arguments
    if origin is tuple:
        return isinstance(value, tuple) and _items_conform(value, arguments)
    if origin is not None and issubclass(origin, Mapping):
        key, item = arguments
        return isinstance(value, Mapping) and all(conforms(k, key) and conforms(v, item) for k, v in value.items())
    if origin is np.ndarray:
        return isinstance(value, np.ndarray)
    if hint in _EXACT:
        return type(value) in _EXACT[hint]
    return isinstance(value, hint or types.NoneType)


def _items_conform(value: tuple[Any, ...], arguments: tuple[Any, ...]) -> bool:
    if len(arguments) == 2 and arguments[1] is Ellipsis:  # noqa: PLR2004 - tuple[X, ...]
        return all(conforms(item, arguments[0]) for item in value)
    return len(value) == len(arguments) and all(map(conforms, value, arguments))
