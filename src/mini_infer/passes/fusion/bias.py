"""`MatMul` and the bias added to it: one node.

Fires on

1. `MatMul` + `Add` of a constant that holds one value per column of the result: a fused `MatMul` whose body is both.

A convolution or `Gemm` takes its bias into its own weights (`affine.py`).

Must not fire on

1. a `MatMul` that another node else reads too, or that the caller gets,
2. a constant that varies along another axis, or that gives the result another shape or element type,
3. a `MatMul` whose right side is a vector: its last axis is not a column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mini_infer.ir import Node
from mini_infer.ir.products import channel_axis, one_per_channel
from mini_infer.passes.base import Needs, Sweep
from mini_infer.passes.rewriter import GraphRewriter, fuse


@dataclass(frozen=True, slots=True)
class FuseBias(Sweep):
    """Fuses `MatMul` with the constant vector added to it."""

    name: ClassVar[str] = "bias"
    needs: ClassVar[Needs] = (frozenset({"MatMul"}), frozenset({"Add"}))

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """The MatMul with the bias that this node adds to it."""
        if node.domain or node.op != "Add":
            return None
        for value, other in (node.inputs, node.inputs[::-1]):
            matmul, constant = rewriter.producer(value, "MatMul"), rewriter.constants.get(other)
            if matmul is None or constant is None:
                continue
            if reason := _refusal(node, matmul, constant.shape, rewriter):
                rewriter.missed(node.name, f"Add not fused with MatMul {matmul.name!r}: {reason}")
                return None
            rewriter.applied(node.name, f"bias added by MatMul {matmul.name!r}")
            return [fuse("MatMul", (rewriter.erase(value), node))]
        return None


def _refusal(node: Node, matmul: Node, shape: Sequence[int], rewriter: GraphRewriter) -> str | None:
    """Why an Add of a constant of this shape cannot be fused with the `MatMul` before it."""
    value = matmul.outputs[0]
    kind, right = rewriter.tensor(value), rewriter.tensor(matmul.inputs[1])
    if not rewriter.has_one_use(value):
        return f"{value!r} is read by others too"
    if kind is None or rewriter.tensor(node.outputs[0]) != kind:
        return "it gives the result another shape or type"
    axis = channel_axis(matmul, right.shape, len(kind.shape)) if right else None
    if axis is None:
        return "the right side is a vector"
    if not one_per_channel(shape, kind.shape, axis):
        return f"its constant of shape {list(shape)} is not one value per column"
    return None
