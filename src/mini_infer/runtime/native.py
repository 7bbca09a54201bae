"""The compiled program: its library, and one Python callable for each native segment."""

import ctypes
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from mini_infer import codegen
from mini_infer.codegen import DISBAND, TEAM_BYTES, Source, generate
from mini_infer.memory import Plan
from mini_infer.program import Program
from mini_infer.runtime.arena import allocate
from mini_infer.toolchain import Compiler, Target, build, load

Segment = Callable[..., int]
"""(inputs, outputs, constants, arena; of several threads, the team), all pointers; of what can be stopped, whether to
watch for an interrupt → 0 or 256 * step + fault code."""


class NativeLibrary:
    """The machine code of one engine.

    Parameters
    ----------
    source
        The generated C.
    path
        The shared library built from it.
    """

    def __init__(self, source: Source, path: Path) -> None:
        self.source = source
        self.path = path
        self._library = load(path)
        self.segments: tuple[tuple[codegen.Segment, Segment | None], ...] = tuple(
            (segment, self._function(segment)) for segment in source.segments
        )
        self.together = any(segment.together for segment in source.segments)

    @classmethod
    def compile(
        cls, program: Program, plan: Plan, target: Target, compiler: Compiler, *, stepwise: bool = False
    ) -> "NativeLibrary":
        """Generate the program's C, build it (or find it in the cache) and load it; `stepwise` as for `generate`."""
        source = generate(program, plan, target.machine, threads=target.threads, stepwise=stepwise)
        return cls(source, build(source.files, compiler, target))

    def create_team(self) -> np.ndarray:
        """Memory for the threads of one context; they are made when it first runs, and must end before it goes."""
        size = ctypes.c_long.in_dll(self._library, TEAM_BYTES).value
        team = allocate(size)
        team[...] = 0
        return team

    def disband(self, team: np.ndarray) -> None:
        """End a team's threads; a later run makes new ones."""
        function = self._library[DISBAND]
        function.argtypes = [ctypes.c_void_p]
        function.restype = None
        function(team.__array_interface__["data"][0])

    def _function(self, segment: codegen.Segment) -> Segment | None:
        if segment.symbol is None:
            return None
        function = self._library[segment.symbol]
        pointers = [ctypes.c_void_p] * (5 if segment.together else 4)
        function.argtypes = [*pointers, ctypes.c_int] if segment.stoppable else pointers
        function.restype = ctypes.c_int
        return function


def pointers(addresses: Sequence[int]) -> "ctypes.Array[ctypes.c_void_p]":
    """A C array of pointers, one longer than needed so that it is never empty."""
    return (ctypes.c_void_p * (len(addresses) + 1))(*addresses)
