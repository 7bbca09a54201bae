"""The compiled program: its library, and one Python callable for each native segment."""

import ctypes
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from mini_infer import codegen
from mini_infer.codegen import SHUTDOWN, THREAD_POOL_BYTES, Source, generate
from mini_infer.memory import Plan
from mini_infer.program import Program
from mini_infer.runtime.arena import allocate
from mini_infer.toolchain import Compiler, Target, build, load

Segment = Callable[..., int]
"""(inputs, outputs, constants, arena; of a parallel one, the thread pool), all pointers; of an interruptible one,
whether an interrupt ends it → 0, 256 * step + error code, or a negative code."""


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
        self.parallel = any(segment.parallel for segment in source.segments)

    @classmethod
    def compile(
        cls, program: Program, plan: Plan, target: Target, compiler: Compiler, *, stepwise: bool = False
    ) -> "NativeLibrary":
        """Generate the program's C, build it (or find it in the cache) and load it; `stepwise` as for `generate`."""
        source = generate(program, plan, target.machine, threads=target.threads, stepwise=stepwise)
        return cls(source, build(source.files, compiler, target))

    def create_thread_pool(self) -> np.ndarray:
        """Memory for the threads of one context; the first run spawns them. Call `shut_down` before it is freed."""
        size = ctypes.c_long.in_dll(self._library, THREAD_POOL_BYTES).value
        pool = allocate(size)
        pool[...] = 0
        return pool

    def shut_down(self, pool: np.ndarray) -> None:
        """Join the threads of a pool; a later run spawns new ones."""
        function = self._library[SHUTDOWN]
        function.argtypes = [ctypes.c_void_p]
        function.restype = None
        function(pool.__array_interface__["data"][0])

    def _function(self, segment: codegen.Segment) -> Segment | None:
        if segment.symbol is None:
            return None
        function = self._library[segment.symbol]
        pointers = [ctypes.c_void_p] * (5 if segment.parallel else 4)
        function.argtypes = [*pointers, ctypes.c_int] if segment.interruptible else pointers
        function.restype = ctypes.c_int
        return function


def pointers(addresses: Sequence[int]) -> "ctypes.Array[ctypes.c_void_p]":
    """A C array of pointers, with room for those of the sizes and of the states: it is never empty."""
    return (ctypes.c_void_p * (len(addresses) + 2))(*addresses)
