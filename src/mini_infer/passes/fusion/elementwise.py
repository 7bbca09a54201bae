"""Elementwise operators that follow each other: one loop over the elements.

A region of elementwise nodes becomes one fused node `Elementwise` that reads each operand once, keeps intermediate
values in registers, and writes one result. Its body holds the nodes in order; small and constant operands broadcast in
it as they did before.

Fires on

1. an elementwise node, a `QuantizeLinear` or `DequantizeLinear` with one scale (`ir.fusion.is_pointwise`), and such a
   producer of the same result shape, when only nodes of the region read what that producer makes: chains, and branches
   that meet again (`x * sigmoid(x)` for an `x` of its own).

Must not fire on

1. a value that someone outside reads too, or that the caller gets: it must exist,
2. a producer of another (smaller) shape: it would be computed again for every element that it broadcasts to,
3. regions of more than `limit` nodes,
4. results without a static shape,
5. regions that read more than two tensors of more than `size_threshold` bytes in total, if that is given: all of them
   would be live until the last is ready, where separate nodes free them one by one.
"""

from dataclasses import dataclass
from typing import ClassVar

from mini_infer.ir import Graph, Node, TensorType
from mini_infer.ir.dims import at
from mini_infer.ir.fusion import is_pointwise
from mini_infer.ir.operators import having
from mini_infer.passes.base import Needs, Pass
from mini_infer.passes.remarks import Remarks
from mini_infer.passes.rewriter import fuse

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
    size_threshold
        Total bytes of the operands above which a region of more than two does not grow; absent: any.
    """

    limit: int = 16
    size_threshold: int | None = None
    name: ClassVar[str] = "elementwise"
    needs: ClassVar[Needs] = (having(lambda its: its.elementwise),)

    def __call__(self, graph: Graph, remarks: Remarks) -> Graph:
        """The graph with one node for each region."""
        outputs = frozenset(graph.outputs)
        regions: dict[int, _Region] = {}
        last: dict[str, int] = {}
        for index, node in enumerate(graph.nodes):
            if is_pointwise(node, graph.types) and len(node.writes) == 1:
                regions[index] = _Region({index: node}, dict.fromkeys(node.reads, 1))
                regions[index] = self._grow(index, regions, last, graph, outputs)
                last[node.outputs[0]] = index
        regions = {index: region for index, region in regions.items() if len(region.nodes) > 1}
        if not regions:
            return graph
        inside = {place for region in regions.values() for place in region.nodes}
        nodes = []
        for index, node in enumerate(graph.nodes):
            if index in regions:
                parts = [part for _, part in sorted(regions[index].nodes.items())]
                nodes.append(fuse("Elementwise", parts))
                remarks.applied(self.name, node.name, f"one loop for {', '.join(part.op for part in parts)}")
            elif index not in inside:
                nodes.append(node)
        return graph.replace(nodes=nodes)

    def _grow(
        self, index: int, regions: dict[int, _Region], last: dict[str, int], graph: Graph, outputs: frozenset[str]
    ) -> _Region:
        """The region of a node with every region that computes an operand for it alone."""
        region = regions[index]
        kind = graph.types[region.nodes[index].outputs[0]]
        waiting = list(region.reads)
        while waiting and isinstance(kind, TensorType):
            value = waiting.pop()
            producer = regions.get(last.get(value, -1))
            source = graph.types[value]
            if (
                producer is None
                or not isinstance(source, TensorType)
                or source.shape != kind.shape
                or value in outputs
                or region.reads[value] < len(graph.readers[value])
                or len(region.nodes) + len(producer.nodes) > self.limit
                or self._lengthens_lifetimes(region, producer, value, kind, graph)
            ):
                continue
            del regions[last.pop(value)], region.reads[value]
            waiting += producer.reads
            region = region.merged(producer)
        return region

    def _lengthens_lifetimes(
        self, region: _Region, producer: _Region, value: str, kind: TensorType, graph: Graph
    ) -> bool:
        """Whether merging two regions would keep many bytes of operands live until the last one is ready."""
        if self.size_threshold is None:
            return False
        names = {*region.reads, *producer.reads} - {value}
        operands = [graph.types[name] for name in names if name not in graph.constants]
        sizes = [at(each.bytes) for each in operands if isinstance(each, TensorType) and each.shape == kind.shape]
        return len(sizes) > _PAIR and sum(sizes) > self.size_threshold
