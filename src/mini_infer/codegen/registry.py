"""Which C each kernel description becomes."""

from mini_infer.codegen.function import Emitter
from mini_infer.program.kernels import Kernel

EMITTERS: dict[type[Kernel], Emitter] = {}
"""Kernel description → its emitter."""
