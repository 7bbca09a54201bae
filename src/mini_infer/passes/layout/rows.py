"""Rows of weights that change places, so that the elements of the tensor they multiply need not.

A transposed tensor that is flattened for a `MatMul` could as well be flattened as it was, if the rows of the
matrix were exchanged accordingly. Constant weights are, at build time.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mini_infer.ir import Node
from mini_infer.ir.attributes import integer
from mini_infer.ir.graph import FUSED_DOMAIN
from mini_infer.passes.layout.permutation import Permutation, identity, inverse
from mini_infer.passes.rewriter import GraphRewriter, rename

_MATRIX_RANK = 2


@dataclass(frozen=True, slots=True)
class Shuffle:
    """A flattened tensor whose elements did not change places as the flattened transposed tensor's did.

    Parameters
    ----------
    value
        Its name.
    axes
        The sizes of the axes that were merged, in their order after the transpose.
    order
        How the transpose moved them.
    """

    value: str
    axes: tuple[int, ...]
    order: Permutation

    def apply(self, matmul: Node, rewriter: GraphRewriter) -> Node:
        """The node on `value` with shuffled weights, which computes what it did on the transposed tensor."""
        first = matmul.primitives[0]
        weights = rewriter.constants[first.inputs[1]]
        back = inverse(self.order)
        if integer(first, "transB"):
            moved = weights.reshape(-1, *self.axes).transpose(0, *(1 + axis for axis in back))
        else:
            moved = weights.reshape(*self.axes, -1).transpose(*back, len(back))
        constant = rewriter.new_constant(f"{first.inputs[1]}_moved", moved.reshape(weights.shape))
        return rename(matmul, {first.inputs[0]: self.value, first.inputs[1]: constant})


def takes_rows(node: Node, value: str, constants: Mapping[str, np.ndarray]) -> bool:
    """Whether a node multiplies the value by a constant matrix, and reads it for nothing else."""
    matmul = node.primitives[0]
    if node.domain not in {"", FUSED_DOMAIN} or matmul.op not in {"Gemm", "MatMul"} or matmul.inputs[0] != value:
        return False
    reads = [name for inner in node.primitives for name in inner.inputs]
    weights = constants.get(matmul.inputs[1])
    constant = weights is not None and weights.ndim == _MATRIX_RANK
    return constant and reads.count(value) == 1 and not integer(matmul, "transA", 0)


def merged_axes(
    given: tuple[int, ...], made: tuple[int, ...], order: Permutation
) -> tuple[tuple[int, ...], Permutation] | None:
    """The axes that a reshape of a transposed tensor merges into its last one, and how the transpose moves those.

    None if the reshape does more than merge the last axes, or if the transpose moves others than those.

    Examples
    --------
    >>> merged_axes((2, 16, 5, 5), (2, 400), (0, 3, 1, 2))
    ((16, 5, 5), (2, 0, 1))
    """
    for lead in range(len(given), -1, -1):
        merged = given[lead:]
        if made and math.prod(merged) == made[-1] and math.prod(given[:lead]) == math.prod(made[:-1]):
            if order[:lead] != identity(lead):
                return None
            return merged, tuple(axis - lead for axis in order[lead:])
    return None
