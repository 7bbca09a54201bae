"""MatMul and the bias added to it: one product with a bias.

Fires on

1. `MatMul` + `Add` of a constant that holds one number per column of the product: a fused `MatMul` whose body is both.

A convolution or `Gemm` takes its bias into its own weights (`affine.py`).

Must not fire on

1. a product that someone else reads too, or that the caller gets,
2. a constant that varies along another axis, or that gives the result another shape or element type,
3. a product whose right side is a vector: its last axis is not a column.
"""

from dataclasses import dataclass
from typing import ClassVar

from mini_infer.ir import Graph, Node
from mini_infer.ir.products import channel_axis, one_per_channel
from mini_infer.passes.base import Journal, Needs, Pass
from mini_infer.passes.draft import Draft, fuse


@dataclass(frozen=True, slots=True)
class FuseBias(Pass):
    """Fuses `MatMul` with the constant vector added to it."""

    name: ClassVar[str] = "bias"
    needs: ClassVar[Needs] = (frozenset({"MatMul"}), frozenset({"Add"}))

    def __call__(self, graph: Graph, journal: Journal) -> Graph:
        """The graph with products that have a bias."""
        draft = Draft(graph)
        changed = False
        for node in graph.nodes:
            product = _product(node, draft)
            if product is None:
                draft.emit(node)
                continue
            value = product.outputs[0]
            reason = _refusal(node, value, draft)
            if reason:
                journal.refused(self.name, node.name, f"Add not fused with MatMul {product.name!r}: {reason}")
                draft.emit(node)
                continue
            changed = True
            journal.made(self.name, node.name, f"bias added by MatMul {product.name!r}")
            draft.emit(fuse("MatMul", (draft.take(value), node)))
        return draft.finish() if changed else graph


def _product(node: Node, draft: Draft) -> Node | None:
    """The MatMul to which an Add adds a constant."""
    if node.domain or node.op != "Add":
        return None
    left, right = node.inputs
    producer = draft.producer(left if right in draft.constants else right if left in draft.constants else "")
    return producer if producer and producer.op == "MatMul" and not producer.domain else None


def _refusal(node: Node, value: str, draft: Draft) -> str | None:
    """Why the Add cannot be fused with the product that makes `value`."""
    (name,) = (other for other in node.inputs if other != value)
    shape = draft.constants[name].shape
    kind = draft.tensor(value)
    producer = draft.producer(value)
    if not draft.only_use(value):
        return f"{value!r} is read by others too"
    if kind is None or draft.tensor(node.outputs[0]) != kind:
        return "it gives the result another shape or type"
    right = draft.tensor(producer.inputs[1]) if producer else None
    axis = channel_axis(producer, right.shape, len(kind.shape)) if producer and right else None
    if axis is None:
        return "the right side is a vector"
    if not one_per_channel(shape, kind.shape, axis):
        return f"its constant of shape {list(shape)} is not one number per column"
    return None
