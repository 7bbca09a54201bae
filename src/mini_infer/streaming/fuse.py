"""Steps of a program → one step that streams: what is between them shrinks to rings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mini_infer.ir import Node
from mini_infer.ir.graph import FUSED_DOMAIN
from mini_infer.memory import Buffer, Overlap, Problem
from mini_infer.program import Call, Program, Ring, Run, Space, Step, Stream, Turn, View
from mini_infer.streaming.access import Accesses
from mini_infer.streaming.compiled import Flat
from mini_infer.streaming.ends import Ends, Progress
from mini_infer.streaming.flat import replayed
from mini_infer.streaming.rings import Shape, grown, placed, shape_of, sizes_of
from mini_infer.streaming.settle import Touches

OPERATOR = "Stream"
"""What a node is called that stands for the nodes of a stream."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Steps `[start, end)`, in so many bands; `lazy` is that of `compiled.replay`.

    Its rings may take `room` bytes more than the smallest, so that their rows are moved less often.
    """

    start: int
    end: int
    bands: int
    lazy: bool = False
    room: int = 0


def streamed(
    program: Program, accesses: Accesses, flat: Flat, intervals: Sequence[Interval], alignment: int
) -> Program:
    """The program with each of the intervals, which are in order and apart, as one step."""
    return Fuser(program, accesses, flat, alignment).run(intervals)


@dataclass(frozen=True, slots=True)
class _Fused:
    """The step of an interval, the bytes of its rings, the buffers that these stand for, and the ends that overlap."""

    step: Step
    size: int
    hidden: frozenset[int]
    overlaps: tuple[Overlap, ...]


@dataclass(frozen=True, slots=True)
class _Touched:
    """How the runs touch the rows of a buffer, and for each of these the touch of the program's."""

    rows: Touches
    touches: np.ndarray


_RINGS = -1
"""The buffer of a stream's rings, before it has a number; those of streams that have count down from -1."""


class Fuser:
    """Makes streams of a program's steps; each interval is worked out once."""

    def __init__(self, program: Program, accesses: Accesses, flat: Flat, alignment: int) -> None:
        self.program = program
        self.accesses = accesses
        self.flat = flat
        self.alignment = alignment
        self._known: dict[Interval, _Fused] = {}

    def run(self, intervals: Sequence[Interval], *, sharing: bool = True) -> Program:
        """The program with each of the intervals, which are in order and apart, as one step; its buffers counted anew.

        If `sharing`, what dies in one and what is born in it may overlap.
        """
        program = self.program
        steps: list[Step] = []
        overlaps: list[Overlap] = []
        at = np.zeros(len(program.steps) + 1, np.int64)
        blocks: list[tuple[str, int, int]] = []
        inner: set[int] = set()
        waiting = list(intervals)
        index = 0
        while index < len(program.steps):
            at[index] = len(steps)
            if waiting and waiting[0].start == index:
                interval = waiting.pop(0)
                if interval not in self._known:
                    self._known[interval] = self._stream(interval)
                fused = self._known[interval]
                step = _numbered(fused.step, len(blocks))
                blocks.append((f"{step.node.name}/rings", fused.size, len(steps)))
                inner |= fused.hidden
                overlaps += [_with_rings(each, -len(blocks)) for each in fused.overlaps if sharing]
                at[interval.start : interval.end] = len(steps)
                index = interval.end - 1
            else:
                step = program.steps[index]
            steps.append(step)
            index += 1
        at[-1] = len(steps)
        kept = [number for number in range(len(program.problem.buffers)) if number not in inner]
        numbers = {number: place for place, number in enumerate(kept)}
        numbers |= {-1 - number: len(kept) + number for number in range(len(blocks))}
        buffers = [self._moved(program.problem.buffers[number], at) for number in kept]
        buffers += [Buffer(name, size, time, time + 1, alignment=self.alignment) for name, size, time in blocks]
        return replace(
            program,
            steps=tuple(_renumbered(step, numbers, at, len(kept)) for step in steps),
            values={
                name: _view(view, numbers)
                for name, view in program.values.items()
                if view.space is not Space.ARENA or view.index in numbers
            },
            problem=Problem(
                tuple(buffers),
                overlaps=tuple(
                    replace(each, lower=numbers[each.lower], upper=numbers[each.upper]) for each in overlaps
                ),
            ),
        )

    @staticmethod
    def _moved(buffer: Buffer, at: np.ndarray) -> Buffer:
        """A buffer whose life is counted in the steps that there are now."""
        return replace(buffer, start=int(at[buffer.start]), end=int(at[buffer.end - 1]) + 1)

    def _stream(self, interval: Interval) -> _Fused:
        program, members = self.program, self.accesses.members
        steps = program.steps[interval.start : interval.end]
        first, end = (int(self.accesses.first[step]) for step in (interval.start, interval.end))
        inner = self.accesses.inner(interval.start, interval.end)
        units = self.flat.units[first:end]
        bands = -(-units // -(-units // interval.bands)) + 1  # the first may be short
        order = np.empty((int(bands.sum()), 3), np.int64)
        found = replayed(self.flat, first, end, interval.bands, inner, order, lazy=interval.lazy)
        order = order[: found.runs]
        rows = self._rows(order, first, end, inner)
        sizes = []
        for buffer, touched in rows.items():
            whole = int(self.flat.rows[buffer])
            alone = found.lives_from[buffer] == found.lives_to[buffer]
            most = whole if alone else int(found.most[buffer])
            sizes.append(sizes_of(touched.rows, whole, most, int(found.spare[buffer])))
        row_bytes = [self.accesses.row_bytes[buffer] for buffer in rows]
        chosen = grown(sizes, row_bytes, interval.room, self.alignment)
        shapes = {buffer: shape_of(rows[buffer].rows, size) for buffer, size in zip(rows, chosen, strict=True)}
        numbers = {buffer: ring for ring, buffer in enumerate(shapes)}
        spans = [(int(touched.rows.runs[0]), int(touched.rows.runs[-1])) for touched in rows.values()]
        lives = found.lives_from - first, found.lives_to - first
        rings = self._rings(shapes, found.carried, *lives, end - first, spans)
        calls = tuple(self._call(member.call, numbers) for member in members[first:end])
        runs = self._runs(order, first, shapes, rows, numbers)
        node = _node(program, steps, interval)
        size = max((ring.offset + ring.bytes for ring in rings), default=0)
        hidden = frozenset(np.flatnonzero(inner).tolist())
        step = Step(node, calls, stream=Stream(0, rings, runs))
        return _Fused(step, size, hidden, self._overlaps(interval, first, order, rings, spans))

    def _overlaps(
        self,
        interval: Interval,
        first: int,
        order: np.ndarray,
        rings: Sequence[Ring],
        spans: Sequence[tuple[int, int]],
    ) -> tuple[Overlap, ...]:
        """Which of a stream's ends, and of its rings as one block, may share bytes."""
        buffers = self.program.problem.buffers
        ends = Ends.of(self.accesses, len(buffers), interval.start, interval.end)
        sizes = np.array([buffer.size for buffer in buffers], np.int64)
        progress = Progress.of(self.flat, first, order, ends, sizes)
        found = ends.pairs(progress.distances())
        overlaps = [Overlap(leaving, entry, distance) for entry, leaving, distance in found]
        overlaps = [each for each in overlaps if each.shared(buffers, self.alignment)]
        if not rings:
            return tuple(overlaps)
        begin, end = np.array(spans, np.int64).T
        bottoms = np.array([ring.offset for ring in rings], np.int64)
        tops = bottoms + np.array([ring.bytes for ring in rings], np.int64)
        highest = int(tops.max()) - self.alignment
        for entry, distance in zip(ends.entries.tolist(), progress.below_entries(begin, tops).tolist(), strict=True):
            overlaps += [Overlap(_RINGS, entry, distance)] * (distance <= highest)
        for leaving, distance in zip(ends.exits.tolist(), progress.above_exits(end, bottoms).tolist(), strict=True):
            overlaps += [Overlap(leaving, _RINGS, distance)] * (distance <= buffers[leaving].size - self.alignment)
        return tuple(overlaps)

    def _rows(self, order: np.ndarray, first: int, end: int, inner: np.ndarray) -> dict[int, _Touched]:
        """How the runs touch each inner buffer; of each run first what is written."""
        touches = self.accesses.touches
        mine: dict[int, list[np.ndarray]] = {}
        by_member = np.argsort(order[:, 0], kind="stable")
        parts = np.split(by_member, np.searchsorted(order[by_member, 0], np.arange(first + 1, end)))
        for member, runs in enumerate(parts, first):
            at, to = order[runs, 1], order[runs, 1] + order[runs, 2] - 1
            for index in range(int(self.flat.touch_start[member]), int(self.flat.touch_start[member + 1])):
                touch = touches[index]
                if inner[touch.buffer]:
                    known = np.full((2, len(runs)), [[not touch.operand.written], [index]], np.int64)
                    entries = np.stack([runs, *known, touch.low[at], touch.high[to]])
                    mine.setdefault(touch.buffer, []).append(entries)
        found = {}
        for buffer in sorted(mine, key=lambda buffer: min(tuple(entries[[0, 2], 0]) for entries in mine[buffer])):
            entries = np.concatenate(mine[buffer], axis=1)
            runs, reads, indices, low, high = entries[:, np.lexsort(entries[2::-1])]
            found[buffer] = _Touched(Touches(runs, reads == 0, low.copy(), high.copy()), indices)
        return found

    def _rings(
        self,
        shapes: dict[int, Shape],
        carried: np.ndarray,
        lives_from: np.ndarray,
        lives_to: np.ndarray,
        calls: int,
        spans: Sequence[tuple[int, int]],
    ) -> tuple[Ring, ...]:
        """The rings with their places; those that are carried from round to round live all the time.

        `spans` are the first run of each and the last.
        """
        always = set(carried.tolist())
        names = [self.program.problem.buffers[buffer].id for buffer in shapes]
        sizes = [self._bytes(buffer, shape) for buffer, shape in shapes.items()]
        lives = [
            (0, calls) if buffer in always else (int(lives_from[buffer]), int(lives_to[buffer]) + 1)
            for buffer in shapes
        ]
        offsets = placed(names, sizes, lives, spans, self.alignment)
        return tuple(
            Ring(
                name,
                self.program.problem.buffers[buffer].size,
                self.accesses.row_bytes[buffer],
                shape.revolution,
                shape.apron,
                offset,
                *life,
            )
            for (buffer, shape), name, offset, life in zip(shapes.items(), names, offsets, lives, strict=True)
        )

    def _bytes(self, buffer: int, shape: Shape) -> int:
        return (shape.revolution + shape.apron) * self.accesses.row_bytes[buffer]

    @staticmethod
    def _call(call: Call, numbers: dict[int, int]) -> Call:
        """The call whose operands lie in rings where there is one."""
        views = (
            replace(view, space=Space.RING, index=numbers[view.index])
            if view.space is Space.ARENA and view.index in numbers
            else view
            for view in call.operands
        )
        return Call(call.kernel, tuple(views))

    def _runs(
        self,
        order: np.ndarray,
        first: int,
        shapes: dict[int, Shape],
        rows: dict[int, _Touched],
        numbers: dict[int, int],
    ) -> tuple[Run | Turn, ...]:
        """The runs with the frames of their operands, and the turns between them."""
        turns: dict[int, list[Turn]] = {}
        members, touches = self.accesses.members, self.accesses.touches
        most = max(len(member.operands) for member in members)
        frames = np.zeros((len(order), most), np.int64)
        positions = np.array([touch.position for touch in touches], np.int64)
        for buffer, shape in shapes.items():
            for run in shape.turns if shape.apron else ():
                turns.setdefault(run, []).append(Turn(numbers[buffer]))
            frames[rows[buffer].rows.runs, positions[rows[buffer].touches]] = shape.frames
        made: list[Run | Turn] = []
        for number, ((member, at, units), found) in enumerate(zip(order.tolist(), frames.tolist(), strict=True)):
            made += turns.get(number, ())
            start, count = members[member].span(at, units)
            made.append(Run(member - first, start, count, tuple(found[: len(members[member].operands)])))
        return tuple(made)


def _with_rings(overlap: Overlap, rings: int) -> Overlap:
    """The overlap, where the rings' buffer has a number."""
    lower, upper = (rings if index == _RINGS else index for index in (overlap.lower, overlap.upper))
    return replace(overlap, lower=lower, upper=upper)


def _numbered(step: Step, number: int) -> Step:
    """The step, whose rings are those of the stream of this number."""
    return step if step.stream is None else replace(step, stream=replace(step.stream, buffer=number))


def _node(program: Program, steps: Sequence[Step], interval: Interval) -> Node:
    """What the steps mean together."""
    later = {name for step in program.steps[interval.end :] for name in step.node.reads}
    later |= {port.value for port in program.outputs}
    body = tuple(inner for step in steps for inner in step.node.primitives)
    made = dict.fromkeys(name for step in steps for name in step.node.writes)
    outputs = tuple(name for name in made if name in later)
    inside: set[str] = set()
    inputs: dict[str, None] = {}
    for step in steps:
        inputs |= dict.fromkeys(name for name in step.node.reads if name not in inside)
        inside |= set(step.node.writes)
    return Node(steps[-1].node.name, OPERATOR, tuple(inputs), outputs, domain=FUSED_DOMAIN, body=body)


def _renumbered(step: Step, numbers: dict[int, int], at: np.ndarray, blocks: int) -> Step:
    """The step, where buffers and steps have other numbers."""
    calls = tuple(Call(call.kernel, tuple(_view(view, numbers) for view in call.operands)) for call in step.calls)
    control = step.control
    if control is not None:
        views = tuple(_view(view, numbers) for view in control.operands)
        control = replace(control, operands=views, partner=int(at[control.partner]))
    stream = step.stream
    if stream is not None:
        stream = replace(stream, buffer=blocks + stream.buffer)
    return replace(step, calls=calls, control=control, stream=stream)


def _view(view: View, numbers: dict[int, int]) -> View:
    return replace(view, index=numbers[view.index]) if view.space is Space.ARENA else view
