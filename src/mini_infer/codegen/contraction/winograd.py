"""Winograd's 3x3 convolutions in C: tiles transformed, multiplied point by point, and transformed back.

::

    x ──▶ inputs [point][tile][channel] ──▶ products [point][tile][column] ──▶ y
          vectors of channels               register tiles, one block          vectors of columns, with the epilogue
                                            of columns at a time
"""

import math
from collections.abc import Mapping, Sequence

from mini_infer.codegen.contraction import tile
from mini_infer.codegen.contraction.ahead import Ahead
from mini_infer.codegen.contraction.epilogue import EpilogueWriter, helpers
from mini_infer.codegen.contraction.steps import Steps
from mini_infer.codegen.contraction.winograd_output import WinogradOutputWriter
from mini_infer.codegen.contraction.winograd_points import backward, forward
from mini_infer.codegen.function import Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.statements import For, If, Statement
from mini_infer.codegen.tiling import Tiling
from mini_infer.codegen.vectors.arithmetic import Reals
from mini_infer.ir.dims import at, greatest
from mini_infer.machine import FLOAT_BYTES, Machine
from mini_infer.program.kernels import Epilogue
from mini_infer.program.kernels.contraction.winograd import WinogradConv, WinogradInput, WinogradOutput, WinogradShape


def emit_winograd_conv(kernel: WinogradConv, machine: Machine) -> Body:
    """Write a convolution chunk by chunk; an item is a chunk."""
    shape = kernel.shape
    text = each_item(
        "const long chunk = item;",
        *_count(shape),
        For("t", _tiles(shape), _transform_input(shape, machine.lanes)),
        For("block", shape.blocks, [*_products(shape, machine), *_transform_output(kernel, machine)]),
    )
    return Body(
        family="winograd",
        text=text,
        items=shape.chunks,
        helpers=helpers(Reals(machine.lanes), machine, kernel.epilogue),
    )


def emit_winograd_input(kernel: WinogradInput, machine: Machine) -> Body:
    """Write the transform of the input; an item is a tile."""
    shape = kernel.shape
    text = each_item(
        f"const long chunk = item / {shape.tiles}, t = item % {shape.tiles};",
        *_count(shape),
        *([] if shape.even else ["if (t >= count) continue;"]),
        f"float *const inputs = transformed + chunk * {shape.inputs};",
        *_transform_input(shape, machine.lanes),
    )
    return Body(family="winograd_input", text=text, items=shape.chunks * shape.tiles)


def emit_winograd_output(kernel: WinogradOutput, machine: Machine) -> Body:
    """Write the products and the transform of the output; an item is a block of columns of a chunk."""
    shape = kernel.shape
    text = each_item(
        f"const long block = item / {shape.chunks}, chunk = item % {shape.chunks};",
        *_count(shape),
        f"const float *const inputs = transformed + chunk * {shape.inputs};",
        *_products(shape, machine),
        *_transform_output(kernel, machine),
    )
    return Body(
        family="winograd_output",
        text=text,
        items=shape.chunks * shape.blocks,
        helpers=helpers(Reals(machine.lanes), machine, kernel.epilogue),
    )


def _count(shape: WinogradShape) -> list[str]:
    """C that declares how many tiles the chunk has, where not all have the same number."""
    if shape.even:
        return []
    left = f"{math.prod(shape.grid)} - chunk % {shape.chunks_of_image} * {shape.tiles}"
    return [f"const long left = {left}, count = left < {shape.tiles} ? left : {shape.tiles};"]


def _tiles(shape: WinogradShape) -> int | str:
    """The tiles of a chunk: how many, or C of that."""
    return shape.tiles if shape.even else "count"


def _position(shape: WinogradShape) -> list[str]:
    """C that declares the image `n` and the tile's row and column in it, from `chunk` and `t`."""
    wide, chunks = shape.grid[1], shape.chunks_of_image
    return [
        f"const long n = chunk / {chunks}, number = chunk % {chunks} * {shape.tiles} + t;",
        f"const long row = number / {wide}, column = number % {wide};",
    ]


def _transform_input(shape: WinogradShape, lanes: int) -> list[Statement]:
    """One tile, all channels: loaded where they are, or by way of a patch of zeros at the borders."""
    conv, side = shape.conv, shape.side
    down, right = conv.axes
    channels = conv.in_channels
    rest = channels % lanes
    whole = channels - rest
    # Where a size is given at run time, `inside` is never so of images that are too small.
    fits = greatest(down.input) >= side and greatest(right.input) >= side and whole
    inside = f"top >= 0 && top <= {down.input - side} && left >= 0 && left <= {right.input - side}"
    places = [(i, j) for i in range(side) for j in range(side)]
    direct = {(i, j): f"mi_load(x + (at + c + {i * down.x_stride + j * right.x_stride}))" for i, j in places}
    patched = {(i, j): f"patch[{i}][{j}]" for i, j in places}
    source = f"x + (at + i * {down.x_stride} + j * {right.x_stride} + c)"
    load = [f"patch[i][j] = mi_load({source});"]
    if rest:
        load = [f"if (c < {whole}) {load[0]}", f"else patch[i][j] = mi_load_n({source}, {rest});"]
    filled = For("i", "last", [For("j", "stop", load, first="start")], first="first")
    transformed = [*_forward_tile(shape, patched), *_store_points(shape, whole, rest)]
    return [
        *_position(shape),
        f"const long top = row * {shape.size * down.stride} - {down.pad};",
        f"const long left = column * {shape.size * right.stride} - {right.pad};",
        f"const long at = n * {conv.image.a_stride} + top * {down.x_stride} + left * {right.x_stride};",
        f"const long direct = {f'{inside} ? {whole} : 0' if fits else 0};",
        f"float *const to = inputs + t * {channels};",
        For("c", "direct", [*_forward_tile(shape, direct), *_store_points(shape)], step=lanes),
        If(
            f"direct < {channels}",
            [
                "const long first = top < 0 ? -top : 0, start = left < 0 ? -left : 0;",
                f"const long last = top > {down.input - side} ? {down.input} - top : {side};",
                f"const long stop = left > {right.input - side} ? {right.input} - left : {side};",
                f"_Alignas(64) vf patch[{side}][{side}] = {{{{{{0}}}}}};",
                For("c", channels, [filled, *transformed], first="direct", step=lanes),
            ],
        ),
    ]


def _forward_tile(shape: WinogradShape, x: Mapping[tuple[int, int], str]) -> list[str]:
    """B^T x B of a tile, from vectors of x to the variables `p<row>_<column>`."""
    side = shape.side
    lines = []
    for j in range(side):
        lines += forward(shape, [x[i, j] for i in range(side)], f"c{j}_")
    for i in range(side):
        lines += forward(shape, [f"c{j}_{i}" for j in range(side)], f"p{i}_")
    return lines


def _store_points(shape: WinogradShape, whole: int = 0, rest: int = 0) -> Sequence[Statement]:
    """The tile's points to the transformed input; from channel `whole` on only `rest` lanes."""
    side = shape.side
    stores = [
        (f"to + (c + {(i * side + j) * shape.input_plane})", f"p{i}_{j}") for i in range(side) for j in range(side)
    ]
    lines = [f"mi_store({place}, {value});" for place, value in stores]
    if not rest:
        return lines
    partial = [f"mi_store_n({place}, {value}, {rest});" for place, value in stores]
    return [If(f"c < {whole}", lines, partial)]


def _products(shape: WinogradShape, machine: Machine) -> list[Statement]:
    """One block of columns of all tiles and points."""
    columns, channels = shape.tile, shape.conv.in_channels
    # The order of the sums must not depend on the chunks, which depend on the threads, nor on the bands of a stream.
    part = tile.part(channels, shape.points * (shape.whole or math.prod(shape.grid)) * shape.conv.out_channels)

    panel, tiles = channels * columns.block, -(-at(shape.tiles) // columns.rows)
    panels, vectors = shape.points * shape.blocks, columns.rows * columns.vectors
    ahead = Ahead.of(panel * FLOAT_BYTES, panels, channels, tiles, vectors, machine)

    def body(rows: int, width: int) -> list[Statement]:
        loop = machine.pipeline.loop
        sums = tile.Accumulators(rows, width, columns.block, Reals(columns.width), part, loop, ahead=ahead)
        offsets = {row: row * channels for row in range(rows)}
        return [
            *sums.of(Steps(f"in + t * {channels}", "weight", offsets, channels, 1, columns.block)),
            f"float *const out = product + t * {columns.block};",
            *EpilogueWriter(sums, Epilogue(), machine).store(range(rows), row_step=columns.block, column_step=1),
        ]

    def rows_of(width: int) -> list[Statement]:
        if not shape.even:  # the last rows may be of no tile: what becomes of them is not looked at
            return [For("t", "count", body(columns.rows, width), step=columns.rows)]
        return Tiling(shape.tiles, columns.rows).each("t", lambda rows: body(rows, width))

    return [
        For(
            "point",
            shape.points,
            [
                f"const float *const weight = weights + ({_weight_point(shape)}) * {panel};",
                *ahead.declared(f"weight + {panel}"),
                f"const float *const in = inputs + point * {shape.input_plane};",
                f"float *const product = products + point * {shape.product_plane};",
                *Tiling(shape.conv.out_channels, columns.block).one("block", rows_of),
            ],
        )
    ]


def _weight_point(shape: WinogradShape) -> str:
    """The number of a point's weights."""
    side, own = shape.side, shape.weight_side
    if side == own:
        return f"block * {shape.points} + point"
    last = own - 1
    row, column = f"point / {side}", f"point % {side}"
    row, column = (f"({index} < {last} ? {index} : {last})" for index in (row, column))
    return f"(block * {own} + {row}) * {own} + {column}"


def _transform_output(kernel: WinogradConv | WinogradOutput, machine: Machine) -> list[Statement]:
    """One block of columns of all tiles: transformed back, pooled, and through the epilogue."""
    shape = kernel.shape
    tail = shape.conv.out_channels % shape.tile.block
    columns = f"(block < {shape.blocks - 1} ? {shape.tile.block} : {tail})" if tail else str(shape.tile.block)
    leaving = WinogradOutputWriter(kernel, machine.lanes)
    vectors = For("c", columns, [*_backward_tile(shape), *leaving.store()], step=machine.lanes)
    return [For("t", _tiles(shape), [*_position(shape), *leaving.position(), vectors])]


def _backward_tile(shape: WinogradShape) -> list[str]:
    """A^T m A of a tile, from the products to the variables `y<row>_<column>`."""

    def product(row: int, column: int) -> str:
        return f"mi_load(from + {(row * shape.side + column) * shape.product_plane})"

    return [f"const float *const from = products + (t * {shape.tile.block} + c);", *backward(shape, "y", product)]
