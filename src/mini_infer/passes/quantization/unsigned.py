"""Tensors of int8 as tensors of uint8, as onnxruntime has them on x86-64, which multiplies uint8 by int8.

`QuantizeLinear` to int8, and the `DequantizeLinear` that read it, become those to uint8 of a zero point larger by 128.

Fires on

1. a `QuantizeLinear` with a constant zero point of int8, all of whose readers are `DequantizeLinear` with the same.
   (onnxruntime lets two readers of one tensor stay as they are, and then computes around them with real numbers.)

Must not fire on

1. what the caller gets,
2. what anything else reads: weights, and integers that the model itself works on.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from mini_infer.ir import DType, Node, TensorType
from mini_infer.passes.base import Needs, Sweep
from mini_infer.passes.rewriter import GraphRewriter

_APART = 128


@dataclass(frozen=True, slots=True)
class Unsigned(Sweep):
    """Makes what is quantized to int8 uint8."""

    name: ClassVar[str] = "unsigned"
    needs: ClassVar[Needs] = (frozenset({"QuantizeLinear"}), frozenset({"DequantizeLinear"}))

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """The node with another zero point."""
        if node.domain or node.op not in {"QuantizeLinear", "DequantizeLinear"}:
            return None
        if node.op == "DequantizeLinear":
            kind = rewriter.tensor(node.inputs[0])
            turned = kind is not None and rewriter.graph.types[node.inputs[0]] != kind
            return [_turned(node, rewriter)] if turned else None
        value, zero = node.outputs[0], _zero(node, rewriter)
        readers = rewriter.graph.readers.get(value, ())
        if zero is None or rewriter.is_output(value) or not readers:
            return None
        if not all(
            reader.op == "DequantizeLinear" and not reader.domain and _zero(reader, rewriter) == zero
            for reader in readers
        ):
            return None
        rewriter.types[value] = TensorType(DType.UINT8, rewriter.graph.tensor(value).shape)
        rewriter.applied(node.name, f"{value!r} is uint8 instead of int8")
        return [_turned(node, rewriter)]


def _zero(node: Node, rewriter: GraphRewriter) -> int | None:
    """The one zero point of int8 that a node has; none of any other type."""
    array = rewriter.constants.get(node.inputs[2]) if len(node.inputs) > 2 else None  # noqa: PLR2004
    return int(array.item()) if array is not None and array.size == 1 and array.dtype == np.int8 else None


def _turned(node: Node, rewriter: GraphRewriter) -> Node:
    """The node for uint8."""
    zero = rewriter.constants[node.inputs[2]].astype(np.int32) + _APART
    name = rewriter.new_constant(f"{node.inputs[2]}_unsigned", zero.astype(np.uint8))
    return replace(node, inputs=(*node.inputs[:2], name))
