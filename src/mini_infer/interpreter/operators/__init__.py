"""Operators that are computed here, because `onnx.reference` is slow, narrow or wrong on them."""

from collections.abc import Mapping

from mini_infer.interpreter.operators import (
    boxes,
    convolution,
    indexing,
    linear,
    maps,
    optional,
    pooling,
    quantized,
    recurrent,
    resize,
    sampling,
    special,
)
from mini_infer.interpreter.operators.values import Operator, Value, attribute

FAST: Mapping[str, Operator] = {
    "AveragePool": pooling.average_pool,
    "BatchNormalization": linear.batch_normalization,
    "Conv": convolution.conv,
    "ConvInteger": quantized.conv_integer,
    "ConvTranspose": convolution.conv_transpose,
    "DeformConv": sampling.deform_conv,
    "Erf": special.erf,
    "GRU": recurrent.gru,
    "GatherElements": indexing.gather_elements,
    "Gemm": linear.gemm,
    "GlobalAveragePool": pooling.global_average_pool,
    "GlobalLpPool": pooling.global_lp_pool,
    "GlobalMaxPool": pooling.global_max_pool,
    "GridSample": sampling.grid_sample,
    "Hardmax": linear.hardmax,
    "LSTM": recurrent.lstm,
    "LRN": linear.lrn,
    "LogSoftmax": linear.log_softmax,
    "LpNormalization": linear.lp_normalization,
    "LpPool": pooling.lp_pool,
    "MatMul": linear.matmul,
    "MaxPool": pooling.max_pool,
    "MaxRoiPool": boxes.max_roi_pool,
    "Mean": linear.mean,
    "MeanVarianceNormalization": linear.mean_variance_normalization,
    "Multinomial": special.multinomial,
    "NonMaxSuppression": boxes.non_max_suppression,
    "Optional": optional.optional,
    "OptionalGetElement": optional.get_element,
    "OptionalHasElement": optional.has_element,
    "Pad": indexing.pad,
    "QLinearConv": quantized.qlinear_conv,
    "RNN": recurrent.rnn,
    "Resize": resize.resize,
    "Slice": indexing.slice_,
    "Softmax": linear.softmax,
    "Softsign": linear.softsign,
    "ai.onnx.ml.CastMap": maps.cast_map,
    "ai.onnx.ml.CategoryMapper": maps.category_mapper,
    "ai.onnx.ml.ZipMap": maps.zip_map,
}
"""Operator name, behind its domain where that is not ONNX's own → its meaning."""

__all__ = ["FAST", "Operator", "Value", "attribute"]
