"""Descriptions of kernels: what `lowering` chooses and `codegen` writes in C."""

from mini_infer.program.kernels.attention import Attention, Rotation, Rows, TiledAttention
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.bounded import Compaction, NonZeroIndices, Suppression
from mini_infer.program.kernels.contraction import Loop, PlainContraction
from mini_infer.program.kernels.copy import Copy
from mini_infer.program.kernels.elementwise import Elementwise
from mini_infer.program.kernels.expression import Expression, Operation
from mini_infer.program.kernels.fold import ArgReduce, Fold, Stage
from mini_infer.program.kernels.gather import Gather, GatherElements
from mini_infer.program.kernels.grid_sample import GridSample
from mini_infer.program.kernels.linear_attention import CausalConv, LinearAttention
from mini_infer.program.kernels.local_response import LocalResponse
from mini_infer.program.kernels.loss import ClassLoss
from mini_infer.program.kernels.pool import AveragePool, MaxPool, PoolShape
from mini_infer.program.kernels.quantized import DynamicRange
from mini_infer.program.kernels.recurrent import Recurrence, Strides
from mini_infer.program.kernels.resize import SampleNearest, SampleWeighted
from mini_infer.program.kernels.roi_align import RoiAlign
from mini_infer.program.kernels.scatter import ScatterElements, ScatterSlices
from mini_infer.program.kernels.selection import Cumulate, Extremes, OneHot, Reversal, Triangle
from mini_infer.program.kernels.spatial import Axis
from mini_infer.program.kernels.strassen import Quarters, StrassenGemm, StrassenSums
from mini_infer.program.kernels.tile import Epilogue, Tile
from mini_infer.program.kernels.tiled_contraction import Batch, ContractionShape, TiledContraction, Types
from mini_infer.program.kernels.winograd import WinogradConv, WinogradInput, WinogradOutput, WinogradShape

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
