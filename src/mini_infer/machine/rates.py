"""How fast a machine is: cycles inside a register tile, and nanoseconds around it."""

from dataclasses import dataclass
from math import isfinite

from mini_infer.errors import UsageError

_MOST_IN_FLIGHT = 64


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What happens in a cycle: the model of register tiles (`lowering.contraction.tiles`) counts with it.

    Parameters
    ----------
    issue
        Vector instructions that multiply, or that load, in one cycle.
    bytes
        How much of their vectors that is at most: wider vectors take a cycle each, or several.
    decode
        Instructions of any kind that begin in one cycle.
    in_flight
        Independent multiply-adds that keep the units busy: their latency times how many begin in a cycle.
    reserved
        Registers that compilers want for themselves in a tile's loop.
    broadcasts
        Whether a multiplication of whole vectors can take one number from memory for all its lanes.
    load
        Cycles that a load takes from other work.
    tile, tight_tile
        Cycles to enter and leave a tile, and one without a register to spare.
    store, store_apart
        Cycles for a vector that leaves the tile, where a row is written in one pass, and where in several.
    spill
        Cycles for each product and step, where the sums do not fit the registers.
    """

    issue: int
    bytes: int
    decode: int
    in_flight: int
    reserved: int
    broadcasts: bool
    load: float
    tile: float
    tight_tile: float
    store: float
    store_apart: float
    spill: float

    def __post_init__(self) -> None:
        _check(self, whole=("issue", "bytes", "decode", "in_flight", "reserved"), positive=("issue", "bytes", "decode"))
        if not 1 <= self.in_flight <= _MOST_IN_FLIGHT:
            raise UsageError(f"{self.in_flight} multiply-adds in flight: choose 1 to {_MOST_IN_FLIGHT}")


@dataclass(frozen=True, slots=True)
class Rates:
    """What one thread does in a nanosecond, and what a byte, a call and a barrier take.

    Parameters
    ----------
    multiply_adds
        Multiply-adds a nanosecond, for each lane of a vector.
    loads
        Numbers that sliding windows load in a nanosecond, likewise.
    bytes
        Bytes a nanosecond between kernels and memory.
    call
        Nanoseconds to call a kernel and to come back.
    barrier
        Nanoseconds that a barrier takes at most; each thread's part of a parallel call takes at least as long.
    wake
        Nanoseconds that waking a thread takes at most.
    read
        Cycles that a byte takes from each cache when it is read again and again, and last from memory.
    stream
        Cycles that a byte takes from memory when it is read once, in order.
    overflow
        Cycles that a byte of workspace takes which the second cache does not hold: it goes to memory and comes back.
    """

    multiply_adds: float
    loads: float
    bytes: float
    call: float
    barrier: int
    wake: int
    read: tuple[float, ...]
    stream: float
    overflow: float

    def __post_init__(self) -> None:
        _check(self, whole=("barrier", "wake"), positive=("multiply_adds", "loads", "bytes", "barrier"))


def _check(part: Pipeline | Rates, *, whole: tuple[str, ...], positive: tuple[str, ...]) -> None:
    """Check that every number is one, that counts are whole, and that nothing is divided by 0."""
    for name in part.__slots__:
        value = getattr(part, name)
        numbers = value if isinstance(value, tuple) else (value,)
        kind = int if name in whole else bool if name == "broadcasts" else (int, float)
        if not all(isinstance(number, kind) and isfinite(number) and number >= 0 for number in numbers):
            raise UsageError(f"{name} of a machine is {value!r}")
        if name in positive and not value:
            raise UsageError(f"{name} of a machine is 0")
