"""What to prefer where bytes and time are at odds, and what that means for each choice of the compiler.

`OBJECTIVES` has one entry for each name that a user may give; whatever depends on what is preferred is a field of
`Objective`, and nothing else asks for its name.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Winograd:
    """What Winograd's method may take, where it is considered.

    Parameters
    ----------
    strides
        Of the convolutions: with 2 it wins a quarter of a layer's time where 1 wins half.
    weights_price
        Cycles that each byte must save by which transformed weights are larger than those they stand for.
    workspace_price
        Cycles that each byte of workspace may cost at most to be saved.
    arena_price
        What part of its time all of a program's arena is worth: where workspace adds to that of a program with streams,
        each of its bytes may cost as much of the time as it is part of the arena.
    limits_workspace
        Whether it has only the workspace that adds little to the peak.
    """

    strides: tuple[int, ...]
    weights_price: float
    workspace_price: float
    arena_price: float
    limits_workspace: bool


@dataclass(frozen=True, slots=True)
class Objective:
    """What is given up for what.

    Parameters
    ----------
    name
        What a user calls it.
    slowdown
        What part of the time that kernels take streams may cost at most.
    rounds_of_blocks
        How often values at the peak are made in blocks, and then in smaller ones, at most.
    worth
        What part of the arena must be left at most for blocks to be worth their time.
    shares
        Values of more than one n-th of the arena are made in blocks, or else of more than the next n-th; one or more
        where there are rounds of blocks.
    copies_parts
        Whether parts are copied into their whole, instead of written there, where that lowers the peak.
    pools_in_registers
        Whether a pool takes its convolution's sums from the registers, however many they are; otherwise only while
        they would stay in the cache, and rows of more are pooled by a stream.
    packs_pairs
        Whether weights of quantized convolutions are packed in pairs of int16, which takes more bytes.
    winograd
        What Winograd's method may take; none: it is not considered.
    strassen
        Whether large products take Strassen's method, which keeps seven quarters of the weights.
    """

    name: str
    slowdown: float
    rounds_of_blocks: int
    worth: float
    shares: tuple[int, ...]
    copies_parts: bool
    pools_in_registers: bool
    packs_pairs: bool
    winograd: Winograd | None
    strassen: bool


_MEMORY = Objective(
    "memory",
    slowdown=math.inf,
    rounds_of_blocks=5,
    worth=0.97,
    shares=(6, 3),
    copies_parts=True,
    pools_in_registers=True,
    packs_pairs=False,
    winograd=None,
    strassen=False,
)

BALANCED = Objective(
    "balanced",
    slowdown=0.018,
    rounds_of_blocks=1,
    worth=0.9,
    shares=(3,),
    copies_parts=True,
    pools_in_registers=False,
    packs_pairs=True,
    winograd=Winograd(
        strides=(1,), weights_price=0.16, workspace_price=1 / 8, arena_price=1 / 16, limits_workspace=True
    ),
    strassen=False,
)
"""Gives up neither for little of the other."""

_SPEED = Objective(
    "speed",
    slowdown=0.0,
    rounds_of_blocks=0,
    worth=0.0,
    shares=(),
    copies_parts=False,
    pools_in_registers=False,
    packs_pairs=True,
    winograd=Winograd(
        strides=(1, 2), weights_price=0.0, workspace_price=1 / 8, arena_price=0.0, limits_workspace=False
    ),
    strassen=True,
)

OBJECTIVES: Mapping[str, Objective] = MappingProxyType({each.name: each for each in (_MEMORY, BALANCED, _SPEED)})
"""By their names; each saves more bytes than those after it."""


class Preference:
    """An objective that remembers whether anybody asked for it: what never did is the same for every objective.

    Parameters
    ----------
    objective
        What is preferred.
    whole
        The preference of what this is a part of: who asks the part asks that too.
    """

    def __init__(self, objective: Objective, whole: "Preference | None" = None) -> None:
        self._objective = objective
        self._whole = whole
        self.was_asked = False

    @property
    def objective(self) -> Objective:
        """The objective; whoever reads this chooses by it."""
        self.was_asked = True
        return self._objective if self._whole is None else self._whole.objective

    def part(self) -> "Preference":
        """The same objective for a part, which remembers for itself as well."""
        return Preference(self._objective, self)
