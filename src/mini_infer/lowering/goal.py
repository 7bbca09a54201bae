"""What to prefer where bytes and time are at odds, and whether anything was."""

GOALS = ("memory", "balanced", "speed")
"""``"balanced"`` gives up neither for little of the other."""


class Goal:
    """One of `GOALS`, which remembers whether anybody asked for it: what never did is the same for every goal."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.was_asked = False

    @property
    def name(self) -> str:
        """The goal; whoever reads this chooses by it."""
        self.was_asked = True
        return self._name
