"""What is to be placed: buffers, the pools they may live in, and the problem made of both.

Everything is checked where it is built, so a bad value never reaches a strategy. All intervals are
half-open; steps are any integers (operator numbers, clock ticks).
"""

import operator
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from math import lcm
from typing import Any, SupportsIndex

from mini_infer.errors import ProblemError, UsageError
from mini_infer.memory.clash import first_clash
from mini_infer.memory.overlap import Overlap
from mini_infer.quantities import parse_bytes

MAX_BYTES = 2**63 - 1
"""Sizes, offsets and their sums stay below this, so that every planner and runtime can use 64-bit integers."""


@dataclass(frozen=True, slots=True)
class Buffer:
    """`size` bytes, needed during the steps `[start, end)`.

    Parameters
    ----------
    id
        Name, unique in its problem.
    size
        Bytes; zero is allowed (an empty tensor) and clashes with nothing.
    start, end
        First step that needs the bytes, and the step after the last one that does.
    alignment
        The offset is a multiple of this many bytes.
    offset
        Where the buffer must lie (pinned), or ``None``.
    gaps
        Half-open step intervals inside the lifetime in which the bytes are not needed, ascending.
    pools
        Names of the pools the buffer may live in, in order of preference; empty means any, in the problem's order.
    traffic
        Bytes that are read and written in all its life: of buffers that cannot all live in a pool, those with little
        traffic go elsewhere. ``None``: as many as it has.

    Raises
    ------
    ProblemError
        When a field is out of range; the message names the buffer and the number.
    """

    id: str
    size: int
    start: int
    end: int
    alignment: int = 1
    offset: int | None = None
    gaps: tuple[tuple[int, int], ...] = ()
    pools: tuple[str, ...] = ()
    traffic: int | None = None

    def __post_init__(self) -> None:
        plain = type(self.size) is type(self.start) is type(self.end) is type(self.alignment) is int
        if (
            not plain
            or type(self.id) is not str
            or (self.offset, self.gaps, self.pools, self.traffic) != (None, (), (), None)
        ):
            self._settle()
        if not 0 <= self.size <= MAX_BYTES:
            raise ProblemError(f"buffer {self.id!r} has size {self.size}; it must be between 0 and 2^63 - 1 bytes")
        if self.start >= self.end:
            raise ProblemError(f"buffer {self.id!r} lives in [{self.start}, {self.end}), which is empty")
        if not -MAX_BYTES <= self.start <= self.end <= MAX_BYTES:
            raise ProblemError(f"buffer {self.id!r} lives in [{self.start}, {self.end}); steps must be 64-bit integers")
        if self.alignment < 1:
            raise ProblemError(f"buffer {self.id!r} has alignment {self.alignment}; it must be at least 1")
        if self.traffic is not None and not 0 <= self.traffic <= MAX_BYTES:
            raise ProblemError(f"buffer {self.id!r} has a traffic of {self.traffic}; it must be 0 to 2^63 - 1 bytes")
        if self.offset is not None:
            self._check_pin(self.offset)
        if self.gaps:
            self._check_gaps()

    def _settle(self) -> None:
        """Make plain integers and tuples of what can stand for them, such as NumPy's; refuse the rest."""
        if not isinstance(self.id, str):
            raise ProblemError(f"buffer {self.id!r} has an id that is no text")
        for name in ("size", "start", "end", "alignment", "offset", "traffic"):
            value = getattr(self, name)
            if name not in ("offset", "traffic") or value is not None:
                object.__setattr__(self, name, integer(value, f"the {name} of buffer {self.id!r}"))
        mine = f"of buffer {self.id!r}"
        pairs = [sequence(gap, f"a gap {mine}") for gap in sequence(self.gaps, f"the gaps {mine}")]
        if wrong := [pair for pair in pairs if len(pair) != 2]:  # noqa: PLR2004
            raise ProblemError(f"a gap {mine} is {wrong[0]}; it must be a pair of steps")
        gaps = tuple(
            (integer(start, f"a gap's start {mine}"), integer(end, f"a gap's end {mine}")) for start, end in pairs
        )
        pools = sequence(self.pools, f"the pools {mine}")
        if not all(isinstance(pool, str) for pool in pools):
            raise ProblemError(f"the pools {mine} are {pools}; they must be names")
        object.__setattr__(self, "gaps", gaps)
        object.__setattr__(self, "pools", pools)

    def _check_pin(self, offset: int) -> None:
        if offset < 0 or offset > MAX_BYTES - self.size:
            raise ProblemError(
                f"buffer {self.id!r} is pinned at offset {offset}; it must be between 0 and 2^63 - 1 - {self.size}"
            )
        if offset % self.alignment:
            raise ProblemError(
                f"buffer {self.id!r} is pinned at offset {offset}, no multiple of its alignment {self.alignment}"
            )

    def _check_gaps(self) -> None:
        before = self.start
        for start, end in self.gaps:
            if not before < start < end < self.end:
                raise ProblemError(
                    f"buffer {self.id!r} has gap [{start}, {end}); gaps must be ascending, not empty, apart from each "
                    f"other, and strictly inside its lifetime [{self.start}, {self.end})"
                )
            before = end

    @property
    def worth(self) -> int:
        """Bytes of traffic that a pool takes over with it."""
        return self.size if self.traffic is None else self.traffic

    @property
    def intervals(self) -> tuple[tuple[int, int], ...]:
        """The step intervals in which the bytes are needed: the lifetime without its gaps."""
        if not self.gaps:
            return ((self.start, self.end),)
        edges = [self.start, *(step for gap in self.gaps for step in gap), self.end]
        return tuple(zip(edges[::2], edges[1::2], strict=True))


@dataclass(frozen=True, slots=True)
class Pool:
    """A named memory region, such as 256 KiB of SRAM; `capacity` in bytes (or ``"256K"``), ``None``: not limited."""

    name: str
    capacity: int | None = None

    def __post_init__(self) -> None:
        if not self.name or not isinstance(self.name, str):
            raise ProblemError(f"a pool is called {self.name!r}, which is no name; write it as name:capacity")
        if self.capacity is not None:
            object.__setattr__(self, "capacity", byte_count(self.capacity, f"the capacity of pool {self.name!r}"))
        if self.capacity is not None and not 0 <= self.capacity <= MAX_BYTES:
            raise ProblemError(
                f"pool {self.name!r} has capacity {self.capacity}; it must be between 0 and 2^63 - 1 bytes"
            )


@dataclass(frozen=True, slots=True)
class Problem:
    """Buffers to place in one arena, or in several pools: nothing else is needed.

    Parameters
    ----------
    buffers
        What to place. Plans give offsets in this order.
    capacity
        Bytes the arena may have, such as 1048576 or ``"1M"``, or ``None``. With pools, each has its own instead.
    pools
        Memory regions, the preferred first. Empty: a single arena.
    overlaps
        Pairs of buffers that may share bytes while both live, each pair once.

    Raises
    ------
    ProblemError
        For a repeated id, a total of 2^63 bytes or more, an unknown pool, pins that clash, or an overlap of buffers
        that are not there, are pinned, or are one.
    """

    buffers: tuple[Buffer, ...]
    capacity: int | None = None
    pools: tuple[Pool, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    plain: bool = field(init=False, repr=False, compare=False)
    """Whether all have one alignment, and none has gaps, a pin or an overlap: what the compiled searches are for."""

    def __post_init__(self) -> None:
        for name, kind in (("buffers", Buffer), ("pools", Pool), ("overlaps", Overlap)):
            given = sequence(getattr(self, name), f"the {name} of a problem")
            if wrong := [each for each in set(map(type, given)) if not issubclass(each, kind)]:
                article = "an" if kind is Overlap else "a"
                raise ProblemError(
                    f"the {name} of a problem hold a {wrong[0].__name__}; each must be {article} {kind.__name__}"
                )
            object.__setattr__(self, name, given)
        if self.capacity is not None:
            object.__setattr__(self, "capacity", byte_count(self.capacity, "the capacity"))
        if self.capacity is not None and not 0 <= self.capacity <= MAX_BYTES:
            raise ProblemError(f"the capacity is {self.capacity}; it must be between 0 and 2^63 - 1 bytes")
        if len({buffer.id for buffer in self.buffers}) < len(self.buffers):
            raise ProblemError(f"buffer id {_first_repeated(b.id for b in self.buffers)!r} is used more than once")
        alignments = {buffer.alignment for buffer in self.buffers}
        common = lcm(*alignments)
        if common > MAX_BYTES:
            raise ProblemError(f"the least common multiple of the alignments is {common}, 2^63 or more")
        total = common * sum(-(-buffer.size // common) for buffer in self.buffers)
        if total > MAX_BYTES:
            raise ProblemError(f"the sizes, rounded up to their alignments, add up to {total} bytes, 2^63 or more")
        pinned = any(buffer.offset is not None for buffer in self.buffers)
        plain = len(alignments) <= 1 and not pinned and not any(buffer.gaps for buffer in self.buffers)
        object.__setattr__(self, "plain", plain and not self.overlaps)
        self._check_pools()
        self._check_overlaps()
        if pinned:
            self._check_pins()

    def pools_of(self, buffer: Buffer) -> tuple[str, ...]:
        """Names of the pools `buffer` may live in, the preferred first."""
        return buffer.pools or tuple(pool.name for pool in self.pools)

    def _check_pools(self) -> None:
        names = {pool.name for pool in self.pools}
        if len(names) < len(self.pools):
            raise ProblemError(f"pool {_first_repeated(pool.name for pool in self.pools)!r} is given more than once")
        if self.pools and self.capacity is not None:
            raise ProblemError(f"both a capacity ({self.capacity}) and pools are given; give each pool its capacity")
        for buffer in self.buffers:
            if buffer.pools and not names.issuperset(buffer.pools):
                unknown = next(name for name in buffer.pools if name not in names)
                known = ", ".join(pool.name for pool in self.pools) or "none"
                raise ProblemError(
                    f"buffer {buffer.id!r} may live in pool {unknown!r}, which is not given (pools: {known})"
                )

    def _check_overlaps(self) -> None:
        seen: set[frozenset[int]] = set()
        for each in self.overlaps:
            numbers = (each.lower, each.upper, each.distance)
            if not all(type(number) is int for number in numbers) or not 1 <= each.distance <= MAX_BYTES:
                raise ProblemError(f"{each}: an overlap has two indices of buffers and a distance of 1 byte or more")
            pair = frozenset(numbers[:2])
            if len(pair) < len(numbers[:2]) or pair in seen or not all(0 <= i < len(self.buffers) for i in pair):
                raise ProblemError(f"{each}: an overlap is of two of the {len(self.buffers)} buffers, each pair once")
            if any(self.buffers[index].offset is not None for index in pair):
                raise ProblemError(f"{each}: a buffer that is pinned overlaps no other")
            seen.add(pair)

    def _check_pins(self) -> None:
        capacities = {pool.name: pool.capacity for pool in self.pools}
        pinned: dict[str | None, list[int]] = {}
        for index, buffer in enumerate(self.buffers):
            if buffer.offset is None:
                continue
            names = self.pools_of(buffer)
            if len(names) > 1:
                raise ProblemError(f"buffer {buffer.id!r} is pinned but may live in {', '.join(names)}; name one pool")
            pool = names[0] if names else None
            capacity = self.capacity if pool is None else capacities[pool]
            if capacity is not None and buffer.offset + buffer.size > capacity:
                raise ProblemError(
                    f"buffer {buffer.id!r} is pinned at offset {buffer.offset}; its {buffer.size} bytes end at "
                    f"{buffer.offset + buffer.size}, beyond the capacity {capacity}"
                )
            pinned.setdefault(pool, []).append(index)
        for members in pinned.values():
            self._check_pins_apart(members)

    def _check_pins_apart(self, members: list[int]) -> None:
        owners = [index for index in members for _ in self.buffers[index].intervals]
        lives = [interval for index in members for interval in self.buffers[index].intervals]
        bottoms = [self.buffers[index].offset or 0 for index in owners]
        tops = [bottom + self.buffers[index].size for bottom, index in zip(bottoms, owners, strict=True)]
        clash = first_clash([start for start, _ in lives], [end for _, end in lives], bottoms, tops)
        if clash is not None:
            (first, bottom, top), (second, other_bottom, other_top) = (
                (self.buffers[owners[at]].id, bottoms[at], tops[at]) for at in clash
            )
            raise ProblemError(
                f"buffers {first!r} at [{bottom}, {top}) and {second!r} at [{other_bottom}, {other_top}) are pinned "
                f"to the same bytes while both live"
            )


def expect_problem(what: object, taker: str) -> None:
    """Refuse what is no problem, such as a list of buffers, where `taker` needs one.

    Raises
    ------
    ProblemError
        When it is none.
    """
    if not isinstance(what, Problem):
        raise ProblemError(
            f"{taker} takes a Problem, not a {type(what).__name__}: Problem(buffers, capacity) makes one"
        )


def integer(value: object, what: str) -> int:
    """The integer that a value is, also NumPy's; a truth value, a fraction or text is none.

    Raises
    ------
    ProblemError
        When it is none; the message begins with `what`.
    """
    if isinstance(value, SupportsIndex) and not isinstance(value, bool):
        with suppress(TypeError):  # NumPy's arrays and truth values only look as if
            return operator.index(value)
    raise ProblemError(f"{what} is {value!r}; it must be an integer")


def byte_count(value: object, what: str) -> int:
    """The number of bytes that a value is, as an integer or as the command line takes it: ``"512K"``.

    Raises
    ------
    ProblemError
        When it is none; the message begins with `what`.
    """
    if isinstance(value, str):
        try:
            return parse_bytes(value)
        except UsageError as error:
            raise ProblemError(f"{what} is wrong: {error}") from None
    return integer(value, what)


def sequence(values: object, what: str) -> tuple[Any, ...]:
    """The items of a list, a tuple or anything that can be walked through, but text.

    Raises
    ------
    ProblemError
        When there are none; the message begins with `what`.
    """
    if not isinstance(values, Iterable) or isinstance(values, str | bytes):
        raise ProblemError(f"{what} must be a list or a tuple, not {values!r}")
    return tuple(values)


def overlap(start: int, end: int, other_start: int, other_end: int) -> bool:
    """Whether the half-open intervals `[start, end)` and `[other_start, other_end)` have a point in common."""
    return start < other_end and other_start < end


def align_up(offset: int, alignment: int) -> int:
    """Round `offset` up to a multiple of `alignment`."""
    return -(-offset // alignment) * alignment


def _first_repeated(names: Iterable[str]) -> str:
    return Counter(names).most_common(1)[0][0]
