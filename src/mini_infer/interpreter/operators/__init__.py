"""Operators that are computed here, because `onnx.reference` is slow, narrow or wrong on them."""

from collections.abc import Mapping

from mini_infer.interpreter.operators import (
    bounded,
    boxes,
    convolution,
    draws,
    elementwise,
    indexing,
    linear,
    maps,
    normalization,
    optional,
    pooling,
    quantized,
    recurrent,
    resize,
    sampling,
    softmax,
)
from mini_infer.interpreter.operators.values import Operator, Value, attribute
from mini_infer.ir import BOUNDED_DOMAIN

FAST: Mapping[str, Operator] = {
    "AveragePool": pooling.average_pool,
    "BatchNormalization": normalization.batch_normalization,
    "Conv": convolution.conv,
    "ConvInteger": quantized.conv_integer,
    "ConvTranspose": convolution.conv_transpose,
    "DeformConv": sampling.deform_conv,
    "Erf": elementwise.erf,
    "GRU": recurrent.gru,
    "GatherElements": indexing.gather_elements,
    "Gemm": linear.gemm,
    "GlobalAveragePool": pooling.global_average_pool,
    "GlobalLpPool": pooling.global_lp_pool,
    "GlobalMaxPool": pooling.global_max_pool,
    "GridSample": sampling.grid_sample,
    "Hardmax": softmax.hardmax,
    "LSTM": recurrent.lstm,
    "LRN": normalization.lrn,
    "LogSoftmax": softmax.log_softmax,
    "LpNormalization": normalization.lp_normalization,
    "LpPool": pooling.lp_pool,
    "MatMul": linear.matmul,
    "MaxPool": pooling.max_pool,
    "MaxRoiPool": boxes.max_roi_pool,
    "Mean": elementwise.mean,
    "MeanVarianceNormalization": normalization.mean_variance_normalization,
    "Multinomial": draws.multinomial,
    "NonMaxSuppression": boxes.non_max_suppression,
    "Optional": optional.optional,
    "OptionalGetElement": optional.get_element,
    "OptionalHasElement": optional.has_element,
    "Pad": indexing.pad,
    "QLinearConv": quantized.qlinear_conv,
    "RNN": recurrent.rnn,
    "Resize": resize.resize,
    "Slice": indexing.slice_,
    "Softmax": softmax.softmax,
    "Softsign": elementwise.softsign,
    "ai.onnx.ml.CastMap": maps.cast_map,
    "ai.onnx.ml.CategoryMapper": maps.category_mapper,
    "ai.onnx.ml.ZipMap": maps.zip_map,
    f"{BOUNDED_DOMAIN}.Compress": bounded.compress,
    f"{BOUNDED_DOMAIN}.NonMaxSuppression": bounded.non_max_suppression,
    f"{BOUNDED_DOMAIN}.NonZero": bounded.non_zero,
    f"{BOUNDED_DOMAIN}.Trim": bounded.trim,
}
"""Operator name, behind its domain where that is not ONNX's own → its meaning."""

__all__ = ["FAST", "Operator", "Value", "attribute"]
