"""Descriptions of kernels: what `lowering` chooses and `codegen` writes in C."""

from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.copy import Copy
from mini_infer.program.kernels.elementwise import Elementwise
from mini_infer.program.kernels.expression import Expression, Operation

__all__ = ["Copy", "Elementwise", "Expression", "Kernel", "Operation"]
