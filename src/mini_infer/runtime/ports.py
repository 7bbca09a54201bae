"""The caller's arrays: named, of the right type and shape, and where they lie."""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from mini_infer.errors import InputError
from mini_infer.ir import Bound, Dim, TensorType
from mini_infer.ir.dims import TYPICAL, Sizes, at, shown
from mini_infer.program.ports import Port
from mini_infer.runtime.interface import Interface
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


def alone(value: Any, ports: Sequence[Port]) -> dict[str, Any]:
    """A value given without a name, under that of the only port.

    Raises
    ------
    InputError
        When there are several.
    """
    if len(ports) != 1:
        expected = ", ".join(f"{port.name}: {port.type}" for port in ports)
        raise InputError(f"got a value without a name; expected a mapping with {expected or 'nothing'}")
    return {ports[0].name: value}


def bounds(ports: Sequence[Port]) -> dict[str, Bound]:
    """The bounds of the outputs that have one, by name."""
    return {port.name: port.bound for port in ports if port.bound is not None}


def sizes(given: Sequence[tuple[Port, Any]], held: Sizes = TYPICAL) -> dict[str, int]:
    """The sizes that are given at run time, by their symbols' names, as the inputs have them.

    Those that are `held` in the context's states are known.

    Raises
    ------
    InputError
        When one is outside its range, or two inputs do not agree.
    """
    found: dict[str, int] = dict(held)
    computed: list[tuple[Port, int, int]] = []
    for port, value in given:
        if not isinstance(port.type, TensorType) or not port.type.is_open:
            continue
        shape = np.shape(value)
        if len(shape) != len(port.type.shape):
            raise InputError(f"{port.name!r} is of shape {'x'.join(map(str, shape))}; the engine takes {port.type}")
        for dim, size in zip(port.type.shape, shape, strict=True):
            if isinstance(dim, Dim) and all(symbol.dim != dim for symbol in dim.symbols):
                computed.append((port, dim, size))
            elif isinstance(dim, Dim):
                (symbol,) = dim.symbols
                if size not in symbol.sizes:
                    raise InputError(f"{port.name!r} has {symbol.name} = {size}, which is not {symbol.said}")
                if found.setdefault(symbol.name, size) != size:
                    other = found[symbol.name]
                    who = "the context's state" if symbol.name in held else "an input before it"
                    raise InputError(f"{port.name!r} has {symbol.name} = {size}, {who} {other}")
    for port, dim, size in computed:
        if (wanted := at(dim, found)) != size:
            raise InputError(f"{port.name!r} has {shown(dim)} = {size}, which is {wanted} by what else is given")
    return found


def sized(
    interface: Interface, inputs: Sequence[Any], held: Sizes = TYPICAL
) -> tuple[Sizes, Sequence[Port], Sequence[Port]]:
    """The sizes that these inputs have, with those `held` in states, and the inputs and outputs of these.

    Raises
    ------
    InputError
        When a size is outside its range, or two inputs do not agree.
    """
    if not interface.symbols:
        return TYPICAL, interface.inputs, interface.outputs
    found = sizes(list(zip(interface.inputs, inputs, strict=True)), held)
    return found, at(interface.inputs, found), at(interface.outputs, found)


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
    spans: list[tuple[int, int, bool, Port | None]] = [(*_span(array), False, port) for port, array in inputs]
    spans += [(*_span(array), True, port) for port, array in outputs]
    spans.append((*_span(arena), True, None))
    spans.sort(key=itemgetter(0))
    furthest: dict[bool, tuple[int, str]] = {}  # of what is read and of what is written so far
    for begin, end, written, port in spans:
        if begin == end:
            continue
        name = "the arena" if port is None else f"{'output' if written else 'input'} {port.name!r}"
        for other in (True, False) if written else (True,):
            reached, before = furthest.get(other, (begin, ""))
            if reached > begin:
                shared = min(end, reached) - begin
                raise InputError(f"{name} and {before} share {shared} bytes; give each memory of its own")
        furthest[written] = max(furthest.get(written, (0, "")), (end, name))


def _span(array: Any) -> tuple[int, int]:
    """Where a contiguous array begins and ends in memory; nowhere, if it is none."""
    begin = _address(array)
    return begin, begin + array.nbytes if begin else begin


def _address(array: Any) -> int:
    """Where an array lies; 0 for what is no array.

    `__array_interface__` would say it too, but interns strings, for which Python allocates now and then.
    """
    return array.ctypes.data if isinstance(array, np.ndarray) else 0


def addresses(arrays: Sequence[Any]) -> Any:
    """A C array of the arrays' addresses; null for what is no array."""
    return pointers([_address(array) for array in arrays])
