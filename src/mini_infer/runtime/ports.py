"""The caller's arrays: named, of the right type and shape, and where they lie."""

from collections.abc import Iterable, Mapping, Sequence
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
    return array if array.flags.c_contiguous and array.flags.aligned else np.array(array, order="C")


def in_place(port: Port, value: Any, *, written: bool) -> None:
    """Check that native code can use the caller's array where it lies.

    Raises
    ------
    InputError
        When it has another type or shape, is not C-contiguous or not aligned, or is read-only and `written`.
    """
    if checked(port, value) is not value:
        raise InputError(f"{port.name!r} must be a C-contiguous, aligned array to be used in place; copy it first")
    if written and isinstance(value, np.ndarray) and not value.flags.writeable:
        raise InputError(f"output {port.name!r} is a read-only array")


def apart(inputs: Iterable[tuple[Port, Any]], outputs: Iterable[tuple[Port, Any]], arena: np.ndarray) -> None:
    """Check that nothing else lies where outputs or the arena are written.

    Raises
    ------
    InputError
        Naming two that share bytes.
    """
    read = [(*_bytes(array), f"input {port.name!r}", False) for port, array in inputs]
    written = [(*_bytes(array), f"output {port.name!r}", True) for port, array in outputs]
    places = sorted([*read, *written, (*_bytes(arena), "the arena", True)])
    furthest: dict[bool, tuple[int, str]] = {}  # of what is read and of what is written so far
    for begin, end, name, writes in places:
        if begin == end:
            continue
        for other in (True, False) if writes else (True,):
            reached, before = furthest.get(other, (begin, ""))
            if reached > begin:
                raise InputError(
                    f"{name} and {before} share {min(end, reached) - begin} bytes; give each memory of its own"
                )
        furthest[writes] = max(furthest.get(writes, (0, "")), (end, name))


def _bytes(array: Any) -> tuple[int, int]:
    """Where a contiguous array begins and ends in memory; nowhere, if it is none."""
    if not isinstance(array, np.ndarray):
        return 0, 0
    begin = array.__array_interface__["data"][0]
    return begin, begin + array.nbytes


def addresses(arrays: Sequence[Any]) -> Any:
    """A C array of the arrays' addresses; null for what is no array."""
    return pointers([a.__array_interface__["data"][0] if isinstance(a, np.ndarray) else 0 for a in arrays])
