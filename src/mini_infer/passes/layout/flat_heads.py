"""Keys that are transposed with their heads flattened, as one transpose of heads apart, which attention recognizes.

Fires on `Reshape` of `[batch, heads, rows, size]` to `[batch * heads, rows, size]`, `Transpose`, `Reshape` to
`[batch, heads, size, rows]`, where sizes are given at run time; what is reshaped may have more axes before its rows.

Must not fire on values in between that somebody else reads, or where all sizes are known: such graphs stay as they are.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from mini_infer.ir import Node, TensorType
from mini_infer.ir.attributes import integers
from mini_infer.passes.base import Needs, Sweep
from mini_infer.passes.rewriter import GraphRewriter

_RANK = 4


@dataclass(frozen=True, slots=True)
class FlatHeads(Sweep):
    """Transposes heads apart."""

    name: ClassVar[str] = "flat heads"
    needs: ClassVar[Needs] = (frozenset({"Reshape"}), frozenset({"Transpose"}))

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """The transpose that ends in this `Reshape`."""
        return _apart(node, rewriter) if node.domain == "" and node.op == "Reshape" else None


def _apart(node: Node, rewriter: GraphRewriter) -> list[Node] | None:
    """The transpose of keys whose heads are flattened with the batch for it, and taken apart again, with open sizes."""
    turned = rewriter.producer(node.inputs[0], "Transpose")
    flat = None if turned is None else rewriter.producer(turned.inputs[0], "Reshape")
    if turned is None or flat is None or integers(turned, "perm") != (0, 2, 1):
        return None
    first, last = rewriter.tensor(flat.inputs[0]), rewriter.tensor(node.outputs[0])
    middle = rewriter.tensor(flat.outputs[0])
    if first is None or last is None or middle is None or not first.is_open or len(last.shape) != _RANK:
        return None
    batch, heads, size, rows = last.shape
    if middle.shape != (batch * heads, rows, size) or first.shape[-2:] != (rows, size):
        return None
    if not all(rewriter.has_one_use(name) for name in (turned.outputs[0], flat.outputs[0])):
        return None
    for name in (turned.outputs[0], flat.outputs[0]):
        rewriter.erase(name)
    rewriter.applied(node.name, "Reshape, Transpose, Reshape are one Transpose of heads apart")
    source, before, shape = flat.inputs[0], [], (batch, heads, rows, size)
    if first.shape != shape:
        source = rewriter.new_value(flat.outputs[0], TensorType(first.dtype, shape))
        before = [replace(flat, inputs=flat.inputs[:1], outputs=(source,), attributes={"shape": shape}, version=1)]
    return [*before, replace(turned, inputs=(source,), outputs=node.outputs, attributes={"perm": (0, 1, 3, 2)})]
