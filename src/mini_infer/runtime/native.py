"""The compiled program: its library, and one Python callable for each native segment."""

import ctypes
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mini_infer.errors import ToolchainError
from mini_infer.program.abi import SHUTDOWN, THREAD_POOL_BYTES, Segment
from mini_infer.runtime.arena import allocate

if TYPE_CHECKING:
    from mini_infer.codegen import Source
    from mini_infer.runtime.variant import Variant
    from mini_infer.toolchain import Compiler, Target

Function = Callable[..., int]
"""(inputs, outputs, constants, arena; of a parallel one, the thread pool), all pointers; of an interruptible one,
whether an interrupt ends it → 0, 256 * step + error code, or a negative code."""


class NativeLibrary:
    """The machine code of one variant of an engine.

    Parameters
    ----------
    path
        The shared library.
    segments
        Its functions.
    source
        The generated C, of one that was built just now.

    Raises
    ------
    ToolchainError
        When the system's loader refuses it.
    """

    def __init__(self, path: Path, segments: Sequence[Segment], source: "Source | None" = None) -> None:
        self.source = source
        self.path = path
        try:
            self._library = ctypes.CDLL(str(path))
            self.segments: tuple[tuple[Segment, Function | None], ...] = tuple(
                (segment, self._function(segment)) for segment in segments
            )
        except (OSError, AttributeError) as error:  # the second: it lacks a function
            raise ToolchainError(f"cannot load {path}: {error}") from error
        self.parallel = any(segment.parallel for segment in segments)

    @classmethod
    def compile(
        cls, variant: "Variant", target: "Target", compiler: "Compiler", *, stepwise: bool = False
    ) -> "NativeLibrary":
        """Generate a variant's C, build it (or find it in the cache) and load it; `stepwise` as for `generate`."""
        source, path = build(variant, target, compiler, stepwise=stepwise)
        return cls(path, source.segments, source)

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

    def _function(self, segment: Segment) -> Function | None:
        if segment.symbol is None:
            return None
        function = self._library[segment.symbol]
        pointers = [ctypes.c_void_p] * (5 if segment.parallel else 4)
        function.argtypes = [*pointers, ctypes.c_int] if segment.interruptible else pointers
        function.restype = ctypes.c_int
        return function


def build(
    variant: "Variant", target: "Target", compiler: "Compiler", *, stepwise: bool = False
) -> "tuple[Source, Path]":
    """The C of a variant, and the library built from it, in the cache; `stepwise` as for `generate`.

    Raises
    ------
    ToolchainError
        When the compiler fails, or cannot build for the target.
    """
    from mini_infer.codegen import generate
    from mini_infer.toolchain import build as build_library

    source = generate(variant.program, variant.plan, target.machine, threads=target.threads, stepwise=stepwise)
    return source, build_library(source.files, compiler, target)


def pointers(addresses: Sequence[int]) -> "ctypes.Array[ctypes.c_void_p]":
    """A C array of pointers, with room for those of the sizes and of the states: it is never empty."""
    return (ctypes.c_void_p * (len(addresses) + 2))(*addresses)
