"""The compiled program: its library, and one Python callable for each native segment."""

import ctypes
from collections.abc import Callable, Sequence
from pathlib import Path

from mini_infer.codegen import Source, generate
from mini_infer.memory import Plan
from mini_infer.program import Program
from mini_infer.toolchain import Compiler, Target, build, load

FLOAT_BYTES = 4

Segment = Callable[[object, object, object, object], int]
"""(inputs, outputs, constants, arena), all pointers → 0 or 256 * step + fault code."""


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
        self.segments: tuple[tuple[int, int, Segment | None], ...] = tuple(
            (segment.start, segment.end, self._function(segment.symbol)) for segment in source.segments
        )

    @classmethod
    def compile(
        cls, program: Program, plan: Plan, target: Target, compiler: Compiler, *, stepwise: bool = False
    ) -> "NativeLibrary":
        """Generate the program's C, build it (or find it in the cache) and load it; `stepwise` as for `generate`."""
        source = generate(program, plan, target.vector_bytes // FLOAT_BYTES, stepwise=stepwise)
        return cls(source, build(source.files, compiler, target))

    def _function(self, symbol: str | None) -> Segment | None:
        if symbol is None:
            return None
        function = self._library[symbol]
        function.argtypes = [ctypes.c_void_p] * 4
        function.restype = ctypes.c_int
        return function


def pointers(addresses: Sequence[int]) -> "ctypes.Array[ctypes.c_void_p]":
    """A C array of pointers, one longer than needed so that it is never empty."""
    return (ctypes.c_void_p * (len(addresses) + 1))(*addresses)
