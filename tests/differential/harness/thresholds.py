"""Where the code changes its mind: sizes read from its own constants, so that a change moves the draws."""

from collections.abc import Callable, Iterable

from mini_infer.codegen import loops
from mini_infer.codegen.contraction import blocked_sum, plain_contraction, tile
from mini_infer.codegen.contraction import tiled_contraction as tiled_code
from mini_infer.codegen.movement import copy as copy_code
from mini_infer.codegen.reduction import pool, reduction_scalars
from mini_infer.ir import fusion
from mini_infer.lowering.contraction import conv, convolution, tiles
from mini_infer.lowering.sampling import deform_conv, resize
from mini_infer.machine import MACHINES
from mini_infer.streaming import access
from mini_infer.toolchain import Target

HOST = Target.host().machine
LANES = sorted({width for machine in MACHINES.values() for size in (4, 8) for width in machine.widths(size)})
"""Lanes of the vectors that machines have, of float32 and float64."""


def flips(function: Callable[[int], object], values: Iterable[int]) -> list[int]:
    """The values at which a function's result is another than just before."""
    found, before = [], None
    for value in values:
        now = function(value)
        if before is not None and now != before:
            found.append(value)
        before = now
    return found


_LARGE = 1 << 30
"""Outputs with which no layer is small."""

PARTS = sorted(
    {
        *flips(lambda steps: tile.part(steps, 1) < steps, range(1, 4096)),
        *flips(lambda steps: tile.part(steps, _LARGE) < steps, range(1, 4096)),
        *flips(lambda steps: tile.part(steps, _LARGE, tiled_code._PART) < steps, range(1, 4096)),
        blocked_sum.CHAIN,
        tiled_code._PART,
        tiles._UNSPLIT,
        3 * blocked_sum.CHAIN,
    }
)
"""Depths at which sums begin to be cut into parts."""

SHORT = [t for t in PARTS if t <= 80] or PARTS[:2]
UNROLLED = sorted(
    {HOST.pipeline.loop // sums for sums in range(1, 33)} | {2 * HOST.pipeline.loop // sums for sums in range(1, 17)}
)
"""Steps that a loop's body has: with fewer than two of them there is no loop."""

DEPTHS = sorted({*PARTS, *UNROLLED})

COLUMNS = sorted({lanes * vectors for lanes in LANES for vectors in range(1, tiles._MAX_VECTORS + 1)})
"""Columns of whole blocks."""

ROWS = sorted({1, 2, 3, 4, 6, 7, 8, 12, 14, tiles._MAX_ROWS, 2 * tiles._MAX_ROWS, HOST.rates.strassen_rows})

SMALL = tile._SMALL
"""Multiply-adds of a small layer."""

STRASSEN = 2 * HOST.rates.strassen_half, HOST.rates.strassen_k_block * 2, HOST.rates.strassen_rows

SLAB_BYTES = HOST.near(1), HOST.near(1, 4)
POOL_IN_REGISTERS = conv._POOLED, HOST.near(1, 4)
BAND = HOST.near(1)
RESIZE_BAND = HOST.near(1, 8)
STRIP = sorted(
    {k * size + rest for size in (deform_conv._SHORT, deform_conv.MOST_OUTPUTS) for k in (1, 2) for rest in (-1, 0, 1)}
)

POOL_PART = pool._PART
POOL_FEW = pool._FEW
POOL_CHANNELS = sorted({pool._TOGETHER * lanes * k for lanes in LANES for k in (1, 2)} | set(LANES))

FOLD_RUN = [blocked_sum.CHAIN * k * lanes for lanes in (1, *LANES) for k in (1, HOST.pipeline.latency)]
FOLD_ROWS = sorted({lanes * k for lanes in LANES for k in (1, 2, HOST.pipeline.latency, 2 * HOST.pipeline.latency)})
FOLD_COLUMNS = sorted({*FOLD_ROWS, reduction_scalars._COLUMNS, 2 * reduction_scalars._COLUMNS})

ITEMS = loops._ENOUGH_ITEMS
CHUNK = copy_code._CHUNK
BLOCKS = sorted({copy_code._BLOCK, 2 * copy_code._BLOCK, *LANES, *(lanes // 2 for lanes in LANES)})
STRIPS = [plain_contraction._STRIP, 2 * plain_contraction._STRIP]
PIECES = convolution._ENOUGH_ITEMS, convolution._LONG_PIECE
DEPTHWISE = sorted({HOST.pipeline.outputs * k for k in (1, 2, 3)})
BUFFER_ROWS = access._MOST_ROWS
PICKED_ROWS = resize._MOST_ROWS
QUERIES = fusion.FEWEST_QUERIES
