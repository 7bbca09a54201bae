"""Which operators may share bytes, and when: what onnx does not say.

A *view* gives its first input another shape: the bytes stay as they are. An operator that works *in place* may write
its output over a dying input of the same size: it reads element i of that input no later than it writes element i of
the output, or reads all elements of a group before it writes the first of that group.
"""

from mini_infer.ir.graph import Node

VIEWS = frozenset({"Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"})
"""Operators whose output is their first input's bytes, unchanged."""

ELEMENTWISE = frozenset(
    """
    Abs Acos Acosh Add And Asin Asinh Atan Atanh BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Ceil Celu Clip Cos
    Cosh Div Elu Equal Erf Exp Floor Gelu Greater GreaterOrEqual HardSigmoid HardSwish IsInf IsNaN LeakyRelu Less
    LessOrEqual Log Max Mean Min Mish Mod Mul Neg Not Or PRelu Pow Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin
    Sinh Softplus Softsign Sqrt Sub Sum Swish Tan Tanh ThresholdedRelu Where Xor
    """.split()
)
"""Operators whose output element depends on one element (or a broadcast one) of each input."""

BY_GROUPS = frozenset(
    """
    BatchNormalization GroupNormalization InstanceNormalization LayerNormalization LogSoftmax LpNormalization
    MeanVarianceNormalization RMSNormalization Softmax
    """.split()
)
"""Operators whose output element depends on the same element of the first input and, through statistics, its group."""


def is_view(node: Node) -> bool:
    """Whether the node's only output is its first input's bytes in another shape."""
    return node.domain == "" and node.op in VIEWS and len(node.writes) == 1


def in_place_inputs(node: Node) -> tuple[str, ...]:
    """The inputs that the node may overwrite with its only output, if they die with it and have its type.

    1. Elementwise nodes, alone or fused into a chain: every input.
    2. A fused node whose body adds a residual (an input of the node that only an elementwise body node reads, as it is
       or through a transpose that the body undoes at its end): that residual, because it is read element by element
       where the output is written.
    3. Softmax and normalizations: their first input.
    4. Attention: none, it reads its mask and its scaled operands again for other elements.
    """
    if len(node.writes) != 1 or node.op == "Attention":
        return ()
    if node.domain == "" and node.op in BY_GROUPS:
        return node.inputs[:1]
    elsewhere: set[str] = set()
    transposed: dict[str, str] = {}
    for inner in node.meaning:
        if node.body and inner.op == "Transpose":
            transposed[inner.outputs[0]] = inner.inputs[0]
        elif inner.domain or inner.op not in ELEMENTWISE:
            elsewhere.update(transposed.get(name, name) for name in inner.reads)
    return tuple(name for name in dict.fromkeys(node.inputs) if name and name not in elsewhere)
