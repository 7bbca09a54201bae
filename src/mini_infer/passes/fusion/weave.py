"""Bytes that are computed element by element and then transposed to channels last: written so at once.

::

    image ─ QuantizeLinear ─ Transpose ─ y      ─▶      image ─ Elementwise ─ y

An image of a few planes is quantized into pixels: no planes of bytes exist, and bands of rows can stream. Fires on

1. a `Transpose` to channels last of what a pointwise node (`ir.fusion.is_pointwise`) or a region of such computes for
   it alone, 8-bit numbers in up to `ir.fusion.FEW_PLANES` channels.

Must not fire on

1. operands with more than one element but fewer than the result,
2. tensors whose size is not known.
"""

from dataclasses import dataclass
from typing import ClassVar

from mini_infer.ir import Dim, Node, TensorType
from mini_infer.ir.fusion import FEW_PLANES, is_pointwise
from mini_infer.passes.base import Needs, Sweep
from mini_infer.passes.layout.permutation import channels_last
from mini_infer.passes.rewriter import GraphRewriter, fuse


@dataclass(frozen=True, slots=True)
class Weave(Sweep):
    """Computes the elements of a few planes in the order of pixels."""

    name: ClassVar[str] = "weave"
    needs: ClassVar[Needs] = (frozenset({"Transpose"}),)

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """One node for both."""
        if node.domain or node.op != "Transpose":
            return None
        value = node.inputs[0]
        planes, before = rewriter.tensor(value), rewriter.producer(value)
        if planes is None or before is None or not rewriter.has_one_use(value):
            return None
        few = len(planes.shape) > 2 and not isinstance(planes.elements, Dim) and 1 < planes.shape[1] <= FEW_PLANES  # noqa: PLR2004
        ordered = tuple(node.attributes.get("perm", ())) == channels_last(len(planes.shape))
        alone = before.op == "Elementwise" or is_pointwise(before, rewriter.types)
        if not few or not ordered or not alone or planes.dtype.numpy.itemsize != 1:
            return None
        if not all(self._is_whole(rewriter.tensor(name), planes) for name in before.reads):
            return None
        rewriter.applied(node.name, f"{before.op} writes its bytes in this order")
        return [fuse("Transpose", (rewriter.erase(value), node))]

    def _is_whole(self, operand: TensorType | None, planes: TensorType) -> bool:
        return operand is not None and (operand.elements == 1 or operand.shape == planes.shape)
