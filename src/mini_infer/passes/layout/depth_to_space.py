"""`DepthToSpace` and `SpaceToDepth` as what they are: a transpose between two reshapes, which merges with others.

Fires on

1. both operators.

Must not fire on

1. tensors without a static shape, or without elements.
"""

from dataclasses import dataclass
from typing import ClassVar

from mini_infer.ir import Node
from mini_infer.ir.attributes import integer
from mini_infer.passes.base import Needs, Sweep
from mini_infer.passes.rewriter import GraphRewriter

_VERSION = 13
_OPERATORS = frozenset({"DepthToSpace", "SpaceToDepth"})


@dataclass(frozen=True, slots=True)
class DepthToSpace(Sweep):
    """Writes both operators as reshapes and a transpose."""

    name: ClassVar[str] = "depth-to-space"
    needs: ClassVar[Needs] = (_OPERATORS,)

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """The three nodes."""
        kind = rewriter.tensor(node.inputs[0]) if not node.domain and node.op in _OPERATORS else None
        result = rewriter.tensor(node.outputs[0]) if kind is not None else None
        if kind is None or result is None or kind.elements == 0:
            return None
        block, (batch, channels, high, wide) = integer(node, "blocksize"), kind.shape
        columns_first = node.attributes.get("mode") == "CRD"
        if node.op == "SpaceToDepth":
            split = (batch, channels, high // block, block, wide // block, block)
            order = (0, 1, 3, 5, 2, 4) if columns_first else (0, 3, 5, 1, 2, 4)
        elif columns_first:
            split = (batch, channels // block**2, block, block, high, wide)
            order = (0, 1, 4, 2, 5, 3)
        else:
            split = (batch, block, block, channels // block**2, high, wide)
            order = (0, 3, 4, 1, 5, 2)
        value, moved = f"{node.outputs[0]}_split", f"{node.outputs[0]}_moved"
        apart = rewriter.new_value(value, type(kind)(kind.dtype, split))
        placed = rewriter.new_value(moved, type(kind)(kind.dtype, tuple(split[axis] for axis in order)))
        rewriter.applied(node.name, "a transpose between reshapes")
        return [
            rewriter.reshape(f"{node.name}_split", node.inputs[0], apart, split),
            Node(node.name, "Transpose", (apart,), (placed,), {"perm": order}, version=_VERSION),
            rewriter.reshape(f"{node.name}_joined", placed, node.outputs[0], result.shape),
        ]
