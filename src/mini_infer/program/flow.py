"""Control flow of a program: well nested, with the right partners, and nothing forgotten while a loop runs."""

from dataclasses import dataclass, field

from mini_infer.errors import ProgramError
from mini_infer.ir import DType
from mini_infer.program.memories import Memories, Place
from mini_infer.program.types import Control, ControlKind, View

_OPERANDS = {
    ControlKind.IF: (DType.BOOL,),
    ControlKind.LOOP: (DType.INT64, DType.BOOL, DType.INT64),
}
"""The types of the scalars that a control step needs."""

_OPENERS = {
    ControlKind.ELSE: ControlKind.IF,
    ControlKind.END_IF: ControlKind.ELSE,
    ControlKind.END_LOOP: ControlKind.LOOP,
}
"""What a control step continues or ends."""


@dataclass(slots=True)
class _Open:
    """A branch or loop whose end has not come yet.

    Parameters
    ----------
    step, control
        Where it began, and how.
    first
        How many touches of buffers there were before.
    appended
        Buffers that the loop's repetitions add to.
    """

    step: int
    control: Control
    first: int
    appended: set[Place] = field(default_factory=set)


class Flow:
    """Follows the control steps of a program from the first to the last.

    Parameters
    ----------
    memories
        What was done with the program's memory up to the current step.
    """

    def __init__(self, memories: Memories) -> None:
        self.memories = memories
        self.open: list[_Open] = []

    def control(self, control: Control, step: int) -> None:
        """One control step."""
        kind = control.kind
        if kind in _OPENERS:
            self._continue(control, step)
        elif kind not in (ControlKind.IF, ControlKind.LOOP):
            self._require(control.partner == step, f"has the partner {control.partner}, but stands alone")
        if kind in (ControlKind.IF, ControlKind.LOOP, ControlKind.ELSE):
            self.open.append(_Open(step, control, len(self.memories.touched)))
        if kind is ControlKind.APPEND:
            self._append(control)
            return
        types = _OPERANDS.get(kind, ())
        self._require(len(control.operands) == len(types), f"has {len(control.operands)} operands of {len(types)}")
        for position, (view, dtype) in enumerate(zip(control.operands, types, strict=True)):
            whole = view.type.dtype is dtype and view.type.elements == 1
            self._require(whole, f"is told by {view.type}, not by one {dtype.value}")
            size = dtype.numpy.itemsize
            if position == 2:  # noqa: PLR2004 - the number of the repetition
                self.memories.write(view, 0, size, size)
            else:
                self.memories.read(view, 0, size, size)

    def finish(self) -> None:
        """Check that every branch and loop has its end."""
        if self.open:
            raise ProgramError(f"step {self.open[-1].step} begins what no step ends")

    def _continue(self, control: Control, step: int) -> None:
        """Check the partners of what goes on or ends here; a loop's buffers must live until here."""
        kind = control.kind
        matching = bool(self.open) and self.open[-1].control.kind is _OPENERS[kind]
        self._require(matching, f"is an {kind.value!r} without its beginning")
        begun = self.open.pop()
        self._require(
            begun.control.partner == step, f"is not step {begun.control.partner}, which step {begun.step} names"
        )
        if kind is not ControlKind.END_LOOP:
            self._require(
                kind is ControlKind.ELSE or control.partner == begun.step, f"has the partner {control.partner}"
            )
            return
        self._require(control.partner == begun.step, f"goes back to step {control.partner}, not to {begun.step}")
        for place in {*self.memories.touched[begun.first :]}:
            forgotten = place.end <= step and (place.start < begun.step or place in begun.appended)
            self._require(not forgotten, f"ends a loop that needs {place.name}, which lives until step {place.end}")

    def _append(self, control: Control) -> None:
        """Check that all slices have room, of a loop whose trips are known."""
        self._require(len(control.operands) == 3, f"has {len(control.operands)} operands of 3")  # noqa: PLR2004
        source, target, number = control.operands
        loop = next((one for one in reversed(self.open) if self._counts(one, number)), None)
        self._require(loop is not None, "is told its place by no loop around it")
        assert loop is not None  # noqa: S101 - for the type checker
        changed = self.memories.place(number).written > loop.step
        self._require(not changed, "is told its place by a number that the loop changes")
        trips = self._trips(loop.control.operands[0])
        self._require(trips is not None, "adds to what a loop makes whose trips are not known")
        dense = not source.strides and not target.strides and source.type.dtype is target.type.dtype
        self._require(dense, "copies between tensors of gaps or different types")
        room = target.type.shape[1:] == source.type.shape and target.type.shape[:1] >= (trips or 0,)
        self._require(room, f"adds {trips} times {source.type} to {target.type}")
        size, unit = source.type.bytes, source.type.dtype.numpy.itemsize
        self.memories.read(source, 0, size, unit)
        self.memories.read(number, 0, 8, 8)
        loop.appended.add(self.memories.write(target, 0, size * max(0, trips or 0), unit))

    @staticmethod
    def _counts(loop: _Open, number: View) -> bool:
        """Whether this is the number of the loop's repetition."""
        return loop.control.kind is ControlKind.LOOP and loop.control.operands[2] == number

    def _trips(self, view: View) -> int | None:
        """The greatest number of repetitions, if it is known."""
        values = self.memories.table(view, 0, 8)
        return None if values is None else int(values[0])

    @staticmethod
    def _require(holds: bool, text: str) -> None:  # noqa: FBT001 - what must hold comes first
        if not holds:
            raise ProgramError(text)
