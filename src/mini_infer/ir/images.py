"""Whether a batch can be worked on one image after the other: no image's results depend on another image.

A value *has images* where its first axis is the batch. Of each operator this knows when an image of its result is made
of that very image of what it reads, and of values that have none; what it does not know is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mini_infer.ir.attributes import integer, integers, setting
from mini_infer.ir.dims import SIZES, Symbol, symbols_in
from mini_infer.ir.graph import Graph, Node
from mini_infer.ir.operators import is_random, traits
from mini_infer.ir.types import TensorType


@dataclass(frozen=True, slots=True)
class _Reader:
    """A node, and what is known of the values around it."""

    graph: Graph
    node: Node
    symbol: Symbol

    def has_images(self, name: str) -> bool:
        """Whether a value's first axis is the batch."""
        kind = self.graph.types.get(name)
        return isinstance(kind, TensorType) and bool(kind.shape) and kind.shape[0] == self.symbol.dim

    def depends(self, name: str) -> bool:
        """Whether any of a value's axes depends on the batch."""
        kind = self.graph.types.get(name)
        return not isinstance(kind, TensorType) or self.symbol in symbols_in(kind.shape)

    def rank(self, name: str) -> int:
        """How many axes a value has."""
        return len(self.graph.tensor(name).shape)

    @property
    def reading(self) -> list[int]:
        """The positions of the inputs that have images."""
        return [position for position, name in enumerate(self.node.inputs) if name and self.has_images(name)]

    def axes(self, position: int) -> list[int]:
        """The axes that an attribute or a constant names, from the front; all of them where none are named."""
        rank = self.rank(self.node.inputs[0])
        found = setting(self.node, "axes", position, self.graph.constants)
        return [axis % rank for axis in found or range(rank)]

    def along(self, default: int) -> int:
        """The attribute `axis`, from the front."""
        return integer(self.node, "axis", default) % self.rank(self.node.inputs[0])


Rule = Callable[[_Reader], bool]


def _first_alone(o: _Reader) -> bool:
    """Of the inputs only the first has images."""
    return o.reading == [0]


def _aligned(o: _Reader) -> bool:
    """What has images has as many axes as the result, so that broadcasting leaves them side by side."""
    return all(o.rank(o.node.inputs[position]) == o.rank(o.node.outputs[0]) for position in o.reading)


def _matmul(o: _Reader) -> bool:
    a, b = o.node.inputs
    if o.reading == [0]:
        return o.rank(a) == o.rank(o.node.outputs[0])
    return _aligned(o) and o.rank(b) > 2  # noqa: PLR2004 - a matrix has no images, but rows


def _gemm(o: _Reader) -> bool:
    return 0 in o.reading and 1 not in o.reading and not integer(o.node, "transA") and _aligned(o)


def _gather(o: _Reader) -> bool:
    axis = o.along(0)
    return (o.reading == [0] and axis > 0) or (o.reading == [1] and axis == 0)


def _not_along(default: int) -> Rule:
    """The one axis that the operator works along is not that of the images."""
    return lambda o: _first_alone(o) and o.along(default) > 0


def _reduces(o: _Reader) -> bool:
    return _first_alone(o) and 0 not in o.axes(1)


def _slices(o: _Reader) -> bool:
    starts = setting(o.node, "starts", 1, o.graph.constants) or ()
    axes = setting(o.node, "axes", 3, o.graph.constants)
    rank = o.rank(o.node.inputs[0])
    return _first_alone(o) and 0 not in [axis % rank for axis in (range(len(starts)) if axes is None else axes)]


def _joins(o: _Reader) -> bool:
    return len(o.reading) == len(o.node.inputs) and o.along(1) > 0


def _repeats(o: _Reader) -> bool:
    """The same for all images where none is read, or each image by itself."""
    return _aligned(o)


_RULES: Mapping[str, Rule] = {
    **dict.fromkeys(
        "AveragePool BatchNormalization Conv ConvTranspose DepthToSpace GlobalAveragePool GlobalLpPool GlobalMaxPool "
        "GroupNormalization InstanceNormalization LRN LpPool MaxPool Resize SpaceToDepth".split(),
        _first_alone,
    ),
    **dict.fromkeys(
        "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum "
        "ReduceSumSquare".split(),
        _reduces,
    ),
    **dict.fromkeys(
        "Hardmax LayerNormalization LogSoftmax LpNormalization RMSNormalization Softmax TopK".split(), _not_along(-1)
    ),
    "ArgMax": _not_along(0),
    "ArgMin": _not_along(0),
    "Attention": _aligned,
    "Cast": _aligned,
    "Concat": _joins,
    "Dropout": _first_alone,
    "Expand": _repeats,
    "Gather": _gather,
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Pad": _first_alone,
    "Slice": _slices,
    "Split": _not_along(0),
    "Transpose": lambda o: _first_alone(o) and (integers(o.node, "perm") or (1,))[0] == 0,
}
"""Operator → when an image of its results is made of that image alone; elementwise operators and views aside."""


def dependence(graph: Graph, symbol: Symbol) -> str:
    """Why results of one image depend on others, or may; empty where each can be worked on alone.

    Parameters
    ----------
    graph
        As the front end reads it, before any pass.
    symbol
        The size of the batch.
    """
    for name in (*graph.inputs, *graph.outputs):
        if not _Reader(graph, graph.nodes[0], symbol).has_images(name):
            return f"{name!r} is {graph.types[name]}"
    for node in graph.nodes:
        reader = _Reader(graph, node, symbol)
        names = [name for name in (*node.reads, *node.writes) if reader.depends(name)]
        if not names and symbol not in symbols_in(node.attributes):
            continue
        label = f"{node.op} {node.name!r}"
        if node.op == SIZES:
            if any(user.op not in {"Expand", "ConstantOfShape"} for user in graph.readers.get(node.outputs[0], ())):
                return f"{label} is used as numbers"
            continue
        if any(reader.depends(name) != reader.has_images(name) for name in names):
            return f"{label} has the batch along another axis"
        if not all(map(reader.has_images, node.writes)) or is_random(node) or node.captured:
            return f"{label} joins images"
        if not _keeps(reader):
            return f"{label} may join images"
    return ""


def _keeps(reader: _Reader) -> bool:
    node = reader.node
    if traits(node).elementwise:
        return _aligned(reader)
    if traits(node).view:
        return _first_alone(reader)
    rule = _RULES.get(node.op) if not node.domain else None
    try:
        return node.op == "ConstantOfShape" or (rule is not None and rule(reader))
    except LookupError:
        return False
