"""Which convolutions are computed by Winograd's method, and how they are cut: a deterministic model of what it costs.

A tile of 4 x 4 outputs takes 36 products where the plain sums take 144, one of 2 x 2 outputs takes 16 instead of 36;
with a stride of 2 it is 81 and 25. Against that stand the transforms, and weights that are 4 and 1.8 times as large:
what they grow by has a price, which the objective says.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

from mini_infer.ir.dims import at, at_most, symbols_in
from mini_infer.ir.equal_parts import divisors
from mini_infer.lowering.builder import Builder
from mini_infer.lowering.contraction import tiles
from mini_infer.machine import Machine
from mini_infer.program import WinogradPacking
from mini_infer.program.kernels import ContractionShape
from mini_infer.program.kernels.contraction.winograd import INPUT_OPERATIONS, OUTPUT_OPERATIONS, WinogradShape
from mini_infer.program.winograd import KERNEL, PAIRS

_CHUNKS = (8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
"""Tiles of a chunk, about, where their number is given at run time."""


def choose(shape: ContractionShape, pool: tuple[int, ...], build: Builder) -> WinogradShape | None:
    """How to cut a convolution into Winograd's tiles; none where the plain sums are as good.

    Parameters
    ----------
    shape
        Of the convolution.
    pool
        Of how many neighboring sums one number is kept, along each axis.
    build
        For the target's vectors, the threads, the objective, and the room that there is for workspace, where the
        objective limits it. Threads decide the chunks alone, on which no bit of the result depends.
    """
    if not (is_window_of_three(shape) and build.machine.has_vectors):
        return None
    if symbols_in(tuple((axis.input, axis.output) for axis in shape.axes)):
        return _open(shape, build)
    if symbols_in(shape):  # images alone are given at run time: each is cut alike
        cut = choose(at(shape), pool, build)
        return None if cut is None else replace(cut, conv=shape)
    machine, allowed = build.machine, build.objective.winograd
    if allowed is None or shape.axes[0].stride not in allowed.strides:
        return None

    def fits(size: int) -> bool:
        return not allowed.limits_workspace or build.fits(size)

    sizes = [size for size in PAIRS[shape.axes[0].stride] if not any(size % count for count in pool)]
    possible = [cut for size in sizes for cut in cuts(shape, size, machine) if fits(_workspace(cut))]

    def cost(cut: WinogradShape) -> float:
        return _cycles(cut, machine) + allowed.weights_price * _growth(cut)

    def rank(cut: WinogradShape, threads: int = 1) -> tuple[float, int]:
        return _unevenness(cut, threads) * cost(cut) + allowed.workspace_price * _workspace(cut), cut.tiles

    best = min(possible, key=rank, default=None)
    if best is None or cost(best) >= _direct_cycles(shape, machine):
        return None
    alike = [cut for cut in possible if cut.size == best.size]
    fitting = [cut for cut in alike if fits(_workspace(cut, build.threads))]
    return min(fitting or [best], key=lambda cut: rank(cut, build.threads))


def _open(shape: ContractionShape, build: Builder) -> WinogradShape | None:
    """The same of images whose sizes are given at run time: where it pays typically, in chunks for the largest."""
    machine, allowed = build.machine, build.objective.winograd
    if allowed is None or shape.axes[0].stride not in allowed.strides:
        return None
    typical, largest = at(shape), at_most(shape)
    if min(math.prod(axis.output for axis in each.axes) for each in (typical, largest)) == 0:
        return None
    found: list[tuple[float, WinogradShape]] = []
    for size in PAIRS[shape.axes[0].stride]:
        count = math.prod(-(-axis.output // size) for axis in largest.axes)
        for chunk in (chunk for chunk in _CHUNKS if chunk <= count or chunk == _CHUNKS[0]):
            tile = tiles.choose(tiles.Work(chunk, shape.out_channels, shape.in_channels), machine, whole=True)
            cut = WinogradShape(largest, size, tile, -(-chunk // tile.rows) * tile.rows)
            if allowed.limits_workspace and not build.fits(_workspace(cut, build.threads)):
                continue
            cost = _cycles(cut, machine) + allowed.weights_price * _growth(cut)
            found.append((cost + allowed.workspace_price * _workspace(cut), cut))
    if not found:
        return None
    _, best = min(found, key=lambda each: (each[0], each[1].tiles))
    count = math.prod(-(-axis.output // best.size) for axis in typical.axes)
    there = replace(best, conv=typical, tiles=min(best.tiles, count))
    if _cycles(there, machine) + allowed.weights_price * _growth(there) >= _direct_cycles(typical, machine):
        return None
    return replace(best, conv=shape)


def is_window_of_three(shape: ContractionShape) -> bool:
    """Whether there is a transform for the convolution at all."""
    plane = len(shape.axes) == 2 and shape.groups == 1  # noqa: PLR2004 - height and width
    strides = {axis.stride for axis in shape.axes}
    last = shape.x_channel == shape.y_channel == 1
    return (
        plane
        and last
        and strides in ({1}, {2})
        and all((axis.kernel, axis.dilation) == (KERNEL, 1) for axis in shape.axes)
    )


def cuts(shape: ContractionShape, size: int, machine: Machine) -> Iterator[WinogradShape]:
    """Every way to cut an image into equal chunks."""
    count = math.prod(-(-axis.output // size) for axis in shape.axes)
    for chunk in divisors(count):
        work = tiles.Work(chunk, shape.out_channels, shape.in_channels)
        yield WinogradShape(shape, size, tiles.choose(work, machine, whole=True), chunk)


def _weights(cut: WinogradShape) -> int:
    """Bytes of the transformed weights."""
    shape = (cut.conv.out_channels, cut.conv.in_channels, KERNEL, KERNEL)
    return WinogradPacking(shape, cut.size, cut.tile.block, cut.stride).bytes


def _growth(cut: WinogradShape) -> int:
    """By how many bytes the transformed weights are larger than the model's."""
    return 4 * (cut.weight_side**2 - cut.conv.window) * cut.conv.in_channels * cut.conv.out_channels


def _workspace(cut: WinogradShape, threads: int = 1) -> int:
    """Bytes of workspace: memory of each thread's own, but for the input of images that are one chunk."""
    inputs = threads if cut.chunks > cut.conv.count else cut.chunks
    return 4 * (inputs * cut.inputs + threads * cut.products)


def _unevenness(cut: WinogradShape, threads: int) -> float:
    """How much longer the busiest thread works than it would with an even share."""
    shares = cut.chunks if cut.chunks > cut.conv.count else cut.blocks
    return -(-shares // threads) * threads / shares


def _cycles(cut: WinogradShape, machine: Machine) -> float:
    """Estimated cycles of one image."""
    conv = cut.conv
    weights = _weights(cut)
    work = tiles.Work(cut.tiles, conv.out_channels, conv.in_channels)
    products = cut.points * tiles.cycles(work, cut.tile, machine)
    point = INPUT_OPERATIONS * machine.cycles(conv.in_channels) + OUTPUT_OPERATIONS * machine.cycles(conv.out_channels)
    transforms = cut.tiles * cut.points * point
    spilled = machine.rates.overflow * max(0, _workspace(cut) - machine.near(1))
    again = weights * machine.read_cycles(weights)
    return cut.chunks_of_image * (max(products, again) + transforms + spilled) + machine.rates.stream * weights


def _direct_cycles(shape: ContractionShape, machine: Machine) -> float:
    """Estimated cycles of one image with plain sums, which leave out what lies in the padding."""
    down, right = shape.axes
    there = [sum(len(axis.having(k)) for k in range(KERNEL)) for axis in shape.axes]
    depth = KERNEL**2 * shape.in_channels
    work = tiles.Work(right.output, shape.out_channels, depth)
    products = down.output * tiles.cycles(work, tiles.choose(work, machine), machine)
    share = math.prod(there) / (KERNEL**2 * down.output * right.output)
    return share * products + machine.rates.stream * 4 * depth * shape.out_channels
