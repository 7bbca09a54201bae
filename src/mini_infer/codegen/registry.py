"""Which C each kernel description becomes."""

from mini_infer.codegen.copy import emit_copy
from mini_infer.codegen.elementwise import emit_elementwise
from mini_infer.codegen.function import Emitter
from mini_infer.program.kernels import Copy, Elementwise, Kernel

EMITTERS: dict[type[Kernel], Emitter] = {
    Copy: emit_copy,
    Elementwise: emit_elementwise,
}
"""Kernel description → its emitter."""
