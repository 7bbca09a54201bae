"""The answer: one offset per buffer, with what is known about how good it is."""

from dataclasses import dataclass, field

from mini_infer.memory.liveness import Peak, peak
from mini_infer.memory.problem import Problem, align_up


@dataclass(frozen=True, slots=True)
class PlacedPool:
    """A pool of a plan: a color class of the coloring strategy, or a region of a memory hierarchy.

    `offset` is where its bytes begin in the arena (0 for a region, which is an arena of its own), `size`
    the bytes it takes, `members` the indices of its buffers. Of a region, `lower_bound` is what no plan of these
    members can go below; 0 where nothing was proved.
    """

    name: str
    offset: int
    size: int
    members: tuple[int, ...]
    lower_bound: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a buffer lies: bytes `[offset, end)` of the region `pool`, which is "" where there is one arena."""

    offset: int
    end: int
    pool: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """What a search looked at: `nodes` placements tried, CPU `seconds` of the thread, and what ended it.

    `ended_by` is ``"done"`` (bound met or search exhausted), ``"nodes"`` (its node limit: repeatable) or
    ``"clock"`` (its time limit: another run may get further or less far) or ``"interrupt"``.
    """

    nodes: int = 0
    seconds: float = 0.0
    ended_by: str = "done"


@dataclass(frozen=True, slots=True)
class Placement:
    """What a strategy returns: one offset in bytes per buffer, in the problem's order.

    `pools` are color classes, where the strategy has them. `lower_bound` is what its search proved
    (0: nothing), `strategy` the name of whichever method won, where a strategy tries several.
    """

    offsets: tuple[int, ...]
    pools: tuple[PlacedPool, ...] = ()
    lower_bound: int = 0
    search: Search = field(default_factory=Search)
    strategy: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A problem, one offset in bytes per buffer, and the proof of how good they are.

    Parameters
    ----------
    problem
        What was placed.
    offsets
        Offset of each buffer, in the problem's order; within its pool where the problem has pools.
    strategy
        Name of the strategy that found the plan.
    lower_bound
        Bytes that no plan can go below: max live, or more where a search proved more.
    regions
        Name of the pool each buffer lives in; empty for a single arena.
    pools
        Color classes (coloring strategy) or regions (problems with pools), for reports.
    search
        What was searched.
    """

    problem: Problem
    offsets: tuple[int, ...]
    strategy: str
    lower_bound: int
    regions: tuple[str, ...] = ()
    pools: tuple[PlacedPool, ...] = ()
    search: Search = field(default_factory=Search)

    def __repr__(self) -> str:
        placed = f"{len(self.offsets)} buffers in {self.size:,} bytes"
        return f"Plan({placed}, lower bound {self.lower_bound:,}, strategy {self.strategy!r})"

    def _repr_html_(self) -> str:
        """What notebooks show: the page of `mini-infer solve --html`, in a frame."""
        from mini_infer.report.plan.html import framed, plan_html

        return framed(plan_html("plan", {self.strategy: self}))

    @property
    def size(self) -> int:
        """Bytes of the arena; with pools, the sum over them."""
        tops: dict[str, int] = {}
        regions = self.regions or ("",) * len(self.offsets)
        for offset, buffer, region in zip(self.offsets, self.problem.buffers, regions, strict=True):
            if buffer.size:
                tops[region] = max(tops.get(region, 0), offset + buffer.size)
        return sum(tops.values())

    @property
    def places(self) -> dict[str, Place]:
        """Where each buffer lies, by its id; made anew each time, in O(n).

        >>> from mini_infer.memory import Buffer, Problem, solve
        >>> solve(Problem((Buffer("a", 100, 0, 2), Buffer("b", 50, 1, 3)))).places["b"]
        Place(offset=100, end=150, pool='')
        """
        regions = self.regions or ("",) * len(self.offsets)
        return {
            buffer.id: Place(offset, offset + buffer.size, region)
            for offset, buffer, region in zip(self.offsets, self.problem.buffers, regions, strict=True)
        }

    @property
    def gap(self) -> float:
        """How far the arena is above the lower bound: 0.01 is one percent."""
        return self.size / self.lower_bound - 1 if self.lower_bound else 0.0

    @property
    def optimal(self) -> bool:
        """Whether it is proved that no plan is smaller."""
        return self.size <= self.lower_bound

    @property
    def fits(self) -> bool:
        """Whether the arena is within the problem's capacity; plans with pools always are."""
        return self.problem.capacity is None or self.size <= self.problem.capacity

    @property
    def peak(self) -> Peak:
        """The steps in which most bytes are alive: they make the lower bound."""
        return peak(self.problem)

    @property
    def unplanned(self) -> int:
        """Bytes that the buffers take with a place each, one after the other, each at its alignment."""
        top = 0
        for buffer in self.problem.buffers:
            top = align_up(top, buffer.alignment) + buffer.size
        return top
