"""Concatenations of concatenations: one, so that every part is copied once.

Fires on

1. `Concat` of a `Concat` along the same axis.

Must not fire on

1. an inner result that someone else reads too, or that the caller gets: it is made anyway,
2. different axes.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from mini_infer.ir import Graph, Node
from mini_infer.passes.attributes import integer
from mini_infer.passes.base import Journal, Needs, Pass
from mini_infer.passes.draft import Draft


@dataclass(frozen=True, slots=True)
class MergeConcats(Pass):
    """Merges nested concatenations."""

    name: ClassVar[str] = "concats"
    needs: ClassVar[Needs] = (frozenset({"Concat"}),)

    def __call__(self, graph: Graph, journal: Journal) -> Graph:
        """The graph with flat concatenations."""
        draft = Draft(graph)
        changed = False
        for node in graph.nodes:
            if node.domain or node.op != "Concat":
                draft.emit(node)
                continue
            inputs: list[str] = []
            for name in node.inputs:
                inner = draft.producer(name)
                if inner is None or not _same_axis(inner, node, draft) or node.inputs.count(name) > 1:
                    inputs.append(name)
                elif not draft.only_use(name):
                    journal.refused(
                        self.name, node.name, f"Concat {inner.name!r} stays: {name!r} is read by others too"
                    )
                    inputs.append(name)
                else:
                    inputs += draft.take(name).inputs
                    changed = True
                    journal.made(self.name, node.name, f"takes the parts of Concat {inner.name!r}")
            draft.emit(replace(node, inputs=tuple(inputs)))
        return draft.finish() if changed else graph


def _same_axis(inner: Node, outer: Node, draft: Draft) -> bool:
    """Whether both concatenate along one axis."""
    kind = draft.tensor(outer.outputs[0])
    if kind is None or inner.domain or inner.op != "Concat":
        return False
    rank = len(kind.shape)
    return integer(inner, "axis", 1) % rank == integer(outer, "axis", 1) % rank
