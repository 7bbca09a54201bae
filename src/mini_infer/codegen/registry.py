"""Which C each kernel description becomes."""

from mini_infer.codegen import elementwise, quantized
from mini_infer.codegen.contraction import plain_contraction, strassen, tiled_contraction, winograd
from mini_infer.codegen.function import Emitter
from mini_infer.codegen.movement import bounded, copy, indexing, selection
from mini_infer.codegen.reduction import arg_reduce, fold, local_response, loss, pool
from mini_infer.codegen.sampling import deform_conv, grid_sample, resize, roi_align
from mini_infer.codegen.sequence import attention, linear_attention, recurrent, tiled_attention
from mini_infer.program.kernels import Kernel, TiledContraction
from mini_infer.program.kernels.contraction.plain_contraction import PlainContraction
from mini_infer.program.kernels.contraction.strassen import StrassenGemm, StrassenSums
from mini_infer.program.kernels.contraction.winograd import WinogradConv, WinogradInput, WinogradOutput
from mini_infer.program.kernels.elementwise import Elementwise
from mini_infer.program.kernels.movement.bounded import Compaction, NonZeroIndices, Suppression
from mini_infer.program.kernels.movement.copy import Copy
from mini_infer.program.kernels.movement.gather import Gather, GatherElements
from mini_infer.program.kernels.movement.scatter import ScatterElements, ScatterSlices
from mini_infer.program.kernels.movement.selection import Cumulate, Extremes, OneHot, Reversal, Triangle
from mini_infer.program.kernels.quantized import DynamicRange
from mini_infer.program.kernels.reduction.fold import ArgReduce, Fold
from mini_infer.program.kernels.reduction.local_response import LocalResponse
from mini_infer.program.kernels.reduction.loss import ClassLoss
from mini_infer.program.kernels.reduction.pool import AveragePool, MaxPool
from mini_infer.program.kernels.sampling.deform_conv import DeformConv
from mini_infer.program.kernels.sampling.grid_sample import GridSample
from mini_infer.program.kernels.sampling.resize import SampleNearest, SampleWeighted
from mini_infer.program.kernels.sampling.roi_align import RoiAlign
from mini_infer.program.kernels.sequence.attention import Attention, Rotation, TiledAttention
from mini_infer.program.kernels.sequence.linear_attention import CausalConv, LinearAttention
from mini_infer.program.kernels.sequence.recurrent import Recurrence

EMITTERS: dict[type[Kernel], Emitter] = {
    ArgReduce: arg_reduce.emit_arg_reduce,
    Attention: attention.emit_attention,
    AveragePool: pool.emit_pool,
    CausalConv: linear_attention.emit_causal_conv,
    ClassLoss: loss.emit_class_loss,
    Compaction: bounded.emit_compaction,
    Copy: copy.emit_copy,
    Cumulate: selection.emit_cumulate,
    DeformConv: deform_conv.emit_deform_conv,
    DynamicRange: quantized.emit_dynamic_range,
    Elementwise: elementwise.emit_elementwise,
    Extremes: selection.emit_extremes,
    Fold: fold.emit_fold,
    Gather: indexing.emit_gather,
    GatherElements: indexing.emit_gather_elements,
    GridSample: grid_sample.emit_grid_sample,
    LinearAttention: linear_attention.emit_linear_attention,
    LocalResponse: local_response.emit_local_response,
    MaxPool: pool.emit_pool,
    NonZeroIndices: bounded.emit_non_zero,
    OneHot: selection.emit_one_hot,
    PlainContraction: plain_contraction.emit_plain_contraction,
    Recurrence: recurrent.emit_recurrence,
    Reversal: selection.emit_reversal,
    RoiAlign: roi_align.emit_roi_align,
    Rotation: attention.emit_rotation,
    SampleNearest: resize.emit_sample_nearest,
    SampleWeighted: resize.emit_sample_weighted,
    ScatterElements: indexing.emit_scatter_elements,
    ScatterSlices: indexing.emit_scatter_slices,
    StrassenGemm: strassen.emit_strassen_gemm,
    StrassenSums: strassen.emit_strassen_sums,
    Suppression: bounded.emit_suppression,
    TiledAttention: tiled_attention.emit_tiled_attention,
    TiledContraction: tiled_contraction.emit_tiled_contraction,
    Triangle: selection.emit_triangle,
    WinogradConv: winograd.emit_winograd_conv,
    WinogradInput: winograd.emit_winograd_input,
    WinogradOutput: winograd.emit_winograd_output,
}
"""Kernel description → its emitter."""
