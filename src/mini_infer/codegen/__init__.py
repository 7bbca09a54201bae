"""Program and plan → C: one function for the whole program, constant offsets, no dispatch."""

from mini_infer.codegen.function import C_TYPES, Body, Emitter, Function
from mini_infer.codegen.functions import Functions
from mini_infer.codegen.program import Source, comment, embed, generate, offset_definitions, offset_names
from mini_infer.codegen.registry import EMITTERS
from mini_infer.codegen.segment import Addresses, Serial
from mini_infer.codegen.vectors.vector import prelude

__all__ = [
    "C_TYPES",
    "EMITTERS",
    "Addresses",
    "Body",
    "Emitter",
    "Function",
    "Functions",
    "Serial",
    "Source",
    "comment",
    "embed",
    "generate",
    "offset_definitions",
    "offset_names",
    "prelude",
]
