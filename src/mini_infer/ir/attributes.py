"""A node's attributes in the type that its operator gives them; also those of which later versions made inputs."""

from collections.abc import Mapping

import numpy as np

from mini_infer.ir.dims import Dim
from mini_infer.ir.graph import Node


def integer(node: Node, name: str, default: int = 0) -> int:
    """An integer attribute."""
    value = node.attributes.get(name, default)
    if not isinstance(value, int):
        raise TypeError(f"{node.op} {node.name!r}: attribute {name!r} is {value!r}, not an integer")
    return value


def integers(node: Node, name: str, default: tuple[int, ...] = ()) -> tuple[int, ...]:
    """An attribute that lists integers, of which some may be given at run time."""
    value = node.attributes.get(name, default)
    if not isinstance(value, tuple):
        raise TypeError(f"{node.op} {node.name!r}: attribute {name!r} is {value!r}, not a list of integers")
    return tuple(item if isinstance(item, Dim) else int(item) for item in value)  # type: ignore[arg-type]


def number(node: Node, name: str, default: float) -> float:
    """A real attribute."""
    value = node.attributes.get(name, default)
    if not isinstance(value, int | float):
        raise TypeError(f"{node.op} {node.name!r}: attribute {name!r} is {value!r}, not a number")
    return float(value)


def text(node: Node, name: str, default: str = "") -> str:
    """A text attribute."""
    value = node.attributes.get(name, default)
    return value.decode() if isinstance(value, bytes) else str(value)


def has_input(node: Node, position: int) -> bool:
    """Whether an optional input is present."""
    return len(node.inputs) > position and bool(node.inputs[position])


def setting(node: Node, name: str, position: int, constants: Mapping[str, np.ndarray]) -> tuple[int, ...] | None:
    """Integers given by attribute `name` or by the constant input at `position`; none if given by neither.

    Raises
    ------
    LookupError
        When the input is there but not a constant.
    """
    if has_input(node, position):
        array = constants.get(node.inputs[position])
        if array is None:
            raise LookupError(f"{name} of {node.op} is computed at run time")
        return tuple(int(item) for item in array.ravel())
    if name in node.attributes:
        value = node.attributes[name]
        return (value,) if isinstance(value, int) else integers(node, name)
    return None
