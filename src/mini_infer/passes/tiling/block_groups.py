"""Groups of consecutive nodes that are worth tiling (`blocks.py`): which nodes, and along which axis.

`rows`
    Two operators that look at one row at a time: tokens of a sequence, rows of an image with channels last. Rows are
    those along the first axis of several elements. The feed-forward part of a transformer is such a pair, and so is the
    normalization of everything so far before each of DenseNet's 1x1 convolutions. Each of the two is elementwise, or a
    contraction by constant weights that all rows share, alone or fused.
`channels`
    A convolution and the depthwise one that follows, both of constant weights and with activations at most. Each block
    reads all of the input, and has weights of its own.
`heads`
    Attention with the projections before it: q, k and v are each a `Reshape` to `[batch, tokens, heads, size]` of
    `MatMul` with a constant matrix, perhaps with a bias, and for this node alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mini_infer.ir import Node, TensorType
from mini_infer.ir.attributes import integer
from mini_infer.ir.axes import Loop, Slot, loops, through
from mini_infer.ir.fusion import is_depthwise
from mini_infer.ir.graph import FUSED_DOMAIN
from mini_infer.ir.operators import core, traits
from mini_infer.passes.rewriter import GraphRewriter

_MATRIX = 2
_HEADS, _RANK = 2, 4
"""The axis of heads, of how many."""


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes with large intermediate values.

    Parameters
    ----------
    nodes
        In their order; the last one's result is that of the group.
    bytes
        Of the intermediate values that blocks make smaller.
    size, axis, slots
        The iterations of their common loop, its axis in the result, and the slots of what they read and write.
    weights
        Bytes of constants that every block reads again.
    min_size, multiple
        Iterations that a block has at least, and of how many it is a multiple.
    refusal
        Why they cannot be done in blocks; empty if they can.
    """

    nodes: tuple[Node, ...]
    bytes: int
    size: int = 1
    axis: int = 0
    slots: Mapping[str, Slot | None] = field(default_factory=dict)
    weights: int = 0
    min_size: int = 1
    multiple: int = 1
    refusal: str = ""


Find = Callable[[Node, int, GraphRewriter], Group | None]
"""A node, the size threshold, the graph → the group that ends in the node, if its intermediate values are larger."""


def _group(nodes: Sequence[Node], size: int, loop: Loop | None, rewriter: GraphRewriter) -> Group:
    """The group of nodes along a loop of the last one, with `size` bytes of intermediate values."""
    slots = through(nodes, loop, rewriter.types, rewriter.constants) if loop else None
    out = slots[nodes[-1].outputs[0]] if slots else None
    if slots is None or out is None or any(slots[node.outputs[0]] is None for node in nodes):
        return Group(tuple(nodes), size, refusal="they have no axis in common along which each part is made by itself")
    count = rewriter.graph.tensor(nodes[-1].outputs[0]).shape[out.axis] // out.step
    return Group(tuple(nodes), size, count, out.axis, slots)


def _loop(node: Node, name: str, slot: Slot, rewriter: GraphRewriter) -> Loop | None:
    """The loop of a node that has this slot in a value which it reads or writes."""
    for loop in loops(node, rewriter.types, rewriter.constants):
        found = zip((*node.inputs, *node.outputs), (*loop.inputs, *loop.outputs), strict=True)
        if (name, slot) in found:
            return loop
    return None


def _rows(node: Node, size_threshold: int, rewriter: GraphRewriter) -> Group | None:
    for name in node.inputs:
        kind, first = rewriter.tensor(name), rewriter.producer(name)
        if first is None or kind is None or kind.bytes <= size_threshold or len(kind.shape) < _MATRIX:
            continue
        if rewriter.has_one_use(name) and _works_on_rows(first, rewriter) and _works_on_rows(node, rewriter):
            return _rows_between(first, node, kind, rewriter)
    return None


def _rows_between(first: Node, second: Node, kind: TensorType, rewriter: GraphRewriter) -> Group:
    axis = next((axis for axis, size in enumerate(kind.shape[:-1]) if size > 1), len(kind.shape) - 2)
    loop = _loop(second, first.outputs[0], Slot(axis), rewriter)
    group = _group((first, second), kind.bytes, loop, rewriter)
    constants = [name for each in group.nodes for name in each.inputs if name in rewriter.constants]
    if uneven := [name for name in constants if group.slots.get(name)]:
        return replace(group, refusal=f"{uneven[0]!r} differs from row to row")
    return replace(group, weights=sum(rewriter.constants[name].nbytes for name in constants), min_size=4)


def _works_on_rows(node: Node, rewriter: GraphRewriter) -> bool:
    """Whether a node is elementwise, or a contraction with a constant, alone or fused."""
    first, *rest = [inner for inner in node.primitives if inner.op != "Transpose"] or [node]
    elementwise = [traits(inner).elementwise or (inner.domain, inner.op) == ("", "Cast") for inner in (first, *rest)]
    by_constant = core(node).contraction and first.inputs[1] in rewriter.constants
    return len(node.writes) == 1 and all(elementwise[1:]) and (elementwise[0] or by_constant)


def _channels(node: Node, size_threshold: int, rewriter: GraphRewriter) -> Group | None:
    if not node.inputs or not _is_conv(node, rewriter):
        return None
    conv, name = node.primitives[0], node.inputs[0]
    first, kind = rewriter.producer(name), rewriter.tensor(name)
    if not is_depthwise(conv, rewriter.constants[conv.inputs[1]].shape) or first is None or kind is None:
        return None
    if kind.bytes <= size_threshold or not _is_conv(first, rewriter) or integer(first.primitives[0], "group", 1) != 1:
        return None
    group = _group((first, node), kind.bytes, _loop(node, name, Slot(1), rewriter), rewriter)
    return (
        replace(group, multiple=8)
        if rewriter.has_one_use(name)
        else replace(group, refusal=f"others read {name!r}, too")
    )


def _is_conv(node: Node, rewriter: GraphRewriter) -> bool:
    """Whether a node is a convolution with constant weights and activations at most."""
    conv, *rest = node.primitives
    beside = [name for name in node.inputs if name and name != conv.inputs[0]]
    constant = all(name in rewriter.constants for name in (*beside, *filter(None, conv.inputs[1:])))
    return (conv.domain, conv.op) == ("", "Conv") and constant and all(traits(inner).elementwise for inner in rest)


def _heads(node: Node, size_threshold: int, rewriter: GraphRewriter) -> Group | None:
    if (node.domain, node.op) != (FUSED_DOMAIN, "Attention"):
        return None
    result = node.outputs[0]
    projections = {name: found for name in node.inputs if (found := _projection(name, rewriter))}
    total = sum(rewriter.graph.tensor(name).bytes for name in projections)
    if total <= size_threshold or rewriter.graph.tensor(result).shape[-_HEADS] == 1:
        return None
    nodes = (*(each for found in projections.values() for each in found), node)
    if len(projections) != 3:  # noqa: PLR2004 - q, k and v
        return Group(nodes, total, refusal="q, k and v are no three projections")
    return _group(nodes, total, _loop(node, result, Slot(_HEADS), rewriter), rewriter)


def _projection(name: str, rewriter: GraphRewriter) -> tuple[Node, Node] | None:
    """The `MatMul` by a constant matrix and the reshape to heads that make a value, if both are only for this use."""
    reshape, kind = rewriter.producer(name), rewriter.tensor(name)
    if reshape is None or reshape.op != "Reshape" or kind is None or len(kind.shape) != _RANK:
        return None
    producer = rewriter.producer(reshape.inputs[0])
    if producer is None or not rewriter.has_one_use(name) or not rewriter.has_one_use(reshape.inputs[0]):
        return None
    matmul, *rest = producer.primitives
    weights = rewriter.constants.get(matmul.inputs[1]) if matmul.op == "MatMul" else None
    fits = weights is not None and weights.ndim == _MATRIX and [inner.op for inner in rest] in ([], ["Add"])
    return (producer, reshape) if fits else None


GROUPS: Mapping[str, Find] = {"channels": _channels, "heads": _heads, "rows": _rows}
"""What blocks are of → how the nodes are found."""
