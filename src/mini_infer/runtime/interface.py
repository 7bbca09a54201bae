"""What a program looks like to those who run its code: all but the steps and the places of single values."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self

from mini_infer.ir import Bound, Dim, DType, OpaqueType, Symbol, TensorType
from mini_infer.ir.dims import Quotient
from mini_infer.program.codec import Classes
from mini_infer.program.ports import Port, State, counted, state_offsets

if TYPE_CHECKING:
    from mini_infer.memory import Plan
    from mini_infer.program import Program


@dataclass(frozen=True, slots=True)
class Interface:
    """A variant from outside. It stands in an engine file's header, and says what `of` finds in the program.

    Parameters
    ----------
    title
        The model's name.
    inputs, outputs, symbols, images, states, exported_bytes
        As of `Program`.
    steps, native_steps
        How many there are, and how many of them need no interpreter.
    copied
        Whether inputs or outputs lie in the arena, which the caller's arrays are copied to and from.
    arena_bytes, lower_bound, strategy
        Of the plan; bytes of the largest sizes.
    unplanned_bytes
        Of the program's buffers, a place each.
    pools
        In how many the buffers lie; one where the plan knows none.
    offsets
        Of the buffers, in bytes, where sizes are given at run time: code is told of them. Otherwise they are part of
        it, and none are here.
    """

    title: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    symbols: tuple[Symbol, ...]
    images: int
    states: tuple[State, ...]
    steps: int
    native_steps: int
    copied: bool
    exported_bytes: int
    arena_bytes: int
    lower_bound: int
    strategy: str
    unplanned_bytes: int
    pools: int
    offsets: tuple[int, ...] = ()

    @classmethod
    def of(cls, program: "Program", plan: "Plan") -> Self:
        """That of a program and its plan."""
        same = ("inputs", "outputs", "symbols", "images", "states", "exported_bytes", "native_steps")
        return cls(
            title=program.name,
            steps=len(program.steps),
            copied=bool(program.given or program.taken),
            arena_bytes=plan.size,
            lower_bound=plan.lower_bound,
            strategy=plan.strategy,
            unplanned_bytes=plan.unplanned,
            pools=len(plan.pools) or 1,
            offsets=plan.offsets if program.symbols else (),
            **{name: getattr(program, name) for name in same},
        )

    def differs(self, other: "Interface") -> tuple[str, ...]:
        """The names of the fields in which another one differs."""
        names = (field.name for field in fields(self))
        return tuple(name for name in names if getattr(self, name) != getattr(other, name))

    @property
    def counted(self) -> tuple[Symbol, ...]:
        """The sizes that a context counts by itself: the rows of the states that grow."""
        return counted(self.states)

    @property
    def state_offsets(self) -> tuple[int, ...]:
        """Where each state begins in the memory of all of them, and where that ends."""
        return state_offsets(self.states)


_TYPES = (Bound, Dim, DType, Interface, OpaqueType, Port, Quotient, State, Symbol, TensorType)

CLASSES: Classes = {kind.__name__: kind for kind in _TYPES}
"""What may stand in an engine file's header, by name."""
