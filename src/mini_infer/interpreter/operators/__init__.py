"""Operators that are computed here, because `onnx.reference` is slow, narrow or wrong on them."""

from collections.abc import Mapping

from mini_infer.interpreter.operators import (
    convolution,
    indexing,
    linear,
    maps,
    optional,
    pooling,
    quantized,
    recurrent,
    special,
)
from mini_infer.interpreter.operators.values import Operator, Value, attribute

FAST: Mapping[str, Operator] = {
    "AveragePool": pooling.average_pool,
    "BatchNormalization": linear.batch_normalization,
    "Conv": convolution.conv,
    "ConvInteger": quantized.conv_integer,
    "ConvTranspose": convolution.conv_transpose,
    "Erf": special.erf,
    "GRU": recurrent.gru,
    "GatherElements": indexing.gather_elements,
    "Gemm": linear.gemm,
    "GlobalAveragePool": pooling.global_average_pool,
    "GlobalLpPool": pooling.global_lp_pool,
    "GlobalMaxPool": pooling.global_max_pool,
    "Hardmax": linear.hardmax,
    "LSTM": recurrent.lstm,
    "LogSoftmax": linear.log_softmax,
    "LpPool": pooling.lp_pool,
    "MatMul": linear.matmul,
    "MaxPool": pooling.max_pool,
    "MaxRoiPool": pooling.max_roi_pool,
    "MeanVarianceNormalization": linear.mean_variance_normalization,
    "Multinomial": special.multinomial,
    "Optional": optional.optional,
    "OptionalGetElement": optional.get_element,
    "OptionalHasElement": optional.has_element,
    "QLinearConv": quantized.qlinear_conv,
    "RNN": recurrent.rnn,
    "Softmax": linear.softmax,
    "ai.onnx.ml.CastMap": maps.cast_map,
    "ai.onnx.ml.CategoryMapper": maps.category_mapper,
    "ai.onnx.ml.ZipMap": maps.zip_map,
}
"""Operator name, behind its domain where that is not ONNX's own → its meaning."""

__all__ = ["FAST", "Operator", "Value", "attribute"]
