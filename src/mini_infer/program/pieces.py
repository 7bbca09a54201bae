"""A stream piece by piece: the kernel of each run, and where its operands lie."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mini_infer.ir import TensorType
from mini_infer.program.kernels import Kernel
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
    """Every run of a stream, in order; a ring where its last rows are moved to its apron."""
    bands = [call.kernel.bands() for call in calls]
    known: dict[tuple[int, int, int], tuple[Kernel, list[tuple[int, bool]]]] = {}
    for run in stream.runs:
        if not isinstance(run, Run):
            yield stream.rings[run.ring]
            continue
        call, cut = calls[run.call], bands[run.call]
        key = run.call, run.first, run.rows
        if key not in known:
            kernel = call.kernel if cut is None else call.kernel.band(run.first, run.rows)
            known[key] = kernel, [(operand.element_bytes, operand.points > 0) for operand in kernel.operands()]
        kernel, operands = known[key]
        passes = (None,) * len(call.operands) if cut is None else cut.passes
        views = []
        for view, (size, touched), each, frame in zip(call.operands, operands, passes, run.frames, strict=True):
            start = 0 if each is None else each.slices(run.first, run.rows)[0] * each.step * size
            views.append(_moved(view, start, frame, stream, touched=touched))
        yield Piece(run, kernel, tuple(views))


def _moved(view: View, start: int, frame: int, stream: Stream, *, touched: bool) -> View:
    """Where a view goes on after so many bytes; one that is not touched lies where its memory begins."""
    space, index, offset = view.space, view.index, view.offset + start
    if space is not Space.RING:
        return view if not start or not touched else View(space, index, offset, TensorType(view.type.dtype, (1,)))
    ring = stream.rings[index]
    offset = offset + (ring.apron - frame) * ring.row if touched else 0
    return View(Space.ARENA, stream.buffer, ring.offset + offset, TensorType(view.type.dtype, (1,)))
