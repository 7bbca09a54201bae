"""Program and plan → C: one function for the whole program, constant offsets, no dispatch."""

from mini_infer.codegen.function import C_TYPES, ERROR_MESSAGES, Body, Emitter, Function
from mini_infer.codegen.functions import Functions
from mini_infer.codegen.interrupts import INTERRUPTED
from mini_infer.codegen.program import Segment, Source, comment, embed, generate, offset_definitions, offset_names
from mini_infer.codegen.registry import EMITTERS
from mini_infer.codegen.segment import Addresses, Serial
from mini_infer.codegen.thread_pool import SHUTDOWN, THREAD_POOL_BYTES
from mini_infer.codegen.vectors.vector import prelude

__all__ = [
    "C_TYPES",
    "EMITTERS",
    "ERROR_MESSAGES",
    "INTERRUPTED",
    "SHUTDOWN",
    "THREAD_POOL_BYTES",
    "Addresses",
    "Body",
    "Emitter",
    "Function",
    "Functions",
    "Segment",
    "Serial",
    "Source",
    "comment",
    "embed",
    "generate",
    "offset_definitions",
    "offset_names",
    "prelude",
]
