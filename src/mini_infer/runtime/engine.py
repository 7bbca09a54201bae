"""The immutable result of compiling a model: programs, plans, weights and, where there is a compiler, machine code."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mini_infer.errors import EngineError
from mini_infer.memory import Plan
from mini_infer.program import Program, gather
from mini_infer.runtime import file
from mini_infer.runtime.context import Context
from mini_infer.runtime.native import NativeLibrary
from mini_infer.runtime.variant import Variant
from mini_infer.toolchain import Target, find

_log = logging.getLogger(__name__)


class Engine:
    """A compiled model. Never changes after it is built; any number of contexts run it, one thread each.

    One for another machine has no native code: it can be looked at and saved, and is run there.

    Parameters
    ----------
    variants
        A program and its plan for each profile; at least one.
    target
        The machine the programs were lowered for.
    compiler
        Which C compiler to use: a path, a name, ``"none"`` to interpret, or `None` for the first one found.
    constants
        The constant block, if the programs' constants are views of it already.
    """

    def __init__(
        self,
        variants: Sequence[Variant],
        target: Target,
        *,
        compiler: str | None = None,
        constants: np.ndarray | None = None,
    ) -> None:
        if constants is None:
            programs, constants = gather([variant.program for variant in variants])
            variants = [
                Variant(variant.name, program, variant.plan)
                for variant, program in zip(variants, programs, strict=True)
            ]
        self.variants = tuple(variants)
        self.target = target
        self.constants = constants
        self._missing = target.missing(Target.host())
        self.libraries = (None,) * len(self.variants) if self._missing else self._build(compiler)

    @classmethod
    def load(cls, path: str | Path, *, compiler: str | None = None) -> "Engine":
        """Read an engine file, check it, and build its native code (or find that in the cache).

        Raises
        ------
        EngineError
            When the file is no engine, is corrupt in any byte, or is for another machine.
        """
        contents = file.read(Path(path))
        engine = cls(contents.variants, contents.target, compiler=compiler, constants=contents.constants)
        engine.check_machine()
        return engine

    def save(self, path: str | Path) -> int:
        """Write the engine to a file: data only, each part with a checksum, all of it or nothing; returns its bytes."""
        return file.write(Path(path), file.Contents(self.variants, self.target, self.constants))

    def create_context(self, arena: Any = None, *, interpret: bool = False, poison: bool = False) -> Context:
        """Create a context with an arena of its own, or the caller's; see `Context`.

        Raises
        ------
        EngineError
            When the engine is for another machine.
        """
        self.check_machine()
        return Context(self, arena, interpret=interpret, poison=poison)

    @property
    def largest(self) -> Variant:
        """The variant that needs the largest arena; the only one, unless the engine has profiles."""
        return max(self.variants, key=lambda variant: variant.plan.size)

    @property
    def program(self) -> Program:
        """What runs, in the largest variant."""
        return self.largest.program

    @property
    def plan(self) -> Plan:
        """Where the buffers lie, in the largest variant: arena bytes, lower bound, gap, strategy."""
        return self.largest.plan

    @property
    def library(self) -> NativeLibrary | None:
        """The machine code of the largest variant; `None` where everything is interpreted."""
        return self.libraries[self.variants.index(self.largest)]

    @property
    def arena_bytes(self) -> int:
        """Bytes that a context's arena takes."""
        return self.plan.size

    @property
    def unplanned_bytes(self) -> int:
        """Bytes of the program's buffers, a place each: fusion, no planning."""
        return self.plan.unplanned

    @property
    def exported_bytes(self) -> int:
        """Bytes of the tensors of the model as exported, a buffer each: no fusion, no planning."""
        return self.program.exported_bytes

    @property
    def weight_bytes(self) -> int:
        """Bytes of the constant block."""
        return int(self.constants.nbytes)

    def check_machine(self) -> None:
        """Raise unless this machine can run the engine.

        Raises
        ------
        EngineError
            It names the CPU features, or the system, that this machine lacks.
        """
        if self._missing:
            raise EngineError(
                f"the engine is for {self.target}; this machine lacks {', '.join(self._missing)}: rebuild it here with "
                "mini-infer compile"
            )

    def _build(self, preference: str | None) -> tuple[NativeLibrary | None, ...]:
        compiler = find(preference)
        if compiler is None:
            if preference != "none":
                _log.warning("no C compiler found: every step is interpreted, which is slow; pip install ziglang")
            return (None,) * len(self.variants)
        return tuple(
            NativeLibrary.compile(variant.program, variant.plan, self.target, compiler) for variant in self.variants
        )
