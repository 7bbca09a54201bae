"""Concatenations of concatenations: one, so that every part is copied once.

Fires on

1. `Concat` of a `Concat` along the same axis.

Must not fire on

1. an inner result that another node reads too, or that the caller gets: it is made anyway,
2. different axes.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from mini_infer.ir import Node
from mini_infer.ir.attributes import integer
from mini_infer.passes.base import Needs, Sweep
from mini_infer.passes.rewriter import GraphRewriter


@dataclass(frozen=True, slots=True)
class MergeConcats(Sweep):
    """Merges nested concatenations."""

    name: ClassVar[str] = "concats"
    needs: ClassVar[Needs] = (frozenset({"Concat"}),)

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """The concatenation with the parts of those that only it reads."""
        if node.domain or node.op != "Concat":
            return None
        inputs: list[str] = []
        for name in node.inputs:
            inner = rewriter.producer(name, "Concat")
            if inner is None or not _same_axis(inner, node, rewriter) or node.inputs.count(name) > 1:
                inputs.append(name)
            elif not rewriter.has_one_use(name):
                rewriter.missed(node.name, f"Concat {inner.name!r} stays: {name!r} is read by others too")
                inputs.append(name)
            else:
                inputs += rewriter.erase(name).inputs
                rewriter.applied(node.name, f"takes the parts of Concat {inner.name!r}")
        merged = tuple(inputs)
        return None if merged == node.inputs else [replace(node, inputs=merged)]


def _same_axis(inner: Node, outer: Node, rewriter: GraphRewriter) -> bool:
    """Whether both concatenate along one axis."""
    kind = rewriter.tensor(outer.outputs[0])
    first, second = integer(inner, "axis", 1), integer(outer, "axis", 1)
    return kind is not None and first % len(kind.shape) == second % len(kind.shape)
