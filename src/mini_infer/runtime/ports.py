"""The caller's arrays: named, of the right type and shape, and where they lie."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mini_infer.errors import InputError
from mini_infer.ir import Bound, TensorType
from mini_infer.program import Port
from mini_infer.runtime.native import pointers


def in_order(values: Mapping[str, Any], ports: Sequence[Port]) -> list[Any]:
    """The values in the ports' order.

    Raises
    ------
    InputError
        When a name is missing or unknown.
    """
    if len(values) == len(ports):
        try:
            return [values[port.name] for port in ports]
        except KeyError:
            pass
    expected = ", ".join(f"{port.name}: {port.type}" for port in ports)
    raise InputError(f"got {', '.join(values) or 'nothing'}; expected exactly {expected}")


def bounds(ports: Sequence[Port]) -> dict[str, Bound]:
    """The bounds of the outputs that have one, by name."""
    return {port.name: port.bound for port in ports if port.bound is not None}


def checked(port: Port, value: Any) -> Any:
    """The value as a contiguous array of the port's type; the same object if it is one already.

    Raises
    ------
    InputError
        When it has another type or shape.
    """
    kind = port.type
    if not isinstance(kind, TensorType):
        return value
    array = value if isinstance(value, np.ndarray) else np.asarray(value)
    if array.dtype != kind.dtype.numpy or array.shape != kind.shape:
        shape = "x".join(map(str, array.shape))
        raise InputError(f"{port.name!r} is {array.dtype}[{shape}]; the engine takes {kind}")
    return array if array.flags.c_contiguous else np.ascontiguousarray(array)


def in_place(port: Port, value: Any, *, written: bool) -> None:
    """Check that native code can use the caller's array where it lies.

    Raises
    ------
    InputError
        When it has another type or shape, is not C-contiguous, or is read-only and `written`.
    """
    if checked(port, value) is not value:
        raise InputError(f"{port.name!r} must be a C-contiguous array to be used in place; copy it first")
    if written and isinstance(value, np.ndarray) and not value.flags.writeable:
        raise InputError(f"output {port.name!r} is a read-only array")


def addresses(arrays: Sequence[Any]) -> Any:
    """A C array of the arrays' addresses; null for what is no array."""
    return pointers([a.__array_interface__["data"][0] if isinstance(a, np.ndarray) else 0 for a in arrays])
