"""Tables that lowering makes of a model's constants: each once, whatever programs of the model have it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from mini_infer.heap import Leftovers


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is not made yet, of the constants that are its `sources`.

    Its name says how it is made: two made of the same constants under one name are equal.
    """

    name: str
    shape: tuple[int, ...]
    sources: tuple[np.ndarray, ...]
    make: Callable[[], np.ndarray]


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one model's programs, which are lowered one after the other while several are kept."""

    _made: dict[tuple[str, tuple[int, ...]], tuple[Table, np.ndarray]] = field(default_factory=dict)
    _leftovers: Leftovers = field(default_factory=Leftovers)

    def get(self, table: Table) -> np.ndarray:
        """The table; made now, unless it was before."""
        key = table.name, tuple(map(id, table.sources))  # of arrays that are kept, with the table
        if key not in self._made:
            array = table.make()
            self._made[key] = table, array
            self._leftovers.add(array.nbytes)  # as much, or more, was used on the way
        return self._made[key][1]
