"""Views sunk after elementwise operators, so that those directly follow the contractions that can fuse them.

`Relu(Reshape(Gemm(x)))` becomes `Reshape(Relu(Gemm(x)))`; exporters put such views around convolutions of signals and
matrix products of token sequences. A view costs nothing wherever it is.

Fires on an elementwise operator with an operand of the result's shape that is a view of a value of another shape

1. when the other operands of the result's shape are such views too: of a value of that other shape,
2. when that value comes straight from a contraction or an elementwise operator, for this operator alone, and no other
   operand does: the other ones are then viewed in its shape.

Operands that broadcast, constant or not, are viewed so that they broadcast to that shape as they did before.

Must not fire on

1. an operand that broadcasts along some of the axes which the view merges or splits, and not along others,
2. a choice between two such shapes that no contraction decides: it would only move views about,
3. results without a static shape, or without elements.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from mini_infer.ir import Graph, Node, TensorType
from mini_infer.ir.alias import is_view
from mini_infer.ir.groups import groups
from mini_infer.ir.operators import core, having, traits
from mini_infer.passes.base import Needs, Pass
from mini_infer.passes.layout.permutation import extended
from mini_infer.passes.remarks import Remarks
from mini_infer.passes.rewriter import GraphRewriter, rename, rename_outputs

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Views(Pass):
    """Sinks views after elementwise operators."""

    name: ClassVar[str] = "views"
    needs: ClassVar[Needs] = (having(lambda its: its.view),)

    def __call__(self, graph: Graph, remarks: Remarks) -> Graph:
        """The graph with views as late as possible."""
        return _Sweep(graph, GraphRewriter(graph, self.name, remarks)).run()


@dataclass(frozen=True, slots=True)
class _View:
    """A value has the bytes of `source`. `node` is the view as it was, where it reads that very source."""

    source: str
    node: Node | None


class _Sweep:
    def __init__(self, graph: Graph, rewriter: GraphRewriter) -> None:
        self.graph = graph
        self.rewriter = rewriter
        self.views: dict[str, _View] = {}
        self.materialized: set[str] = set()
        self.alone: set[str] = set()
        self.viewed: dict[tuple[str, Shape], str] = {}

    def run(self) -> Graph:
        for node in self.graph.nodes:
            if is_view(node) and node.op != "Identity" and self._shape(node.inputs[0]) and self._shape(node.outputs[0]):
                before = self.views.get(node.inputs[0])
                self.views[node.outputs[0]] = _View(before.source, None) if before else _View(node.inputs[0], node)
            elif self.views.keys().isdisjoint(node.reads) or not self._move(node):
                self._append_views(node.reads)
                self.rewriter.append(node)
        self._append_views(self.graph.outputs)
        return self.rewriter.finish()

    def _shape(self, name: str) -> Shape:
        """The static shape of a value; empty for a scalar, and for what has no shape or no elements."""
        kind = self.rewriter.tensor(name)
        return kind.shape if kind and kind.elements != 0 else ()

    def _source(self, name: str) -> str:
        """What a value is a view of; itself if it is none."""
        return self.views[name].source if name in self.views else name

    def _append_views(self, names: Iterable[str]) -> None:
        """Append views that are not in the graph yet."""
        for name in names:
            view = self.views.get(name)
            if view and name not in self.materialized:
                self.materialized.add(name)
                self.rewriter.append(view.node or self.rewriter.reshape(name, view.source, name, self._shape(name)))

    def _move(self, node: Node) -> bool:
        """Append an elementwise operator before the views that it reads, if there is a shape for that."""
        result = node.outputs[0]
        whole = self._shape(result)
        names = [name for name in dict.fromkeys(node.inputs) if name]
        if not traits(node).elementwise or len(node.writes) > 1 or not whole:
            return False
        full = [name for name in names if self._shape(name) == whole and name not in self.rewriter.constants]
        for shape in dict.fromkeys(self._shape(self._source(name)) for name in full if name in self.views):
            aligned = self._aligned(names, whole, shape) if shape != whole and self._is_better(full, shape) else None
            if aligned is None:
                continue
            kind = self.graph.tensor(result)
            moved = self.rewriter.new_value(f"{result}_viewed", TensorType(kind.dtype, shape))
            self.views[result] = _View(moved, None)
            if self.rewriter.has_one_use(result):
                self.alone.add(moved)
            sources = {name: self._viewed(name, target) for name, target in zip(names, aligned, strict=True)}
            self.rewriter.append(rename_outputs(rename(node, sources), {result: moved}))
            text = f"{node.op} on {'x'.join(map(str, shape))} before the view as {'x'.join(map(str, whole))}"
            self.rewriter.applied(node.name, text)
            return True
        return False

    def _is_better(self, full: list[str], shape: Shape) -> bool:
        """Whether the operator would rather work on this shape than on that of its result."""
        there = [name for name in full if name in self.views and self._shape(self._source(name)) == shape]
        others = [name for name in full if name not in there]
        return not others or (any(map(self._is_fresh, there)) and not any(map(self._is_fresh, others)))

    def _is_fresh(self, name: str) -> bool:
        """Whether a value comes straight from a contraction or an elementwise operator, for one reader alone."""
        source = self._source(name)
        producer = self.rewriter.producer(source)
        computed = producer is not None and (traits(producer).elementwise or core(producer).contraction)
        alone = source in self.alone or self.rewriter.has_one_use(source)
        return computed and alone and self.rewriter.has_one_use(name)

    def _aligned(self, names: list[str], whole: Shape, shape: Shape) -> list[Shape] | None:
        """For each operand the shape in which it broadcasts to `shape` as it does to `whole` now."""
        found = groups(shape, whole)
        aligned = []
        for name in names:
            kind = self.rewriter.tensor(name)
            if found is None or kind is None or len(kind.shape) > len(whole):
                return None
            own = extended(kind.shape, len(whole))
            target = [1] * len(shape)
            for before, after in found:
                sizes = [own[axis] for axis in after]
                if sizes == [whole[axis] for axis in after]:
                    for axis in before:
                        target[axis] = shape[axis]
                elif any(size != 1 for size in sizes):
                    return None
            aligned.append(tuple(target))
        return aligned

    def _viewed(self, name: str, shape: Shape) -> str:
        """The operand in another shape; leading axes of size 1 are left out."""
        real = next((axis for axis, size in enumerate(shape) if size != 1), len(shape))
        source = self._source(name)
        kind = self.graph.tensor(name)
        if self._shape(source) == shape or kind.shape in {(), shape, shape[real:]}:
            return source if self._shape(source) == shape else name
        known = self.viewed.get((source, shape))
        if known is None:
            if name in self.rewriter.constants:
                known = self.rewriter.new_constant(
                    f"{name}_viewed", self.rewriter.constants[name].reshape(shape[real:])
                )
            else:
                known = self.rewriter.new_value(f"{name}_viewed", TensorType(kind.dtype, shape))
                self.rewriter.append(self.rewriter.reshape(known, source, known, shape))
            self.viewed[source, shape] = known
        return known
