"""Long sums cut into parts, so that no chain of additions is long.

A sum is a nest: loops and choices around leaves, which add to it. `in_parts` puts every leaf into exactly one `Part` of
at most so many steps, at whatever level of the loops that is::

    for c in 0..1023:          for c_from in 0, 85, 170, …:
      for k in 0..2:             part = 0
        sum += x[c, k]    ──▶    for c in c_from..c_from + 84: for k in 0..2: part += x[c, k]
                                 total += part

and `write` makes C of that. The error of a sum grows with its longest chain of additions: at worst as its length, for
random errors as its square root. No chain of float32 has more than `CHAIN` steps, and parts are added up in double,
which costs nothing where there is one addition for so many. Where it does, in register tiles and sums of columns, the
totals are float32, and no chain has more than `as_many` steps: `CHAIN`, or the root of all.
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from mini_infer.codegen.statements import Block, For, If, Statement
from mini_infer.ir.dims import greatest

CHAIN = 256
"""Steps of a part, unless a kernel says otherwise: adding up the parts then takes 1 %."""


class Leaf(Protocol):
    """What adds to sums: at most `steps` times to each of `rows`."""

    @property
    def steps(self) -> int:
        """Additions to one sum."""

    @property
    def rows(self) -> Collection[int]:
        """The sums that are added to."""

    def cut(self, longest: int) -> "Nest":
        """The same as leaves of at most so many steps."""


@dataclass(frozen=True, slots=True)
class Term:
    """C statements that add one product to a sum, the only one there is."""

    body: tuple[Statement, ...]
    steps: int = 1
    rows: tuple[int, ...] = (0,)

    def cut(self, longest: int) -> "Nest":
        """A term cannot be cut."""
        raise ValueError(f"{self.steps} steps that cannot be cut into parts of {longest}")


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop from `first` to before `stop`, C expressions without side effects, which runs `most` times at most."""

    index: str
    most: int
    body: "Nest"
    first: str
    stop: str
    step: int = 1

    @classmethod
    def of(cls, index: str, count: int, body: "Nest") -> "Loop":
        """A loop over the numbers below `count`."""
        return cls(index, greatest(count), body, "0", str(count))


@dataclass(frozen=True, slots=True)
class Scope:
    """C declarations, and a nest that sees them."""

    before: tuple[str, ...]
    body: "Nest"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of two nests, as a C condition says."""

    condition: str
    then: "Nest"
    otherwise: "Nest"


@dataclass(frozen=True, slots=True)
class Part:
    """Steps that are summed by themselves, and then added to the totals."""

    body: "Nest"


Nest = Leaf | Loop | Scope | Choice | Part | tuple["Nest", ...]
"""A sum; a tuple is one nest after the other."""

Bounds = Callable[[Collection[int]], tuple[Sequence[Statement], Sequence[Statement]]]
"""The sums that a part adds to → C statements that begin it, and that end it."""


def chain(nest: Nest) -> int:
    """How many steps the longest of a nest's sums has."""
    return max(_chains(nest).values(), default=0)


def as_many(steps: int, longest: int = CHAIN) -> int:
    """Steps of a part where the parts are added up in float32: at least the root, so that there are no more parts."""
    return max(longest, math.isqrt(steps))


def in_parts(nest: Nest, longest: int) -> Nest:
    """The nest with each leaf in one part of at most so many steps: one part for the whole of it, if that is enough."""
    if chain(nest) <= longest:
        return Part(nest)
    match nest:
        case tuple():
            return tuple(in_parts(group, longest) for group in _groups(nest, longest))
        case Loop():
            return _strips(nest, longest)
        case Scope():
            return replace(nest, body=in_parts(nest.body, longest))
        case Choice():
            return replace(nest, then=in_parts(nest.then, longest), otherwise=in_parts(nest.otherwise, longest))
        case Part():
            raise ValueError("a part of a part")
        case leaf:
            return in_parts(leaf.cut(longest), longest)


def write(nest: Nest, leaf: Callable[[Any], Sequence[Statement]], bounds: Bounds) -> list[Statement]:
    """C of a nest.

    Parameters
    ----------
    nest
        With all its leaves in parts.
    leaf
        C of a leaf.
    bounds
        C around a part.

    Raises
    ------
    ValueError
        When a leaf is in no part, so that what it adds would be lost, or in two.
    """

    def written(nest: Nest, *, inside: bool) -> list[Statement]:
        match nest:
            case tuple():
                return [statement for inner in nest for statement in written(inner, inside=inside)]
            case Loop():
                return [For(nest.index, nest.stop, written(nest.body, inside=inside), nest.first, nest.step)]
            case Scope():
                return [Block([*nest.before, *written(nest.body, inside=inside)])]
            case Choice():
                then, otherwise = (written(inner, inside=inside) for inner in (nest.then, nest.otherwise))
                return [If(nest.condition, then, otherwise)]
            case Part():
                if inside:
                    raise ValueError("a part of a sum begins inside another")
                begin, end = bounds(sorted(_chains(nest.body)))
                inner = written(nest.body, inside=True)
                return [Block([*begin, *inner, *end])] if begin or end else inner
            case _:
                if not inside:
                    raise ValueError(f"steps of a sum in no part of it: {nest}")
                return list(leaf(nest))

    return written(nest, inside=False)


def uncut(nest: Nest) -> list[Statement]:
    """C of a nest of terms that is one chain."""
    return write(Part(nest), _statements, lambda _rows: ((), ()))


def summed(
    nest: Nest, begin: Sequence[str], totals: Sequence[str], end: Sequence[str], longest: int
) -> tuple[list[Statement], bool]:
    """C of a nest of terms, and whether its sums are long, so that they end in the totals.

    Parameters
    ----------
    nest
        What adds to the sums of a part.
    begin
        C that declares these; they are the whole sums where they are not long.
    totals
        C that declares the totals.
    end
        C that adds a part to them.
    longest
        Steps of a part.
    """
    if chain(nest) <= longest:
        return [*begin, *uncut(nest)], False
    return [*totals, *write(in_parts(nest, longest), _statements, lambda _rows: (begin, end))], True


def add_up(
    nest: Callable[[str], Nest], total: str, kind: str, *, count: int = 0, longest: int = CHAIN
) -> list[Statement]:
    """C that adds a nest of terms to a sum; the parts of a long one are added up in double.

    Parameters
    ----------
    nest
        What adds to the variable of a name.
    total
        The sum's variable.
    kind
        Its C type, or that of its elements; of long sums `float`, `double` or `vf`.
    count
        How many sums there are, if they are an array.
    longest
        Steps of a part.
    """
    whole = nest(total)
    if chain(whole) <= longest:
        return uncut(whole)
    each, at, size = (f"for (long n = 0; n < {count}; ++n) ", "[n]", f"[{count}]") if count else ("", "", "")
    double, widened, narrowed = "double", f"part{at}", f"exact{at}"
    if kind == "vf":
        double = "vd"
        widened, narrowed = f"__builtin_convertvector({widened}, vd)", f"__builtin_convertvector({narrowed}, vf)"
    begin, end = f"{kind} part{size} = {{0}};", f"{each}exact{at} += {widened};"
    parts = write(in_parts(nest("part"), longest), _statements, lambda _rows: ([begin], [end]))
    return [Block([f"{double} exact{size} = {{0}};", *parts, f"{each}{total}{at} += ({kind}){narrowed};"])]


def _statements(term: Term) -> Sequence[Statement]:
    return term.body


def _chains(nest: Nest) -> Counter[int]:
    """How many steps each sum has."""
    match nest:
        case tuple():
            return sum(map(_chains, nest), Counter())
        case Loop():
            return Counter({row: steps * nest.most for row, steps in _chains(nest.body).items()})
        case Scope() | Part():
            return _chains(nest.body)
        case Choice():
            return _chains(nest.then) | _chains(nest.otherwise)
        case leaf:
            return Counter(dict.fromkeys(leaf.rows, leaf.steps))


def _strips(loop: Loop, longest: int) -> Nest:
    """A loop in parts: several turns to each, if so many are short enough."""
    turns = longest // max(1, chain(loop.body))
    if turns <= 1:
        return replace(loop, body=in_parts(loop.body, longest))
    strips = -(-loop.most // turns)
    turns = -(-loop.most // strips)
    start, width = f"{loop.index}_from", turns * loop.step
    stop = f"({start} + {width} < {loop.stop} ? {start} + {width} : {loop.stop})"
    part = Part(replace(loop, most=turns, first=start, stop=stop))
    return Loop(start, strips, part, loop.first, loop.stop, width)


def _groups(nests: Sequence[Nest], longest: int) -> Iterator[Nest]:
    """Neighbours that are short enough together, and those that are too long alone."""
    first, *rest = nests
    group: Nest = first
    for nest in rest:
        joined = (*group, nest) if isinstance(group, tuple) else (group, nest)
        if chain(joined) > longest:
            yield group
            group = nest
        else:
            group = joined
    yield group
