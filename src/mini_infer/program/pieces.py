"""A stream piece by piece: the kernel of each run, and where its operands lie."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mini_infer.ir import TensorType
from mini_infer.program.kernels import Kernel
from mini_infer.program.kernels.bands import Bands
from mini_infer.program.types import Call, Ring, Run, Space, Stream, View


@dataclass(frozen=True, slots=True)
class Piece:
    """One run: a call that could stand in a program by itself.

    Parameters
    ----------
    run
        What it is a piece of.
    kernel, views
        As in `Call`; what lies in a ring lies in the stream's buffer.
    """

    run: Run
    kernel: Kernel
    views: tuple[View, ...]


def pieces(calls: Sequence[Call], stream: Stream) -> Iterator[Piece | Ring]:
    """Every run of a stream, in order; a ring where its last rows are moved to its apron.

    Bands away from the borders, whose windows lie alike, have one kernel.
    """
    known = [_Cut(call, stream) for call in calls]
    for run in stream.runs:
        yield known[run.call].piece(run) if isinstance(run, Run) else stream.rings[run.ring]


class _Cut:
    """A call whose runs are asked for one after the other."""

    def __init__(self, call: Call, stream: Stream) -> None:
        self.call = call
        self.bands = call.kernel.bands()
        self.buffer = stream.buffer
        self.rings = [stream.rings[view.index] if view.space is Space.RING else None for view in call.operands]
        self.types = [TensorType(view.type.dtype, (1,)) for view in call.operands]
        self.kernels: dict[tuple[int, ...], tuple[Kernel, list[tuple[int, bool]]]] = {}

    def piece(self, run: Run) -> Piece:
        """One run."""
        first, bands = run.first, self.bands
        passes = (None,) * len(self.rings) if bands is None else bands.passes
        slices = [None if each is None else each.slices(first, run.rows) for each in passes]
        key = () if bands is None else _place(bands, run, slices)
        if key not in self.kernels:
            kernel = self.call.kernel if bands is None else self.call.kernel.band(first, run.rows)
            self.kernels[key] = kernel, [(operand.element_bytes, operand.points > 0) for operand in kernel.operands()]
        kernel, operands = self.kernels[key]
        views = list(self.call.operands)
        for index, (size, touched) in enumerate(operands):
            view, ring, each, taken = views[index], self.rings[index], passes[index], slices[index]
            start = 0 if each is None or taken is None else taken[0] * each.step * size
            if ring is not None:
                moved = view.offset + start + (ring.apron - run.frames[index]) * ring.row if touched else 0
                views[index] = View(Space.ARENA, self.buffer, ring.offset + moved, self.types[index])
            elif start and touched:
                views[index] = View(view.space, view.index, view.offset + start, self.types[index])
        return Piece(run, kernel, tuple(views))


def _place(bands: Bands, run: Run, slices: Sequence[tuple[int, int] | None]) -> tuple[int, ...]:
    """Where a band is, as far as its kernel depends on that: how many rows it has, and what is cut off its windows."""
    first = run.first
    found = [run.rows, first == 0, first + run.rows == bands.rows, first % bands.multiple]
    for each, taken in zip(bands.passes, slices, strict=True):
        if each is not None and taken is not None:
            low, high = taken
            found += [first] if each.picked else [low - first * each.stride + each.pad, high - low]
    return tuple(found)
