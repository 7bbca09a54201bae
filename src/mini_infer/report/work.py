"""What a step has to do, and how long that should take: a guess before anything runs, to see where the time will go.

Operations are those of the plain algorithm (a multiplication and an addition are two), bytes those that the calls read
and write. The guess is the longer of the two divided by a rate. The rates are round numbers near what one thread of an
x86 server with AVX-512 was seen to sustain on five networks; other machines differ, so the shares of the steps are
worth more than the sum.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from mini_infer.program import Call, Step
from mini_infer.program.kernels import (
    Attention,
    Contraction,
    ConvShape,
    Gather,
    GatherElements,
    MatrixShape,
    PlainConv,
    PlainGemm,
    PoolShape,
    Quarters,
    Recurrence,
    StrassenSums,
    Tile,
    TiledAttention,
    WinogradInput,
    WinogradShape,
)
from mini_infer.program.strassen import PRODUCTS

LANE_RATE = 6e9
"""Operations a second for each lane of a vector, in kernels that sum in registers."""

USUAL_LANES = 8
"""Where a kernel does not say."""

STREAM_RATE = 10e9
"""Operations a second in the vector loops of other kernels."""

PLAIN_RATE = 1e9
"""Operations a second in plain loops."""

BYTE_RATE = 20e9
"""Bytes a second between kernels and memory."""

CALL_SECONDS = 1e-7
"""To call a kernel and to come back."""


@dataclass(frozen=True, slots=True)
class Work:
    """Operations and bytes of a step, and the microseconds that they should take."""

    operations: int
    bytes: int
    microseconds: float


def work(step: Step) -> Work:
    """What a step's calls have to do; nothing is known of an interpreted step."""
    operations, moved = [_operations(call) for call in step.calls], [_moved(call) for call in step.calls]
    seconds = sum(map(_seconds, step.calls, operations, moved))
    return Work(sum(operations), sum(moved), 1e6 * seconds)


def tile_text(calls: Iterable[Call]) -> str:
    """Rows x columns that are summed in registers, of each kernel that has a tile."""
    tiles = map(_tile, calls)
    return ", ".join(f"{tile.rows}x{tile.block}" for tile in tiles if tile)


def layout_text(step: Step) -> str:
    """Where the channels are, of kernels that know of channels."""
    convolves = any(inner.op == "Conv" for inner in step.node.meaning)
    found: list[str] = []
    for call in step.calls:
        shape = getattr(call.kernel, "shape", None)
        if isinstance(shape, ConvShape | PoolShape):
            found.append("channels last" if shape.y_channel == 1 else "channels first")
        elif isinstance(shape, WinogradShape) or (isinstance(shape, MatrixShape) and convolves):  # a pixel is a row
            found.append("channels last")
    return ", ".join(dict.fromkeys(found))


def _tile(call: Call) -> Tile | None:
    """The register tile, of kernels that have one."""
    shape = getattr(call.kernel, "shape", None)
    tile = shape.tile if isinstance(shape, WinogradShape | Quarters) else getattr(call.kernel, "tile", None)
    return tile if isinstance(tile, Tile) and not isinstance(call.kernel, StrassenSums | WinogradInput) else None


def _seconds(call: Call, operations: int, moved: int) -> float:
    tile, shape = _tile(call), getattr(call.kernel, "shape", None)
    if tile is not None:
        rate = LANE_RATE * tile.lanes
        if isinstance(shape, WinogradShape):
            rate *= shape.size**2 * shape.conv.window / shape.points
        if isinstance(shape, Quarters):
            rate *= 8 / PRODUCTS
    elif isinstance(call.kernel, Attention | TiledAttention | Recurrence):
        rate = LANE_RATE * USUAL_LANES
    elif isinstance(call.kernel, PlainConv | PlainGemm | Contraction):
        rate = PLAIN_RATE
    else:
        rate = STREAM_RATE
    return CALL_SECONDS + max(operations / rate, moved / BYTE_RATE)


def _moved(call: Call) -> int:
    sizes = [view.type.bytes for view in call.operands]
    if isinstance(call.kernel, Gather | GatherElements):  # of its table it reads what it writes
        sizes[0] = sizes[-1]
    return sum(sizes)


def _operations(call: Call) -> int:
    """How many operations a call is; of a kernel without sums, one for each element it writes."""
    kernel = call.kernel
    if kernel.multiply_adds:
        return 2 * kernel.multiply_adds
    shape = getattr(kernel, "shape", None)
    if isinstance(shape, PoolShape):
        return shape.elements
    return prod(call.operands[-1].type.shape) if call.operands else 0
