"""Weights rounded to numbers of 16 bits, in which lowering can keep them: half the bytes, and half of what is read.

The one rewrite that changes what a model computes, and done only where a user asks for it: of bfloat16, each weight
changes by at most 1/512 of itself, of float16 by 1/4096 (less precisely below 6e-5). Products are summed in float32.

Fires on

1. the constant float32 weights of `Conv`, `ConvTranspose`, `Gemm` and `MatMul`, after all that changes them,
2. constant float32 tables that `Gather` takes rows from, such as embeddings.

Must not fire on

1. depthwise convolutions: they have few weights, and no kernel that reads them in 16 bits,
2. numbers that the type has no finite one for.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mini_infer.ir import DType, Graph, Node
from mini_infer.ir.attributes import integer
from mini_infer.ir.halves import rounded
from mini_infer.ir.operators import having, traits
from mini_infer.passes.base import Needs, Pass, sweep
from mini_infer.passes.remarks import Remarks
from mini_infer.passes.rewriter import GraphRewriter, rename


@dataclass(frozen=True, slots=True)
class RoundWeights(Pass):
    """Rounds weights to a type of 16 bits."""

    name: ClassVar[str] = "weights"
    needs: ClassVar[Needs] = (having(lambda its: its.contraction and not its.integer) | {"Gather"},)
    half: DType

    def __call__(self, graph: Graph, remarks: Remarks) -> Graph:
        """The graph with rounded weights."""
        made: dict[str, str] = {}
        return sweep(self.name, graph, remarks, lambda node, rewriter: self._rounded(node, rewriter, made))

    def _rounded(self, node: Node, rewriter: GraphRewriter, made: dict[str, str]) -> list[Node] | None:
        """The node with rounded weights, which are `made` once for all nodes."""
        name = _weights(node)
        weights = rewriter.constants.get(name)
        if weights is None or weights.dtype != np.float32 or _is_depthwise(node, weights.shape):
            return None
        near = rounded(weights, self.half)
        if np.array_equal(near, weights):
            return None
        if not np.isfinite(near).all():
            rewriter.missed(node.name, f"its weights have numbers that {self.half.value} has no finite one for")
            return None
        if name not in made:
            made[name] = rewriter.new_constant(f"{name}_{self.half.value}", near)
        largest = float(np.abs(near - weights).max())
        rewriter.applied(node.name, f"weights as {self.half.value}: at most {largest:.2g} away from what they were")
        return [rename(node, {name: made[name]})]


def _weights(node: Node) -> str:
    """The operand that may be weights; empty: none."""
    its = traits(node)
    if its.contraction and not its.integer:
        return node.inputs[1]
    return node.inputs[0] if node.op == "Gather" and not node.domain else ""


def _is_depthwise(node: Node, shape: tuple[int, ...]) -> bool:
    groups = integer(node, "group", 1)
    return node.op.startswith("Conv") and groups > 1 and shape[1] == 1
