"""Convolutions of concatenations as sums of convolutions, so that the concatenation is never materialized.

`Conv(Concat(a, b), w)` becomes `Conv(a, w_a) + Conv(b, w_b)`, where `w_a` are the weights of the channels of `a`. The
addition is the epilogue of the last convolution, in place of the result of the one before. The terms of the sum are the
same, in another order. It saves memory where one part is computed long before the other, as on the skip connections of
a U-Net: in one buffer, the early part would keep the bytes of both live.

Fires on a `Conv` with constant weights, windows of several elements and one group

1. of a `Concat` of channels of more than `size_threshold` bytes, which no other node reads.

Must not fire on

1. more than `_MOST_PARTS` parts: each costs a pass over the result.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from mini_infer.ir import Node
from mini_infer.ir.attributes import has_input, integer
from mini_infer.passes.base import Needs, Sweep
from mini_infer.passes.rewriter import GraphRewriter

_ADD_VERSION = 14
_BIAS = 2
_MOST_PARTS = 4


@dataclass(frozen=True, slots=True)
class SumsOfConvolutions(Sweep):
    """Splits convolutions over the parts of what they read.

    Parameters
    ----------
    size_threshold
        Bytes of the largest concatenation that is materialized.
    """

    size_threshold: int
    name: ClassVar[str] = "sums"
    needs: ClassVar[Needs] = (frozenset({"Conv"}), frozenset({"Concat"}))

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """The convolutions of the parts, and their sums."""
        concat = self._concat(node, rewriter)
        if concat is None:
            return None
        if len(concat.inputs) > _MOST_PARTS:
            rewriter.missed(node.name, f"stays one Conv: {concat.name!r} has {len(concat.inputs)} parts")
            return None
        rewriter.erase(node.inputs[0])
        rewriter.applied(node.name, f"a sum of {len(concat.inputs)} convolutions: {concat.name!r} need not exist")
        return _split(node, concat.inputs, rewriter)

    def _concat(self, node: Node, rewriter: GraphRewriter) -> Node | None:
        """The concatenation that a convolution could do without."""
        if node.domain or node.op != "Conv" or integer(node, "group", 1) != 1:
            return None
        concat = rewriter.producer(node.inputs[0], "Concat")
        kind = rewriter.tensor(node.inputs[0])
        weights = rewriter.constants.get(node.inputs[1])
        if concat is None or kind is None or weights is None:
            return None
        joins_channels = integer(concat, "axis", 1) % len(kind.shape) == 1
        fits = kind.most_bytes > self.size_threshold and weights[0, 0].size > 1
        return concat if joins_channels and fits and rewriter.has_one_use(node.inputs[0]) else None


def _split(node: Node, parts: tuple[str, ...], rewriter: GraphRewriter) -> list[Node]:
    """A convolution for each part, the last with the bias, and the sums between them."""
    nodes = []
    weights, result = rewriter.constants[node.inputs[1]], node.outputs[0]
    kind = rewriter.graph.tensor(result)
    ends = np.cumsum([rewriter.graph.tensor(part).shape[1] for part in parts])
    total = ""
    for index, (part, weight) in enumerate(zip(parts, np.split(weights, ends[:-1], axis=1), strict=True)):
        mine = rewriter.new_constant(f"{node.inputs[1]}_{index}", np.ascontiguousarray(weight))
        last = index == len(parts) - 1
        bias = node.inputs[_BIAS:] if last and has_input(node, _BIAS) else ()
        partial = rewriter.new_value(f"{result}_{index}", kind)
        nodes.append(replace(node, name=f"{node.name}_{index}", inputs=(part, mine, *bias), outputs=(partial,)))
        if total:
            both = result if last else rewriter.new_value(f"{result}_sum{index}", kind)
            nodes.append(Node(f"{node.name}_sum{index}", "Add", (partial, total), (both,), version=_ADD_VERSION))
            partial = both
        total = partial
    return nodes
