"""Elementwise operators that follow each other: one loop over the elements.

A region of elementwise nodes becomes one fused node `Elementwise` that reads each operand once, keeps what lies between
in registers, and writes one result. Its body holds the nodes in order; small and constant operands broadcast in it as
they did before.

Fires on

1. an elementwise node and an elementwise producer of the same result shape, when only nodes of the region read what
   that producer makes: chains, and branches that meet again (`x * sigmoid(x)` for an `x` of its own).

Must not fire on

1. a value that someone outside reads too, or that the caller gets: it must exist,
2. a producer of another (smaller) shape: it would be computed again for every element that it broadcasts to,
3. regions of more than `limit` nodes,
4. results without a static shape,
5. regions that read more than two tensors of together more than `above` bytes, where that is given: all of them would
   have to wait for the last, where one node after the other lets each go.
"""

from dataclasses import dataclass
from typing import ClassVar

from mini_infer.ir import Graph, Node, TensorType
from mini_infer.ir.operators import having, traits
from mini_infer.passes.base import Journal, Needs, Pass
from mini_infer.passes.draft import fuse

_PAIR = 2


@dataclass(slots=True)
class _Region:
    """Nodes by their place in the graph, and how many of them read each value from outside."""

    nodes: dict[int, Node]
    reads: dict[str, int]

    def merged(self, other: "_Region") -> "_Region":
        """One region of both; the larger one grows, so that a chain costs one step a node."""
        small, large = sorted((self, other), key=lambda region: len(region.nodes))
        large.nodes.update(small.nodes)
        for name, count in small.reads.items():
            large.reads[name] = large.reads.get(name, 0) + count
        return large


@dataclass(frozen=True, slots=True)
class FuseElementwise(Pass):
    """Fuses regions of elementwise nodes.

    Parameters
    ----------
    limit
        Nodes in a region: what lies between many more does not stay in registers.
    above
        Bytes that operands may take together before they are added up one by one; absent: any.
    """

    limit: int = 16
    above: int | None = None
    name: ClassVar[str] = "elementwise"
    needs: ClassVar[Needs] = (having(lambda its: its.elementwise),)

    def __call__(self, graph: Graph, journal: Journal) -> Graph:
        """The graph with one node for each region."""
        outputs = frozenset(graph.outputs)
        regions: dict[int, _Region] = {}
        last: dict[str, int] = {}
        for index, node in enumerate(graph.nodes):
            if traits(node).elementwise and len(node.writes) == 1:
                regions[index] = _Region({index: node}, dict.fromkeys(node.reads, 1))
                regions[index] = self._grow(index, regions, last, graph, outputs)
                last[node.outputs[0]] = index
        regions = {index: region for index, region in regions.items() if len(region.nodes) > 1}
        if not regions:
            return graph
        inside = {place: index for index, region in regions.items() for place in region.nodes}
        nodes = []
        for index, node in enumerate(graph.nodes):
            if index in regions:
                parts = [part for _, part in sorted(regions[index].nodes.items())]
                nodes.append(fuse("Elementwise", parts))
                journal.made(self.name, node.name, f"one loop for {', '.join(part.op for part in parts)}")
            elif index not in inside:
                nodes.append(node)
        return graph.replace(nodes=nodes)

    def _grow(
        self, index: int, regions: dict[int, _Region], last: dict[str, int], graph: Graph, outputs: frozenset[str]
    ) -> _Region:
        """A node's region with every region before it whose result nobody else reads."""
        region = regions[index]
        kind = graph.types[region.nodes[index].outputs[0]]
        waiting = list(region.reads)
        while waiting and isinstance(kind, TensorType):
            value = waiting.pop()
            before = regions.get(last.get(value, -1))
            source = graph.types[value]
            if (
                before is None
                or not isinstance(source, TensorType)
                or source.shape != kind.shape
                or value in outputs
                or region.reads[value] < len(graph.readers[value])
                or len(region.nodes) + len(before.nodes) > self.limit
                or self._waits(region, before, value, kind, graph)
            ):
                continue
            del regions[last.pop(value)], region.reads[value]
            waiting += before.reads
            region = region.merged(before)
        return region

    def _waits(self, region: _Region, before: _Region, value: str, kind: TensorType, graph: Graph) -> bool:
        """Whether the operands of two regions together are many bytes that would wait for each other."""
        if self.above is None:
            return False
        count = size = 0
        for name in {**region.reads, **before.reads}:
            operand = graph.types[name]
            if name == value or name in graph.constants or not isinstance(operand, TensorType):
                continue
            if operand.shape == kind.shape:
                count, size = count + 1, size + operand.bytes
                if count > _PAIR and size > self.above:
                    return True
        return False
