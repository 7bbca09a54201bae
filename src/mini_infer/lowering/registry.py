"""Which operators have native kernels, and who lowers each."""

from mini_infer.ir import BOUNDED_DOMAIN, SIZES, SIZES_DOMAIN
from mini_infer.ir.graph import CONTRIB_DOMAIN, FUSED_DOMAIN, QUANTIZED_DOMAIN
from mini_infer.lowering import elementwise, expression, lookup, quantized
from mini_infer.lowering.builder import Lowering
from mini_infer.lowering.contraction import conv, conv_transpose, einsum, gemm, packed_product
from mini_infer.lowering.movement import bounded, copy, indexing, packed_gather, selection, sizes
from mini_infer.lowering.reduction import affine, loss, normalization, pool, quantized_softmax, reduce
from mini_infer.lowering.sampling import deform_conv, grid_sample, resize, roi_align
from mini_infer.lowering.sequence import attention, linear_attention, recurrent, tiled_attention

LOWERINGS: dict[tuple[str, str], Lowering] = {
    **{("", op): elementwise.lower_elementwise for op in expression.OPERATORS},
    **{("", op): reduce.lower_reduce for op in reduce.REDUCTIONS},
    **{("", op): copy.lower_reshape for op in "BitCast Flatten Identity Reshape Squeeze Unsqueeze".split()},
    **{("", op): recurrent.lower_recurrent for op in ("GRU", "LSTM", "RNN")},
    ("", "ArgMax"): reduce.lower_arg_reduce,
    ("", "ArgMin"): reduce.lower_arg_reduce,
    ("", "Attention"): attention.lower_attention,
    ("", "BatchNormalization"): affine.lower_batch_normalization,
    ("", "CausalConvWithState"): linear_attention.lower_causal_conv,
    ("", "CenterCropPad"): copy.lower_center_crop_pad,
    ("", "Concat"): copy.lower_concat,
    ("", "ConstantOfShape"): copy.lower_constant_of_shape,
    ("", "CumProd"): selection.lower_cumulate,
    ("", "CumSum"): selection.lower_cumulate,
    ("", "DeformConv"): deform_conv.lower_deform_conv,
    ("", "DepthToSpace"): copy.lower_depth_to_space,
    ("", "DequantizeLinear"): affine.lower_dequantize,
    ("", "Dropout"): copy.lower_dropout,
    ("", "DynamicQuantizeLinear"): quantized.lower_dynamic_quantize,
    ("", "Einsum"): einsum.lower_einsum,
    ("", "Expand"): copy.lower_expand,
    ("", "EyeLike"): copy.lower_eye_like,
    ("", "Gather"): indexing.lower_gather,
    ("", "GatherElements"): indexing.lower_gather_elements,
    ("", "GatherND"): indexing.lower_gather_nd,
    ("", "GlobalLpPool"): reduce.lower_global_lp_pool,
    ("", "GridSample"): grid_sample.lower_grid_sample,
    ("", "GroupNormalization"): normalization.lower_group_normalization,
    ("", "Hardmax"): normalization.lower_hardmax,
    ("", "InstanceNormalization"): normalization.lower_group_normalization,
    ("", "LayerNormalization"): normalization.lower_layer_normalization,
    ("", "LinearAttention"): linear_attention.lower_linear_attention,
    ("", "LogSoftmax"): normalization.lower_softmax,
    ("", "LpNormalization"): normalization.lower_lp_normalization,
    ("", "LRN"): normalization.lower_local_response,
    ("", "MeanVarianceNormalization"): normalization.lower_mean_variance_normalization,
    ("", "NegativeLogLikelihoodLoss"): loss.lower_negative_log_likelihood,
    ("", "OneHot"): selection.lower_one_hot,
    ("", "Pad"): copy.lower_pad,
    ("", "QLinearConv"): quantized.lower_qlinear_conv,
    ("", "QLinearMatMul"): quantized.lower_qlinear_matmul,
    ("", "QuantizeLinear"): affine.lower_quantize,
    ("", "RMSNormalization"): normalization.lower_rms_normalization,
    ("", "Range"): sizes.lower_range,
    ("", "Resize"): resize.lower_resize,
    ("", "ReverseSequence"): selection.lower_reverse_sequence,
    ("", "RoiAlign"): roi_align.lower_roi_align,
    ("", "RotaryEmbedding"): attention.lower_rotary_embedding,
    ("", "ScatterElements"): indexing.lower_scatter_elements,
    ("", "ScatterND"): indexing.lower_scatter_nd,
    ("", "Slice"): copy.lower_slice,
    ("", "Softmax"): normalization.lower_softmax,
    ("", "SoftmaxCrossEntropyLoss"): loss.lower_softmax_cross_entropy,
    ("", "SpaceToDepth"): copy.lower_space_to_depth,
    ("", "Split"): copy.lower_split,
    ("", "Tile"): copy.lower_tile,
    ("", "TopK"): selection.lower_top_k,
    ("", "Transpose"): copy.lower_transpose,
    ("", "Trilu"): selection.lower_trilu,
    (FUSED_DOMAIN, "Attention"): tiled_attention.lower_fused_attention,
    (BOUNDED_DOMAIN, "Compress"): bounded.lower_compress,
    (BOUNDED_DOMAIN, "NonMaxSuppression"): bounded.lower_non_max_suppression,
    (BOUNDED_DOMAIN, "NonZero"): bounded.lower_non_zero,
    (BOUNDED_DOMAIN, "Trim"): bounded.lower_trim,
    (SIZES_DOMAIN, SIZES): sizes.lower_sizes,
    (CONTRIB_DOMAIN, "QLinearAdd"): elementwise.lower_elementwise,
    (CONTRIB_DOMAIN, "QLinearMul"): elementwise.lower_elementwise,
    (CONTRIB_DOMAIN, "QLinearSoftmax"): quantized_softmax.lower_quantized_softmax,
    (QUANTIZED_DOMAIN, "GatherBlockQuantized"): packed_gather.lower_gather_block_quantized,
    (QUANTIZED_DOMAIN, "Lookup"): lookup.lower_lookup,
    (QUANTIZED_DOMAIN, "MatMulNBits"): packed_product.lower_matmul_n_bits,
    (QUANTIZED_DOMAIN, "Requantize"): elementwise.lower_elementwise,
    (FUSED_DOMAIN, "Elementwise"): elementwise.lower_elementwise,
    (FUSED_DOMAIN, "Transpose"): elementwise.lower_woven,
    **{
        (domain, op): lowering
        for domain in ("", FUSED_DOMAIN)
        for op, lowering in {
            "AveragePool": pool.lower_pool,
            "Conv": conv.lower_conv,
            "ConvInteger": quantized.lower_conv_integer,
            "ConvTranspose": conv_transpose.lower_conv_transpose,
            "Gemm": gemm.lower_gemm,
            "GlobalAveragePool": pool.lower_pool,
            "GlobalMaxPool": pool.lower_pool,
            "MatMul": gemm.lower_matmul,
            "MatMulInteger": quantized.lower_matmul_integer,
            "MaxPool": pool.lower_pool,
        }.items()
    },
    **{
        (domain, op): pool.lower_pool
        for domain in (CONTRIB_DOMAIN, FUSED_DOMAIN)
        for op in ("QLinearAveragePool", "QLinearGlobalAveragePool")
    },
}
"""(domain, operator) → its lowering."""
