"""Images that are quantized as they get channels last: bytes in their old order never are.

Fires on a `Transpose` to channels last of a `QuantizeLinear` with one scale (`ir.fusion.is_pointwise`), if there are
few channels, as images have that a model is given. The fused node is a `QuantizeLinear` with both in its body.

Must not fire on

1. a quantized tensor that another node reads too, or that the caller gets,
2. other transposes, and more channels: bytes are transposed faster by themselves.
"""

from dataclasses import dataclass
from typing import ClassVar

from mini_infer.ir import Node
from mini_infer.ir.fusion import is_pointwise
from mini_infer.passes.base import Needs, Sweep
from mini_infer.passes.layout.permutation import channels_last
from mini_infer.passes.rewriter import GraphRewriter, fuse

_FEW = range(2, 5)
"""Channels that are few."""


@dataclass(frozen=True, slots=True)
class FuseTurned(Sweep):
    """Quantizes images into channels-last order."""

    name: ClassVar[str] = "turned"
    needs: ClassVar[Needs] = (frozenset({"QuantizeLinear"}), frozenset({"Transpose"}))

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """The fused node that a transpose ends."""
        if node.domain or node.op != "Transpose" or not rewriter.has_one_use(node.inputs[0]):
            return None
        quantize, kind = rewriter.producer(node.inputs[0], "QuantizeLinear"), rewriter.tensor(node.inputs[0])
        if quantize is None or kind is None or len(kind.shape) < _RANK or not is_pointwise(quantize, rewriter.types):
            return None
        order = node.attributes.get("perm", ())
        if tuple(order) != channels_last(len(kind.shape)) or kind.shape[1] not in _FEW:  # type: ignore[arg-type]
            return None
        rewriter.erase(node.inputs[0])
        rewriter.applied(node.name, f"{quantize.name!r} writes channels last")
        return [fuse("QuantizeLinear", (quantize, node))]


_RANK = 3
"""Axes of batch, channels and space at least."""
