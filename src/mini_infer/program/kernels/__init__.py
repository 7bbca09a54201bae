"""Descriptions of kernels: what `lowering` chooses and `codegen` writes in C."""

from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.contraction.plain_contraction import Loop, PlainContraction
from mini_infer.program.kernels.contraction.spatial import Axis
from mini_infer.program.kernels.contraction.strassen import Quarters, StrassenGemm, StrassenSums
from mini_infer.program.kernels.contraction.tile import Epilogue, Tile
from mini_infer.program.kernels.contraction.tiled_contraction import Batch, ContractionShape, TiledContraction, Types
from mini_infer.program.kernels.contraction.winograd import WinogradConv, WinogradInput, WinogradOutput, WinogradShape
from mini_infer.program.kernels.elementwise import Elementwise
from mini_infer.program.kernels.expression import Expression, Operation
from mini_infer.program.kernels.movement.bounded import Compaction, NonZeroIndices, Suppression
from mini_infer.program.kernels.movement.copy import Copy
from mini_infer.program.kernels.movement.gather import Gather, GatherElements
from mini_infer.program.kernels.movement.scatter import ScatterElements, ScatterSlices
from mini_infer.program.kernels.movement.selection import Cumulate, Extremes, OneHot, Reversal, Triangle
from mini_infer.program.kernels.quantized import DynamicRange
from mini_infer.program.kernels.reduction.fold import ArgReduce, Fold, Stage
from mini_infer.program.kernels.reduction.local_response import LocalResponse
from mini_infer.program.kernels.reduction.loss import ClassLoss
from mini_infer.program.kernels.reduction.pool import AveragePool, MaxPool, PoolShape
from mini_infer.program.kernels.sampling.grid_sample import GridSample
from mini_infer.program.kernels.sampling.resize import SampleNearest, SampleWeighted
from mini_infer.program.kernels.sampling.roi_align import RoiAlign
from mini_infer.program.kernels.sequence.attention import Attention, Rotation, Rows, TiledAttention
from mini_infer.program.kernels.sequence.linear_attention import CausalConv, LinearAttention
from mini_infer.program.kernels.sequence.recurrent import Recurrence, Strides

__all__ = [
    "ArgReduce",
    "Attention",
    "AveragePool",
    "Axis",
    "Batch",
    "CausalConv",
    "ClassLoss",
    "Compaction",
    "ContractionShape",
    "Copy",
    "Cumulate",
    "DynamicRange",
    "Elementwise",
    "Epilogue",
    "Expression",
    "Extremes",
    "Fold",
    "Gather",
    "GatherElements",
    "GridSample",
    "Kernel",
    "LinearAttention",
    "LocalResponse",
    "Loop",
    "MaxPool",
    "NonZeroIndices",
    "OneHot",
    "Operation",
    "PlainContraction",
    "PoolShape",
    "Quarters",
    "Recurrence",
    "Reversal",
    "RoiAlign",
    "Rotation",
    "Rows",
    "SampleNearest",
    "SampleWeighted",
    "ScatterElements",
    "ScatterSlices",
    "Stage",
    "StrassenGemm",
    "StrassenSums",
    "Strides",
    "Suppression",
    "Tile",
    "TiledAttention",
    "TiledContraction",
    "Triangle",
    "Types",
    "WinogradConv",
    "WinogradInput",
    "WinogradOutput",
    "WinogradShape",
]
