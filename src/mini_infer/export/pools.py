"""Several arenas: which memory each buffer of a program lies in, and where."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mini_infer import memory
from mini_infer.errors import CapacityError, UsageError
from mini_infer.export.names import KEYWORDS
from mini_infer.memory import Plan, Pool
from mini_infer.options import Options
from mini_infer.program import Program, Space


@dataclass(frozen=True, slots=True)
class Arena:
    """A memory that a run works in.

    Parameters
    ----------
    called
        Of variables and, in upper case, of macros: `arena`, or `arena_sram` where there are several.
    size
        Bytes that are needed of it.
    pool
        Its name as the caller has it; none: it is the only one.
    """

    called: str
    size: int
    pool: str = ""


def arenas(plan: Plan) -> tuple[Arena, ...]:
    """The memories of a plan: one, or its pools, those that nothing lies in too."""
    if not plan.problem.pools:
        return (Arena("arena", plan.size),)
    return tuple(Arena(f"arena_{pool.name}", pool.size, pool.name) for pool in plan.pools)


def check_pools(pools: Sequence[Pool]) -> tuple[Pool, ...]:
    """The pools with names in lower case, where they are names that a struct of C can have.

    Raises
    ------
    UsageError
        When one is none, or they are not distinct.
    """
    found = tuple(replace(pool, name=pool.name.lower()) for pool in pools)
    for given, pool in zip(pools, found, strict=True):
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,15}", pool.name) or pool.name in KEYWORDS:
            raise UsageError(
                f"--pool {given.name!r}: write letters, digits and _, a letter first, no word of C, at most 16"
            )
        if [each.name for each in found].count(pool.name) > 1:
            raise UsageError(f"--pool {given.name!r} is given twice; names differ in more than their case")
    return found


def place(program: Program, pools: Sequence[Pool], options: Options) -> Plan:
    """Place a program's buffers in pools, each whole in one; the first pools get as much of the traffic as they can.

    Raises
    ------
    CapacityError
        When no plan was found: it says what the model takes and what there is.
    """
    problem, weights = program.problem, traffic(program)
    buffers = [replace(each, traffic=count) for each, count in zip(problem.buffers, weights, strict=True)]
    wanted = replace(problem, buffers=tuple(buffers), capacity=None, pools=tuple(pools))
    try:
        return memory.solve(wanted, options.strategy, time_limit=options.time_limit)
    except CapacityError as error:
        there = ", ".join(f"{pool.name} {pool.capacity or 0:,}" for pool in pools)
        peak = memory.peak(problem)
        largest = max(problem.buffers, key=lambda each: each.size)
        raise CapacityError(
            f"--pool: there are {there} bytes; {peak.size:,} are alive in step {peak.start}, and the largest buffer, "
            f"{largest.id!r}, takes {largest.size:,}; {error}"
        ) from None


def traffic(program: Program) -> list[int]:
    """Bytes that calls read and write of each buffer in a run; what lies in a stream's rings counts as the stream's."""
    found = [0] * len(program.problem.buffers)
    for index, size in _touched(program):
        found[index] += size
    return found


def _touched(program: Program) -> Iterator[tuple[int, int]]:
    """The buffer and the bytes of each operand of each call."""
    for step in program.steps:
        operands = [view for call in step.calls for view in call.operands]
        if step.control is not None:
            operands += step.control.operands
        for view in operands:
            if view.space is Space.ARENA:
                yield view.index, view.type.bytes
            elif view.space is Space.RING and step.stream is not None:
                yield step.stream.buffer, view.type.bytes
