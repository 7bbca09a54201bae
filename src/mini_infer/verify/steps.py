"""An engine run a step at a time, with a look at values and the clock in between."""

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mini_infer.ir import TensorType
from mini_infer.program import Program, Space
from mini_infer.runtime import Artifact, Variant, arena, ports
from mini_infer.runtime.executor import Executor
from mini_infer.runtime.native import NativeLibrary
from mini_infer.toolchain import find


@dataclass(frozen=True, slots=True)
class Timed:
    """When the steps `[start, end)` began and how long they took, in nanoseconds since the run began."""

    start: int
    end: int
    began: int
    took: int


def space_of(program: Program, name: str) -> Space | None:
    """Where a value lives; `None` for one that is no tensor."""
    return program.values[name].space if name in program.values else None


def is_alive(program: Program, name: str, step: int) -> bool:
    """Whether a value is a tensor whose bytes are still its own after a step."""
    space = space_of(program, name)
    return space is not None and (
        space is not Space.ARENA or step < program.problem.buffers[program.values[name].index].end
    )


class Stepper:
    """Runs one variant of an artifact; its native steps are those of its engine, but each is a call of its own.

    Parameters
    ----------
    artifact
        What to run.
    variant
        Which of its profiles; the one with the largest arena when absent.
    compiler
        Which C compiler to use, as `mini_infer.Options` has it.

    Attributes
    ----------
    thread_counts : tuple of int
        For each step, how many threads run it.

    Raises
    ------
    EngineError
        When the artifact is for another machine.
    ToolchainError
        When the C compiler fails.
    """

    def __init__(self, artifact: Artifact, variant: Variant | None = None, *, compiler: str | None = None) -> None:
        artifact.check_machine()
        self.variant = variant or artifact.largest
        program, plan = self.variant.program, self.variant.plan
        found = find(compiler)
        library = None if found is None else NativeLibrary.compile(self.variant, artifact.target, found, stepwise=True)
        self.thread_counts = (
            (1,) * len(program.steps) if library is None or library.source is None else library.source.thread_counts
        )
        self._executor = Executor(self.variant, library, artifact.constants, arena.allocate(plan.size), poison=False)

    def walk(self, inputs: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
        """Run once, a range of steps `[start, end)` at a time; between them `read` shows values.

        Raises
        ------
        InputError
            For a missing or unknown name, another shape or another dtype.
        """
        program = self.variant.program
        values = ports.in_order(inputs, program.inputs)
        sizes, taken, made = ports.sized(self.variant.interface, values)
        given = [ports.checked(port, value) for port, value in zip(taken, values, strict=True)]
        results: list[Any] = [
            np.empty(port.type.shape, port.type.dtype.numpy) if isinstance(port.type, TensorType) else None
            for port in made
        ]
        return self._executor.walk(given, results, ports.addresses(given), ports.addresses(results), sizes)

    def program_of(self, inputs: Mapping[str, Any]) -> Program:
        """The program at the sizes that these inputs have: what depends on them are numbers."""
        program = self.variant.program
        sizes, _, _ = ports.sized(self.variant.interface, ports.in_order(inputs, program.inputs))
        return program.at(sizes)

    def read(self, name: str) -> Any:
        """A value where it lies: right after the step that makes it, until the last step that reads it."""
        return self._executor.read(name)

    def fastest(self, inputs: Mapping[str, Any], *, runs: int) -> dict[int, float]:
        """Step → microseconds of its fastest run; several steps that are one call count as the first of them."""
        fastest: dict[int, float] = {}
        for timed in (timed for _ in range(runs) for timed in self.times(inputs, warm_ups=0)):
            fastest[timed.start] = min(timed.took / 1000, fastest.get(timed.start, math.inf))
        return fastest

    def times(self, inputs: Mapping[str, Any], *, warm_ups: int = 3) -> list[Timed]:
        """Run a few times, and time the steps of the last run. A call takes about a microsecond besides its work."""
        for _ in range(warm_ups):
            for _ in self.walk(inputs):
                pass
        timed = []
        walk = self.walk(inputs)
        origin = before = time.perf_counter_ns()
        for start, end in walk:
            after = time.perf_counter_ns()
            timed.append(Timed(start, end, before - origin, after - before))
            before = time.perf_counter_ns()
        return timed
