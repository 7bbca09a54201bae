"""How long a search may go on, and what it found."""

import time
from dataclasses import dataclass, field
from typing import ClassVar

from mini_infer.schedule.problem import Order

DEFAULT_SECONDS = 5.0


@dataclass(slots=True)
class Budget:
    """What a search may still spend. It counts states, so the same problem gives the same order on any machine.

    The clock is the last resort, on machines much slower than ordinary: searches stop after `PATIENCE` times the limit
    (and the seconds that the first use after an installation spends on compiling), and the result says so.

    Parameters
    ----------
    seconds
        Of an ordinary machine; 0 means no search, only the methods that take next to no time.
    """

    STATES_PER_SECOND: ClassVar[int] = 300_000
    PATIENCE: ClassVar[float] = 3.0
    COMPILING: ClassVar[float] = 20.0

    seconds: float = DEFAULT_SECONDS
    states: int = 0
    timed_out: bool = False
    _began: float = field(default_factory=time.process_time)

    @property
    def left(self) -> int:
        """States that may still be expanded."""
        if time.process_time() - self._began > self.PATIENCE * self.seconds + self.COMPILING:
            self.timed_out = True
            return 0
        return max(0, int(self.seconds * self.STATES_PER_SECOND) - self.states)


@dataclass(frozen=True, slots=True)
class Found:
    """What a strategy gives: an order, and a peak that it proved no order to be below (0 where it proves nothing)."""

    order: Order
    lower_bound: int = 0
