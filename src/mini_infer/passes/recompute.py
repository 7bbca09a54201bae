"""What waits for its own mean is made twice: once for the mean, and once more for what the mean decides.

A squeeze-and-excitation block multiplies a tensor by a gate that is computed from the tensor's mean. All of it has to
be there until the mean is known, unless it is made again::

    v = Chain(u), g = Gate(Mean(v)), y = Mul(v, g)    →    v = Chain(u), g = Gate(Mean(v)), y = Mul(Chain(u), g)

The chain are the nodes before, as far as each reads one tensor that is not constant and nobody else reads what is
between them: back to where that tensor is smallest. Then streams need no more than a few rows of either.

Fires on the largest such tensors, as many as it is told to.

Must not fire on

1. tensors that anybody else reads too, or that the caller gets,
2. chains that do not begin with something smaller.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from mini_infer.ir import Graph, Node, TensorType
from mini_infer.ir.graph import FUSED_DOMAIN
from mini_infer.ir.operators import core, traits
from mini_infer.passes.base import Needs, Pass
from mini_infer.passes.remarks import Remarks
from mini_infer.passes.rewriter import GraphRewriter, rename, rename_outputs

_MEANS = frozenset({"GlobalAveragePool", "ReduceMean"})
_LONGEST = 4
"""Nodes of a chain."""


@dataclass(frozen=True, slots=True)
class _Site:
    """A value that waits, the node that reads it last, and the chain that makes it."""

    value: str
    reader: Node
    chain: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Recompute(Pass):
    """Makes the largest tensors that wait for their mean twice.

    Parameters
    ----------
    count
        How many.
    """

    count: int
    name: ClassVar[str] = "recompute"
    needs: ClassVar[Needs] = (_MEANS,)

    def __call__(self, graph: Graph, remarks: Remarks) -> Graph:
        """The graph with the chains of the largest tensors twice."""
        largest = sorted(sites(graph), key=lambda site: -graph.tensor(site.value).most_bytes)[: self.count]
        chosen = {site.reader: site for site in largest}
        rewriter = GraphRewriter(graph, self.name, remarks)
        for node in graph.nodes:
            site = chosen.get(node)
            if site is None:
                rewriter.append(node)
                continue
            names: dict[str, str] = {}
            for made in site.chain:
                again = {name: rewriter.new_value(f"{name}_again", graph.tensor(name)) for name in made.outputs}
                rewriter.append(rename_outputs(replace(rename(made, names), name=f"{made.name}_again"), again))
                names |= again
            rewriter.append(rename(node, {site.value: names[site.value]}))
            rewriter.applied(node.name, f"{site.value!r} is made again by {len(site.chain)} nodes")
        return rewriter.finish()


def sites(graph: Graph) -> list[_Site]:
    """Every tensor that could be made twice, in the graph's order."""
    found = []
    for node in graph.nodes:
        if node.op not in _MEANS or node.domain not in {"", FUSED_DOMAIN}:
            continue
        value = node.inputs[0]
        readers = [reader for reader in graph.readers[value] if reader is not node]
        chain = _chain(value, graph)
        if len(readers) == 1 and value not in graph.outputs and chain:
            found.append(_Site(value, readers[0], chain))
    return found


def _chain(value: str, graph: Graph) -> tuple[Node, ...]:
    """The nodes that make a value of the smallest tensor before it; none, if that is as large."""
    chain: list[Node] = []
    best: tuple[int, int] = (graph.tensor(value).most_bytes, 0)
    name = value
    while len(chain) < _LONGEST:
        node = graph.producers.get(name)
        if node is None or len(node.writes) != 1 or not (traits(node).elementwise or core(node).contraction):
            break
        given = [each for each in node.reads if each not in graph.constants]
        kind = graph.types.get(given[0]) if len(given) == 1 else None
        if not isinstance(kind, TensorType):
            break
        chain.append(node)
        name = given[0]
        best = min(best, (kind.most_bytes, len(chain)))
        if len(graph.readers[name]) > 1 or name in graph.outputs:
            break
    return tuple(reversed(chain[: best[1]]))
