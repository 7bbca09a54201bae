"""Which C each kernel description becomes."""

from mini_infer.codegen.elementwise import emit_elementwise
from mini_infer.codegen.function import Emitter
from mini_infer.program.kernels import Elementwise, Kernel

EMITTERS: dict[type[Kernel], Emitter] = {
    Elementwise: emit_elementwise,
}
"""Kernel description → its emitter."""
