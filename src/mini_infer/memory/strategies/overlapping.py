"""Problems in which buffers overlap: the greedy rules, then beam searches over time that know of overlaps."""

from math import lcm
from typing import TYPE_CHECKING, Any

from mini_infer.memory import searches
from mini_infer.memory.bounds import lower_bound
from mini_infer.memory.incumbent import Incumbent, height_of
from mini_infer.memory.limits import Budget, Limits
from mini_infer.memory.overlap import reaches
from mini_infer.memory.plan import Placement
from mini_infer.memory.problem import Problem
from mini_infer.memory.strategies import canonical, cheap

if TYPE_CHECKING:
    import numpy as np

_NANOSECONDS = 250.0  # per offset looked at
_WIDTHS = (16, 32, 64, 128, 256, 512, 1024)  # the first one always runs
_SHARE = 0.25  # of the time
_IDLE = 2  # widths in turn that found nothing, and end the search
_NOISE = (2.0, 0.5)  # against one hole, in turn
_PASSES = 6  # of one width: towards the bound, then between what failed and what was found
_TINY = 10
_TINY_NODES = 3_000
_SMALL = 100  # buffers up to which a search is interpreted first
_MOST = 2_000  # buffers: those that may be alive together are a matrix


def place(problem: Problem, limits: Limits) -> Placement:
    """Place within `limits`; there are no pins among buffers that overlap, and with pins the greedy rules are all."""
    budget = Budget(limits)
    best, bound = cheap.best_greedy(problem), lower_bound(problem)
    pinned = any(buffer.offset is not None for buffer in problem.buffers)
    if best.height > bound and len(problem.buffers) <= _MOST and not pinned and not searches.available():
        searches.leave_out()
    elif best.height > bound and len(problem.buffers) <= _MOST and not pinned:
        if len(problem.buffers) > _SMALL:
            from mini_infer.memory import tier

            tier.compile_package(tier.PLACES)
        search, idle = _Search(problem, bound), 0
        for width in _WIDTHS:
            more = 2 * search.seconds  # twice as wide as before
            if best.height <= bound or idle == _IDLE or (more and budget.spent + more > _SHARE * limits.seconds):
                break
            found = search.lower(best, width, budget)
            idle = 0 if found.height < best.height else idle + 1
            best = found
    if best.height > bound and len(problem.buffers) <= _TINY:
        return canonical.search(problem, best, budget, _TINY_NODES)
    return best.placement(budget, done=best.height <= bound)


class _Search:
    """The beam searches of one problem, in units of its alignments; `seconds` is what the last width took."""

    def __init__(self, problem: Problem, bound: int) -> None:
        import numpy as np

        self.problem = problem
        self.seconds = 0.0
        self.unit = lcm(*{buffer.alignment for buffer in problem.buffers})
        self.bound = -(-bound // self.unit)
        self.rows = [index for index, buffer in enumerate(problem.buffers) if buffer.size]
        buffers = [problem.buffers[index] for index in self.rows]
        self.start = np.array([buffer.start for buffer in buffers], np.int64)
        self.end = np.array([buffer.end for buffer in buffers], np.int64)
        self.size = np.array([-(-buffer.size // self.unit) for buffer in buffers], np.int64)
        self.before = np.repeat(self.size[:, None], len(buffers), axis=1)
        at = {index: row for row, index in enumerate(self.rows)}
        for (lower, upper), reach in reaches(problem.overlaps, problem.buffers).items():
            if lower in at and upper in at:
                self.before[at[lower], at[upper]] = min(-(-reach // self.unit), self.size[at[lower]])

    def lower(self, best: Incumbent, width: int, budget: Budget) -> Incumbent:
        """Look for less than the best with one width: at the bound, then between what failed and what was found."""
        began = budget.spent
        failed, aim, height = self.bound - 1, self.bound, -(-best.height // self.unit)
        for number in range(_PASSES):
            found = self._placed(aim, width, _NOISE[number % len(_NOISE)], budget)
            if found is None:
                failed = aim
            else:
                offsets = [0] * len(self.problem.buffers)
                for index, offset in zip(self.rows, found.tolist(), strict=True):
                    offsets[index] = offset * self.unit
                height = int((found + self.size).max())
                best = min(
                    best,
                    Incumbent(tuple(offsets), height_of(self.problem, offsets), "beam"),
                    key=lambda each: each.height,
                )
            aim = (failed + height) // 2
            if height <= failed + 1:
                break
        self.seconds = budget.spent - began
        return best

    def _placed(self, capacity: int, width: int, noise: float, budget: Budget) -> "np.ndarray | None":
        """Offsets within so many units, in the order of the rows; none: they were not found."""
        import numpy as np

        from mini_infer.memory.compiled.slides import search

        for start, end in ((self.start, self.end), (-self.end, -self.start)):
            order = np.lexsort((-self.size, -end, start))
            before: Any = np.ascontiguousarray(self.before[np.ix_(order, order)])
            offset = np.zeros(len(order), np.int64)
            placed, looked = search(
                start[order], end[order], self.size[order], before, np.int64(capacity), np.int64(width), noise, offset
            )
            budget.spend(int(looked), _NANOSECONDS, int(placed))
            if placed == len(order):
                found = np.empty_like(offset)
                found[order] = offset
                return found
        return None
