"""Spatial operators with channels last, where vectors across channels are contiguous.

A node becomes a fused one that reads and writes `[batch, …, channels]`; its body transposes its data, does what the
node did, and transposes the result. Around it in the graph are the opposite transposes, for `transposes.py` to
sink and cancel::

    y = Conv(x, w)      →      x_last = Transpose(x)
                               y_last = mini_infer.Conv(x_last, w)
                                 | x = Transpose(x_last);  y = Conv(x, w);  y_last = Transpose(y)
                               y = Transpose(y_last)

Fires on tensors of rank 3 and 4, floating-point or quantized,

1. `Conv` and `ConvTranspose`, plain or fused: their input and their residual,
2. a `Conv` of few channels whose input is planar anyway (`_PLANAR_CHANNELS`): it reads it as it is, and its body does
   not transpose it,
3. `MaxPool`, `AveragePool`, `GlobalAveragePool`, `GlobalMaxPool`, `QLinearAveragePool`, `QLinearGlobalAveragePool` of
   a tensor that has channels last already.

Must not fire on

1. a pool of a planar tensor: two transposes cost more than they win,
2. a pool that also gives indices, which count planar elements,
3. other tensors of integers, and other ranks.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.ir.alias import is_view
from mini_infer.ir.operators import core, having, traits
from mini_infer.passes.base import Needs, Pass, sweep
from mini_infer.passes.fusion.integers import has_constant_bytes
from mini_infer.passes.layout.permutation import Permutation, channels_last, inverse, permute
from mini_infer.passes.remarks import Remarks
from mini_infer.passes.rewriter import GraphRewriter, fuse

_RANKS = (3, 4)
_EIGHT_BITS = (DType.UINT8, DType.INT8)
_ADDING = {"Add", "QLinearAdd", "QLinearMul"}
"""Operators in a body that take a residual."""
_PLANAR_CHANNELS = 4
"""Up to how many input channels a convolution reads planar data as it is."""


@dataclass(frozen=True, slots=True)
class ChannelsLast(Pass):
    """Gives spatial operators channels-last data."""

    name: ClassVar[str] = "channels-last"
    needs: ClassVar[Needs] = (having(lambda its: its.convolution or its.pool or its.whole_pool),)

    def __call__(self, graph: Graph, remarks: Remarks) -> Graph:
        """The graph with fused spatial operators among transposes."""
        last: dict[str, str] = {}
        written_last: set[str] = set()

        def rewrite(node: Node, rewriter: GraphRewriter) -> list[Node] | None:
            reason = _refusal(node, written_last, rewriter)
            if reason == "":
                data = _data(node, rewriter)
                if _reads_planar(node, written_last, rewriter):
                    rewriter.applied(node.name, f"{node.op} writes channels last, reads planar input as it is")
                    data = data[1:]
                else:
                    rewriter.applied(node.name, f"{node.op} works with channels last")
                written_last.add(node.outputs[0])
                return _wrap(node, data, last, rewriter)
            if reason:
                rewriter.missed(node.name, f"{node.op} stays planar: {reason}")
            if node.op == "Transpose" or (_keeps_channels(node, rewriter) and not written_last.isdisjoint(node.inputs)):
                written_last.update(node.writes)
            return None

        return sweep(self.name, graph, remarks, rewrite)


def _reads_planar(node: Node, written_last: set[str], rewriter: GraphRewriter) -> bool:
    """Whether a convolution has so few input channels that their order hardly matters, and they come planar."""
    first, *others = _data(node, rewriter)
    few = rewriter.graph.tensor(first).shape[1] <= _PLANAR_CHANNELS
    convolution = node.op == "Conv" and node.primitives[0].attributes.get("group", 1) == 1
    return convolution and first not in written_last and first not in others and few


def _refusal(node: Node, written_last: set[str], rewriter: GraphRewriter) -> str | None:
    """Why a spatial node cannot have channels last; empty when it can, none when it is no spatial node."""
    if core(node).convolution:
        if core(node).integer and not has_constant_bytes(node, rewriter):
            return None
        if any(inner.op == "Transpose" for inner in node.body):
            return None
    elif not (traits(node).pool or traits(node).whole_pool):
        return None
    elif node.inputs[0] not in written_last:
        return "its input is planar"
    elif len(node.writes) > 1:
        return "its indices count planar elements"
    if not {*_data(node, rewriter)}.isdisjoint(node.primitives[0].inputs[1:]):
        return "its weights are its data as well"
    kinds = [rewriter.tensor(name) for name in (*_data(node, rewriter), node.outputs[0])]
    known = core(node).integer or all(kind and (kind.dtype.is_float or kind.dtype in _EIGHT_BITS) for kind in kinds)
    if not known or not all(kind and len(kind.shape) in _RANKS for kind in kinds):
        return f"{' and '.join(map(str, kinds))} are not floating-point or 8-bit tensors of rank 3 or 4"
    return ""


def _keeps_channels(node: Node, rewriter: GraphRewriter) -> bool:
    """Whether a node that reads channels-last data would rather work on that than have it transposed."""
    if not is_view(node):
        return traits(node).keeps_axes
    kinds = [rewriter.tensor(name) for name in (node.inputs[0], node.outputs[0])]
    before, after = (kind.shape if kind else () for kind in kinds)
    return len(after) in _RANKS and before[:2] == after[:2]


def _data(node: Node, rewriter: GraphRewriter) -> list[str]:
    """The spatial tensors a node reads: its first input, and the residual that its body adds."""
    inside = {name for inner in node.body for name in inner.outputs}
    added = [name for inner in node.body if inner.op in _ADDING for name in inner.inputs if name and name not in inside]
    result = rewriter.graph.tensor(node.outputs[0]).shape
    like = [name for name in added if name not in rewriter.constants and rewriter.graph.tensor(name).shape == result]
    return [node.primitives[0].inputs[0], *(like if core(node).integer else added)]


def _wrap(node: Node, data: list[str], last: dict[str, str], rewriter: GraphRewriter) -> list[Node]:
    """The channels-last form of a node, which transposes `data` in its body, and the transposes around it.

    `last` maps values to their channels-last form, where there is one.
    """
    result = node.outputs[0]
    order = channels_last(len(rewriter.graph.tensor(result).shape))
    for name in (*data, result):
        if name not in last:
            kind = rewriter.graph.tensor(name)
            last[name] = rewriter.new_value(f"{name}_last", TensorType(kind.dtype, permute(kind.shape, order)))
            if name != result:
                rewriter.append(transpose(name, last[name], order))
    body = [transpose(last[name], name, inverse(order)) for name in dict.fromkeys(data)]
    wrapped = fuse(node.op, (*body, node, transpose(result, last[result], order)))
    return [replace(wrapped, name=node.name), transpose(last[result], result, inverse(order))]


def transpose(source: str, result: str, order: Permutation) -> Node:
    """A Transpose from one value to another, named after the latter."""
    return Node(result, "Transpose", (source,), (result,), {"perm": order}, version=13)
