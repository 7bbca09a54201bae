"""Is a program safe to run? This module shares no code with lowering or code generation: every program goes through it.

What a kernel can touch is what it says of itself (`Kernel.operands`); here it is held against the memory that there is.
A program that passes, with a plan that `memory.validate` passes, reads and writes nothing outside its constants, its
arena and the caller's arrays, whatever the data.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import lcm

from mini_infer import memory
from mini_infer.errors import CapacityError, PlanError, ProblemError, ProgramError
from mini_infer.ir import Bound, Dim, DType, Node, Symbol, TensorType, UndecidedError
from mini_infer.ir.attributes import integer
from mini_infer.ir.dims import at_least, bounds, symbols_in
from mini_infer.ir.states import SAME, grown_axis
from mini_infer.machine import Machine
from mini_infer.memory.problem import MAX_BYTES
from mini_infer.program.flow import Flow
from mini_infer.program.footprint import apart
from mini_infer.program.kernels import Kernel
from mini_infer.program.memories import Memories, Place
from mini_infer.program.operand import Access, Operand
from mini_infer.program.overlaps import Diagonals
from mini_infer.program.pieces import Piece, pieces
from mini_infer.program.ports import Port
from mini_infer.program.rings import Follower
from mini_infer.program.telling import Span, telling
from mini_infer.program.types import Call, Program, Ring, Space, Step, Stream, Turn, View


@dataclass(frozen=True, slots=True)
class _Access:
    """What a kernel does with one operand: the bytes `[low, high)` that it can touch from its view on."""

    operand: Operand
    dtype: DType | None
    low: int
    high: int
    unit: int
    written: bool
    updated: bool


_SCALAR = TensorType(DType.INT64, ())


def validate(program: Program, *, machine: Machine, threads: int = 1) -> None:
    """Check every rule that a program keeps. Linear in its size.

    Parameters
    ----------
    program
        From lowering, or from a file.
    machine, threads
        What its C is written for, and the threads that a run is spread over.

    Raises
    ------
    ProgramError
        The program breaks a rule; the message names the step, the kernel, the operand and the numbers.
    """
    _Validator(program, machine, threads).run()


class _Validator:
    def __init__(self, program: Program, machine: Machine, threads: int) -> None:
        self.program = program
        self.machine = machine
        self.threads = threads
        _check_sizes(program)
        self.memories = Memories(program)
        self.flow = Flow(self.memories)
        self.kernels: dict[Kernel, tuple[_Access, ...]] = {}
        self.opaque: set[str] = set()

    def run(self) -> None:
        self.memories.check()
        self._check_ports()
        self._check_states()
        for index, step in enumerate(self.program.steps):
            self.memories.step = index
            self._step(step, index)
        self.flow.finish()
        for index, port in enumerate(map(self.program.of_one, self.program.outputs)):
            if isinstance(port.type, TensorType):
                found = self.program.values[port.value]
                home = found if found.space is Space.ARENA else View(Space.OUTPUT, index, 0, port.type)
                place = self.memories.place(home)
                _require(place.written >= 0 or not place.size, f"output {port.name!r} is written by no step")
            else:
                _require(port.value in self.opaque, f"output {port.name!r} is {port.value!r}, which nothing makes")

    def _check_ports(self) -> None:
        """Check that inputs and outputs lie in the caller's arrays or the arena, and that their names are unique."""
        program = self.program
        for space, ports in ((Space.INPUT, program.inputs), (Space.OUTPUT, program.outputs)):
            kind = space.value
            names = [port.name for port in ports]
            _require(len(set(names)) == len(names), f"two {kind}s have one name: {', '.join(map(repr, names))}")
            for index, port in enumerate(map(program.of_one, ports)):
                place = View(space, index, 0, port.type) if isinstance(port.type, TensorType) else None
                found = program.values.get(port.value)
                if isinstance(port.type, TensorType) and found is not None and found.space is Space.ARENA:
                    place = replace(found, type=port.type, strides=())
                _require(found == place, f"{kind} {port.name!r} is {port.value!r}, which lies elsewhere: {found}")
                if space is Space.INPUT:
                    _require(port.name == port.value, f"input {port.name!r} is the value {port.value!r}")
                if port.bound is not None:
                    self._check_bound(port, port.bound)
        self._check_arena()
        self.opaque.update(port.name for port in program.inputs if not isinstance(port.type, TensorType))
        self.opaque.update(constant.name for constant in program.constants if constant.value.dtype.hasobject)

    def _check_arena(self) -> None:
        """Check that inputs and outputs that lie in the arena are there whole, before a run and after it."""
        program, last = self.program, max(1, len(self.program.steps))
        buffers, given, taken = program.problem.buffers, program.given, program.taken
        _require(program.images == 1 or not given | taken, "has images of a batch in the arena")
        homes = [[program.values.get(port.value) for port in ports] for ports in (program.inputs, program.outputs)]
        inputs, outputs = ([view for view in views if view and view.space is Space.ARENA] for views in homes)
        for view in inputs:
            place = self.memories.fill(view)
            _require(place.start == 0, f"has an input in {place.name}, which lives from step {place.start} on")
        _require(len(given) == len(inputs), "has two inputs in one buffer")
        ends: dict[int, int] = {}
        for view in sorted(outputs, key=lambda view: (view.index, view.offset)):
            place = self.memories.place(view)
            _require(place.end == last, f"has an output in {place.name}, which lives until step {place.end}")
            _require(view.offset >= ends.get(view.index, 0), f"has two outputs in the same bytes of {place.name}")
            ends[view.index] = view.offset + view.type.most_bytes
        for each in program.problem.overlaps:
            _require(each.lower not in given, f"has an input in {buffers[each.lower].id!r}, which grows into another")
            _require(each.upper not in taken, f"has an output in {buffers[each.upper].id!r}, which another grows into")

    def _check_states(self) -> None:
        """Check that each state has one name and one place, and that what it grows by is what its context counts."""
        program = self.program
        names = [port.name for port in program.inputs] + [state.name for state in program.states]
        _require(len(set(names)) == len(names), f"two inputs have one name: {', '.join(map(repr, names))}")
        lengths: dict[Symbol, int] = {}
        for index, state in enumerate(program.states):
            what = f"state {state.name!r} of {state.type}, then {state.result},"
            axis = grown_axis(state.type, state.result)
            grows = axis not in (None, SAME)
            _require(axis == state.axis and (grows or not state.appended), f"has {what} grown along axis {state.axis}")
            found = program.values.get(state.name)
            place = View(Space.STATE, index, 0, state.type, state.strides)
            _require(found == place, f"has {what} which lies elsewhere: {found}")
            _require(state.result.most_bytes <= state.bytes <= MAX_BYTES, f"has {what} of {state.bytes} bytes")
            if not grows:
                continue
            fits = not state.appended or at_least(state.rows, state.result.shape[state.axis])
            _require(fits, f"has {what} and room for {state.rows} rows")
            before, after = state.type.shape[state.axis], state.result.shape[state.axis]
            counted = state.counted
            fits = counted is not None and before == counted.dim and counted.low == 0 and at_least(after, before)
            _require(fits, f"has {what} which does not grow from no rows on")
            if counted is not None:
                _require(lengths.setdefault(counted, after) == after, f"has {what} counted as {counted.name} otherwise")

    def _check_bound(self, port: Port, bound: Bound) -> None:
        counts = [other for other in self.program.outputs if other.name == bound.count and other.type == _SCALAR]
        _require(bool(counts), f"{port.name!r} has as many elements as {bound.count!r} says, which is no output")
        shape = port.type.shape if isinstance(port.type, TensorType) else ()
        _require(0 <= bound.axis < len(shape), f"{port.name!r} has no axis {bound.axis}")

    def _step(self, step: Step, index: int) -> None:
        kinds = (bool(step.calls), bool(step.interpreted_because), step.control is not None)
        try:
            _require(sum(kinds) <= 1, "is of several kinds at once")
            diagonals = Diagonals(self.program.problem, index)
            _require(not diagonals.pairs or bool(step.calls), "has buffers that overlap, and no calls")
            if step.control is not None:
                self.flow.control(step.control, index)
                return
            self._check_names(step)
            if step.stream is not None:
                self._stream(step.calls, step.stream, diagonals)
            for call in () if step.stream is not None else step.calls:
                self._call(call)
                self._note(call.operands, self._accesses(call.kernel), diagonals)
            diagonals.finish()
        except (ProgramError, UndecidedError) as error:
            asked = "is not safe at every size: " if isinstance(error, UndecidedError) else ""
            raise ProgramError(f"step {index} ({step.node.name!r}, {step.node.op}) {asked}{error}") from error

    def _check_names(self, step: Step) -> None:
        """Check what the interpreter would read and write by name, as it does where a step is interpreted."""
        values, node = self.program.values, step.node
        if step.interpreted_because:
            _require(not self.flow.open, "is interpreted, inside control flow")
        for name in node.reads:
            view = values.get(name)
            if view is not None:
                self.memories.read(view)
            else:
                _require(name in self.opaque, f"reads {name!r}, which nothing before it makes")
        if step.interpreted_because:
            for name in node.writes:
                if name in values:
                    self.memories.write(values[name], again=_appends(node, values[name], self.program))
                else:
                    self.opaque.add(name)

    @staticmethod
    def _note(views: Sequence[View], accesses: Sequence[_Access], diagonals: Diagonals) -> None:
        """Note what a call, or a run, touches of buffers that overlap."""
        if diagonals.pairs:
            diagonals.run(
                [
                    (view.index, view.offset + each.low, view.offset + each.high, each.written)
                    for view, each in zip(views, accesses, strict=True)
                    if view.space is Space.ARENA and each.operand.points
                ]
            )

    def _stream(self, calls: Sequence[Call], stream: Stream, diagonals: Diagonals) -> None:
        """Check every run as a call, and that the rings have what it reads."""
        self._check_stream(calls, stream)
        self._check_rings(calls, stream)
        follower = Follower(calls, stream, self.program.problem.buffers[stream.buffer].size)
        made = list(pieces(calls, stream))
        runs = [piece for piece in made if isinstance(piece, Piece)]
        kernels = {id(piece.kernel): piece.kernel for piece in runs}
        accesses = {number: self._accesses(kernel) for number, kernel in kernels.items()}
        for run in _telling(runs, accesses):
            self._call(Call(run.kernel, run.views))
        for piece in made:
            if isinstance(piece, Ring):
                follower.turn(stream.rings.index(piece))
                diagonals.run([(stream.buffer, piece.offset, piece.offset + piece.bytes, True)])
                continue
            there = accesses[id(piece.kernel)]
            self._note(piece.views, there, diagonals)
            reaches = [
                (view.offset + each.low, view.offset + each.high) for view, each in zip(piece.views, there, strict=True)
            ]
            follower.run(piece.run, reaches)
        follower.finish()

    def _check_stream(self, calls: Sequence[Call], stream: Stream) -> None:
        """Check that a stream names only what there is, before any of it is taken apart."""
        _require(bool(calls), "runs no calls in bands")
        _require(0 <= stream.buffer < len(self.program.problem.buffers), "has rings in a buffer that there is not")
        for call in calls:
            accesses = self._accesses(call.kernel)
            _require(len(call.operands) == len(accesses), f"has {len(call.operands)} operands of {len(accesses)}")
            rings = [view.index for view in call.operands if view.space is Space.RING]
            _require(all(0 <= ring < len(stream.rings) for ring in rings), "has operands in a ring that there is not")
            inside = [view.index for view in call.operands if view.space is Space.ARENA]
            _require(stream.buffer not in inside, "has operands in the buffer of its rings")
        bands = [call.kernel.bands() for call in calls]
        rows = [1 if each is None else each.rows for each in bands]
        for run in stream.runs:
            if isinstance(run, Turn):
                _require(0 <= run.ring < len(stream.rings), "turns a ring that there is not")
                continue
            _require(0 <= run.call < len(calls), "runs a call that there is not")
            there = 0 <= run.first < run.first + run.rows <= rows[run.call]
            if not there:
                raise ProgramError(f"runs rows of call {run.call} that there are not")
            if len(run.frames) != len(calls[run.call].operands):
                raise ProgramError(f"has {len(run.frames)} frames")

    def _check_rings(self, calls: Sequence[Call], stream: Stream) -> None:
        """Check that rings are a plan of their own inside their buffer, and that they live while calls touch them."""
        try:
            memory.validate(self.program.plan_of_rings(stream))
        except (ProblemError, PlanError, CapacityError) as error:
            raise ProgramError(f"has rings that are no plan by calls: {error}") from error
        touched = set()
        for number, call in enumerate(calls):
            for view, access in zip(call.operands, self._accesses(call.kernel), strict=True):
                if view.space is Space.RING and access.operand.points:
                    ring = stream.rings[view.index]
                    alive = ring.start <= number < ring.end
                    _require(alive, f"has the ring of {ring.id!r} in calls [{ring.start}, {ring.end}), not in {number}")
                    touched.add(view.index)
        _require(len(touched) == len(stream.rings), "has rings that no call touches")

    def _call(self, call: Call) -> None:
        kernel, views = call.kernel, call.operands
        try:
            accesses = self._accesses(kernel)
            if len(views) != len(accesses):
                raise ProgramError(f"has {len(views)} operands of {len(accesses)}")
            places = [self._operand(kernel, view, access) for view, access in zip(views, accesses, strict=True)]
            if len({*places}) < len(places):
                self._check_apart(views, accesses, places)
        except ProgramError as error:
            raise ProgramError(f"by {type(kernel).__name__} {error}") from error

    def _accesses(self, kernel: Kernel) -> tuple[_Access, ...]:
        """What the kernel does with its operands, looked at once for equal kernels."""
        known = self.kernels.get(kernel)
        if known is None:
            try:
                operands = kernel.verified(self.machine)
            except ValueError as error:
                raise ProgramError(f"cannot be: {error}") from error
            known = self.kernels[kernel] = tuple(map(self._access, operands))
        return known

    def _access(self, operand: Operand) -> _Access:
        low, high = operand.reach
        return _Access(
            operand,
            _alike(operand.kind) if isinstance(operand.kind, DType) else None,
            low,
            high * self.threads if operand.private else high,
            operand.element_bytes,
            operand.written,
            operand.access is Access.UPDATE,
        )

    def _operand(self, kernel: Kernel, view: View, access: _Access) -> Place:
        """Check one operand: its type, its reach, and that its bytes may be read or written now."""
        operand = access.operand
        try:
            if access.dtype is not None and _alike(view.type.dtype) is not access.dtype:
                raise ProgramError(f"as {access.dtype.value}, where there is {view.type.dtype.value}")
            if operand.points == 0:
                return self.memories.place(view)  # where it is does not matter, nor whether anything is there
            if access.written:
                if operand.private and view.space is Space.STATE:
                    raise ProgramError("in a state, which all threads share")
                bounds_of = (view, access.low, access.high, access.unit)
                return self.memories.write(*bounds_of, reads=access.updated, walk=operand.walk)
            place = self.memories.read(view, access.low, access.high, access.unit)
            if operand.table:
                values = self.memories.table(view, access.low, access.high)
                if values is None or not kernel.admits(values, operand.table):
                    raise ProgramError("unchecked, which are no constants in range")
        except ProgramError as error:
            raise ProgramError(f"{operand.access.value} {operand.name} {error}") from error
        return place

    @staticmethod
    def _check_apart(views: Sequence[View], accesses: Sequence[_Access], places: Sequence[Place]) -> None:
        """Check that nothing is written where another operand lies."""
        together: dict[int, list[tuple[View, _Access]]] = {}
        for view, access, place in zip(views, accesses, places, strict=True):
            together.setdefault(id(place), []).append((view, access))
        for place in {id(place): place for place in places}.values():
            for (view, one), (other_view, other) in itertools.combinations(together[id(place)], 2):
                alike = view.offset == other_view.offset and one.operand.twin and other.operand.twin
                written = one.written or other.written
                if written and not alike and not apart(one.operand, view.offset, other.operand, other_view.offset):
                    pair = f"{one.operand.name} and {other.operand.name}"
                    raise ProgramError(f"has {pair} in the same bytes of {place.name}")


def _telling(runs: Sequence[Piece], accesses: Mapping[int, Sequence[_Access]]) -> list[Piece]:
    """Those runs, in their order, of each kernel of each call, which are right only if all are.

    `accesses` are those of kernels, by their identities.
    """
    alike: dict[tuple[int, int], list[int]] = {}
    for number, piece in enumerate(runs):
        alike.setdefault((piece.run.call, id(piece.kernel)), []).append(number)
    found: list[int] = []
    for (_, kernel), numbers in alike.items():
        offsets = [[view.offset for view in runs[number].views] for number in numbers]
        spans = [
            Span(
                (view.space, view.index),
                each.low,
                each.high,
                lcm(each.unit, view.type.dtype.numpy.itemsize),
                written=each.written,
                table=bool(each.operand.table),
            )
            for view, each in zip(runs[numbers[0]].views, accesses[kernel], strict=True)
        ]
        found += [numbers[index] for index in telling(offsets, spans)]
    return [runs[number] for number in sorted(found)]


def _check_sizes(program: Program) -> None:
    """Check the sizes that are given at run time: what depends on them, and how large that can become."""
    symbols = program.symbols
    known = symbols_in((tuple(port.type for port in program.inputs), program.states))
    _require(tuple(sorted(known)) == symbols, f"has inputs that depend on {sorted(known)}, and symbols {symbols}")
    for names in ([symbol.name for symbol in symbols], [symbol.code for symbol in symbols]):
        _require(len(set(names)) == len(names), f"has two sizes of one name: {', '.join(names)}")
    shapes = [port.type.shape for port in program.inputs if isinstance(port.type, TensorType)]
    told = {dim for shape in shapes for dim in shape if isinstance(dim, Dim)} | {each.dim for each in program.counted}
    unsaid = [symbol.name for symbol in symbols if not any(_is_symbol(size, (symbol,)) for size in told)]
    _require(not unsaid, f"has inputs that do not say {', '.join(unsaid)}")
    if not symbols:
        alone = not program.sizes and program.images == 1
        _require(alone, "has sizes of buffers, or images, but no size is given at run time")
        return  # and nothing has a dimension in it: the codec knows none then, nor does the front end
    _check_images(program)
    used = symbols_in((program.steps, program.outputs, program.values, program.sizes))
    _require(used <= known, f"depends on {sorted(used - known)}, which no input says")
    fixed = symbols_in((program.problem, tuple(step.stream for step in program.steps)))
    _require(not fixed, f"has buffers or streams that depend on {sorted(fixed)}")
    buffers = program.problem.buffers
    _require(len(program.sizes) == len(buffers), f"has {len(program.sizes)} sizes of {len(buffers)} buffers")
    for buffer, size in zip(buffers, program.sizes, strict=False):
        low, high = bounds(size)
        _require(
            0 <= low <= high <= buffer.size, f"has buffer {buffer.id!r} of {buffer.size} bytes, which can be {size}"
        )


def _is_symbol(size: int, symbols: Sequence[Symbol]) -> bool:
    """Whether a size is that of a symbol, which may have one size only."""
    return isinstance(size, Dim) and size.terms in {(((symbol,), symbol.step),) for symbol in symbols}


def _check_images(program: Program) -> None:
    """Check that steps which run once for each image are all native, and that every array has that many images."""
    if program.images == 1:
        return
    count = program.images
    _require(_is_symbol(count, program.symbols), f"has {count!r} images, which no input says")
    for port in (*program.inputs, *program.outputs):
        shape = port.type.shape if isinstance(port.type, TensorType) else ()
        alike = bool(shape) and shape[0] == count and not symbols_in(shape[1:]) & symbols_in(count) and not port.bound
        _require(alike, f"has images, but {port.name!r} is {port.type}")
    inside = symbols_in((program.steps, program.values, program.sizes)) & symbols_in(count)
    _require(not inside, "has steps for one image that depend on how many there are")
    _require(all(step.native for step in program.steps), "has images, and a step that is interpreted")
    _require(not program.states, "has images, and states, which are one")


def _appends(node: Node, view: View, program: Program) -> bool:
    """Whether a node that is interpreted writes a state with what is there, and behind it the rows that are added."""
    if view.space is not Space.STATE or (node.domain, node.op) != ("", "Concat"):
        return False
    state = program.states[view.index]
    rank = len(state.type.shape)
    same = view == View(Space.STATE, view.index, 0, state.result, state.strides)
    return same and node.inputs[:1] == (state.name,) and integer(node, "axis", 1) % rank == state.axis


def _alike(dtype: DType) -> DType:
    """The element type that C has for it: truth values are bytes."""
    return DType.UINT8 if dtype is DType.BOOL else dtype


def _require(holds: bool, text: str) -> None:  # noqa: FBT001 - what must hold comes first
    if not holds:
        raise ProgramError(text)
