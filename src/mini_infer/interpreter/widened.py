"""Operators of `onnx.reference` that round at every step: computed in float64 instead, and rounded once at the end.

In half precision the steps between overflow and lose digits that no kernel loses: the mean of 512 times 300 is 300, but
their sum is infinite (docs/decisions/0005).
"""

from collections.abc import Sequence

import numpy as np
from onnx import helper

from mini_infer.interpreter.operators.values import Value, accumulator
from mini_infer.ir import DType, Node

_STATISTICS = frozenset({"LayerNormalization"})
"""Operators whose further outputs are float32 where their first one is narrower."""

OPERATORS = _STATISTICS | frozenset(
    """
    AffineGrid Attention CausalConvWithState Celu CumProd CumSum Einsum Elu GroupNormalization HardSigmoid
    InstanceNormalization LinearAttention Mish NegativeLogLikelihoodLoss RMSNormalization ReduceL1
    ReduceL2 ReduceMean ReduceProd ReduceSum ReduceSumSquare RotaryEmbedding Selu Sigmoid
    SoftmaxCrossEntropyLoss Softplus Swish
    """.split()
)
"""Sums, and functions of several steps."""


def widened(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """The inputs of a node of `OPERATORS`, floats as float64; of a Cast to integers, as integers that wrap around."""
    if node.op in {"Cast", "CastLike"} and not node.domain and _is_real(inputs[0]):
        target = _target(node, inputs)
        return inputs if target is None else [_whole(inputs[0], target), *inputs[1:]]
    if node.op not in OPERATORS or node.domain:
        return inputs
    if node.op in {"CumProd", "CumSum"}:  # `onnx.reference` wants the axis without dimensions of its own
        inputs = [inputs[0], np.reshape(inputs[1], ())]
    return [value.astype(accumulator(value.dtype)) if _is_real(value) else value for value in inputs]


def narrowed(node: Node, inputs: Sequence[Value], results: Sequence[Value]) -> Sequence[Value]:
    """What a node made of widened inputs, in the type of its first one."""
    if node.op not in OPERATORS or node.domain or not _is_real(inputs[0]):
        return results
    dtype = inputs[0].dtype
    further = np.result_type(dtype, np.float32) if node.op in _STATISTICS else dtype
    return [
        value.astype(further if position else dtype) if _is_real(value) else value
        for position, value in enumerate(results)
    ]


def _target(node: Node, inputs: Sequence[Value]) -> "np.dtype[np.generic] | None":
    """The integer type of 8 bits or more that a node casts to."""
    if node.op == "CastLike":
        target = inputs[1].dtype
    else:
        target = helper.tensor_dtype_to_np_dtype(int(str(node.attributes["to"])))
    return target if target.kind in "iu" else None


def _whole(x: np.ndarray, target: "np.dtype[np.generic]") -> np.ndarray:
    """Floats without their fractions, as kernels convert them, where ONNX leaves open what does not fit.

    It is clamped to int32, or to int64 for wider types and uint32, and to uint64 above that; NaN is 0. What C and NumPy
    give depends on the machine.
    """
    wide = np.nan_to_num(x.astype(np.float64), nan=0.0, posinf=np.inf, neginf=-np.inf)
    if target == np.uint64:
        return np.where(wide >= 0, _saturated(wide, np.uint64), _saturated(wide, np.int64).astype(np.uint64))
    is_narrow = target.itemsize < 4 or target == np.int32  # noqa: PLR2004 - bytes of int32
    return _saturated(wide, np.int32 if is_narrow else np.int64)


def _saturated(wide: np.ndarray, target: type[np.integer]) -> np.ndarray:
    limits = np.iinfo(target)
    largest = np.nextafter(float(limits.max) + 1, 0)  # the largest float64 below what does not fit
    return np.where(wide >= float(limits.max), limits.max, np.clip(wide, limits.min, largest).astype(target))


def _is_real(value: Value) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind not in "OUS" and DType.of(value.dtype).is_float
