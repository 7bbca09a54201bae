"""What must be so for a node to mean anything: claims about its attributes and inputs, one table for each family.

onnx's shape inference accepts models whose parts do not fit, such as a Reshape of 64 elements to 3x700. What runs
natively trusts its shapes, so every node is held against its operator's rule as soon as the types of its inputs are
known, nested graphs included. A claim about what is known only at run time says nothing.
"""

from collections.abc import Mapping

import onnx

from mini_infer.frontend.inference.scope import Scope
from mini_infer.frontend.model.operators import plain_domain
from mini_infer.frontend.rules import (
    attention,
    contrib,
    control,
    convolution,
    elementwise,
    indexing,
    matrix,
    moves,
    normalization,
    pooling,
    quantized,
    recurrent,
    sampling,
)
from mini_infer.frontend.rules.claims import Claim, none_missing
from mini_infer.frontend.rules.operands import Operands, UnknownError
from mini_infer.ir import UndecidedError

RULES: Mapping[str, tuple[Claim, ...]] = {
    **attention.RULES,
    **control.RULES,
    **convolution.RULES,
    **elementwise.RULES,
    **indexing.RULES,
    **matrix.RULES,
    **moves.RULES,
    **normalization.RULES,
    **pooling.RULES,
    **quantized.RULES,
    **recurrent.RULES,
    **sampling.RULES,
}
"""Operator of ONNX's own domain → what must be so."""

WITHOUT: Mapping[str, frozenset[str]] = {
    "one tensor of any shape": frozenset(
        "Abs Acos Acosh Asin Asinh Atan Atanh BitCast BitwiseNot Cast CastLike Ceil Celu Cos Cosh "
        "DynamicQuantizeLinear Elu Erf Exp Floor HardSigmoid HardSwish Identity IsInf IsNaN LeakyRelu Log Mish Neg "
        "NonZero Not Reciprocal Relu Round Selu Shape Shrink Sigmoid Sign Sin Sinh Size Softplus Softsign Sqrt Swish "
        "Tan Tanh ThresholdedRelu".split()
    ),
    "no tensors": frozenset(
        "ConcatFromSequence Constant Optional OptionalGetElement OptionalHasElement SequenceConstruct SequenceEmpty "
        "SequenceLength".split()
    ),
    "interpreted, and refused by onnx's reference where it does not fit": frozenset(
        "Bernoulli ImageDecoder Multinomial RandomNormal RandomNormalLike RandomUniform RandomUniformLike "
        "RegexFullMatch StringConcat StringNormalizer StringSplit TfIdfVectorizer".split()
    ),
}
"""Why operators have no rule → those operators."""

_BY_DOMAIN: Mapping[str, Mapping[str, tuple[Claim, ...]]] = {"": RULES, "com.microsoft": contrib.RULES}


def check_operands(node: onnx.NodeProto, version: int, scope: Scope) -> None:
    """Hold a node against its operator's rule; none of any number of inputs is left out.

    Raises
    ------
    ModelError
        Naming the node, what is wrong, and what is asked.
    """
    claims = _BY_DOMAIN.get(plain_domain(node.domain), {}).get(node.op_type, ())
    if "" in node.input:
        claims = (none_missing, *claims)
    if not claims:
        return
    operands = Operands(node, version, scope)
    for claim in claims:
        try:
            claim(operands)
        except (UndecidedError, UnknownError):
            continue
