"""A place of its own for every buffer: what memory costs without planning."""

from mini_infer.memory.limits import Limits
from mini_infer.memory.plan import Placement
from mini_infer.memory.problem import Problem, align_up


def place(problem: Problem, _limits: Limits) -> Placement:
    """Lay the buffers one after another, in the problem's order, above whatever is pinned. O(n)."""
    top = pinned_top(problem)
    offsets: list[int] = []
    for buffer in problem.buffers:
        offset = align_up(top, buffer.alignment) if buffer.offset is None else buffer.offset
        offsets.append(offset)
        if buffer.offset is None:
            top = offset + buffer.size
    return Placement(tuple(offsets))


def pinned_top(problem: Problem) -> int:
    """Find the offset above all pinned buffers."""
    return max((b.offset + b.size for b in problem.buffers if b.offset is not None), default=0)
