"""Operators that are computed here, because `onnx.reference` is slow, narrow or wrong on them."""

from collections.abc import Mapping

from mini_infer.interpreter.operators import convolution, linear, optional, pooling
from mini_infer.interpreter.operators.values import Operator, Value, attribute

FAST: Mapping[str, Operator] = {
    "AveragePool": pooling.average_pool,
    "BatchNormalization": linear.batch_normalization,
    "Conv": convolution.conv,
    "ConvTranspose": convolution.conv_transpose,
    "Gemm": linear.gemm,
    "GlobalAveragePool": pooling.global_average_pool,
    "GlobalMaxPool": pooling.global_max_pool,
    "Hardmax": linear.hardmax,
    "LogSoftmax": linear.log_softmax,
    "LpPool": pooling.lp_pool,
    "MaxPool": pooling.max_pool,
    "Optional": optional.optional,
    "OptionalGetElement": optional.get_element,
    "OptionalHasElement": optional.has_element,
    "Softmax": linear.softmax,
}

__all__ = ["FAST", "Operator", "Value", "attribute"]
