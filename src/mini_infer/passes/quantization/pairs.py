"""A tensor that is quantized twice in a row: once instead, for what both can hold, as onnxruntime does.

Its source is core/optimizer/double_qdq_pairs_remover.cc.

Fires on

1. `QuantizeLinear`, `DequantizeLinear`, `QuantizeLinear`, `DequantizeLinear` of 8 bits, each pair with a scale and a
   zero point of its own: one pair, from the greater of both least numbers to the smaller of both greatest.

Must not fire on

1. what is read by others on the way, or is an output,
2. scales and zero points that are not known, not one, or differ within a pair.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from mini_infer.ir import Node
from mini_infer.ir.attributes import has_input
from mini_infer.passes.base import Needs, Sweep
from mini_infer.passes.quantization.parameters import Quantized, parameters, quantized
from mini_infer.passes.rewriter import GraphRewriter

_ZERO = 2


@dataclass(frozen=True, slots=True)
class MergePairs(Sweep):
    """Makes one of two pairs of QuantizeLinear and DequantizeLinear."""

    name: ClassVar[str] = "pairs"
    needs: ClassVar[Needs] = (frozenset({"QuantizeLinear"}), frozenset({"DequantizeLinear"}))

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """The one pair, in the place of the second DequantizeLinear."""
        if node.domain or node.op != "DequantizeLinear":
            return None
        chain = _chain(node, rewriter)
        if chain is None:
            return None
        outer, middle, inner = chain
        first, second = _pair(outer, middle, rewriter), _pair(inner, node, rewriter)
        if first is None or second is None or first.dtype is not second.dtype:
            return None
        scale, zero = (first.scale, first.zero) if first.is_like(second) else _common(first, second)
        rewriter.applied(node.name, f"{outer.name} and {inner.name} quantize once")
        for each in (outer, middle, inner):
            rewriter.erase(each.outputs[0])
        given = (
            rewriter.new_constant(f"{outer.outputs[0]}_scale", scale),
            rewriter.new_constant(f"{outer.outputs[0]}_zero", zero),
        )
        return [
            replace(outer, inputs=(outer.inputs[0], *given)),
            replace(node, inputs=(outer.outputs[0], *given)),
        ]


def _chain(node: Node, rewriter: GraphRewriter) -> tuple[Node, Node, Node] | None:
    """The three nodes before a DequantizeLinear, if they are a pair and a QuantizeLinear that nothing else reads."""
    found: list[Node] = []
    last = node
    for op in ("QuantizeLinear", "DequantizeLinear", "QuantizeLinear"):
        value = last.inputs[0]
        before = rewriter.producer(value, op)
        if before is None or not rewriter.has_one_use(value):
            return None
        found.append(before)
        last = before
    inner, middle, outer = found
    return outer, middle, inner


def _pair(quantize: Node, dequantize: Node, rewriter: GraphRewriter) -> Quantized | None:
    """The quantization that both nodes of a pair have."""
    if not has_input(quantize, _ZERO) or not has_input(dequantize, _ZERO):
        return None
    made, read = quantized(quantize, rewriter), parameters(dequantize, dequantize.inputs[0], rewriter)
    return made if made is not None and read is not None and made.is_like(read) else None


def _common(first: Quantized, second: Quantized) -> tuple[np.ndarray, np.ndarray]:
    """The scale and zero point of what both tensors can hold, in float32."""
    limits = np.iinfo(first.dtype.numpy)  # type: ignore[type-var]
    low, high = (
        [np.float32(end - int(each.zero.item())) * np.float32(each.scale.item()) for each in (first, second)]
        for end in (limits.min, limits.max)
    )
    least, greatest = max(low), min(high)
    with np.errstate(all="ignore"):
        scale = np.float32((greatest - least) / np.float32(limits.max - limits.min))
        origin = float(np.float32(limits.min) - least / scale)
    zero = int(np.sign(origin) * np.floor(abs(origin) + 0.5))  # halves away from zero
    return np.asarray(scale), np.asarray(zero & 0xFF, np.uint8).astype(first.dtype.numpy)
