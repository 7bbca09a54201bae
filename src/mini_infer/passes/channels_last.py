"""Spatial operators with channels last, where vectors across channels are contiguous.

A node becomes a fused one that reads and writes `[batch, …, channels]`; its body transposes its data, does what the
node did, and transposes the result. In the graph around it stand the opposite transposes, for `transposes.py` to push
together and cancel::

    y = Conv(x, w)      →      x_last = Transpose(x)
                               y_last = mini_infer.Conv(x_last, w)
                                 | x = Transpose(x_last);  y = Conv(x, w);  y_last = Transpose(y)
                               y = Transpose(y_last)

Fires on floating-point tensors of rank 3 and 4

1. `Conv` and `ConvTranspose`, plain or fused: their input and their residual,
2. a `Conv` of few channels whose input is planar anyway (`planar_channels`): it reads it as it is, and its body does
   not transpose it,
3. `MaxPool`, `AveragePool`, `GlobalAveragePool`, `GlobalMaxPool` of a tensor that has channels last already.

Must not fire on

1. a pool of a planar tensor: two transposes cost more than they win,
2. a pool that also gives indices, which count planar elements,
3. integer tensors, and other ranks.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from mini_infer.ir import Graph, Node, TensorType
from mini_infer.ir.alias import is_view
from mini_infer.ir.operators import core, having, traits
from mini_infer.passes.base import Journal, Needs, Pass
from mini_infer.passes.draft import Draft, fuse
from mini_infer.passes.permutation import Permutation, channels_last, inverse, permute

_RANKS = (3, 4)


@dataclass(frozen=True, slots=True)
class ChannelsLast(Pass):
    """Gives spatial operators channels-last data.

    Parameters
    ----------
    planar_channels
        Up to how many input channels a convolution reads planar data as it is.
    """

    planar_channels: int = 4
    name: ClassVar[str] = "channels-last"
    needs: ClassVar[Needs] = (having(lambda its: its.convolution or its.pool or its.whole_pool),)

    def __call__(self, graph: Graph, journal: Journal) -> Graph:
        """The graph with fused spatial operators among transposes."""
        draft = Draft(graph)
        last: dict[str, str] = {}
        near: set[str] = set()
        for node in graph.nodes:
            reason = _refusal(node, near, draft)
            if reason == "":
                if self._reads_planar(node, near, draft):
                    journal.made(self.name, node.name, f"{node.op} writes channels last, reads planar input as it is")
                    data = _data(node)[1:]
                else:
                    journal.made(self.name, node.name, f"{node.op} works with channels last")
                    data = _data(node)
                _wrap(node, data, last, draft)
                near.add(node.outputs[0])
                continue
            if reason:
                journal.refused(self.name, node.name, f"{node.op} stays planar: {reason}")
            if node.op == "Transpose" or (_keeps_channels(node, draft) and not near.isdisjoint(node.inputs)):
                near.update(node.writes)
            draft.emit(node)
        return draft.finish() if last else graph

    def _reads_planar(self, node: Node, near: set[str], draft: Draft) -> bool:
        """Whether a convolution has so few input channels that their order hardly matters, and they come planar."""
        first, *others = _data(node)
        kind = draft.graph.tensor(first)
        convolution = node.op == "Conv" and node.meaning[0].attributes.get("group", 1) == 1
        return convolution and first not in near and first not in others and kind.shape[1] <= self.planar_channels


def _refusal(node: Node, near: set[str], draft: Draft) -> str | None:
    """Why a spatial node cannot have channels last; empty when it can, none when it is no spatial node."""
    if core(node).convolution:
        if any(inner.op == "Transpose" for inner in node.body):
            return None
    elif not (traits(node).pool or traits(node).whole_pool):
        return None
    elif node.inputs[0] not in near:
        return "its input is planar"
    elif len(node.writes) > 1:
        return "its indices count planar elements"
    if not {*_data(node)}.isdisjoint(node.meaning[0].inputs[1:]):
        return "its weights are its data as well"
    kinds = [draft.tensor(name) for name in (*_data(node), node.outputs[0])]
    if not all(kind and kind.dtype.is_float and len(kind.shape) in _RANKS for kind in kinds):
        return f"{' and '.join(map(str, kinds))} are not floating-point tensors of rank 3 or 4"
    return ""


def _keeps_channels(node: Node, draft: Draft) -> bool:
    """Whether a node that reads channels-last data would rather work on that than have it transposed."""
    if not is_view(node):
        return traits(node).keeps_axes
    kinds = [draft.tensor(name) for name in (node.inputs[0], node.outputs[0])]
    before, after = (kind.shape if kind else () for kind in kinds)
    return len(after) in _RANKS and before[:2] == after[:2]


def _data(node: Node) -> list[str]:
    """The spatial tensors a node reads: its first input, and the residual that its body adds."""
    inside = {name for inner in node.body for name in inner.outputs}
    added = [name for inner in node.body if inner.op == "Add" for name in inner.inputs if name not in inside]
    return [node.meaning[0].inputs[0], *added]


def _wrap(node: Node, data: list[str], last: dict[str, str], draft: Draft) -> None:
    """Emit the channels-last form of a node, which transposes `data` in its body, and the transposes around it.

    `last` maps values to their channels-last form, where there is one.
    """
    body = []
    for name in dict.fromkeys(data):
        kind = draft.graph.tensor(name)
        order = channels_last(len(kind.shape))
        if name not in last:
            last[name] = draft.declare(f"{name}_last", TensorType(kind.dtype, permute(kind.shape, order)))
            draft.emit(transpose(name, last[name], order))
        body.append(transpose(last[name], name, inverse(order)))
    result = node.outputs[0]
    kind = draft.graph.tensor(result)
    order = channels_last(len(kind.shape))
    last[result] = draft.declare(f"{result}_last", TensorType(kind.dtype, permute(kind.shape, order)))
    wrapped = fuse(node.op, (*body, node, transpose(result, last[result], order)))
    draft.emit(replace(wrapped, name=node.name))
    draft.emit(transpose(last[result], result, inverse(order)))


def transpose(source: str, result: str, order: Permutation) -> Node:
    """A Transpose from one value to another, named after the latter."""
    return Node(result, "Transpose", (source,), (result,), {"perm": order}, version=13)
