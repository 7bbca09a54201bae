"""Which C each kernel description becomes."""

from mini_infer.codegen import elementwise, quantized
from mini_infer.codegen.contraction import plain_contraction, strassen, tiled_contraction, winograd
from mini_infer.codegen.function import Emitter
from mini_infer.codegen.movement import bounded, copy, indexing, selection
from mini_infer.codegen.reduction import arg_reduce, fold, local_response, loss, pool
from mini_infer.codegen.sampling import grid_sample, resize, roi_align
from mini_infer.codegen.sequence import attention, linear_attention, recurrent, tiled_attention
from mini_infer.program import kernels

EMITTERS: dict[type[kernels.Kernel], Emitter] = {
    kernels.ArgReduce: arg_reduce.emit_arg_reduce,
    kernels.Attention: attention.emit_attention,
    kernels.AveragePool: pool.emit_pool,
    kernels.CausalConv: linear_attention.emit_causal_conv,
    kernels.ClassLoss: loss.emit_class_loss,
    kernels.Compaction: bounded.emit_compaction,
    kernels.Copy: copy.emit_copy,
    kernels.Cumulate: selection.emit_cumulate,
    kernels.DynamicRange: quantized.emit_dynamic_range,
    kernels.Elementwise: elementwise.emit_elementwise,
    kernels.Extremes: selection.emit_extremes,
    kernels.Fold: fold.emit_fold,
    kernels.Gather: indexing.emit_gather,
    kernels.GatherElements: indexing.emit_gather_elements,
    kernels.GridSample: grid_sample.emit_grid_sample,
    kernels.LinearAttention: linear_attention.emit_linear_attention,
    kernels.LocalResponse: local_response.emit_local_response,
    kernels.MaxPool: pool.emit_pool,
    kernels.NonZeroIndices: bounded.emit_non_zero,
    kernels.OneHot: selection.emit_one_hot,
    kernels.PlainContraction: plain_contraction.emit_plain_contraction,
    kernels.Recurrence: recurrent.emit_recurrence,
    kernels.Reversal: selection.emit_reversal,
    kernels.RoiAlign: roi_align.emit_roi_align,
    kernels.Rotation: attention.emit_rotation,
    kernels.SampleNearest: resize.emit_sample_nearest,
    kernels.SampleWeighted: resize.emit_sample_weighted,
    kernels.ScatterElements: indexing.emit_scatter_elements,
    kernels.ScatterSlices: indexing.emit_scatter_slices,
    kernels.StrassenGemm: strassen.emit_strassen_gemm,
    kernels.StrassenSums: strassen.emit_strassen_sums,
    kernels.Suppression: bounded.emit_suppression,
    kernels.TiledAttention: tiled_attention.emit_tiled_attention,
    kernels.TiledContraction: tiled_contraction.emit_tiled_contraction,
    kernels.Triangle: selection.emit_triangle,
    kernels.WinogradConv: winograd.emit_winograd_conv,
    kernels.WinogradInput: winograd.emit_winograd_input,
    kernels.WinogradOutput: winograd.emit_winograd_output,
}
"""Kernel description → its emitter."""
