"""Programs of models, and the same programs with streams, to be run and compared."""

import numpy as np

from mini_infer import frontend, passes
from mini_infer.candidates import Candidates, selector_for
from mini_infer.compiler import Options, plan_program
from mini_infer.interpreter import evaluate
from mini_infer.program import Call, Ring, Space
from mini_infer.program.pieces import pieces
from mini_infer.program.validate import validate
from mini_infer.runtime import Artifact, Engine, Variant
from mini_infer.streaming.access import Accesses
from mini_infer.streaming.flat import flattened
from mini_infer.streaming.fuse import Interval, streamed

ALIGNMENT = 64


def options_for(goal="memory", **fields):
    """What a program is made for."""
    return Options(optimize=goal, time_limit=0, alignment=ALIGNMENT, **fields)


def program_of(model, options):
    """The program of a model as it is before anything is made in blocks, or streamed."""
    remarks = passes.Remarks()
    graph = frontend.read(model, shapes=options.shapes, fixed=options.fix, evaluate=evaluate)
    early = passes.simplification(evaluate, optimize=options.rewrite, in_integers=options.in_integers)
    graph = passes.run(graph, early, remarks)
    return Candidates(graph, remarks, 0, options, selector_for(options)).candidate(options.objective).program


def can_stream(program):
    """For each step, whether it may be part of a stream: it is native, and outside control flow."""
    depth, found = 0, []
    for step in program.steps:
        kind = step.control.kind.name if step.control else ""
        depth += (kind in ("IF", "LOOP")) - kind.startswith("END")
        found.append(not depth and not kind and not step.interpreted_because)
    return found


def random_intervals(program, rng):
    """Intervals of steps, apart and in order, each in some number of bands and one of the two orders of its runs."""
    possible, intervals, start = can_stream(program), [], 0
    while start < len(possible):
        wanted = start + int(rng.choice([1, 2, 3, 5, 8, 40]))
        end = start
        while end < min(wanted, len(possible)) and possible[end]:
            end += 1
        if any(step.calls for step in program.steps[start:end]) and rng.random() < 0.8:
            bands, lazy = int(rng.choice([1, 2, 3, 5, 8, 1000])), bool(rng.integers(2))
            intervals.append(Interval(start, end, bands, lazy))
        start = max(end, start + 1)
    return intervals


def longest_interval(program, bands):
    """The most steps in a row that can be one stream."""
    possible = can_stream(program)
    best = (0, 0)
    for start in range(len(possible)):
        end = next((index for index in range(start, len(possible)) if not possible[index]), len(possible))
        best = max(best, (start, end), key=lambda each: each[1] - each[0])
    return Interval(*best, bands)


def with_streams(program, intervals, options):
    """The program with streams, checked."""
    accesses = Accesses.of(program)
    made = streamed(program, accesses, flattened(accesses), intervals, ALIGNMENT)
    validate(made, machine=options.built_for.machine, threads=options.threads)
    return made


def engine_of(program, options, compiler=None):
    plan = plan_program(program, options)
    return Engine.from_artifact(Artifact.of([Variant("", program, plan)], options.built_for), compiler=compiler)


def inputs_of(program, rng):
    """Random inputs of floating point."""
    return {port.name: rng.standard_normal(port.type.shape).astype(port.type.dtype.numpy) for port in program.inputs}


def assert_same_bits(one, other):
    assert list(one) == list(other)
    for name, array in one.items():
        assert array.tobytes() == other[name].tobytes(), name


def all_pieces(program):
    """(step, piece) in the order in which they run: calls as they are, runs of streams, and rings that turn."""
    for number, step in enumerate(program.steps):
        if step.stream is None:
            yield from ((number, call) for call in step.calls)
            continue
        for piece in pieces(step.calls, step.stream):
            yield number, piece if isinstance(piece, Ring) else Call(piece.kernel, piece.views)


def kernels_of(program):
    return [piece.kernel for _, piece in all_pieces(program) if isinstance(piece, Call)]


def bytes_touched(view, operand):
    """The number of each byte that a kernel touches with an operand, in what its view lies in."""
    found = np.array([operand.start], np.int64)
    for count, stride in operand.walk:
        found = (found[:, None] + np.arange(count) * stride).reshape(-1)
    size = operand.element_bytes
    return (view.offset + found[:, None] * size + np.arange(size)).reshape(-1)


class Poisoned:
    """Runs a program piece by piece, native kernels on buffers of their own, and poisons what nothing reads later."""

    def __init__(self, program, natives, plan=None):
        self.program = program
        self.natives = natives
        self.pieces = list(all_pieces(program))
        self.offsets = None if plan is None else plan.offsets
        self.sizes = {(Space.ARENA, index): buffer.size for index, buffer in enumerate(program.problem.buffers)}
        if plan is not None:
            self.sizes = {(Space.ARENA, 0): plan.size}
        self.dead = self._dead()

    def _place(self, index):
        """What a buffer lies in, and where: in one of its own, or in the arena of a plan."""
        return ((Space.ARENA, index), 0) if self.offsets is None else ((Space.ARENA, 0), self.offsets[index])

    def _touched(self, number, piece):
        """(place, bytes read, bytes written) of a piece."""
        if isinstance(piece, Ring):
            place, start = self._place(self.program.steps[number].stream.buffer)
            first = start + piece.offset
            last = first + piece.revolution * piece.row
            size = piece.apron * piece.row
            yield place, np.arange(last, last + size), np.arange(first, first + size)
            return
        for view, operand in zip(piece.operands, piece.kernel.operands(), strict=True):
            if view.space is Space.ARENA:
                place, start = self._place(view.index)
                touched, none = start + bytes_touched(view, operand), np.empty(0, np.int64)
                reads = touched if operand.access.value != "writes" else none
                yield place, reads, touched if operand.written else none

    def _dead(self):
        """For each piece the bytes of each buffer it touches that nothing reads after it."""
        alive = {place: np.zeros(size, np.bool_) for place, size in self.sizes.items()}
        found = []
        for number, piece in reversed(self.pieces):
            touched = list(self._touched(number, piece))
            found.append({place: np.flatnonzero(~alive[place]) for place, *_ in touched})
            for place, _, written in touched:
                alive[place][written] = False
            for place, read, _ in touched:
                alive[place][read] = True
        return found[::-1]

    def _address(self, memory, view):
        place, start = self._place(view.index) if view.space is Space.ARENA else ((view.space, view.index), 0)
        return memory[place].ctypes.data + start + view.offset

    def run(self, inputs):
        """The outputs."""
        program = self.program
        memory = {place: np.full(size, 0xFF, np.uint8) for place, size in self.sizes.items()}
        for index, constant in enumerate(program.constants):
            memory[Space.CONSTANT, index] = np.ascontiguousarray(constant.data).reshape(-1).view(np.uint8)
        for index, port in enumerate(program.inputs):
            memory[Space.INPUT, index] = inputs[port.name].reshape(-1).view(np.uint8)
        outputs = {port.name: np.zeros(port.type.shape, port.type.dtype.numpy) for port in program.outputs}
        for index, array in enumerate(outputs.values()):
            memory[Space.OUTPUT, index] = array.reshape(-1).view(np.uint8)
        for (number, piece), dead in zip(self.pieces, self.dead, strict=True):
            if isinstance(piece, Ring):
                place, start = self._place(program.steps[number].stream.buffer)
                rings = memory[place][start + piece.offset :][: piece.bytes]
                rings[: piece.apron * piece.row] = rings[piece.revolution * piece.row :].copy()
            else:
                addresses = [self._address(memory, view) for view in piece.operands]
                self.natives.run(piece.kernel, addresses)
            for place, numbers in dead.items():
                memory[place][numbers] = 0xFF
        return outputs
