"""Passes inside nested graphs: the branches of `If`, the bodies of `Loop` and `Scan`.

Fires on

1. every nested graph that one of the given passes changes; what it captures from outside is known to the passes, its
   constants as constants and its other values as inputs.

Must not fire on

1. a branch that cannot run with the shapes around it: its nodes have no types to go by.
"""

import operator
from dataclasses import dataclass, replace
from typing import ClassVar

from mini_infer.ir import Graph, Node
from mini_infer.passes.base import Pass, run
from mini_infer.passes.remarks import Remarks


@dataclass(frozen=True, slots=True)
class RewriteNested(Pass):
    """Applies passes to nested graphs, the innermost first.

    Parameters
    ----------
    passes
        What to apply, in order.
    """

    passes: tuple[Pass, ...]
    name: ClassVar[str] = "nested"

    def __call__(self, graph: Graph, remarks: Remarks) -> Graph:
        """The graph with its nested graphs rewritten."""
        nodes = [self._node(node, graph, remarks) for node in graph.nodes]
        unchanged = all(map(operator.is_, nodes, graph.nodes))
        return graph if unchanged else graph.replace(nodes=nodes)

    def _node(self, node: Node, graph: Graph, remarks: Remarks) -> Node:
        if not node.attributes:
            return node
        nested = {key: value for key, value in node.attributes.items() if isinstance(value, Graph)}
        rewritten = {key: self._rewrite(value, graph, remarks) for key, value in nested.items()}
        if all(rewritten[key] is value for key, value in nested.items()):
            return node
        return replace(node, attributes={**node.attributes, **rewritten})

    def _rewrite(self, nested: Graph, around: Graph, remarks: Remarks) -> Graph:
        """A nested graph after the passes, which see what it captures."""
        if nested.unusable:
            return nested
        captured = nested.captured
        known = {name: around.constants[name] for name in captured if name in around.constants}
        seen = replace(
            nested,
            inputs=(*nested.inputs, *(name for name in captured if name not in known)),
            types={**nested.types, **{name: around.types[name] for name in captured}},
            constants={**nested.constants, **known},
        )
        result = run(seen, (self, *self.passes), remarks)
        if result is seen:
            return nested
        own = {name: array for name, array in result.constants.items() if name not in known}
        return replace(
            nested, nodes=result.nodes, outputs=result.outputs, types={**nested.types, **result.types}, constants=own
        )
