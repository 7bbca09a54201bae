"""The immutable result of compiling a model: program, plan, weights and, where there is a compiler, machine code."""

import logging
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mini_infer.errors import EngineError
from mini_infer.ir import OpaqueType
from mini_infer.memory import Plan, validate
from mini_infer.program import Constant, Program
from mini_infer.runtime import arena, file
from mini_infer.runtime.context import Context
from mini_infer.runtime.native import NativeLibrary
from mini_infer.toolchain import Target, find

_log = logging.getLogger(__name__)


class Engine:
    """A compiled model. Never changes after it is built; any number of contexts run it, one thread each.

    Parameters
    ----------
    program, plan
        What runs, and where its buffers lie. The plan is validated here, whoever made it.
    target
        The machine the program was lowered for.
    compiler
        Which C compiler to use: a path, a name, ``"none"`` to interpret, or `None` for the first one found.
    constants
        The constant block, if the program's constants are views of it already.

    Raises
    ------
    PlanError
        When the plan breaks a rule.
    EngineError
        When this machine lacks a CPU feature of the target.
    """

    def __init__(
        self,
        program: Program,
        plan: Plan,
        target: Target,
        *,
        compiler: str | None = None,
        constants: np.ndarray | None = None,
    ) -> None:
        validate(plan)
        if plan.problem != program.problem:
            raise EngineError("the plan is for another program: its buffers are not those of the program")
        if constants is None:
            program, constants = _gather_constants(program)
        self.program = program
        self.plan = plan
        self.target = target
        self.constants = constants
        self.library = self._build(compiler)

    @classmethod
    def load(cls, path: str | Path, *, compiler: str | None = None) -> "Engine":
        """Read an engine file, check it, and build its native code (or find that in the cache).

        Raises
        ------
        EngineError
            When the file is no engine, is corrupt in any byte, or is for another machine.
        """
        contents = file.read(Path(path))
        return cls(contents.program, contents.plan, contents.target, compiler=compiler, constants=contents.constants)

    def save(self, path: str | Path) -> None:
        """Write the engine to a file: data only, each part with a checksum, all of it or nothing."""
        file.write(Path(path), self.program, self.plan, self.target, self.constants)

    def create_context(self, arena: Any = None, *, interpret: bool = False, poison: bool = False) -> Context:
        """Create a context with an arena of its own, or the caller's; see `Context`."""
        return Context(self, arena, interpret=interpret, poison=poison)

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

    @cached_property
    def opaque_outputs(self) -> tuple[tuple[int, str], ...]:
        """(index, value) of the outputs that are no tensors: the interpreter's Python objects."""
        return tuple(
            (index, port.value) for index, port in enumerate(self.program.outputs) if isinstance(port.type, OpaqueType)
        )

    def _build(self, preference: str | None) -> NativeLibrary | None:
        missing = self.target.missing(Target.host())
        if missing:
            raise EngineError(
                f"the engine is for {self.target}; this machine lacks {', '.join(missing)}: rebuild it here with "
                "mini-infer compile"
            )
        compiler = find(preference)
        if compiler is None:
            if preference != "none":
                _log.warning(
                    "no C compiler found: every step is interpreted, which is slow; "
                    'pip install "mini-infer-engine[native]"'
                )
            return None
        return NativeLibrary.compile(self.program, self.plan, self.target, compiler)


def _gather_constants(program: Program) -> tuple[Program, np.ndarray]:
    """Copy the constants into one block; the program's become views of it."""
    offsets = program.constant_offsets
    block = arena.allocate(offsets[-1])
    block[...] = 0
    constants = []
    for constant, offset in zip(program.constants, offsets, strict=False):
        if constant.data.dtype.hasobject:
            constants.append(constant)
            continue
        place = block[offset : offset + constant.data.nbytes].view(constant.data.dtype).reshape(constant.data.shape)
        place[...] = constant.data
        constants.append(Constant(constant.name, place, constant.packing))
    block.flags.writeable = False
    return replace(program, constants=tuple(constants)), block
