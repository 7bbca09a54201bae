"""Weights asked for ahead: while one panel of them is multiplied, the next one comes into the cache.

A panel is what all tiles of rows multiply by before they go on to the next columns. Where rows are few, a panel is
used up faster than memory brings it, and the first tile would wait for each line. So each step of the reduction asks
for its share of the panel after::

    tile 0   ▓▓▓▓░░░░░░░░    panel that is multiplied, by all tiles
    tile 1   ▓▓▓▓░░░░░░░░
             │
             ▼ each step, a little
             next panel

A panel that a single tile multiplies by is read once: asking as far ahead as it is long would push out of the cache
what comes first, so the tile asks for what lies a little further in the same panel.
"""

from dataclasses import dataclass

from mini_infer.machine import Machine

LINE = 64
"""Bytes that come into the cache together."""

_FAR = 16
"""A single tile asks for at most the n-th part of the second cache ahead."""

_WORTH = 1 / 32
"""Of the time of the products: what fetching a panel has to take for it to be asked for."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """How far a tile asks ahead.

    Parameters
    ----------
    bytes
        That each step of the reduction asks for; 0: none.
    nearer
        By how many bytes what the first step asks for lies before the next panel.
    """

    bytes: int = 0
    nearer: int = 0

    @classmethod
    def of(cls, panel: int, panels: int, steps: int, tiles: int, vectors: int, machine: Machine) -> "Ahead":
        """So far that all tiles together ask for one panel, where that is worth it.

        Parameters
        ----------
        panel
            Its bytes.
        panels
            Of all weights: what the nearest cache can hold is not asked for.
        steps
            Of the reduction, in each tile.
        tiles
            That multiply by a panel.
        vectors
            Products of whole vectors in one step.
        """
        if not machine.hosted or panel * panels <= machine.near(0, 1) or steps * tiles == 0:
            return cls()
        work = steps * tiles * vectors * machine.vector_cycles(machine.lanes)
        if panel * machine.rates.read[-1] <= _WORTH * work:
            return cls()
        nearer = panel - machine.near(1, _FAR) if tiles == 1 else 0
        return cls(-(-panel // (steps * tiles)), max(0, nearer))

    def declared(self, panel: str, steps: str = "") -> list[str]:
        """C that declares `ahead`, so many steps into the next panel, which is at an address."""
        if not self.bytes:
            return []
        begins = f" - {self.nearer}" if self.nearer else ""
        steps = f" + {steps} * {self.bytes}" if steps else ""
        return [f"const char *ahead = (const char *)({panel}){begins}{steps};", "(void)ahead;"]

    def asked(self, steps: int) -> list[str]:
        """C that asks for what so many steps ask for."""
        lines = -(-steps * self.bytes // LINE)
        return [f"__builtin_prefetch(ahead + {line * LINE}, 0, 2);" for line in range(lines)]

    def passed(self, steps: int) -> str:
        """C that goes on by so many steps."""
        return f"ahead += {steps * self.bytes}" if self.bytes else ""
