"""A node's attributes in the type that its operator gives them."""

from mini_infer.ir.graph import Node


def integer(node: Node, name: str, default: int = 0) -> int:
    """An integer attribute."""
    value = node.attributes.get(name, default)
    if not isinstance(value, int):
        raise TypeError(f"{node.op} {node.name!r}: attribute {name!r} is {value!r}, not an integer")
    return value


def integers(node: Node, name: str, default: tuple[int, ...] = ()) -> tuple[int, ...]:
    """An attribute that lists integers."""
    value = node.attributes.get(name, default)
    if not isinstance(value, tuple):
        raise TypeError(f"{node.op} {node.name!r}: attribute {name!r} is {value!r}, not a list of integers")
    return tuple(int(item) for item in value)  # type: ignore[arg-type]


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
