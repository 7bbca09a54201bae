"""Products over one step, which sum nothing, as multiplications: positions times frequencies, where sizes are open.

Fires on `MatMul` of matrices, `[..., rows, 1]` times `[..., 1, columns]`, whose columns are given at run time.

Must not fire on vectors, or where all columns are known: a product has a kernel then.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from mini_infer.ir import Dim, Node
from mini_infer.passes.base import Needs, Sweep
from mini_infer.passes.rewriter import GraphRewriter

_VERSION = 14
"""Of the multiplications."""


@dataclass(frozen=True, slots=True)
class OuterProducts(Sweep):
    """Multiplies where nothing is summed."""

    name: ClassVar[str] = "outer products"
    needs: ClassVar[Needs] = (frozenset({"MatMul"}),)

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """The multiplication that this product is."""
        if node.domain or node.op != "MatMul":
            return None
        left, right = (rewriter.tensor(name) for name in node.inputs)
        if left is None or right is None or min(len(left.shape), len(right.shape)) < 2:  # noqa: PLR2004 - matrices
            return None
        if left.shape[-1] != 1 or right.shape[-2] != 1 or not isinstance(right.shape[-1], Dim):
            return None
        rewriter.applied(node.name, "MatMul over one step is a multiplication")
        return [replace(node, op="Mul", version=_VERSION)]
