"""Types that onnx infers wrongly, as they are: operator → the type of its only output.

1. `Einsum`: onnx takes the size that the first operand gives a label, also where that is 1 and is broadcast.
"""

from collections.abc import Callable, Mapping, Sequence

from mini_infer.ir import Node, TensorType
from mini_infer.ir.einsum import Einsum

Rule = Callable[[Node, Sequence[TensorType]], TensorType]
"""The type of a node's output, all of its inputs being static tensors; ValueError when they do not fit."""


def _einsum(node: Node, kinds: Sequence[TensorType]) -> TensorType:
    equation = Einsum.of(str(node.attributes.get("equation")), [kind.shape for kind in kinds])
    return TensorType(kinds[0].dtype, equation.shape)


SHAPED: Mapping[str, Rule] = {"Einsum": _einsum}
