"""Which C each kernel description becomes."""

from mini_infer.codegen.contraction.plain_contraction import emit_plain_contraction
from mini_infer.codegen.contraction.strassen import emit_strassen_gemm, emit_strassen_sums
from mini_infer.codegen.contraction.tiled_contraction import emit_tiled_contraction
from mini_infer.codegen.contraction.winograd import emit_winograd_conv, emit_winograd_input, emit_winograd_output
from mini_infer.codegen.elementwise import emit_elementwise
from mini_infer.codegen.function import Emitter
from mini_infer.codegen.movement.bounded import emit_compaction, emit_non_zero, emit_suppression
from mini_infer.codegen.movement.copy import emit_copy
from mini_infer.codegen.movement.indexing import (
    emit_gather,
    emit_gather_elements,
    emit_scatter_elements,
    emit_scatter_slices,
)
from mini_infer.codegen.movement.selection import (
    emit_cumulate,
    emit_extremes,
    emit_one_hot,
    emit_reversal,
    emit_triangle,
)
from mini_infer.codegen.quantized import emit_dynamic_range
from mini_infer.codegen.reduction.arg_reduce import emit_arg_reduce
from mini_infer.codegen.reduction.fold import emit_fold
from mini_infer.codegen.reduction.local_response import emit_local_response
from mini_infer.codegen.reduction.loss import emit_class_loss
from mini_infer.codegen.reduction.pool import emit_pool
from mini_infer.codegen.sampling.deform_conv import emit_deform_conv
from mini_infer.codegen.sampling.grid_sample import emit_grid_sample
from mini_infer.codegen.sampling.resize import emit_sample_nearest, emit_sample_weighted
from mini_infer.codegen.sampling.roi_align import emit_roi_align
from mini_infer.codegen.sequence.attention import emit_attention, emit_rotation
from mini_infer.codegen.sequence.linear_attention import emit_causal_conv, emit_linear_attention
from mini_infer.codegen.sequence.recurrent import emit_recurrence
from mini_infer.codegen.sequence.tiled_attention import emit_tiled_attention
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
    ArgReduce: emit_arg_reduce,
    Attention: emit_attention,
    AveragePool: emit_pool,
    CausalConv: emit_causal_conv,
    ClassLoss: emit_class_loss,
    Compaction: emit_compaction,
    Copy: emit_copy,
    Cumulate: emit_cumulate,
    DeformConv: emit_deform_conv,
    DynamicRange: emit_dynamic_range,
    Elementwise: emit_elementwise,
    Extremes: emit_extremes,
    Fold: emit_fold,
    Gather: emit_gather,
    GatherElements: emit_gather_elements,
    GridSample: emit_grid_sample,
    LinearAttention: emit_linear_attention,
    LocalResponse: emit_local_response,
    MaxPool: emit_pool,
    NonZeroIndices: emit_non_zero,
    OneHot: emit_one_hot,
    PlainContraction: emit_plain_contraction,
    Recurrence: emit_recurrence,
    Reversal: emit_reversal,
    RoiAlign: emit_roi_align,
    Rotation: emit_rotation,
    SampleNearest: emit_sample_nearest,
    SampleWeighted: emit_sample_weighted,
    ScatterElements: emit_scatter_elements,
    ScatterSlices: emit_scatter_slices,
    StrassenGemm: emit_strassen_gemm,
    StrassenSums: emit_strassen_sums,
    Suppression: emit_suppression,
    TiledAttention: emit_tiled_attention,
    TiledContraction: emit_tiled_contraction,
    Triangle: emit_triangle,
    WinogradConv: emit_winograd_conv,
    WinogradInput: emit_winograd_input,
    WinogradOutput: emit_winograd_output,
}
"""Kernel description → its emitter."""
