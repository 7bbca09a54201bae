"""What a program looks like from outside: the values that callers give and get, and those that live from run to run."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from mini_infer.ir import Bound, Dim, Symbol, TensorType, ValueType
from mini_infer.ir.states import SAME
from mini_infer.program.strides import dense_strides, is_dense


@dataclass(frozen=True, slots=True)
class Port:
    """A value that the caller gives or gets: its name outside, and that in the program.

    Of an output with a `bound`, only so much is there along one axis as another output says (`Bound.count`).
    """

    name: str
    type: ValueType
    value: str
    bound: Bound | None = None


STATE_ALIGNMENT = 64
"""Bytes that each state is aligned to."""


@dataclass(frozen=True, slots=True)
class State:
    """A value that lives from run to run: what the run before has left is read, and what this run leaves is written.

    One that grows has rows added along an axis by every run. Where it is `appended`, they are written behind those that
    are there, which never move: each lies where it does in the largest tensor that there can be.

    Parameters
    ----------
    name, output
        The model's input and its output.
    type, result
        Of the value before a run, and of that after it.
    axis
        Along which it grows; `SAME` (-1) where it does not.
    appended
        Whether what is there stays where it is; otherwise the whole value is written by every run.
    rows
        Of one that is appended, as many as there is room for along its axis.
    bytes
        Of its room, which is also that of contexts for smaller sizes.
    """

    name: str
    output: str
    type: TensorType
    result: TensorType
    axis: int = SAME
    appended: bool = False
    rows: int = 0
    bytes: int = 0

    @property
    def room(self) -> tuple[int, ...]:
        """The shape that it has memory for: along the axis that it grows along, as many as there can be."""
        sizes = enumerate(self.result.shape)
        return tuple(self.rows if self.appended and axis == self.axis else size for axis, size in sizes)

    @property
    def strides(self) -> tuple[int, ...]:
        """How far apart neighbors lie, in elements; empty: row-major, without gaps."""
        strides = dense_strides(self.room)
        return (
            ()
            if not self.appended or all(is_dense(kind.shape, strides) for kind in (self.type, self.result))
            else strides
        )

    @property
    def counted(self) -> Symbol | None:
        """The size that says how many rows are there; `None` where it does not grow."""
        length = None if self.axis == SAME else self.type.shape[self.axis]
        return next(iter(length.symbols)) if isinstance(length, Dim) else None


def counted(states: Sequence[State]) -> tuple[Symbol, ...]:
    """The sizes that a context counts by itself: the rows of the states that grow."""
    return tuple(sorted({state.counted for state in states if state.counted is not None}))


def state_offsets(states: Sequence[State]) -> tuple[int, ...]:
    """Where each state begins in the memory of all of them, and where that ends."""
    sizes = (-(-state.bytes // STATE_ALIGNMENT) * STATE_ALIGNMENT for state in states)
    return tuple(accumulate(sizes, initial=0))
