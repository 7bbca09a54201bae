"""What adds to the sums of a register tile: the leaves of the nests that `tile.Accumulators.of` writes in C."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mini_infer.codegen.contraction.blocked_sum import Loop, Nest
from mini_infer.ir.dims import greatest


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps of a reduction, one after the other.

    Parameters
    ----------
    p, q
        C addresses of the first numbers of x and weights.
    offsets
        The rows that take part: row of the tile → offset of its number from `p`.
    count
        How many steps.
    x_step, w_step
        From one step's numbers to the next's.
    partial_weights
        Whether weights end with the columns that exist instead of being padded to whole vectors.
    present
        C of the first row that has the numbers and of the one after the last; others have `zeros`. Empty: all do.
    """

    p: str
    q: str
    offsets: Mapping[int, int]
    count: int
    x_step: int
    w_step: int
    partial_weights: bool = False
    present: tuple[str, ...] = ()

    @property
    def steps(self) -> int:
        """Additions to one sum, at most."""
        return greatest(self.count)

    @property
    def rows(self) -> Collection[int]:
        """The rows of the tile that are added to."""
        return self.offsets.keys()

    def cut(self, longest: int) -> Nest:
        """Whole parts of so many steps in a loop, and what is left."""
        whole, rest = divmod(self.count, longest)
        one = self._after(f"part * {longest * self.x_step}", f"part * {longest * self.w_step}", longest)
        last = whole * longest
        ending = (self._after(str(last * self.x_step), str(last * self.w_step), rest),) if rest != 0 else ()
        return (Loop.of("part", whole, one), *ending)

    def _after(self, x: str, w: str, count: int) -> "Steps":
        return replace(self, p=f"{self.p} + {x}", q=f"{self.q} + {w}", count=count)


@dataclass(frozen=True, slots=True)
class ByteSteps:
    """Steps over neighbors in x, four of them at a time; the last ones may be fewer.

    Parameters
    ----------
    p, q
        C addresses of the first numbers of x and weights.
    offsets
        The rows that have them: row of the tile → offset of its first number from `p`.
    length
        How many neighbors.
    w_step
        From the weights of four of them to the next ones'.
    absent
        The rows that have none of them, and add the products of their zero point.
    zero
        That number.
    fits
        How many bits are read at once that say where pairs of products fit into int16; 0: there are none.
    """

    p: str
    q: str
    offsets: Mapping[int, int]
    length: int
    w_step: int
    absent: tuple[int, ...]
    zero: int
    fits: int = 0

    @property
    def steps(self) -> int:
        """Additions to one sum."""
        return -(-self.length // 4)

    @property
    def rows(self) -> Collection[int]:
        """The rows of the tile that are added to."""
        return {*self.offsets, *self.absent}

    def cut(self, longest: int) -> Nest:
        """Integers are exact, however many are added up."""
        raise ValueError(f"{self.steps} steps of integers that need no parts of {longest}")


@dataclass(frozen=True, slots=True)
class Window:
    """Elements of a window, each number of x loaded once; for one vector of columns.

    Parameters
    ----------
    p, q
        C addresses of the first numbers of x and weights.
    uses
        Offset from `p` of a number of x → the products it takes part in: (row of the tile, window element).
    w_step
        From one element's weights to the next's.
    across
        Whether each column has numbers of x of its own, a vector of them; otherwise one number serves all columns.
    x_step
        How many elements apart neighbors lie, whose offsets differ by one.
    present
        Offset → the C condition on which there is such a number; empty: there are all.
    absent
        The products of numbers that there are none of, which count as `zero`: (row of the tile, window element).
    """

    p: str
    q: str
    uses: Mapping[int, Sequence[tuple[int, int]]]
    w_step: int
    across: bool
    x_step: int = 1
    present: Mapping[int, str] = field(default_factory=dict)
    absent: Sequence[tuple[int, int]] = ()
    zero: int = 0

    @property
    def elements(self) -> list[int]:
        """The window's elements that are used."""
        return sorted({element for pairs in (*self.uses.values(), self.absent) for _, element in pairs})

    @property
    def steps(self) -> int:
        """Additions to one sum."""
        return len(self.elements)

    @property
    def rows(self) -> Collection[int]:
        """The rows of the tile that are added to."""
        return {row for pairs in (*self.uses.values(), self.absent) for row, _ in pairs}

    def cut(self, longest: int) -> Nest:
        """Neighbouring elements together."""
        elements = self.elements
        groups = [set(elements[start : start + longest]) for start in range(0, len(elements), longest)]
        return tuple(replace(self, uses=self._having(group)) for group in groups)

    def _having(self, elements: set[int]) -> Mapping[int, Sequence[tuple[int, int]]]:
        used = {offset: [pair for pair in pairs if pair[1] in elements] for offset, pairs in self.uses.items()}
        return {offset: pairs for offset, pairs in used.items() if pairs}
