"""What flows between evaluated nodes."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mini_infer.ir import DType, Node

Value = Any
"""A tensor is a NumPy array, a sequence a list, an absent optional `None`, as in `onnx.reference`."""

Operator = Callable[[Node, Sequence[Value]], Sequence[Value]]
"""A node and the values of its inputs (`None` where omitted) → the values of its outputs."""


def padded(inputs: Sequence[Value], count: int) -> list[Value]:
    """The inputs, with `None` for those omitted at the end."""
    return [*inputs, *[None] * (count - len(inputs))]


def attribute(node: Node, name: str, default: Any = None) -> Any:
    """An attribute's value, or its default."""
    return node.attributes.get(name, default)


def accumulator(dtype: "np.dtype[np.generic]") -> "np.dtype[np.generic]":
    """The type to compute in: float64 for floats, rounded once at the end (docs/decisions/0005); others their own."""
    return np.dtype(np.float64) if DType.of(dtype).is_float else dtype
