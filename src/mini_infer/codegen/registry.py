"""Which C each kernel description becomes."""

from mini_infer.codegen import elementwise, quantized
from mini_infer.codegen.contraction import packed_product, plain_contraction, strassen, tiled_contraction, winograd
from mini_infer.codegen.function import Emitter
from mini_infer.codegen.movement import bounded, copy, indexing, packed_gather, selection, sizes
from mini_infer.codegen.reduction import (
    arg_reduce,
    local_response,
    loss,
    mean_of_rows,
    pool,
    quantized_mean,
    quantized_softmax,
    reduction,
)
from mini_infer.codegen.sampling import deform_conv, grid_sample, resize, roi_align
from mini_infer.codegen.sequence import attention, linear_attention, recurrent, tiled_attention
from mini_infer.program.kernels import Kernel, TiledContraction
from mini_infer.program.kernels.contraction.packed_product import PackedProduct
from mini_infer.program.kernels.contraction.plain_contraction import PlainContraction
from mini_infer.program.kernels.contraction.strassen import StrassenGemm, StrassenSums
from mini_infer.program.kernels.contraction.winograd import WinogradConv, WinogradInput, WinogradOutput
from mini_infer.program.kernels.elementwise import Elementwise
from mini_infer.program.kernels.movement.bounded import Compress, NonMaxSuppression, NonZeroIndices
from mini_infer.program.kernels.movement.copy import Copy
from mini_infer.program.kernels.movement.gather import Gather, GatherElements
from mini_infer.program.kernels.movement.packed_gather import PackedGather
from mini_infer.program.kernels.movement.scatter import ScatterElements, ScatterSlices
from mini_infer.program.kernels.movement.selection import CumulativeOp, OneHot, ReverseSequence, TopK, Triangular
from mini_infer.program.kernels.movement.sizes import Progression, WriteSizes
from mini_infer.program.kernels.quantized import Lookup, QuantizationRange
from mini_infer.program.kernels.reduction.local_response import LocalResponse
from mini_infer.program.kernels.reduction.loss import NegativeLogLikelihood
from mini_infer.program.kernels.reduction.mean_of_rows import MeanOfRows
from mini_infer.program.kernels.reduction.pool import AveragePool, MaxPool
from mini_infer.program.kernels.reduction.quantized_mean import QuantizedMean
from mini_infer.program.kernels.reduction.quantized_softmax import QuantizedSoftmax
from mini_infer.program.kernels.reduction.reduction import ArgReduce, Reduction
from mini_infer.program.kernels.sampling.deform_conv import DeformConv
from mini_infer.program.kernels.sampling.grid_sample import GridSample
from mini_infer.program.kernels.sampling.resize import Origins, SampleNearest, SampleWeighted
from mini_infer.program.kernels.sampling.roi_align import RoiAlign
from mini_infer.program.kernels.sequence.attention import Attention, RotaryEmbedding, TiledAttention
from mini_infer.program.kernels.sequence.linear_attention import CausalConv, LinearAttention
from mini_infer.program.kernels.sequence.recurrent import Recurrence

EMITTERS: dict[type[Kernel], Emitter] = {
    ArgReduce: arg_reduce.emit_arg_reduce,
    Attention: attention.emit_attention,
    AveragePool: pool.emit_pool,
    CausalConv: linear_attention.emit_causal_conv,
    NegativeLogLikelihood: loss.emit_negative_log_likelihood,
    Compress: bounded.emit_compress,
    Copy: copy.emit_copy,
    CumulativeOp: selection.emit_cumulative_op,
    DeformConv: deform_conv.emit_deform_conv,
    Origins: resize.emit_origins,
    Progression: sizes.emit_progression,
    QuantizedMean: quantized_mean.emit_quantized_mean,
    QuantizedSoftmax: quantized_softmax.emit_quantized_softmax,
    QuantizationRange: quantized.emit_quantization_range,
    Elementwise: elementwise.emit_elementwise,
    TopK: selection.emit_top_k,
    Reduction: reduction.emit_reduction,
    Gather: indexing.emit_gather,
    GatherElements: indexing.emit_gather_elements,
    GridSample: grid_sample.emit_grid_sample,
    LinearAttention: linear_attention.emit_linear_attention,
    LocalResponse: local_response.emit_local_response,
    Lookup: quantized.emit_lookup,
    MaxPool: pool.emit_pool,
    MeanOfRows: mean_of_rows.emit_mean_of_rows,
    NonZeroIndices: bounded.emit_non_zero,
    OneHot: selection.emit_one_hot,
    PackedGather: packed_gather.emit_packed_gather,
    PackedProduct: packed_product.emit_packed_product,
    PlainContraction: plain_contraction.emit_plain_contraction,
    Recurrence: recurrent.emit_recurrence,
    ReverseSequence: selection.emit_reverse_sequence,
    RoiAlign: roi_align.emit_roi_align,
    RotaryEmbedding: attention.emit_rotary_embedding,
    SampleNearest: resize.emit_sample_nearest,
    SampleWeighted: resize.emit_sample_weighted,
    ScatterElements: indexing.emit_scatter_elements,
    ScatterSlices: indexing.emit_scatter_slices,
    StrassenGemm: strassen.emit_strassen_gemm,
    StrassenSums: strassen.emit_strassen_sums,
    NonMaxSuppression: bounded.emit_non_max_suppression,
    TiledAttention: tiled_attention.emit_tiled_attention,
    TiledContraction: tiled_contraction.emit_tiled_contraction,
    Triangular: selection.emit_triangular,
    WinogradConv: winograd.emit_winograd_conv,
    WinogradInput: winograd.emit_winograd_input,
    WinogradOutput: winograd.emit_winograd_output,
    WriteSizes: sizes.emit_sizes,
}
"""Kernel description → its emitter."""
