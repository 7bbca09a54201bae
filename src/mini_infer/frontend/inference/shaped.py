"""Types that onnx infers wrongly, as they are: operator → the type of its only output.

1. `Einsum`: onnx takes the size that the first operand gives a label, also where that is 1 and is broadcast.
2. `ConvTranspose` with `auto_pad` SAME: the result's sizes are the input's times the strides, whatever `output_padding`
   says, which onnx adds.
3. `ConvTranspose` with an `output_shape`: that is the result's, also where it is smaller than the input, of which onnx
   leaves a shape without sizes; and also with the batch and the channels in front, which onnx refuses.
4. `GroupNormalization` and `MeanVarianceNormalization`: the first input's, also where that has no elements, of which
   onnx knows nothing.
"""

from collections.abc import Callable, Mapping, Sequence

from mini_infer.ir import Node, TensorType
from mini_infer.ir.attributes import integer, integers, text
from mini_infer.ir.einsum import Einsum

Rule = Callable[[Node, Sequence[TensorType]], TensorType | None]
"""The type of a node's output, all of its inputs being static tensors; none where onnx is right.

Raises ValueError when the inputs do not fit.
"""


def _einsum(node: Node, kinds: Sequence[TensorType]) -> TensorType:
    equation = Einsum.of(str(node.attributes.get("equation")), [kind.shape for kind in kinds])
    return TensorType(kinds[0].dtype, equation.shape)


def _conv_transpose(node: Node, kinds: Sequence[TensorType]) -> TensorType | None:
    attributes = node.attributes
    x, w, *_ = (kind.shape for kind in kinds)
    rank = len(x) - 2
    asked = integers(node, "output_shape")
    if asked:
        sizes = asked[-rank:]
    elif text(node, "auto_pad", "NOTSET").startswith("SAME") and "output_padding" in attributes:
        strides = integers(node, "strides", (1,) * rank)
        sizes = tuple(size * step for size, step in zip(x[2:], strides, strict=True))
    else:
        return None
    return TensorType(kinds[0].dtype, (x[0], w[1] * integer(node, "group", 1), *sizes))


def _first(_node: Node, kinds: Sequence[TensorType]) -> TensorType:
    return kinds[0]


SHAPED: Mapping[str, Rule] = {
    "ConvTranspose": _conv_transpose,
    "Einsum": _einsum,
    "GroupNormalization": _first,
    "MeanVarianceNormalization": _first,
}

GUESSED = frozenset({"Einsum"})
"""Those whose type onnx takes from some of the inputs where the shapes of others are open."""
