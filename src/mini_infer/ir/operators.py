"""What operators are: one table, for whoever must know it.

A trait is a fact about an operator's meaning, whatever its attributes say. What depends on attributes or shapes is a
function of the node: `ir.fusion` says what a kernel can do at once, `ir.alias` which bytes may be shared.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mini_infer.ir.graph import CONTRIB_DOMAIN, FUSED_DOMAIN, QUANTIZED_DOMAIN, Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """The traits of an operator; of one that the table does not list, none.

    Parameters
    ----------
    elementwise
        An element of its result depends on one element, or a broadcast one, of each input, and is computed in one loop
        with what others of the kind make of it.
    monotone
        Of one tensor, element by element, its kernel's result never falls where that rises, not even by a rounding;
        `LeakyRelu` if its slope is not negative (`ir.fusion.rises`).
    activation
        Elementwise, of one tensor, and a kernel of products can apply it to each result before it stores it.
    commutative
        Its inputs may change places.
    variadic
        It takes any number of inputs, and gives back a single one as it is.
    view
        Its output is its first input's bytes, unchanged, in another shape.
    in_order
        Its result has the elements of its first input in their order, perhaps repeated: if the types are equal, it is
        its first input.
    movement
        Its result has no elements but those of its first input.
    grouped
        An element of its result depends on the same element of the first input and, through statistics, on its group.
    contraction
        It multiplies a tensor by weights, which are its second input, and sums up.
    convolution
        A contraction over windows, of axes batch, channels and space.
    pool
        It reduces windows of its input, axes as those of a convolution, by a kernel of pools.
    whole_pool
        The same over all of space.
    keeps_axes
        Its results have the axes of its inputs, and a transpose may pass it.
    subviews
        Its results lie in its input one after the other, or its inputs in its result.
    random
        It gives another value at each run.
    integer
        Its numbers are whole: sums of integers, or elements that are quantized. What is known of the real operator of
        the same trait (what folds into its weights, what its kernel does besides) does not hold for it.
    optional_outputs
        The first output that may be left out; none if all are always there, or their number has a meaning (`Split`).
    """

    elementwise: bool = False
    monotone: bool = False
    activation: bool = False
    commutative: bool = False
    variadic: bool = False
    view: bool = False
    in_order: bool = False
    movement: bool = False
    grouped: bool = False
    contraction: bool = False
    convolution: bool = False
    pool: bool = False
    whole_pool: bool = False
    keeps_axes: bool = False
    subviews: bool = False
    random: bool = False
    integer: bool = False
    optional_outputs: int | None = None


def _pointwise(**others: bool) -> Traits:
    return Traits(elementwise=True, keeps_axes=True, **others)


def _view(**others: bool) -> Traits:
    return Traits(view=True, in_order=True, movement=True, **others)


OPERATORS: Mapping[str, Traits] = {
    "Abs": _pointwise(),
    "Acos": _pointwise(),
    "Acosh": _pointwise(),
    "Add": _pointwise(commutative=True),
    "And": _pointwise(commutative=True),
    "Asin": _pointwise(),
    "Asinh": _pointwise(),
    "Atan": _pointwise(),
    "Atanh": _pointwise(),
    "Attention": Traits(optional_outputs=1),
    "AveragePool": Traits(pool=True),
    "BatchNormalization": Traits(grouped=True, optional_outputs=1),
    "Bernoulli": Traits(random=True),
    "BitShift": _pointwise(),
    "BitwiseAnd": _pointwise(commutative=True),
    "BitwiseNot": _pointwise(),
    "BitwiseOr": _pointwise(commutative=True),
    "BitwiseXor": _pointwise(commutative=True),
    "Cast": Traits(in_order=True, keeps_axes=True),
    "Ceil": _pointwise(),
    "Celu": _pointwise(),
    "Clip": _pointwise(monotone=True, activation=True),
    "Concat": Traits(variadic=True, keeps_axes=True, subviews=True),
    "Conv": Traits(contraction=True, convolution=True),
    "ConvInteger": Traits(contraction=True, convolution=True, integer=True),
    "ConvTranspose": Traits(contraction=True, convolution=True),
    "Cos": _pointwise(),
    "Cosh": _pointwise(),
    "DepthToSpace": Traits(movement=True),
    "DequantizeLinear": Traits(keeps_axes=True),
    "Div": _pointwise(),
    "Dropout": Traits(keeps_axes=True, optional_outputs=1),
    "Elu": _pointwise(activation=True),
    "Equal": _pointwise(commutative=True),
    "Erf": _pointwise(),
    "Exp": _pointwise(),
    "Expand": Traits(in_order=True, movement=True, keeps_axes=True),
    "Flatten": _view(),
    "Floor": _pointwise(),
    "GRU": Traits(optional_outputs=0),
    "Gelu": _pointwise(activation=True),
    "Gemm": Traits(contraction=True),
    "GlobalAveragePool": Traits(whole_pool=True),
    "GlobalMaxPool": Traits(whole_pool=True),
    "Greater": _pointwise(),
    "GreaterOrEqual": _pointwise(),
    "GroupNormalization": Traits(grouped=True),
    "HardSigmoid": _pointwise(activation=True),
    "HardSwish": _pointwise(activation=True),
    "Hardmax": Traits(keeps_axes=True),
    "Identity": _view(monotone=True, keeps_axes=True),
    "InstanceNormalization": Traits(grouped=True),
    "IsInf": _pointwise(),
    "IsNaN": _pointwise(),
    "LSTM": Traits(optional_outputs=0),
    "LayerNormalization": Traits(grouped=True, optional_outputs=1),
    "LeakyRelu": _pointwise(monotone=True, activation=True),
    "Less": _pointwise(),
    "LessOrEqual": _pointwise(),
    "Log": _pointwise(),
    "LogSoftmax": Traits(grouped=True, keeps_axes=True),
    "LpNormalization": Traits(grouped=True),
    "MatMul": Traits(contraction=True),
    "MatMulInteger": Traits(contraction=True, integer=True),
    "Max": _pointwise(commutative=True, variadic=True),
    "MaxPool": Traits(pool=True, optional_outputs=1),
    "Mean": _pointwise(commutative=True, variadic=True),
    "MeanVarianceNormalization": Traits(grouped=True),
    "Min": _pointwise(commutative=True, variadic=True),
    "Mish": _pointwise(activation=True),
    "Mod": _pointwise(),
    "Mul": _pointwise(commutative=True),
    "Multinomial": Traits(random=True),
    "Neg": _pointwise(),
    "Not": _pointwise(),
    "Or": _pointwise(commutative=True),
    "PRelu": _pointwise(),
    "Pad": Traits(keeps_axes=True),
    "Pow": _pointwise(),
    "QuantizeLinear": Traits(keeps_axes=True),
    "RMSNormalization": Traits(grouped=True),
    "RNN": Traits(optional_outputs=0),
    "RandomNormal": Traits(random=True),
    "RandomNormalLike": Traits(random=True),
    "RandomUniform": Traits(random=True),
    "RandomUniformLike": Traits(random=True),
    "Reciprocal": _pointwise(),
    "Relu": _pointwise(monotone=True, activation=True),
    "Reshape": _view(),
    "Resize": Traits(keeps_axes=True),
    "Round": _pointwise(),
    "Selu": _pointwise(),
    "Shrink": _pointwise(),
    "Sigmoid": _pointwise(monotone=True, activation=True),
    "Sign": _pointwise(),
    "Sin": _pointwise(),
    "Sinh": _pointwise(),
    "Slice": Traits(movement=True, keeps_axes=True, subviews=True),
    "Softmax": Traits(grouped=True, keeps_axes=True),
    "SoftmaxCrossEntropyLoss": Traits(optional_outputs=1),
    "Softplus": _pointwise(),
    "Softsign": _pointwise(),
    "SpaceToDepth": Traits(movement=True),
    "Split": Traits(in_order=True, keeps_axes=True, subviews=True),
    "Sqrt": _pointwise(),
    "Squeeze": _view(),
    "Sub": _pointwise(),
    "Sum": _pointwise(commutative=True, variadic=True),
    "Swish": _pointwise(activation=True),
    "Tan": _pointwise(),
    "Tanh": _pointwise(monotone=True, activation=True),
    "ThresholdedRelu": _pointwise(),
    "Tile": Traits(in_order=True, movement=True, keeps_axes=True),
    "TopK": Traits(keeps_axes=True),
    "Transpose": Traits(movement=True),
    "Unique": Traits(optional_outputs=1),
    "Unsqueeze": _view(),
    "Upsample": Traits(keeps_axes=True),
    "Where": _pointwise(),
    "Xor": _pointwise(commutative=True),
}
"""ONNX operator → its traits."""

QUANTIZED: Mapping[str, Traits] = {
    "Lookup": Traits(grouped=True, keeps_axes=True, integer=True),
    "QLinearAdd": _pointwise(integer=True),
    "QLinearAveragePool": Traits(pool=True, integer=True),
    "QLinearGlobalAveragePool": Traits(whole_pool=True, integer=True),
    "QLinearMul": _pointwise(integer=True),
    "QLinearSoftmax": Traits(grouped=True, keeps_axes=True, integer=True),
    "Requantize": _pointwise(integer=True),
}
"""Operator of `QUANTIZED_DOMAIN` or `CONTRIB_DOMAIN` → its traits (`ir.quantized` has their meaning)."""

_TABLES: Mapping[str, Mapping[str, Traits]] = {
    "": OPERATORS,
    CONTRIB_DOMAIN: QUANTIZED,
    FUSED_DOMAIN: {**OPERATORS, **QUANTIZED},
    QUANTIZED_DOMAIN: QUANTIZED,
}
_NO_TABLE: Mapping[str, Traits] = {}
_NONE = Traits()


def having(test: Callable[[Traits], bool]) -> frozenset[str]:
    """The operators whose traits pass a test."""
    return frozenset(op for op, its in _TABLES[FUSED_DOMAIN].items() if test(its))


def traits(node: Node) -> Traits:
    """The traits of a plain node's operator; none of a domain's that is not known here, nor of a fused node."""
    return _NONE if node.domain == FUSED_DOMAIN else core(node)


def core(node: Node) -> Traits:
    """The traits of the operator that a node is built around, whose name a fused one keeps."""
    return _TABLES.get(node.domain, _NO_TABLE).get(node.op, _NONE)


def is_random(node: Node) -> bool:
    """Whether a node gives, or may give, another value at each run: `Dropout` may be told to train."""
    may_train = node.domain == "" and node.op == "Dropout" and any(node.inputs[2:])
    return may_train or traits(node).random
