"""Neighbors cut into tiles: whole ones and, at the end, what is left."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mini_infer.codegen.statements import Block, For, If, Statement

Body = Callable[[int], Sequence[Statement]]
"""How many neighbors a tile has → C of it."""


@dataclass(frozen=True, slots=True)
class Tiling:
    """`count` neighbors, `step` of them to a tile."""

    count: int
    step: int

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

    def each(self, first: str, body: Body) -> list[Statement]:
        """C of all tiles, one after the other; `first` names the first neighbor of a tile."""
        end = self.whole * self.step
        found: list[Statement] = [For(first, end, body(self.step), step=self.step)] if self.whole else []
        return [*found, Block([f"const long {first} = {end};", *body(self.rest)])] if self.rest else found

    def overlapping(self, first: str, body: Sequence[Statement]) -> list[Statement]:
        """C of whole tiles alone, at least one: the last one begins where it ends with the last neighbor."""
        found: list[Statement] = [For(first, self.whole * self.step, body, step=self.step)]
        return [*found, Block([f"const long {first} = {self.count - self.step};", *body])] if self.rest else found

    def one(self, number: str, body: Body) -> list[Statement]:
        """C of the tile of a number."""
        if not self.rest:
            return list(body(self.step))
        if not self.whole:
            return list(body(self.rest))
        return [If(f"{number} < {self.whole}", body(self.step), body(self.rest))]
