"""`MatMul` and the bias added to it: one node.

Fires on

1. `MatMul` + `Add` of a constant that holds one value per column of the result: a fused `MatMul` whose body is both.

A convolution or `Gemm` takes its bias into its own weights (`affine.py`).

Must not fire on

1. a `MatMul` that another node else reads too, or that the caller gets,
2. a constant that varies along another axis, or that gives the result another shape or element type,
3. a `MatMul` whose right side is a vector: its last axis is not a column.
"""

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
        matmul = _matmul(node, rewriter)
        if matmul is None:
            return None
        value = matmul.outputs[0]
        if reason := _refusal(node, value, rewriter):
            rewriter.missed(node.name, f"Add not fused with MatMul {matmul.name!r}: {reason}")
            return None
        rewriter.applied(node.name, f"bias added by MatMul {matmul.name!r}")
        return [fuse("MatMul", (rewriter.erase(value), node))]


def _matmul(node: Node, rewriter: GraphRewriter) -> Node | None:
    """The MatMul to which an Add adds a constant."""
    if node.domain or node.op != "Add":
        return None
    left, right = node.inputs
    producer = rewriter.producer(left if right in rewriter.constants else right if left in rewriter.constants else "")
    return producer if producer and producer.op == "MatMul" and not producer.domain else None


def _refusal(node: Node, value: str, rewriter: GraphRewriter) -> str | None:
    """Why the Add cannot be fused with the `MatMul` that makes `value`."""
    (name,) = (other for other in node.inputs if other != value)
    shape = rewriter.constants[name].shape
    kind = rewriter.tensor(value)
    producer = rewriter.producer(value)
    if not rewriter.has_one_use(value):
        return f"{value!r} is read by others too"
    if kind is None or rewriter.tensor(node.outputs[0]) != kind:
        return "it gives the result another shape or type"
    right = rewriter.tensor(producer.inputs[1]) if producer else None
    axis = channel_axis(producer, right.shape, len(kind.shape)) if producer and right else None
    if axis is None:
        return "the right side is a vector"
    if not one_per_channel(shape, kind.shape, axis):
        return f"its constant of shape {list(shape)} is not one value per column"
    return None
