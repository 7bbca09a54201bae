"""How long a search may go on, and what it found."""

from dataclasses import dataclass, field
from typing import ClassVar

from mini_infer import clock
from mini_infer.schedule.problem import Order

DEFAULT_SECONDS = 5.0


@dataclass(slots=True)
class Budget:
    """What a search may still spend. It counts states, so the same problem gives the same order on any machine.

    Where the deadline stops a search before, the result says so. One round of a search is not interrupted; it is no
    longer than what it should take until then, at the pace of those before.

    Parameters
    ----------
    seconds
        Of an ordinary machine; 0 means no search, only the methods that take next to no time.
    """

    STATES_PER_SECOND: ClassVar[int] = 300_000
    PACED_FROM: ClassVar[int] = 20_000
    """States from which the pace is known."""

    seconds: float = DEFAULT_SECONDS
    states: int = 0
    searched: float = 0.0
    timed_out: bool = False
    _deadline: clock.Deadline = field(init=False)

    def __post_init__(self) -> None:
        self._deadline = clock.Deadline(self.seconds, clock.seconds())

    @property
    def left(self) -> int:
        """States that may still be expanded."""
        still = self._deadline.left
        if not still:
            self.timed_out = True
            return 0
        states = int(self.seconds * self.STATES_PER_SECOND) - self.states
        if self.states >= self.PACED_FROM:
            states = min(states, int(still * self.states / max(self.searched, 1e-6)) + 1)
        return max(0, states)

    def spend(self, states: int, seconds: float) -> None:
        """Count what was expanded, and the seconds that it took."""
        self.states += states
        self.searched += seconds


@dataclass(frozen=True, slots=True)
class Found:
    """What a strategy gives: an order, and a peak that it proved no order to be below (0 where it proves nothing)."""

    order: Order
    lower_bound: int = 0
