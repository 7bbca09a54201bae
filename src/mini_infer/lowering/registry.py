"""Which operators have native kernels, and who lowers each."""

from mini_infer.ir import BOUNDED_DOMAIN
from mini_infer.ir.graph import FUSED_DOMAIN
from mini_infer.lowering.builder import Lowering
from mini_infer.lowering.contraction.conv import lower_conv
from mini_infer.lowering.contraction.conv_transpose import lower_conv_transpose
from mini_infer.lowering.contraction.einsum import lower_einsum
from mini_infer.lowering.contraction.gemm import lower_gemm, lower_matmul
from mini_infer.lowering.elementwise import lower_elementwise
from mini_infer.lowering.expression import OPERATORS
from mini_infer.lowering.movement.bounded import lower_compress, lower_non_max_suppression, lower_non_zero, lower_trim
from mini_infer.lowering.movement.copy import (
    lower_center_crop_pad,
    lower_concat,
    lower_constant_of_shape,
    lower_depth_to_space,
    lower_dropout,
    lower_expand,
    lower_eye_like,
    lower_pad,
    lower_reshape,
    lower_slice,
    lower_space_to_depth,
    lower_split,
    lower_tile,
    lower_transpose,
)
from mini_infer.lowering.movement.indexing import (
    lower_gather,
    lower_gather_elements,
    lower_gather_nd,
    lower_scatter_elements,
    lower_scatter_nd,
)
from mini_infer.lowering.movement.selection import (
    lower_cumulate,
    lower_one_hot,
    lower_reverse_sequence,
    lower_top_k,
    lower_trilu,
)
from mini_infer.lowering.quantized import (
    lower_conv_integer,
    lower_dynamic_quantize,
    lower_matmul_integer,
    lower_qlinear_conv,
    lower_qlinear_matmul,
)
from mini_infer.lowering.reduction.affine import lower_batch_normalization, lower_dequantize, lower_quantize
from mini_infer.lowering.reduction.loss import lower_negative_log_likelihood, lower_softmax_cross_entropy
from mini_infer.lowering.reduction.normalization import (
    lower_group_normalization,
    lower_hardmax,
    lower_layer_normalization,
    lower_local_response,
    lower_lp_normalization,
    lower_mean_variance_normalization,
    lower_rms_normalization,
    lower_softmax,
)
from mini_infer.lowering.reduction.pool import lower_pool
from mini_infer.lowering.reduction.reduce import REDUCTIONS, lower_arg_reduce, lower_global_lp_pool, lower_reduce
from mini_infer.lowering.sampling.deform_conv import lower_deform_conv
from mini_infer.lowering.sampling.grid_sample import lower_grid_sample
from mini_infer.lowering.sampling.resize import lower_resize
from mini_infer.lowering.sampling.roi_align import lower_roi_align
from mini_infer.lowering.sequence.attention import lower_attention, lower_rotary_embedding
from mini_infer.lowering.sequence.linear_attention import lower_causal_conv, lower_linear_attention
from mini_infer.lowering.sequence.recurrent import lower_recurrent
from mini_infer.lowering.sequence.tiled_attention import lower_fused_attention

LOWERINGS: dict[tuple[str, str], Lowering] = {
    **{("", op): lower_elementwise for op in OPERATORS},
    **{("", op): lower_reduce for op in REDUCTIONS},
    ("", "ArgMax"): lower_arg_reduce,
    ("", "ArgMin"): lower_arg_reduce,
    ("", "Attention"): lower_attention,
    ("", "BatchNormalization"): lower_batch_normalization,
    ("", "BitCast"): lower_reshape,
    ("", "CausalConvWithState"): lower_causal_conv,
    ("", "CenterCropPad"): lower_center_crop_pad,
    ("", "Concat"): lower_concat,
    ("", "ConstantOfShape"): lower_constant_of_shape,
    ("", "ConvInteger"): lower_conv_integer,
    ("", "CumProd"): lower_cumulate,
    ("", "CumSum"): lower_cumulate,
    ("", "DeformConv"): lower_deform_conv,
    ("", "DepthToSpace"): lower_depth_to_space,
    ("", "DequantizeLinear"): lower_dequantize,
    ("", "Dropout"): lower_dropout,
    ("", "DynamicQuantizeLinear"): lower_dynamic_quantize,
    ("", "Einsum"): lower_einsum,
    ("", "Expand"): lower_expand,
    ("", "EyeLike"): lower_eye_like,
    ("", "Flatten"): lower_reshape,
    ("", "GRU"): lower_recurrent,
    ("", "Gather"): lower_gather,
    ("", "GatherElements"): lower_gather_elements,
    ("", "GatherND"): lower_gather_nd,
    ("", "GlobalLpPool"): lower_global_lp_pool,
    ("", "GridSample"): lower_grid_sample,
    ("", "GroupNormalization"): lower_group_normalization,
    ("", "Hardmax"): lower_hardmax,
    ("", "Identity"): lower_reshape,
    ("", "InstanceNormalization"): lower_group_normalization,
    ("", "LayerNormalization"): lower_layer_normalization,
    ("", "LinearAttention"): lower_linear_attention,
    ("", "LogSoftmax"): lower_softmax,
    ("", "LpNormalization"): lower_lp_normalization,
    ("", "LRN"): lower_local_response,
    ("", "LSTM"): lower_recurrent,
    ("", "MatMulInteger"): lower_matmul_integer,
    ("", "MeanVarianceNormalization"): lower_mean_variance_normalization,
    ("", "NegativeLogLikelihoodLoss"): lower_negative_log_likelihood,
    ("", "OneHot"): lower_one_hot,
    ("", "Pad"): lower_pad,
    ("", "QLinearConv"): lower_qlinear_conv,
    ("", "QLinearMatMul"): lower_qlinear_matmul,
    ("", "QuantizeLinear"): lower_quantize,
    ("", "RMSNormalization"): lower_rms_normalization,
    ("", "RNN"): lower_recurrent,
    ("", "Reshape"): lower_reshape,
    ("", "Resize"): lower_resize,
    ("", "ReverseSequence"): lower_reverse_sequence,
    ("", "RoiAlign"): lower_roi_align,
    ("", "RotaryEmbedding"): lower_rotary_embedding,
    ("", "ScatterElements"): lower_scatter_elements,
    ("", "ScatterND"): lower_scatter_nd,
    ("", "Slice"): lower_slice,
    ("", "Softmax"): lower_softmax,
    ("", "SoftmaxCrossEntropyLoss"): lower_softmax_cross_entropy,
    ("", "SpaceToDepth"): lower_space_to_depth,
    ("", "Split"): lower_split,
    ("", "Squeeze"): lower_reshape,
    ("", "Tile"): lower_tile,
    ("", "TopK"): lower_top_k,
    ("", "Transpose"): lower_transpose,
    ("", "Trilu"): lower_trilu,
    ("", "Unsqueeze"): lower_reshape,
    (FUSED_DOMAIN, "Attention"): lower_fused_attention,
    (BOUNDED_DOMAIN, "Compress"): lower_compress,
    (BOUNDED_DOMAIN, "NonMaxSuppression"): lower_non_max_suppression,
    (BOUNDED_DOMAIN, "NonZero"): lower_non_zero,
    (BOUNDED_DOMAIN, "Trim"): lower_trim,
    (FUSED_DOMAIN, "Elementwise"): lower_elementwise,
    **{
        (domain, op): lowering
        for domain in ("", FUSED_DOMAIN)
        for op, lowering in {
            "AveragePool": lower_pool,
            "Conv": lower_conv,
            "ConvTranspose": lower_conv_transpose,
            "Gemm": lower_gemm,
            "GlobalAveragePool": lower_pool,
            "GlobalMaxPool": lower_pool,
            "MatMul": lower_matmul,
            "MaxPool": lower_pool,
        }.items()
    },
}
"""(domain, operator) → its lowering."""
