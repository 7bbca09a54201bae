"""What a model compiles to, as data: programs, plans and weights, for one machine and made on any."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from mini_infer.errors import EngineError, UsageError, did_you_mean
from mini_infer.ir import ValueType
from mini_infer.ir.ranges import Range
from mini_infer.runtime import code as code_beside
from mini_infer.runtime import file
from mini_infer.runtime.footprint import Memory
from mini_infer.runtime.interface import Interface
from mini_infer.runtime.variant import Variant
from mini_infer.toolchain.target import Target

if TYPE_CHECKING:
    from mini_infer.memory import Plan
    from mini_infer.program import Program


@dataclass(frozen=True, eq=False)
class Artifact:
    """What an engine file holds. It never changes, and is made, looked at and saved on any machine.

    Parameters
    ----------
    variants
        A program and its plan for each profile; at least one. Their constants are views of `constants`.
    target
        The machine that the programs were lowered for.
    constants
        The constant block: uint8, read-only.
    """

    variants: tuple[Variant, ...]
    target: Target
    constants: np.ndarray

    def __post_init__(self) -> None:
        if any(variant.interface.states != self.variants[0].interface.states for variant in self.variants):
            raise EngineError("the profiles do not carry the same states from run to run; make an engine of each")

    def __repr__(self) -> str:
        sizes = f"arena {self.arena_bytes:,} bytes, weights {self.weight_bytes:,} bytes"
        steps = f"{self.interface.steps} steps for {self.target.machine}"
        ranges = "".join(f", {symbol.name} {symbol.said}" for symbol in self.interface.symbols)
        return f"{type(self).__name__}({self.interface.title!r}: {sizes}, {steps}{ranges})"

    def _repr_html_(self) -> str:
        """What notebooks show: the page of `mini-infer plan --html`, in a frame."""
        from mini_infer.report.plan.about import about_lines
        from mini_infer.report.plan.html import framed, plan_html

        return framed(plan_html(self.program.name, {self.plan.strategy: self.plan}, self.program, about_lines(self)))

    @classmethod
    def of(cls, variants: list[Variant], target: Target) -> Self:
        """The artifact of programs whose constants lie anywhere: they are moved into one block, equal ones once.

        The list is emptied, so that no weight is in memory twice where nobody else has the programs (`gather`).
        """
        from mini_infer.program import gather

        named = [(variant.name, variant.plan) for variant in variants]
        programs = [variant.program for variant in variants]
        variants.clear()
        bound, constants = gather(programs)
        made = (Variant(name, program, plan) for (name, plan), program in zip(named, bound, strict=True))
        return cls(tuple(made), target, constants)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read an engine file and check it, whatever machine it is for.

        Raises
        ------
        EngineError
            When the file is no engine, is corrupt in any byte, or holds a program or plan that breaks a rule.
        """
        return cls(*file.read(Path(path)))

    def save(self, path: str | Path, *, with_code: bool = False, compiler: str | None = None) -> int:
        """Write the engine file: data only, each part with a checksum, all of it or nothing; returns its bytes.

        Parameters
        ----------
        path
            The file.
        with_code
            Also build the native code, for whatever machine the target is, and put it into a folder beside the file
            (its name and ``.code``): `Engine.load` takes it from there with ``trust_code=True``, without a compiler.
        compiler
            Which C compiler builds it, as `Engine.from_artifact` has it.

        Raises
        ------
        InputError
            When something cannot be written.
        ToolchainError
            When there is no C compiler that builds for the target, or it fails.
        """
        return self._save(Path(path), code_beside.built(self, compiler) if with_code else ())[0]

    def _save(self, path: Path, libraries: code_beside.Built) -> tuple[int, str]:
        """Write the file, and libraries beside it; returns the file's bytes and digest."""
        codes = code_beside.put_beside(path, libraries) if libraries else ()
        return file.write(path, self.variants, self.target, self.constants, codes)

    @property
    def largest(self) -> Variant:
        """The variant that needs the largest arena; the only one, unless there are profiles."""
        return max(self.variants, key=lambda variant: variant.interface.arena_bytes)

    @property
    def interface(self) -> Interface:
        """The largest variant from outside."""
        return self.largest.interface

    @property
    def program(self) -> "Program":
        """What runs, in the largest variant."""
        return self.largest.program

    @property
    def inputs(self) -> dict[str, ValueType]:
        """The name and type of each input, of the largest variant."""
        return {port.name: port.type for port in self.interface.inputs}

    @property
    def outputs(self) -> dict[str, ValueType]:
        """The name and type of each output, of the largest variant."""
        return {port.name: port.type for port in self.interface.outputs}

    @property
    def dims(self) -> dict[str, Range]:
        """The dimensions that have a size at run time, by name, and the range of each; of the largest variant."""
        return {each.name: Range(each.low, each.high, each.step, each.typical) for each in self.interface.symbols}

    def up_to(self, **sizes: int) -> Self:
        """The same for sizes up to these only, in a smaller arena; what is not named stays as large as it is.

        The plan is a new one, and it and the program are checked as those of an engine file are.

        Raises
        ------
        UsageError
            When there is no such dimension, or the size is none of its range.
        """
        known = {symbol.name: symbol for variant in self.variants for symbol in variant.interface.symbols}
        for name, size in sizes.items():
            if name not in known:
                names = ", ".join(known) or "none"
                raise UsageError(
                    f"no dimension is called {name!r}{did_you_mean(name, known)}; those of a range: {names}"
                )
            symbols = [
                symbol for variant in self.variants for symbol in variant.interface.symbols if symbol.name == name
            ]
            if isinstance(size, bool) or not any(size in symbol.sizes for symbol in symbols):
                raise UsageError(f"{name} = {size}: it is {' or '.join(symbol.said for symbol in symbols)}")
        from mini_infer.program.validate import validate

        key = tuple(sorted(sizes.items()))
        if key not in self._smaller:
            variants = tuple(variant.up_to(sizes) for variant in self.variants)
            for variant in variants:
                validate(variant.program, machine=self.target.machine, threads=self.target.threads)
            self._smaller[key] = variants
        return replace(self, variants=self._smaller[key])

    def largest_that_fit(self, arena_bytes: int) -> dict[str, int | None]:
        """The largest size of each dimension whose arena takes no more, the others at their largest; or none does."""
        from mini_infer.runtime.fits import largest_that_fit

        fits = largest_that_fit(self.largest, arena_bytes)
        return {fit.dims[0]: fit.sizes[fit.dims[0]] if fit.fits else None for fit in fits if len(fit.dims) == 1}

    @cached_property
    def _smaller(self) -> dict[tuple[tuple[str, int], ...], tuple[Variant, ...]]:
        """The variants for smaller sizes that were asked for."""
        return {}

    @property
    def memory(self) -> Memory:
        """What the largest variant takes: arena, weights, inputs, outputs, and their total; at the largest sizes."""
        return Memory.of(self.interface, self.weight_bytes)

    @property
    def plan(self) -> "Plan":
        """Where the buffers lie, in the largest variant: arena bytes, lower bound, gap, strategy."""
        return self.largest.plan

    @property
    def arena_bytes(self) -> int:
        """Bytes that a context's arena takes; those of the largest sizes, where a dimension has a range."""
        return self.interface.arena_bytes

    def arena_bytes_at(self, **sizes: int) -> int:
        """Bytes of the arena for sizes up to these, such as `seq=128`; of other dimensions the largest.

        Errors are those of `up_to`.
        """
        return self.up_to(**sizes).arena_bytes

    @property
    def state_bytes(self) -> int:
        """Bytes of what a context carries from run to run, at the largest sizes."""
        return self.interface.state_offsets[-1]

    @property
    def unplanned_bytes(self) -> int:
        """Bytes of the program's buffers, a place each: fusion, no planning."""
        return self.interface.unplanned_bytes

    @property
    def exported_bytes(self) -> int:
        """Bytes of the tensors of the model as exported, a buffer each: no fusion, no planning."""
        return self.interface.exported_bytes

    @property
    def weight_bytes(self) -> int:
        """Bytes of the constant block."""
        return int(self.constants.nbytes)

    @property
    def runs_here(self) -> bool:
        """Whether this machine has everything that the target has."""
        return not self.target.missing(Target.host())

    def check_machine(self) -> None:
        """Raise unless this machine can run it.

        Raises
        ------
        EngineError
            It names the CPU features, or the system, that this machine lacks.
        """
        if missing := self.target.missing(Target.host()):
            raise EngineError(
                f"the engine is for {self.target}; this machine lacks {', '.join(missing)}: save it and run it there, "
                "or build it for this machine with mini-infer compile"
            )
