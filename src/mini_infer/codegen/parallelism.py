"""How many threads each call runs on, and the dependences between calls that need a barrier.

Both are decided when the code is written, from sizes alone: the same program gives the same code on every machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mini_infer.codegen.functions import Functions
from mini_infer.memory import Plan
from mini_infer.program import Program, Space, Step, View


def thread_counts(steps: Sequence[Step], functions: Functions, threads: int) -> list[list[int]]:
    """For each step, how many of `threads` threads each of its calls runs on, from 1 on.

    A thread's part of a call, or of each run of one in a stream, must take as long as a barrier; all parallel calls, as
    long as waking a thread twice.
    """
    rates, parallel = functions.machine.rates, 0
    counts: list[list[int]] = []
    for step in steps:
        bands = step.stream.bands if step.stream else {}
        counts.append([])
        for index, call in enumerate(step.calls):
            times = len(bands.get(index, (1,)))
            nanoseconds = call.cost(functions.machine).nanoseconds
            items = functions.items(call.kernel) // times
            counts[-1].append(max(1, min(threads, items, nanoseconds // times // rates.barrier)))
            parallel += nanoseconds if counts[-1][-1] > 1 else 0
    return counts if parallel >= 2 * rates.wake else [[1] * len(step.calls) for step in steps]


@dataclass(frozen=True, slots=True)
class Region:
    """Bytes `[begin, end)` of one kind of memory that calls write: the arena, an output or a state."""

    space: Space
    index: int
    begin: int
    end: int

    def overlaps(self, other: "Region") -> bool:
        """Whether the two have a byte in common."""
        same = (self.space, self.index) == (other.space, other.index)
        return same and self.begin < other.end and other.begin < self.end


@dataclass(frozen=True, slots=True)
class MemoryAccess:
    """What one call reads and writes, and how many threads it runs on: those before `threads`."""

    threads: int
    reads: tuple[Region, ...]
    writes: tuple[Region, ...]

    def depends_on(self, earlier: "MemoryAccess") -> bool:
        """Whether this call may not begin before all threads have finished the earlier one."""
        if self.threads == earlier.threads == 1:
            return False  # one thread does both, in order
        accessed = (*self.reads, *self.writes)
        return any(write.overlaps(region) for write in earlier.writes for region in accessed) or any(
            write.overlaps(region) for write in self.writes for region in earlier.reads
        )


def memory_access(operands: Sequence[tuple[View, bool]], threads: int, program: Program, plan: Plan) -> MemoryAccess:
    """What a call reads and writes. Each operand is a view and whether it is written; it counts as its whole buffer."""
    reads: list[Region] = []
    writes: list[Region] = []
    for view, written in operands:
        if view.space is Space.ARENA:
            begin = plan.offsets[view.index]
            region = Region(Space.ARENA, 0, begin, begin + program.problem.buffers[view.index].size)
        elif view.space is Space.OUTPUT:
            region = Region(Space.OUTPUT, view.index, 0, 1)
        elif view.space is Space.STATE:
            region = Region(Space.STATE, view.index, 0, 1)
        else:
            continue  # inputs and constants are never written
        (writes if written else reads).append(region)
    return MemoryAccess(threads, tuple(reads), tuple(writes))
