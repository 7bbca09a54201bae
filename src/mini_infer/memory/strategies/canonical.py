"""A small branch and bound for every kind of problem: mixed alignments, gaps, pins, overlaps.

In some smallest plan every buffer rests on another, on a pinned one, or on the arena's ground (push all
of them down, the lowest first). So buffers are placed in the order of their offsets, each at the lowest
one that is left to it; ties by index. Interpreted: for problems of some dozen buffers.
"""

from mini_infer.memory.bounds import lower_bound
from mini_infer.memory.incumbent import Incumbent
from mini_infer.memory.interference import interference_graph
from mini_infer.memory.limits import Budget
from mini_infer.memory.overlap import reaches
from mini_infer.memory.plan import Placement
from mini_infer.memory.problem import Problem, align_up


def search(problem: Problem, start: Incumbent, budget: Budget, nodes: int) -> Placement:
    """Search below `start` with at most `nodes` placements tried."""
    finder = _Finder(problem, start, nodes)
    free = [i for i, b in enumerate(problem.buffers) if b.offset is None and b.size]
    finder.descend(dict.fromkeys(free, 0) | {i: finder.lift(i, 0) for i in free}, (-1, -1), finder.pinned_top)
    exhausted = finder.nodes > 0
    budget.spend(0, 0, nodes - finder.nodes)
    met = finder.best.height <= finder.bound
    return finder.best.placement(budget, done=exhausted or met, proved=finder.best.height if exhausted else 0)


class _Finder:
    def __init__(self, problem: Problem, start: Incumbent, nodes: int) -> None:
        self.problem = problem
        self.buffers = problem.buffers
        self.neighbors = [set(others) for others in interference_graph(problem)]
        self.reach = reaches(problem.overlaps, problem.buffers)
        self.bound = lower_bound(problem)
        self.best = start
        self.nodes = nodes
        self.offsets = [buffer.offset or 0 for buffer in problem.buffers]
        pinned = [(b.offset, i) for i, b in enumerate(problem.buffers) if b.offset is not None and b.size]
        self.pinned_top = max((offset + self.buffers[i].size for offset, i in pinned), default=0)
        self.pins = [
            sorted((offset, offset + self.buffers[i].size) for offset, i in pinned if i in self.neighbors[index])
            for index in range(len(problem.buffers))
        ]

    def lift(self, index: int, offset: int) -> int:
        """Find the lowest offset from `offset` on that is aligned and clear of pinned buffers."""
        buffer = self.buffers[index]
        offset = align_up(offset, buffer.alignment)
        for bottom, top in self.pins[index]:
            if bottom < offset + buffer.size and offset < top:
                offset = align_up(top, buffer.alignment)
        return offset

    def reach_of(self, index: int, other: int) -> int:
        """How far above a buffer that was just placed another must begin, which is not placed below it any more."""
        return self.reach.get((index, other), self.buffers[index].size)

    def descend(self, lowest: dict[int, int], last: tuple[int, int], height: int) -> None:
        """Place the buffers of `lowest` (unplaced, with the lowest offset left to each) after the place `last`."""
        self.nodes -= 1
        if self.nodes <= 0 or self.best.height <= self.bound:
            return
        if not lowest:
            if height < self.best.height:
                self.best = Incumbent(tuple(self.offsets), height, "exact")
            return
        tops = [offset + self.buffers[index].size for index, offset in lowest.items()]
        if max(height, *tops) >= self.best.height:
            return
        highest_useful = min(tops)  # a buffer any higher would leave room for another one below it
        for offset, index in sorted((offset, index) for index, offset in lowest.items()):
            if offset >= highest_useful or max(height, *tops) >= self.best.height:
                break
            if (offset, index) <= last:
                continue
            top = offset + self.buffers[index].size
            rest = {
                other: self.lift(other, clear)
                if other in self.neighbors[index] and at < (clear := offset + self.reach_of(index, other))
                else at
                for other, at in lowest.items()
                if other != index
            }
            self.offsets[index] = offset
            self.descend(rest, (offset, index), max(height, top))
