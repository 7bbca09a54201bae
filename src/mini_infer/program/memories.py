"""The memory that a program has: buffers, the caller's arrays and constants, and what may be touched of them when."""

import sys
from dataclasses import dataclass

import numpy as np

from mini_infer.errors import ProgramError
from mini_infer.ir import TensorType, UndecidedError
from mini_infer.ir.dims import at_least, bounds
from mini_infer.program.operand import Walk
from mini_infer.program.ports import STATE_ALIGNMENT, Port, State
from mini_infer.program.strides import dense_strides
from mini_infer.program.types import Constant, Program, Space, View

_NEVER = -1
_BEFORE = -2
"""When an input was written that lies in the arena."""
_ALIGNED = 64
"""Bytes that constants are aligned to; the caller's arrays are as NumPy makes them, for their elements."""


@dataclass(slots=True, eq=False)
class Place:
    """A buffer, an array of the caller's, or a constant.

    Parameters
    ----------
    name
        For messages.
    size, alignment
        In bytes; negative: it is no tensor.
    start, end
        The steps `[start, end)` in which it may be touched.
    fixed
        Whether it is there from the start, and must stay as it is.
    buffer
        Whether others have its bytes at other times.
    written
        The last step that wrote it; negative where none has.
    state
        What lives there from run to run; `None`: nothing does.
    """

    name: str
    size: int
    alignment: int
    start: int = 0
    end: int = sys.maxsize
    fixed: bool = False
    buffer: bool = False
    written: int = _NEVER
    state: State | None = None


class Memories:
    """What there is of memory, and what was done with it up to the current step.

    Parameters
    ----------
    program
        Whose memory it is.

    Attributes
    ----------
    step
        The current step.
    touched
        Buffers in the order of use, for loops to look back at.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.step = 0
        self.touched: list[Place] = []
        sizes = program.sizes or [one.size for one in program.problem.buffers]
        self._places = {
            Space.ARENA: [
                Place(f"buffer {one.id!r}", size, one.alignment, one.start, one.end, buffer=True)
                for one, size in zip(program.problem.buffers, sizes, strict=True)
            ],
            Space.INPUT: [_of_port("input", program.of_one(port), fixed=True) for port in program.inputs],
            Space.OUTPUT: [_of_port("output", program.of_one(port), fixed=False) for port in program.outputs],
            Space.CONSTANT: [
                Place(f"constant {one.name!r}", _constant_bytes(one), _ALIGNED, fixed=True) for one in program.constants
            ],
            Space.STATE: [
                Place(f"state {one.name!r}", one.bytes, STATE_ALIGNMENT, state=one) for one in program.states
            ],
        }
        self._known: dict[int, Place] = {}

    def fill(self, view: View) -> Place:
        """The place of an input in the arena, which the caller has written."""
        place = self.place(view)
        place.written = _BEFORE
        return place

    def check(self) -> None:
        """Check the buffers, the constants, and where the values lie."""
        for buffer in self.program.problem.buffers:
            if buffer.gaps:
                raise ProgramError(f"buffer {buffer.id!r} has gaps, in which its bytes are others'")
        for constant in self.program.constants:
            _check_constant(constant)
        for name, view in self.program.values.items():
            try:
                self._check_value(view)
            except ProgramError as error:
                raise ProgramError(f"value {name!r} {error}") from error
            except UndecidedError as error:
                raise ProgramError(f"value {name!r} does not fit at every size: {error}") from error

    def place(self, view: View) -> Place:
        """What a view lies in, once it is checked that it does."""
        known = self._known.get(id(view))  # most are those of values, which are checked already
        return self._checked(view) if known is None else known

    def read(self, view: View, low: int = 0, high: int = 0, unit: int = 1) -> Place:
        """Check that bytes may be read now: those of the view and `[low, high)` from its first on, in such elements."""
        place = self._touch(view, low, high, unit)
        if place.written == _NEVER and not place.fixed and place.state is None and view.type.elements != 0:
            raise ProgramError(f"from {place.name}, which no step before it writes")
        if place.state is not None and not place.state.appended and _NEVER < place.written < self.step:
            raise ProgramError(f"from {place.name}, which is of the next run already")
        return place

    def write(
        self,
        view: View,
        low: int = 0,
        high: int = 0,
        unit: int = 1,
        *,
        reads: bool = False,
        walk: Walk | None = None,
        again: bool = False,
    ) -> Place:
        """Check that bytes may be written now, and that they are there already where they are read as well.

        Without a `walk` from the lowest byte on, in elements of `unit` bytes, all of the view is written. What is there
        of a state may be written `again`, as it is.
        """
        place = self.read(view, low, high, unit) if reads else self._touch(view, low, high, unit)
        if place.fixed:
            raise ProgramError(f"to {place.name}, which must stay as it is")
        if place.state is not None and place.state.appended and not again:
            if walk is None:
                walk, unit = tuple(zip(view.type.shape, view.walk, strict=True)), view.type.dtype.numpy.itemsize
            _check_rows(place.state, view.offset + low, walk, unit)
        place.written = self.step
        return place

    def table(self, view: View, low: int, high: int) -> np.ndarray | None:
        """The values of these bytes of a view, if they are a constant."""
        if view.space is not Space.CONSTANT:
            return None
        flat = self.program.constants[view.index].data.reshape(-1)
        size = flat.dtype.itemsize
        return flat[(view.offset + low) // size : (view.offset + high) // size]

    def _touch(self, view: View, low: int, high: int, unit: int) -> Place:
        place = self.place(view)
        offset = view.offset
        if offset + low < 0 or offset + high > place.size:
            raise ProgramError(f"at bytes [{offset + low}, {offset + high}) of {place.name}, which has {place.size}")
        if offset % unit or place.alignment % unit:
            where = f"{place.name}, which is aligned to {place.alignment} bytes"
            raise ProgramError(f"elements of {unit} bytes at byte {offset} of {where}")
        if place.buffer:
            if not place.start <= self.step < place.end:
                raise ProgramError(f"in {place.name}, which lives in steps [{place.start}, {place.end})")
            self.touched.append(place)
        return place

    def _check_value(self, view: View) -> None:
        """Check a value's view; a constant is found by its index alone, unpacked, or is one element many times."""
        if view.space is not Space.CONSTANT:
            self._known[id(view)] = self._checked(view)
            return
        place = self._found(view)
        constant = self.program.constants[view.index]
        shape = constant.shape if constant.packing is None else constant.packing.shape
        wanted = (1,) * len(view.type.shape) if view.strides else view.type.shape
        if shape != wanted or any(view.strides) or view.type.dtype.numpy != constant.model_dtype or view.offset:
            raise ProgramError(f"is {view.type}, but {place.name} is {constant.model_dtype}{list(shape)}")
        self._known[id(view)] = place

    def _found(self, view: View) -> Place:
        places = self._places.get(view.space, [])  # rings are there in streams alone, which have no views of them left
        if not 0 <= view.index < len(places):
            raise ProgramError(f"lies in {view.space.value} number {view.index} of {len(places)}")
        return places[view.index]

    def _checked(self, view: View) -> Place:
        """The place of a view that, as it describes itself, lies in it."""
        place, kind = self._found(view), view.type
        if place.size < 0:
            raise ProgramError(f"lies in {place.name}, which is no tensor")
        if view.space is Space.CONSTANT and kind.dtype.numpy != self.program.constants[view.index].dtype:
            raise ProgramError(f"is {kind.dtype.value} in {place.name}, which is of another type")
        unit = kind.dtype.numpy.itemsize
        span = kind.elements
        if view.strides:
            if len(view.strides) != len(kind.shape) or any(stride < 0 for stride in view.strides):
                raise ProgramError(f"has strides {view.strides} for the shape {kind.shape}")
            steps = ((count - 1) * stride for count, stride in zip(kind.shape, view.strides, strict=True))
            span = 0 if span == 0 else 1 + sum(steps)  # where a count can be 0, nothing is there then
        end = view.offset + span * unit
        if view.offset < 0 or view.offset % unit or end > place.size:
            raise ProgramError(f"lies at bytes [{view.offset}, {end}) of {place.name}, which has {place.size}")
        return place


def _check_rows(state: State, offset: int, walk: Walk, unit: int) -> None:
    """Check that elements which a walk reaches from a byte on are rows that a run adds, not those that are there."""
    row = dense_strides(state.room)[state.axis] * state.type.dtype.numpy.itemsize
    whole, first = row * state.room[state.axis], row * state.type.shape[state.axis]
    low = offset - bounds(offset - first)[0] // whole * whole
    high = low + unit
    for count, stride in walk:
        step = abs(stride) * unit
        if count != 1 and (step == 0 or step % whole != 0):
            high += (count - 1) * step
    if not at_least(low, first) or not at_least(whole, high):
        raise ProgramError(f"bytes [{low}, {high}) of state {state.name!r}, whose rows are there up to byte {first}")


def _of_port(kind: str, port: Port, *, fixed: bool) -> Place:
    size = port.type.bytes if isinstance(port.type, TensorType) else -1
    return Place(f"{kind} {port.name!r}", size, _ALIGNED, fixed=fixed)


def _constant_bytes(constant: Constant) -> int:
    return -1 if constant.value.dtype.hasobject else constant.nbytes


def _check_constant(constant: Constant) -> None:
    """Check that a constant has the shape that its packing makes."""
    if constant.packing is None:
        return
    wanted = constant.packing.packed_shape if constant.is_packed else constant.packing.shape
    if constant.value.shape != wanted:
        raise ProgramError(f"constant {constant.name!r} has the shape {constant.value.shape} instead of {wanted}")
