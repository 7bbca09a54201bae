"""What is done to each element of a concatenation, done to each part: then the parts need not lie in one tensor.

::

    y = Elementwise(Concat(a, b, …), constants)    →    y = Concat(Elementwise(a, …), Elementwise(b, …), …)

DenseNet concatenates everything so far for every layer. The parts live long and the whole but for a moment, so that in
streams each part keeps only the rows that are still needed of it.

Fires on

1. an elementwise node, alone or fused, of a concatenation that nobody else reads.

Must not fire on

1. other operands than constants, or constants that do not have one number for each index along the axis, or one at all.
"""

from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import ClassVar

import numpy as np

from mini_infer.ir import Node, TensorType
from mini_infer.ir.attributes import integer
from mini_infer.ir.operators import traits
from mini_infer.passes.base import Needs, Sweep
from mini_infer.passes.rewriter import GraphRewriter, rename, rename_outputs


@dataclass(frozen=True, slots=True)
class PartsApart(Sweep):
    """Works on the parts of concatenations."""

    name: ClassVar[str] = "parts-apart"
    needs: ClassVar[Needs] = (frozenset({"Concat"}),)

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """The concatenation of what is made of each part."""
        if len(node.writes) != 1 or not all(traits(inner).elementwise for inner in node.primitives):
            return None
        whole = next((name for name in node.inputs if rewriter.producer(name, "Concat")), "")
        concat, kind = rewriter.producer(whole, "Concat"), rewriter.tensor(whole)
        result = rewriter.tensor(node.outputs[0])
        if concat is None or kind is None or result is None or kind.shape != result.shape:
            return None
        axis = integer(concat, "axis") % len(kind.shape)
        others = [name for name in node.reads if name != whole]
        if not rewriter.has_one_use(whole) or not all(_cut(name, axis, kind, rewriter) for name in others):
            return None
        rewriter.erase(whole)
        sizes = [rewriter.types[name].shape[axis] for name in concat.inputs]  # type: ignore[union-attr]
        parts = []
        for number, ((start, end), name) in enumerate(
            zip(pairwise(accumulate(sizes, initial=0)), concat.inputs, strict=True)
        ):
            names = {whole: name} | {
                other: rewriter.new_constant(
                    f"{other}_{number}", _slice(rewriter.constants[other], axis, kind, start, end)
                )
                for other in others
                if rewriter.constants[other].size > 1
            }
            shape = (*kind.shape[:axis], end - start, *kind.shape[axis + 1 :])
            made = rewriter.new_value(f"{node.outputs[0]}_{number}", TensorType(result.dtype, shape))
            piece = rename_outputs(rename(node, names), {node.outputs[0]: made})
            rewriter.append(replace(piece, name=f"{node.name}_{number}"))
            parts.append(made)
        rewriter.applied(node.name, f"done to each of {len(parts)} parts of {whole!r}")
        return [replace(concat, name=node.name, inputs=tuple(parts), outputs=node.outputs)]


def _cut(name: str, axis: int, kind: TensorType, rewriter: GraphRewriter) -> bool:
    """Whether a constant is one number, or has one for each index along the axis."""
    array = rewriter.constants.get(name)
    if array is None or array.size == 1:
        return array is not None
    along = axis - len(kind.shape) + array.ndim
    return along >= 0 and array.shape[along] == array.size == kind.shape[axis]


def _slice(array: np.ndarray, axis: int, kind: TensorType, start: int, end: int) -> np.ndarray:
    """What a constant has for some indices along the axis."""
    along = axis - len(kind.shape) + array.ndim
    return array[(*[slice(None)] * along, slice(start, end))]
