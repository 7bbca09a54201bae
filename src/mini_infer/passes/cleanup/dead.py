"""Dead code: what nobody reads is not computed.

Fires on

1. a node none of whose outputs is read, directly or not, by an output of the graph,
2. an optional output that nobody reads (`MaxPool`'s indices, an LSTM's last state): its name becomes empty.

Must not fire on

1. anything an output of the graph depends on, through nested graphs too,
2. unread outputs of operators whose number of outputs has a meaning (`Split`),
3. an unread output that the operator always has (`MaxPool`'s maxima where its indices are read).
"""

import operator
from dataclasses import dataclass, replace
from typing import ClassVar

from mini_infer.ir import Graph, Node
from mini_infer.ir.operators import traits
from mini_infer.passes.base import Pass
from mini_infer.passes.remarks import Remarks


@dataclass(frozen=True, slots=True)
class DeadCode(Pass):
    """Removes nodes and optional outputs that nobody reads."""

    name: ClassVar[str] = "dead"

    def __call__(self, graph: Graph, remarks: Remarks) -> Graph:
        """The graph without what nobody reads."""
        needed = set(graph.outputs)
        kept: list[Node] = []
        for node in reversed(graph.nodes):
            if needed.isdisjoint(node.writes):
                remarks.applied(self.name, node.name, f"{node.op} removed: nobody reads {', '.join(node.writes)}")
                continue
            trimmed = _trim(node, needed)
            if trimmed is not node:
                remarks.applied(self.name, node.name, f"{node.op} leaves out what nobody reads")
            needed.update(trimmed.reads)
            kept.append(trimmed)
        kept.reverse()
        unchanged = len(kept) == len(graph.nodes) and all(map(operator.is_, kept, graph.nodes))
        return graph if unchanged else graph.replace(nodes=kept)


def _trim(node: Node, needed: set[str]) -> Node:
    """The node without its unread optional outputs."""
    first = traits(node).optional_outputs
    if first is None or needed.issuperset(node.writes):
        return node
    outputs = [name if name in needed or place < first else "" for place, name in enumerate(node.outputs)]
    while not outputs[-1]:
        outputs.pop()
    return replace(node, outputs=tuple(outputs)) if tuple(outputs) != node.outputs else node
