"""The best placement that a search has so far."""

from collections.abc import Sequence
from dataclasses import dataclass

from mini_infer.memory.limits import Budget
from mini_infer.memory.plan import Placement
from mini_infer.memory.problem import Problem


@dataclass(frozen=True, slots=True)
class Incumbent:
    """The best offsets so far (bytes, in the problem's order), their height, and who found them."""

    offsets: tuple[int, ...]
    height: int
    strategy: str

    def placement(self, budget: Budget, *, done: bool, proved: int = 0) -> Placement:
        """Turn into a placement; `proved` bytes are needed by any plan."""
        return Placement(self.offsets, lower_bound=proved, search=budget.search(done=done), strategy=self.strategy)


def height_of(problem: Problem, offsets: Sequence[int]) -> int:
    """Bytes from the arena's beginning to the end of the highest buffer that is not empty."""
    return max((o + b.size for o, b in zip(offsets, problem.buffers, strict=True) if b.size), default=0)
