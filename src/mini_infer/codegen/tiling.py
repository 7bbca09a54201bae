"""Neighbors cut into tiles: whole ones and, at the end, what is left."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mini_infer.codegen.statements import Block, For, If, Statement
from mini_infer.ir.dims import Dim, at, bounds, every_size

_FEW = 64
"""Sizes given at run time that are looked at one by one."""

Body = Callable[[Any], Sequence[Statement]]
"""How many neighbors a tile has → C of it."""


@dataclass(frozen=True, slots=True)
class Tiling:
    """`count` neighbors, `step` of them to a tile.

    Where the count is given at run time, so is what is left, and there is a body for each number that can be; or one
    that `counts` at run time.
    """

    count: int
    step: int
    counts: bool = False

    @property
    def whole(self) -> int:
        """How many tiles are whole."""
        return self.count // self.step

    @property
    def rest(self) -> int:
        """Neighbors that are left after the whole tiles."""
        return self.count % self.step

    @property
    def tiles(self) -> int:
        """How many tiles there are, with the rest."""
        return -(-self.count // self.step)

    @property
    def some_whole(self) -> bool:
        """Whether there can be whole tiles."""
        return bounds(self.count)[1] >= self.step

    @property
    def rests(self) -> Sequence[int]:
        """How many neighbors can be left, where that is not none."""
        rest = self.rest
        if not isinstance(rest, Dim):
            return [rest] if rest else []
        symbols = sorted(rest.symbols)
        if math.prod(len(symbol.sizes) for symbol in symbols) <= _FEW:
            return sorted({at(rest, sizes) for sizes in every_size(symbols)} - {0})
        apart = math.gcd(rest.divisor, self.step)
        return range(apart, min(rest.bounds[1], self.step - 1) + 1, apart)

    @property
    def narrower(self) -> bool:
        """Whether there can be a tile that is narrower than a whole one before it."""
        return self.some_whole and bool(self.rests)

    def each(self, first: str, body: Body) -> list[Statement]:
        """C of all tiles, one after the other; `first` names the first neighbor of a tile."""
        end = self.whole * self.step
        found: list[Statement] = [For(first, end, body(self.step), step=self.step)] if self.some_whole else []
        return [*found, Block([f"const long {first} = {end};", *self.after(body)])] if self.rests else found

    def halved(self, first: str, body: Body) -> list[Statement]:
        """The same, where what is left is cut into tiles, each half as wide as the last, if it is given at run time.

        Fewer bodies serve it; what a tile reads must not lie as `each` would cut it.
        """
        if not isinstance(self.rest, Dim) or not self.rests:
            return self.each(first, body)
        end = self.whole * self.step
        found: list[Statement] = [For(first, end, body(self.step), step=self.step)] if self.some_whole else []
        unit = math.gcd(*self.rests)
        for power in reversed(range((self.rests[-1] // unit).bit_length())):
            part = unit << power
            begin = f"const long {first} = {end} + {self.rest} / {2 * part} * {2 * part};"
            found.append(If(f"{self.rest} % {2 * part} >= {part}", [begin, *body(part)]))
        return found

    def overlapping(self, first: str, body: Sequence[Statement]) -> list[Statement]:
        """C of whole tiles alone, at least one: the last one begins where it ends with the last neighbor."""
        found: list[Statement] = [For(first, self.whole * self.step, body, step=self.step)]
        return [*found, Block([f"const long {first} = {self.count - self.step};", *body])] if self.rest else found

    def one(self, number: str, body: Body) -> list[Statement]:
        """C of the tile of a number."""
        return self.here(f"{number} < {self.whole}", body)

    def here(self, is_whole: str, body: Body) -> list[Statement]:
        """C of one tile, which is whole where a C condition says so."""
        if not self.rests:
            return list(body(self.step))
        if not self.some_whole:
            return self.after(body)
        return [If(is_whole, body(self.step), self.after(body))]

    def after(self, body: Body) -> list[Statement]:
        """C of what is left after the whole tiles."""
        if not self.rests:
            return []
        if not isinstance(self.rest, Dim):
            return list(body(self.rest))
        if self.counts:
            return [If(f"{self.rest} > 0", body(self.rest))]
        return [If(f"{self.rest} == {rest}", body(rest)) for rest in self.rests]
