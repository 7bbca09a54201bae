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
        From how many vectors in a row of a tile on a multiplication of whole vectors takes one number from memory for
        all its lanes, as fast as from a register; 0: never.
    loop
        Multiply-adds that a loop's body should have at least: with fewer, counting takes a share of the time.
    outputs
        Outputs of a row that a depthwise convolution sums at once.
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
    broadcasts: int
    loop: int
    outputs: int
    load: float
    tile: float
    tight_tile: float
    store: float
    store_apart: float
    spill: float

    def __post_init__(self) -> None:
        counts = ("issue", "bytes", "decode", "in_flight", "reserved", "broadcasts", "loop", "outputs")
        _check(self, whole=counts, positive=("issue", "bytes", "decode", "outputs"))
        if not 1 <= self.in_flight <= _MOST_IN_FLIGHT:
            raise UsageError(f"{self.in_flight} multiply-adds in flight: choose 1 to {_MOST_IN_FLIGHT}")

    @property
    def latency(self) -> int:
        """Cycles until a sum can be added to again."""
        return max(1, self.in_flight // self.issue)


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
    strassen_rows
        Rows of a product from which on reading seven quarters of b instead of four takes less time than a product.
    strassen_half
        Half its depth, and half its columns: below, Strassen's sums take too much of what is won.
    clock
        Cycles in a nanosecond.
    strassen_k_block
        Half of the longest stretch of its depth: the left sums stay in the cache.
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
    strassen_rows: int
    strassen_half: int
    strassen_k_block: int
    clock: float = 3.0

    def __post_init__(self) -> None:
        strassen = ("strassen_rows", "strassen_half", "strassen_k_block")
        positive = ("multiply_adds", "loads", "bytes", "barrier", "clock", *strassen)
        _check(self, whole=("barrier", "wake", *strassen), positive=positive)


def _check(part: Pipeline | Rates, *, whole: tuple[str, ...], positive: tuple[str, ...]) -> None:
    """Check that every number is one, that counts are whole, and that nothing is divided by 0."""
    for name in part.__slots__:
        value = getattr(part, name)
        numbers = value if isinstance(value, tuple) else (value,)
        kind = int if name in whole else (int, float)
        if not all(isinstance(number, kind) and isfinite(number) and number >= 0 for number in numbers):
            raise UsageError(f"{name} of a machine is {value!r}")
        if name in positive and not value:
            raise UsageError(f"{name} of a machine is 0")
