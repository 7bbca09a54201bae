"""Winograd's 3x3 convolutions in C: tiles transformed, multiplied point by point, and transformed back.

::

    x ──▶ inputs [point][tile][channel] ──▶ products [point][tile][column] ──▶ y
          vectors of channels               register tiles, one block          vectors of columns, with the epilogue
                                            of columns at a time
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mini_infer.codegen import tile
from mini_infer.codegen.epilogue import Leaving, helpers, is_light
from mini_infer.codegen.expression import has_vector_form, scalar_code, vector_code
from mini_infer.codegen.function import Function
from mini_infer.ir import DType
from mini_infer.program.kernels import Epilogue, WinogradConv, WinogradInput, WinogradOutput, WinogradShape
from mini_infer.program.winograd import PAIRS

_FLOAT_BYTES = 4


def emit_winograd_conv(kernel: WinogradConv, lanes: int) -> Function:
    """Write a convolution chunk by chunk; an item is a chunk."""
    shape = kernel.shape
    lines = [
        "const long chunk = item;",
        f"for (long t = 0; t < {shape.tiles}; ++t) {{",
        *tile.indent(_transform_input(shape, lanes)),
        "}",
        f"for (long block = 0; block < {shape.blocks}; ++block) {{",
        *tile.indent([*_products(shape), *_transform_output(kernel, lanes)]),
        "}",
    ]
    parameters = (
        "const float *restrict x",
        *_output_parameters(kernel.epilogue),
        "float *restrict inputs",
        "float *restrict products",
    )
    return Function(
        family="winograd",
        parameters=parameters,
        body=_each_item(lines),
        items=shape.chunks,
        helpers=helpers(lanes, lanes, kernel.epilogue),
        private={
            len(parameters) - 2: _FLOAT_BYTES * shape.inputs,
            len(parameters) - 1: _FLOAT_BYTES * shape.products,
        },
    )


def emit_winograd_input(kernel: WinogradInput, lanes: int) -> Function:
    """Write the transform of the input; an item is a tile."""
    shape = kernel.shape
    lines = [
        f"const long chunk = item / {shape.tiles}, t = item % {shape.tiles};",
        f"float *const inputs = transformed + chunk * {shape.inputs};",
        *_transform_input(shape, lanes),
    ]
    return Function(
        family="winograd_input",
        parameters=("const float *restrict x", "float *restrict transformed"),
        body=_each_item(lines),
        items=shape.chunks * shape.tiles,
    )


def emit_winograd_output(kernel: WinogradOutput, lanes: int) -> Function:
    """Write the products and the transform of the output; an item is a block of columns of a chunk."""
    shape = kernel.shape
    lines = [
        f"const long block = item / {shape.chunks}, chunk = item % {shape.chunks};",
        f"const float *const inputs = transformed + chunk * {shape.inputs};",
        *_products(shape),
        *_transform_output(kernel, lanes),
    ]
    parameters = (
        "const float *restrict transformed",
        *_output_parameters(kernel.epilogue),
        "float *restrict products",
    )
    return Function(
        family="winograd_output",
        parameters=parameters,
        body=_each_item(lines),
        items=shape.chunks * shape.blocks,
        helpers=helpers(lanes, lanes, kernel.epilogue),
        private={len(parameters) - 1: _FLOAT_BYTES * shape.products},
    )


def _output_parameters(epilogue: Epilogue) -> list[str]:
    parameters = ["const float *restrict weights"]
    parameters += ["const float *restrict bias"] if epilogue.bias else []
    parameters += ["const float *residual"] if epilogue.residual else []
    return [*parameters, "float *y"]


def _each_item(lines: Sequence[str]) -> str:
    return "\n".join(tile.indent(["for (long item = begin; item < end; ++item) {", *tile.indent(lines), "}"]))


def _position(shape: WinogradShape) -> list[str]:
    """C that declares the image `n` and the tile's row and column in it, from `chunk` and `t`."""
    wide, chunks = shape.grid[1], shape.chunks_of_image
    return [
        f"const long n = chunk / {chunks}, number = chunk % {chunks} * {shape.tiles} + t;",
        f"const long row = number / {wide}, column = number % {wide};",
    ]


def _transform_input(shape: WinogradShape, lanes: int) -> list[str]:
    """One tile, all channels: loaded where they are, or by way of a patch of zeros at the borders."""
    conv, side = shape.conv, shape.side
    down, right = conv.axes
    channels = conv.in_channels
    rest = channels % lanes
    whole = channels - rest
    fits = down.input >= side and right.input >= side and whole
    inside = f"top >= 0 && top <= {down.input - side} && left >= 0 && left <= {right.input - side}"
    places = [(i, j) for i in range(side) for j in range(side)]
    direct = {(i, j): f"mi_load(x + (at + c + {i * down.x_stride + j * right.x_stride}))" for i, j in places}
    patched = {(i, j): f"patch[{i}][{j}]" for i, j in places}
    source = f"x + (at + i * {down.x_stride} + j * {right.x_stride} + c)"
    load = [f"patch[i][j] = mi_load({source});"]
    if rest:
        load = [f"if (c < {whole}) {load[0]}", f"else patch[i][j] = mi_load_n({source}, {rest});"]
    return [
        *_position(shape),
        f"const long top = row * {shape.size * down.stride} - {down.pad};",
        f"const long left = column * {shape.size * right.stride} - {right.pad};",
        f"const long at = n * {conv.x_batch} + top * {down.x_stride} + left * {right.x_stride};",
        f"const long direct = {f'{inside} ? {whole} : 0' if fits else 0};",
        f"float *const to = inputs + t * {channels};",
        f"for (long c = 0; c < direct; c += {lanes}) {{",
        *tile.indent(_forward_tile(shape, direct)),
        *tile.indent(_store_points(shape)),
        "}",
        f"if (direct < {channels}) {{",
        "  const long first = top < 0 ? -top : 0, start = left < 0 ? -left : 0;",
        f"  const long last = top > {down.input - side} ? {down.input} - top : {side};",
        f"  const long stop = left > {right.input - side} ? {right.input} - left : {side};",
        f"  _Alignas(64) vf patch[{side}][{side}] = {{{{{{0}}}}}};",
        f"  for (long c = direct; c < {channels}; c += {lanes}) {{",
        "    for (long i = first; i < last; ++i)",
        "      for (long j = start; j < stop; ++j) {",
        *tile.indent(load, 8),
        "      }",
        *tile.indent(_forward_tile(shape, patched), 4),
        *tile.indent(_store_points(shape, whole, rest), 4),
        "  }",
        "}",
    ]


def _forward_tile(shape: WinogradShape, x: Mapping[tuple[int, int], str]) -> list[str]:
    """B^T x B of a tile, from vectors of x to the variables `p<row>_<column>`."""
    side = shape.side
    lines = []
    for j in range(side):
        lines += _forward(shape, [x[i, j] for i in range(side)], f"c{j}_")
    for i in range(side):
        lines += _forward(shape, [f"c{j}_{i}" for j in range(side)], f"p{i}_")
    return lines


def _store_points(shape: WinogradShape, whole: int = 0, rest: int = 0) -> list[str]:
    """The tile's points to the transformed input; from channel `whole` on only `rest` lanes."""
    side = shape.side
    stores = [
        (f"to + (c + {(i * side + j) * shape.input_plane})", f"p{i}_{j}") for i in range(side) for j in range(side)
    ]
    lines = [f"mi_store({place}, {value});" for place, value in stores]
    if not rest:
        return lines
    partial = [f"mi_store_n({place}, {value}, {rest});" for place, value in stores]
    return [f"if (c < {whole}) {{", *tile.indent(lines), "} else {", *tile.indent(partial), "}"]


def _products(shape: WinogradShape) -> list[str]:
    """One block of columns of all tiles and points."""
    columns, channels = shape.tile, shape.conv.in_channels
    whole, rest = divmod(shape.tiles, columns.rows)
    # The order of the sums must not depend on the chunks, which depend on the threads.
    part = tile.part(channels, shape.points * math.prod(shape.grid) * shape.conv.out_channels)

    def body(rows: int, width: int) -> list[str]:
        sums = tile.Sums(rows, width, columns.block, columns.lanes, part=part)
        return [
            *sums.declare(""),
            *_depth(sums, channels, part or channels),
            *sums.merge(),
            f"float *const out = product + t * {columns.block};",
            *Leaving(sums, Epilogue(), columns.lanes).store(range(rows), row_step=columns.block, column_step=1),
        ]

    def rows_of(width: int) -> list[str]:
        lines = []
        if whole:
            stop = whole * columns.rows
            lines += [f"for (long t = 0; t < {stop}; t += {columns.rows}) {{"]
            lines += [*tile.indent(body(columns.rows, width)), "}"]
        if rest:
            lines += [f"{{ const long t = {whole * columns.rows};", *tile.indent(body(rest, width)), "}"]
        return lines

    full, tail = rows_of(columns.block), shape.conv.out_channels % columns.block
    if tail and shape.blocks == 1:
        full = rows_of(tail)
    elif tail:
        full = [f"if (block < {shape.blocks - 1}) {{", *tile.indent(full), "} else {", *tile.indent(rows_of(tail)), "}"]
    return [
        f"for (long point = 0; point < {shape.points}; ++point) {{",
        f"  const float *const weight = weights + ({_weight_point(shape)}) * {channels * columns.block};",
        f"  const float *const in = inputs + point * {shape.input_plane};",
        f"  float *const product = products + point * {shape.product_plane};",
        *tile.indent(full),
        "}",
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


def _depth(sums: tile.Sums, channels: int, part: int) -> list[str]:
    """The sums over all channels, part by part: cut alike in register tiles of any size."""
    rows = range(sums.rows)
    whole, rest = divmod(channels, part)

    def some(number: str, count: int) -> list[str]:
        added = replace(sums, part=0).reduce(
            [(row, row * channels) for row in rows], count=count, x_step=1, w_step=sums.block
        )
        lines = [
            f"const float *p = in + t * {channels} + {number} * {part};",
            f"const float *q = weight + {number} * {part * sums.block};",
            *added,
        ]
        return [*sums.start(rows), *lines, *sums.settle(rows)] if sums.part else lines

    if whole == 1 and not rest:
        return some("0", part)
    loop = [f"for (long number = 0; number < {whole}; ++number) {{", *tile.indent(some("number", part)), "}"]
    return [*loop, *(["{", *tile.indent(some(str(whole), rest)), "}"] if rest else [])]


def _transform_output(kernel: WinogradConv | WinogradOutput, lanes: int) -> list[str]:
    """One block of columns of all tiles: transformed back, pooled, and through the epilogue."""
    shape = kernel.shape
    tail = shape.conv.out_channels % shape.tile.block
    columns = f"(block < {shape.blocks - 1} ? {shape.tile.block} : {tail})" if tail else str(shape.tile.block)
    leaving = _Leaving(kernel, lanes)
    return [
        f"for (long t = 0; t < {shape.tiles}; ++t) {{",
        *tile.indent([*_position(shape), *leaving.position()]),
        f"  for (long c = 0; c < {columns}; c += {lanes}) {{",
        *tile.indent([*_backward_tile(shape), *leaving.store()], 4),
        "  }",
        "}",
    ]


def _backward_tile(shape: WinogradShape) -> list[str]:
    """A^T m A of a tile, from the products to the variables `y<row>_<column>`."""
    side = shape.side
    lines = [f"const float *const from = products + (t * {shape.tile.block} + c);"]
    for j in range(side):
        loads = [f"mi_load(from + {(i * side + j) * shape.product_plane})" for i in range(side)]
        lines += _backward(shape, loads, f"c{j}_")
    for i in range(shape.size):
        lines += _backward(shape, [f"c{j}_{i}" for j in range(side)], f"y{i}_")
    return lines


@dataclass(frozen=True, slots=True)
class _Leaving:
    """How a tile of sums, the variables `y<row>_<column>`, leaves the registers: pooled, with the epilogue applied.

    A whole tile is written out. Tiles that reach over the end of the output, and all those whose epilogue is long, go
    through a small array, over which loops run.
    """

    kernel: WinogradConv | WinogradOutput
    lanes: int

    @property
    def stored(self) -> tuple[int, int]:
        """Rows and columns of numbers that a whole tile stores."""
        high, wide = (self.kernel.shape.size // pool for pool in self.kernel.pool)
        return high, wide

    @property
    def ragged(self) -> bool:
        """Whether some tile reaches over the output's end."""
        return any(axis.output % self.kernel.shape.size for axis in self.kernel.shape.conv.axes)

    def position(self) -> list[str]:
        """C that declares where the tile's first number goes, and how many `rows` and `columns` of it exist."""
        conv, stored = self.kernel.shape.conv, self.stored
        down, right = conv.axes
        in_image = f"row * {stored[0] * down.y_stride} + column * {stored[1] * right.y_stride}"
        start = f"{conv.y_start} + n * {conv.y_batch} + {in_image} + block * {self.kernel.shape.tile.block}"
        lines = [f"const long to = {start};"]
        if self.ragged:
            for name, index, axis in (("rows", "row", 0), ("columns", "column", 1)):
                left = f"{conv.axes[axis].output // self.kernel.pool[axis]} - {index} * {stored[axis]}"
                lines.append(f"const long {name} = {left} < {stored[axis]} ? {left} : {stored[axis]};")
        return lines

    def store(self) -> list[str]:
        """C that pools the sums and stores what remains, with the epilogue."""
        kernel = self.kernel
        stored = [(i, j) for i in range(self.stored[0]) for j in range(self.stored[1])]
        lines = self._pool(stored)
        if kernel.epilogue.bias:
            lines.append(f"const vf b = mi_load(bias + (block * {kernel.shape.tile.block} + c));")
            lines += [f"{_kept(kernel, place)} += b;" for place in stored]
        rest = kernel.shape.conv.out_channels % self.lanes
        unlike = ["rows == {} && columns == {}".format(*self.stored)] if self.ragged else []
        unlike += [self._whole()] if rest else []
        looped = self._looped(stored, rest)
        if not is_light(kernel.epilogue.expression):
            return [*lines, *looped]
        down, right = kernel.shape.conv.axes
        written = [
            self._vector(_kept(kernel, (i, j)), f"{i * down.y_stride + j * right.y_stride}", self.lanes)
            for i, j in stored
        ]
        if not unlike:
            return [*lines, *written]
        return [
            *lines,
            f"if ({' && '.join(unlike)}) {{",
            *tile.indent(written),
            "} else {",
            *tile.indent(looped),
            "}",
        ]

    def _whole(self) -> str:
        """Whether all lanes from column `c` of the block on are columns that exist."""
        shape = self.kernel.shape
        return f"block * {shape.tile.block} + c <= {shape.conv.out_channels - self.lanes}"

    def _pool(self, stored: Sequence[tuple[int, int]]) -> list[str]:
        """C that leaves in each pool's first sum the greatest; a first NaN stays, later ones are ignored."""
        high, wide = self.kernel.pool
        return [
            f"{_kept(self.kernel, (i, j))} = v{self.lanes}_greater({_kept(self.kernel, (i, j))}, y{row}_{column});"
            for i, j in stored
            for row in range(i * high, (i + 1) * high)
            for column in range(j * wide, (j + 1) * wide)
            if (row, column) != (i * high, j * wide)
        ]

    def _looped(self, stored: Sequence[tuple[int, int]], rest: int) -> list[str]:
        """C that stores by way of an array as much of the tile as exists."""
        down, right = self.kernel.shape.conv.axes
        high, wide = self.stored
        at = f"i * {down.y_stride} + j * {right.y_stride}"
        store = [self._vector("sums[i][j]", at, self.lanes)]
        if rest:
            store = [f"if ({self._whole()}) {store[0]}", f"else {self._vector('sums[i][j]', at, rest)}"]
        return [
            f"_Alignas(64) vf sums[{high}][{wide}];",
            *(f"sums[{i}][{j}] = {_kept(self.kernel, (i, j))};" for i, j in stored),
            f"for (long i = 0; i < {'rows' if self.ragged else high}; ++i)",
            f"  for (long j = 0; j < {'columns' if self.ragged else wide}; ++j) {{",
            *tile.indent(store, 4),
            "  }",
        ]

    def _vector(self, value: str, at: str, valid: int) -> str:
        """C that applies the epilogue to one vector of sums and stores its first lanes, `at` floats behind `to`."""
        epilogue = self.kernel.epilogue
        place = f"(to + c + {at})"
        lines = [f"vf sum = {value};"]
        if epilogue.residual:
            residual = f"mi_load(residual + {place})"
            if valid < self.lanes:
                residual = f"mi_load_n(residual + {place}, {valid})"
            lines.append(f"const vf r = {residual};")
        arguments = ["sum", "r"][: epilogue.arguments]
        types = [DType.FLOAT32] * epilogue.arguments
        if epilogue.expression and has_vector_form(epilogue.expression, types):
            rendered = vector_code(epilogue.expression, arguments)
            lines += [*rendered.statements, f"sum = {rendered.result};"]
        elif epilogue.expression:
            rendered = scalar_code(epilogue.expression, [f"{name}[k]" for name in arguments], types)
            body = " ".join([*rendered.statements, f"sum[k] = {rendered.result};"])
            lines.append(f"for (long k = 0; k < {valid}; ++k) {{ {body} }}")
        store = f"mi_store(y + {place}, sum);" if valid == self.lanes else f"mi_store_n(y + {place}, sum, {valid});"
        return "{ " + " ".join([*lines, store]) + " }"


def _kept(kernel: WinogradConv | WinogradOutput, place: tuple[int, int]) -> str:
    """The variable of the first sum of a pool."""
    return f"y{place[0] * kernel.pool[0]}_{place[1] * kernel.pool[1]}"


def _forward(shape: WinogradShape, x: Sequence[str], name: str) -> list[str]:
    """C that evaluates the inputs' polynomial: B^T x, to the variables `<name>0`, `<name>1` and so on."""
    pairs = PAIRS[shape.stride][shape.size]
    if shape.stride == 1:
        first = f"const vf {name}0 = {_chain(x[0::2], _squares(pairs))};"
        return [first, *_evaluate(pairs, x[1:], name, 1)]
    odd = [f"const vf {name}{shape.size + 1 + k} = {value};" for k, value in enumerate(x[1::2])]
    return [*_evaluate(pairs, x[0::2], name, 0), *odd]


def _evaluate(pairs: Sequence[float], x: Sequence[str], name: str, number: int) -> list[str]:
    """The points of the pairs and infinity, counted from `number` on."""
    lines = []
    for point in pairs:
        others = _squares([other for other in pairs if other != point])
        even, odd = f"{name}{number}_even", f"{name}{number}_odd"
        lines += [
            f"const vf {even} = {_chain(x[1::2], others)}, {odd} = {_chain(x[0::2], others)};",
            f"const vf {name}{number} = {even} + {_times(point, odd)};",
            f"const vf {name}{number + 1} = {even} - {_times(point, odd)};",
        ]
        number += 2
    return [*lines, f"const vf {name}{number} = {_chain(x[0::2], _squares(pairs))};"]


def _backward(shape: WinogradShape, products: Sequence[str], name: str) -> list[str]:
    """C that puts the products together: A^T m, to the variables `<name>0`, `<name>1` and so on."""
    size, pairs = shape.size, PAIRS[shape.stride][shape.size]
    zero = shape.stride == 1
    ends = [""] * size
    if zero:
        ends[0] = f"{products[0]} + "
        infinity = products[-1]
    else:
        infinity = products[size]
        ends = [f"{product} + " for product in products[size + 1 :]]
    ends[-1] += f"{infinity} + "
    lines = []
    for number in range(len(pairs)):
        plus, minus = f"{name}{2 * number}_plus", f"{name}{2 * number}_minus"
        lines += [
            f"const vf {plus} = {products[2 * number + zero]}, {minus} = {products[2 * number + 1 + zero]};",
            f"const vf {name}even{number} = {plus} + {minus}, {name}odd{number} = {plus} - {minus};",
        ]
    for power in range(size):
        parity = "odd" if power % 2 else "even"
        first = pairs[0]
        # The first point's power stands outside, so that no sum has two products.
        inner = " + ".join(
            _times((point / first) ** power, f"{name}{parity}{number}") for number, point in enumerate(pairs)
        )
        outer = _times(first**power, f"({inner})")
        lines.append(f"vf {name}{power} = {ends[power]}{outer};")
    return lines


def _squares(pairs: Sequence[float]) -> list[float]:
    """Coefficients of the product of z - point^2, from the constant on; the last is 1."""
    coefficients = [1.0]
    for point in pairs:
        shifted, scaled = [0.0, *coefficients], [-point * point * c for c in coefficients] + [0.0]
        coefficients = [a + b for a, b in zip(shifted, scaled, strict=True)]
    return coefficients


def _chain(names: Sequence[str], coefficients: Sequence[float]) -> str:
    """The sum of coefficient times name; the last coefficient is 1. Each addition has one product for operand."""
    text = names[len(coefficients) - 1]
    for name, coefficient in zip(names, coefficients[:-1], strict=False):
        text = f"({text} {'-' if coefficient < 0 else '+'} {_times(abs(coefficient), name)})"
    return text


def _times(factor: float, name: str) -> str:
    return name if factor == 1 else f"{factor!r}f * {name}"
