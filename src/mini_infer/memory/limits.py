"""How long a search may go on."""

from collections.abc import Callable
from dataclasses import dataclass

DEFAULT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a search. Strategies that do not search ignore them.

    Parameters
    ----------
    seconds
        Wall clock, the last resort; 0 means: no search at all, only the methods that take no time.
    nodes
        Placements to try; what makes results repeatable whatever the machine's load. ``None``: a limit
        chosen from `seconds`, generous enough for the clock to be reached first only on a slow machine.
    capacity
        A height that is good enough: the search stops there, and is allowed to prove that it cannot be met.
    progress
        Called now and then with a short line on the state of the search; the library itself prints nothing.
    """

    seconds: float = DEFAULT_SECONDS
    nodes: int | None = None
    capacity: int | None = None
    progress: Callable[[str], None] | None = None
