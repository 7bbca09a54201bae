"""Optionals: an absent one is `None`, a present one is its element (`onnx.reference` wraps it in a list)."""

from collections.abc import Sequence

import numpy as np

from mini_infer.errors import InputError
from mini_infer.interpreter.operators.values import Value
from mini_infer.ir import Node


def optional(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:  # noqa: ARG001 - one shape for all
    """An optional of the input, or an empty one."""
    return [inputs[0] if inputs else None]


def get_element(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """The element of a present optional."""
    if inputs[0] is None:
        raise InputError(f"node {node.name!r} takes the element of an optional that is empty")
    return [inputs[0]]


def has_element(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:  # noqa: ARG001 - one shape for all
    """Whether the optional is present."""
    return [np.asarray(bool(inputs) and inputs[0] is not None)]
