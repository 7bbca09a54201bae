"""Program and plan → C: one function for the whole program, constant offsets, no dispatch."""

from mini_infer.codegen.function import C_TYPES, FAULTS, Body, Emitter, Function
from mini_infer.codegen.program import Segment, Source, generate
from mini_infer.codegen.registry import EMITTERS
from mini_infer.codegen.stop import STOPPED
from mini_infer.codegen.team import DISBAND, TEAM_BYTES
from mini_infer.codegen.vector import prelude

__all__ = [
    "C_TYPES",
    "DISBAND",
    "EMITTERS",
    "FAULTS",
    "STOPPED",
    "TEAM_BYTES",
    "Body",
    "Emitter",
    "Function",
    "Segment",
    "Source",
    "generate",
    "prelude",
]
