"""Numbers of the caller's, quantized by the product that reads them: their bytes need no memory.

::

    x ─ QuantizeLinear ─ MatMulInteger ─ y      ─▶      x ─ MatMulInteger ─ y

The fused node keeps the contraction's operator name; its body is the QuantizeLinear and then the contraction's.

Fires on `MatMulInteger` and `ConvInteger` of constant bytes, and their fused forms, that read what a `QuantizeLinear`
to 8 bits by one constant scale makes of one of the graph's inputs, or of a view of it.

Must not fire on

1. bytes that another node reads too, or that the caller gets,
2. numbers that a node makes: they would live longer, and take more memory than their bytes,
3. windows of several elements, of which each would quantize again.
"""

from dataclasses import dataclass
from typing import ClassVar

from mini_infer.ir import DType, Node
from mini_infer.ir.fusion import is_pointwise
from mini_infer.ir.operators import core, having, traits
from mini_infer.passes.base import Needs, Sweep
from mini_infer.passes.fusion.integers import has_constant_bytes
from mini_infer.passes.rewriter import GraphRewriter, fuse


@dataclass(frozen=True, slots=True)
class FuseOperands(Sweep):
    """Fuses integer contractions with the quantization of what they read."""

    name: ClassVar[str] = "operands"
    needs: ClassVar[Needs] = (having(lambda its: its.contraction and its.integer), frozenset({"QuantizeLinear"}))

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """The contraction that quantizes what it reads."""
        if not (core(node).contraction and core(node).integer):
            return None
        name = node.inputs[0]
        made = rewriter.producer(name, "QuantizeLinear")
        if made is None or not _is_of_caller(made.inputs[0], rewriter):
            return None
        refusal = _refusal(node, made, rewriter)
        if refusal:
            rewriter.missed(node.name, f"QuantizeLinear {made.name!r} not fused: {refusal}")
            return None
        rewriter.applied(node.name, f"QuantizeLinear {made.name!r} done by {node.op}")
        return [fuse(node.op, (rewriter.erase(name), node))]


def _is_of_caller(name: str, rewriter: GraphRewriter) -> bool:
    """Whether a value is one of the graph's inputs, or a view of one."""
    while (node := rewriter.producer(name)) is not None and traits(node).view:
        name = node.inputs[0]
    return name in rewriter.graph.inputs


def _refusal(node: Node, made: Node, rewriter: GraphRewriter) -> str:
    """Why a quantization cannot be part of the contraction; empty if it can."""
    name, kind = node.inputs[0], rewriter.tensor(made.inputs[0])
    product = next(inner for inner in node.primitives if core(inner).contraction)
    weights = rewriter.tensor(product.inputs[1])
    if not rewriter.has_one_use(name):
        return f"{name!r} is read by others too"
    if not has_constant_bytes(node, rewriter):
        return "the weights are no constant bytes"
    constant = all(each in rewriter.constants for each in made.inputs[1:])
    if kind is None or kind.dtype is not DType.FLOAT32 or not constant or not is_pointwise(made, rewriter.types):
        return "it is none of float32 by one constant scale"
    if weights is None or (core(product).convolution and any(size != 1 for size in weights.shape[2:])):
        return "the window has several elements"
    return ""
