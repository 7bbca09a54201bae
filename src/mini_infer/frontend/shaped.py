"""Types that onnx infers wrongly, as they are: operator → the type of its only output.

1. `Einsum`: onnx takes the size that the first operand gives a label, also where that is 1 and is broadcast.
2. `ConvTranspose` with `auto_pad` SAME: the result's sizes are the input's times the strides, whatever `output_padding`
   says, which onnx adds.
"""

from collections.abc import Callable, Mapping, Sequence

from mini_infer.ir import Node, TensorType
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
    same = str(attributes.get("auto_pad", "NOTSET")).startswith("SAME")
    if not same or "output_shape" in attributes or "output_padding" not in attributes:
        return None
    x, w, *_ = (kind.shape for kind in kinds)
    strides, group = attributes.get("strides", (1,) * len(x[2:])), attributes.get("group", 1)
    if not isinstance(strides, tuple) or not isinstance(group, int):
        return None
    spatial = [size * int(step) for size, step in zip(x[2:], strides, strict=True)]  # type: ignore[arg-type]
    return TensorType(kinds[0].dtype, (x[0], w[1] * group, *spatial))


SHAPED: Mapping[str, Rule] = {"ConvTranspose": _conv_transpose, "Einsum": _einsum}

GUESSED = frozenset({"Einsum"})
"""Those whose type onnx takes from some of the inputs where the shapes of others are open."""
