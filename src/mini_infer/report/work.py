"""What a step has to do, and how long that should take: a guess before anything runs, to see where the time will go.

Operations are those of the plain algorithm (a multiplication and an addition are two), bytes those that the calls read
and write. The guess is what decides how many threads a call is worth (`Kernel.cost`), and the call itself; the rates
are the machine's, round numbers near what one thread of an x86 server was seen to sustain. Machines differ, and plain
loops are slower, so the shares of the steps are worth more than the sum.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from mini_infer.machine import Machine
from mini_infer.program import Call, Step
from mini_infer.program.kernels import ContractionShape, Tile
from mini_infer.program.kernels.contraction.plain_contraction import PlainContraction
from mini_infer.program.kernels.contraction.strassen import StrassenShape, StrassenSums
from mini_infer.program.kernels.contraction.winograd import WinogradInput, WinogradShape
from mini_infer.program.kernels.reduction.pool import PoolShape


@dataclass(frozen=True, slots=True)
class Work:
    """Operations and bytes of a step, and the microseconds that they should take."""

    operations: int
    bytes: int
    microseconds: float


def work(step: Step, machine: Machine) -> Work:
    """What a step's calls have to do; nothing is known of an interpreted step."""
    costs = [call.cost(machine) for call in step.calls]
    runs = len(costs) if step.stream is None else len(step.stream.runs)
    taken = sum(cost.nanoseconds for cost in costs) + runs * machine.rates.call
    return Work(sum(cost.operations for cost in costs), sum(cost.bytes for cost in costs), taken / 1000)


def tile_texts(calls: Iterable[Call]) -> list[str]:
    """Rows x columns that are summed in registers, of each kernel that has a tile."""
    tiles = map(_tile, calls)
    return [f"{tile.rows}x{tile.block}" for tile in tiles if tile]


def layout_text(step: Step) -> str:
    """Where the channels are, of kernels that know of channels."""
    convolves = any(inner.op in {"Conv", "ConvTranspose"} for inner in step.node.primitives)
    found: list[str] = []
    for call in step.calls:
        shape = getattr(call.kernel, "shape", None)
        if isinstance(shape, PoolShape) or (isinstance(shape, ContractionShape) and convolves):
            found.append("channels last" if shape.y_channel == 1 else "channels first")
        elif isinstance(call.kernel, PlainContraction) and call.kernel.axes:
            found.append("channels last" if call.kernel.outer[-1].y == 1 else "channels first")
        elif isinstance(shape, WinogradShape):
            found.append("channels last")
    return ", ".join(dict.fromkeys(found))


def _tile(call: Call) -> Tile | None:
    """The register tile, of kernels that have one."""
    shape = getattr(call.kernel, "shape", None)
    tile = shape.tile if isinstance(shape, WinogradShape | StrassenShape) else getattr(call.kernel, "tile", None)
    return tile if isinstance(tile, Tile) and not isinstance(call.kernel, StrassenSums | WinogradInput) else None
