"""Descriptions of kernels: what `lowering` chooses and `codegen` writes in C.

Exported is what several families use; a family's own is imported from its file.
"""

from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.contraction.spatial import Axis
from mini_infer.program.kernels.contraction.tile import Epilogue, Tile
from mini_infer.program.kernels.contraction.tiled_contraction import Batch, ContractionShape, TiledContraction, Types
from mini_infer.program.kernels.expression import Expression, Operation

__all__ = [
    "Axis",
    "Batch",
    "ContractionShape",
    "Epilogue",
    "Expression",
    "Kernel",
    "Operation",
    "Tile",
    "TiledContraction",
    "Types",
]
