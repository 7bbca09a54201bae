"""Program and plan → C: one function for the whole program, constant offsets, no dispatch."""

from mini_infer.codegen.function import C_TYPES, FAULTS, Emitter, Function
from mini_infer.codegen.program import Segment, Source, generate
from mini_infer.codegen.registry import EMITTERS

__all__ = ["C_TYPES", "EMITTERS", "FAULTS", "Emitter", "Function", "Segment", "Source", "generate"]
