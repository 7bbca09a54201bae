"""Convolutions of concatenations as sums of convolutions, so that the whole never exists.

`Conv(Concat(a, b), w)` becomes `Conv(a, w_a) + Conv(b, w_b)`, where `w_a` are the weights of the channels of `a`. The
addition is done by the last of the products, in the bytes of the one before. What is added up is the same, in another
order. It pays in bytes where one part was made long before the other, as on the skip connections of a U-Net: in one
buffer, the early part would keep the bytes of both.

Fires on a `Conv` with constant weights, windows of several elements and one group

1. of a `Concat` of channels of more than `above` bytes, which nobody else reads.

Must not fire on

1. more than `most` parts: each costs a pass over the result.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from mini_infer.ir import Graph, Node
from mini_infer.passes.attributes import has_input, integer
from mini_infer.passes.base import Journal, Needs, Pass
from mini_infer.passes.draft import Draft

_ADD_VERSION = 14
_BIAS = 2


@dataclass(frozen=True, slots=True)
class SumsOfConvolutions(Pass):
    """Splits convolutions over the parts of what they read.

    Parameters
    ----------
    above
        Bytes of the largest concatenation that is made.
    most
        Parts that are worth it.
    """

    above: int
    most: int = 4
    name: ClassVar[str] = "sums"
    needs: ClassVar[Needs] = (frozenset({"Conv"}), frozenset({"Concat"}))

    def __call__(self, graph: Graph, journal: Journal) -> Graph:
        """The graph without the large concatenations that only convolutions read."""
        draft = Draft(graph)
        changed = False
        for node in graph.nodes:
            concat = self._concat(node, draft)
            if concat is None:
                draft.emit(node)
            elif len(concat.inputs) > self.most:
                journal.refused(self.name, node.name, f"stays one Conv: {concat.name!r} has {len(concat.inputs)} parts")
                draft.emit(node)
            else:
                draft.take(node.inputs[0])
                _split(node, concat.inputs, draft)
                changed = True
                text = f"a sum of {len(concat.inputs)} convolutions: {concat.name!r} need not exist"
                journal.made(self.name, node.name, text)
        return draft.finish() if changed else graph

    def _concat(self, node: Node, draft: Draft) -> Node | None:
        """The concatenation that a convolution could do without."""
        if node.domain or node.op != "Conv" or integer(node, "group", 1) != 1:
            return None
        concat = draft.producer(node.inputs[0])
        kind = draft.tensor(node.inputs[0])
        weights = draft.constants.get(node.inputs[1])
        if concat is None or concat.domain or concat.op != "Concat" or kind is None or weights is None:
            return None
        joins_channels = integer(concat, "axis", 1) % len(kind.shape) == 1
        fits = kind.bytes > self.above and weights[0, 0].size > 1
        return concat if joins_channels and fits and draft.only_use(node.inputs[0]) else None


def _split(node: Node, parts: tuple[str, ...], draft: Draft) -> None:
    """Emit a convolution for each part, the last with the bias, and the sums between them."""
    weights, result = draft.constants[node.inputs[1]], node.outputs[0]
    kind = draft.graph.tensor(result)
    start = 0
    total = ""
    for index, part in enumerate(parts):
        channels = draft.graph.tensor(part).shape[1]
        mine = draft.constant(f"{node.inputs[1]}_{index}", np.ascontiguousarray(weights[:, start : start + channels]))
        start += channels
        last = index == len(parts) - 1
        bias = node.inputs[_BIAS:] if last and has_input(node, _BIAS) else ()
        product = draft.declare(f"{result}_{index}", kind)
        draft.emit(replace(node, name=f"{node.name}_{index}", inputs=(part, mine, *bias), outputs=(product,)))
        if total:
            both = result if last else draft.declare(f"{result}_sum{index}", kind)
            draft.emit(Node(f"{node.name}_sum{index}", "Add", (product, total), (both,), version=_ADD_VERSION))
            product = both
        total = product
