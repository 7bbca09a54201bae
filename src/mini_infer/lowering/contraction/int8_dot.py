"""Contractions of bytes with constant weights, four neighbors of the reduction an instruction, without workspace.

Sums are those of what a and b hold, less their zero points. That of b is subtracted at build time. That of a, and the
128 that is added to its signed numbers where instructions want unsigned ones, takes part in every sum alike: its share
is subtracted where the sums start, beside the bias.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mini_infer.ir import DType, Node, TensorType
from mini_infer.ir.dims import at
from mini_infer.ir.products import one_per_channel
from mini_infer.ir.quantized import centered
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.contraction import tiles
from mini_infer.lowering.contraction.convolution import panel_of, piece_of
from mini_infer.lowering.contraction.gemm import row_panel
from mini_infer.lowering.contraction.matrix import Matrix
from mini_infer.lowering.contraction.spatial import merged
from mini_infer.lowering.elementwise import map_elements
from mini_infer.lowering.expression import express
from mini_infer.lowering.shapes import reshaped
from mini_infer.lowering.tables import Table
from mini_infer.lowering.term import Term, linearize
from mini_infer.lowering.window import Window, copy
from mini_infer.machine import Machine
from mini_infer.program import Call, Packing, View
from mini_infer.program.kernels import ContractionShape, Epilogue, Expression, Tile, TiledContraction, Types
from mini_infer.program.kernels.contraction.tiled_contraction import FITS_BEHIND
from mini_infer.program.kernels.expression import EIGHT_BITS

_DEPTH = 4
_LIFT = 128
_MOST_OF_PAIR = 128
"""Of two weights of one sign: 255 times their sum is an int16."""
_FEW_REGISTERS, _LONG_WINDOW = 8, 8
"""What a Cortex-M0 has, and from how many numbers in a row of a window on it has tiles of three rows."""
_OUTPUTS = 5
"""Outputs of a row that a depthwise convolution sums at once in a dozen integer registers."""
_FEWEST = 32
"""Neighbors of which it is worth asking whether their products fit."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Constant weights less their zero points, int8 `[groups * out_channels, in_channels, window...]`.

    Parameters
    ----------
    name
        What tables made of them are named after.
    sources
        The constants they were made of.
    array
        They themselves.
    constant
        The graph's constant that they are, if that is the same numbers; empty otherwise.
    turned
        Whether the constant is a matrix b, `[in_channels, out_channels]`.
    """

    name: str
    sources: tuple[np.ndarray, ...]
    array: np.ndarray
    constant: str
    turned: bool

    @classmethod
    def of(cls, build: Builder, name: str, zero: str, *, turned: bool = False) -> "Weights | None":
        """Those of a constant with a constant zero point, if the differences are bytes; `turned`: of a matrix b."""
        array, origin = build.constant(name), build.constant(zero) if zero else np.zeros((), np.int8)
        found = centered(array.T if turned and array is not None else array, origin)
        if found is None or array is None or origin is None:
            return None
        itself = name if array.dtype == np.int8 and not origin.any() else ""
        return cls(f"{name} - {zero or 0}{' turned' * turned}", (array, origin), found, itself, turned)

    def packed(self, build: Builder, kernel: TiledContraction) -> View:
        """In blocks of columns, four neighbors of the reduction of each column together."""
        if self.constant:
            return build.packed(self.constant, self._packing(kernel, turned=self.turned))
        packing = self._packing(kernel)
        name = f"{self.name} in {packing.stretches} x {packing.piece} by {packing.block}"
        return build.table(Table(name, packing.packed_shape, self.sources, lambda: packing.pack(self.array)))

    def fits(self, build: Builder, kernel: TiledContraction) -> View:
        """For each row of each block, whether the products of its pairs fit into int16: a bit."""
        packing = self._packing(kernel)
        size = packing.groups * packing.blocks * kernel.depth // _DEPTH

        def bits() -> np.ndarray:
            rows = packing.pack(self.array).reshape(size, packing.block, 2, 2).astype(np.int16)
            most, least = (limit(rows, 0).sum(axis=-1).reshape(size, -1) for limit in (np.maximum, np.minimum))
            fitting = (most.max(axis=1) <= _MOST_OF_PAIR) & (least.min(axis=1) >= -_MOST_OF_PAIR)
            return np.pad(np.packbits(fitting, bitorder="little"), (0, FITS_BEHIND))

        name = f"what fits of {self.name} in {packing.stretches} by {packing.block}"
        return build.table(Table(name, (-(-size // 8) + FITS_BEHIND,), self.sources, bits))

    def _packing(self, kernel: TiledContraction, *, turned: bool = False) -> Packing:
        """How the array is packed, or the matrix that is it `turned`."""
        shape, kind = kernel.shape, self.array.shape
        window = tuple(range(2, len(kind)))
        if kernel.across:
            return Packing(kind, (1, *window, 0), 1, shape.window, shape.groups, shape.groups)
        count, length = kernel.stretch
        split = () if turned else (shape.groups, shape.out_channels, *kind[1:])
        order = (0, 1) if turned else (0, *(axis + 1 for axis in window), 2, 1)
        rows, columns = count * length, shape.out_channels
        blocks = kernel.tile.block
        kind = kind[::-1] if turned else kind
        return Packing(kind, order, shape.groups, rows, columns, blocks, split, _DEPTH, count)

    def sums(self) -> np.ndarray:
        """Of each output channel, int64."""
        return np.asarray(self.array.reshape(len(self.array), -1).sum(axis=1, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class ByteContraction:
    """A contraction of bytes before its tile is chosen.

    Parameters
    ----------
    x_zero
        The name of the zero point of x; empty: 0.
    value
        The name of its sums.
    pointwise
        The nodes after it.
    result
        The shape of the sums, axes in ONNX's order.
    axis
        Which of these has a column for each index.
    convert
        What makes bytes of x, where that is real.
    """

    build: Builder
    shape: ContractionShape
    weights: Weights
    x: View
    x_zero: str
    y: View
    value: str
    pointwise: Sequence[Node]
    result: tuple[int, ...]
    axis: int
    convert: Expression = ()

    def calls(self, residual_at: Callable[[str], View]) -> Sequence[Call]:
        """The contraction and what follows it in one kernel, and before it what is found at run time by column.

        `residual_at` says where a tensor like the result lives, by its name.

        Raises
        ------
        NotNativeError
            When what follows has no form that the kernel could do.
        """
        build, x = self.build, self.convert[-1].dtype if self.convert else self.x.type.dtype
        bias = self._bias()
        value, rest = (self.pointwise[0].outputs[0], self.pointwise[1:]) if bias else (self.value, self.pointwise)
        expression, inputs = express(rest, build, (value, DType.INT32)) if rest else ((), (value,))
        residual, columns = self._sorted(inputs[1:])
        expression = _renumbered(expression, inputs, (value, *residual, *columns))
        epilogue = Epilogue(bias=True, residual=bool(residual), expression=expression, columns=len(columns))
        types = Types(x, DType.INT32, self.y.type.dtype, lifted=x is DType.INT8 and lifts(build.machine))
        kernel = self._kernel(types, epilogue)
        if self.convert:
            kernel = self._converting(kernel)
        before: list[Call] = []
        start = self._start(kernel, bias, before)
        by_column = [self._column(name, kernel, before) for name in columns]
        added = map(residual_at, residual)
        fits = (self.weights.fits(build, kernel),) if kernel.fits else ()
        views = (self.x, self.weights.packed(build, kernel), *fits, start, *by_column, *added, self.y)
        return [*before, Call(kernel, views)]

    def _bias(self) -> str:
        """The constant of one int32 per column that is added first; empty if there is none."""
        if not self.pointwise or (self.pointwise[0].domain, self.pointwise[0].op) != ("", "Add"):
            return ""
        known = (name for name in self.pointwise[0].inputs if self.build.constant(name) is not None)
        return next((name for name in known if self._is_by_column(self.build.type(name))), "")

    def _is_by_column(self, kind: TensorType) -> bool:
        return one_per_channel(kind.shape, self.result, self.axis)

    def _sorted(self, names: Sequence[str]) -> tuple[list[str], list[str]]:
        """The residual, and what has one number per column or one for all."""
        residual: list[str] = []
        columns: list[str] = []
        for name in names:
            kind = self.build.type(name)
            known = self.build.constant(name) is not None
            by_column = kind.elements == 1 or ((known or self.shape.groups == 1) and self._is_by_column(kind))
            if by_column and (kind.dtype is DType.FLOAT32 or (known and kind.dtype in EIGHT_BITS)):
                columns.append(name)
            elif kind == self.y.type and not residual:
                residual.append(name)
            else:
                raise NotNativeError(f"{name!r}, {kind}, is no number by column and no residual")
        return residual, columns

    def _kernel(self, types: Types, epilogue: Epilogue) -> TiledContraction:
        shape, build = self.shape, self.build
        known = build.constant(self.x_zero) if self.x_zero else None
        zero = 0 if known is None else int(known.item())
        width = build.machine.lanes
        single = shape.in_channels == shape.out_channels == shape.x_channel == shape.y_channel == 1 < shape.groups
        if single:
            outputs = build.machine.pipeline.outputs if build.machine.has_vectors else _OUTPUTS
            tile = Tile(min(outputs, at(shape.axes[-1].output)), 1, width)
            return TiledContraction(shape, tile, 1, types=types, zero=zero, across=True, epilogue=epilogue)
        draft = TiledContraction(shape, Tile(1, 1, width), 1, types=types, zero=zero, epilogue=epilogue)
        unsigned = types.operand is DType.UINT8 or types.lifted
        fits = unsigned and ("uint8", "int16") in build.machine.dot and draft.stretch[1] >= _FEWEST
        draft = replace(draft, fits=fits)
        work = tiles.Work(shape.axes[-1].output, shape.out_channels, draft.depth // types.depth)
        if build.machine.has_vectors:
            tile = tiles.choose(at(replace(work, rows=tiles.typical_rows(work.rows))), build.machine, whole=True)
        else:
            window = 1 if shape.window == 1 else at(shape.axes[-1].kernel * shape.in_channels)
            tile = _tile_of_singles(tiles.typical_rows(work.rows), at(work.columns), window, build.machine)
        if len(shape.axes) == shape.window == 1:
            if not build.machine.has_vectors:  # nor threads: a row of tiles is one item
                return replace(draft, tile=tile)
            panel = row_panel(Matrix.of(shape), tile, types.operand, build.machine)
            return replace(draft, tile=tile, piece=1, row_panel=panel)
        rows = shape.count * math.prod(axis.output for axis in shape.axes[:-1])
        wide = shape.axes[-1].output
        piece = piece_of(at(rows) * shape.groups * -(-shape.out_channels // tile.block), at(wide), tile.rows)
        tiled = -(-wide // tile.rows)
        pieces = -(-tiled // piece) if piece else 1
        panel = panel_of(shape, tile, at(rows), at(self.x.type.bytes), types.operand, build.machine)
        return replace(draft, tile=tile, piece=piece, row_panel=panel * pieces)

    def _converting(self, kernel: TiledContraction) -> TiledContraction:
        """The kernel that makes bytes of x, where it does that once, or whatever time it takes.

        Raises
        ------
        NotNativeError
            When it would do that for each of many columns.
        """
        shape = self.shape
        if not self.build.machine.has_vectors:
            raise NotNativeError("bytes are made in vectors")
        if shape.window > 1 or any(axis.clipped for axis in shape.axes) or kernel.across:
            raise NotNativeError("windows of several elements, each of which would be quantized again")
        if shape.out_channels > kernel.tile.block and not math.isinf(self.build.objective.slowdown):
            raise NotNativeError("each block of columns would quantize again")
        return replace(kernel, convert=self.convert)

    def _start(self, kernel: TiledContraction, bias: str, before: list[Call]) -> View:
        """What the sums start from: the bias, less the share of a's zero point."""
        build, weights = self.build, self.weights
        (groups, channels), block, lift = _groups(kernel), kernel.tile.block, _LIFT * kernel.types.lifted
        added = build.constant(bias) if bias else None
        zero = build.constant(self.x_zero) if self.x_zero else np.zeros((), np.int8)
        sources = (*weights.sources, *(() if added is None else (added,)))
        share = lift if zero is None else lift + int(zero.item())

        def start() -> np.ndarray:
            sums = -share * weights.sums()
            sums += 0 if added is None else added.ravel().astype(np.int64)
            return _by_column(sums.astype(np.int32), groups, block)  # which wraps around, as sums do

        def totals() -> np.ndarray:
            return _by_column(weights.sums().astype(np.int32), groups, block)

        shape = (groups * -(-channels // block) * block,)
        first = build.table(Table(f"{weights.name} by {block} from {bias} less {share}", shape, sources, start))
        if zero is not None:
            return first
        sums = build.table(Table(f"sums of {weights.name} by {block}", shape, weights.sources, totals))
        views = [first, sums, reshaped(build.view(self.x_zero), ())]
        known, each, shift = terms = [Term(view.type.dtype) for view in views]
        found = build.workspace(first.type)
        before += map_elements(linearize(known - each * shift.cast(DType.INT32), terms), views, found)
        return found

    def _column(self, name: str, kernel: TiledContraction, before: list[Call]) -> View:
        """An operand with one number per column."""
        build, (groups, channels), block = self.build, _groups(kernel), kernel.tile.block
        shape = (groups * -(-channels // block) * block,)
        value = build.constant(name)
        if value is not None and value.size == groups * channels > 1 and value.dtype == np.float32:
            split = (groups, channels)
            return build.packed(name, Packing(value.shape, (0, 1), groups, 1, channels, block, split))
        if value is not None:
            each = np.broadcast_to(value.ravel(), groups * channels).astype(np.float32)
            made = Table(f"{name} by {block} in {groups}", shape, (value,), lambda: _by_column(each, groups, block))
            return build.table(made)
        view, found = build.view(name), build.workspace(TensorType(DType.FLOAT32, shape))
        if view.type.elements == 1:
            before += copy(Window.of(view, ()).broadcast(shape), Window.of(found))
        else:
            before += copy(Window.of(view, (channels,)), Window.of(found).slice(0, 0, channels))
        return found


def as_matrix(shape: ContractionShape) -> ContractionShape:
    """A convolution with neighboring axes made one where its windows are single elements; of all images, if it can."""
    axes = merged(shape.axes)
    image, rows = shape.image, axes[0].output
    if len(axes) == 1 and axes[0].kernel == axes[0].stride == 1 and axes[0].pad == 0 and shape.groups == 1:
        (axis,) = axes
        if (image.a_stride, image.y_stride) == (rows * axis.x_stride, rows * axis.y_stride) or shape.count == 1:
            count = rows * image.count
            return replace(shape, axes=(replace(axis, input=count, output=count),), batch=())
    return replace(shape, axes=axes)


def _tile_of_singles(rows: int, columns: int, window: int, machine: Machine) -> Tile:
    """The tile of a machine without vectors: two by two sums, with halves of a and b, are what a dozen registers hold.

    Three rows are too many, but less so than one alone that would be left of three or five. Of eight registers two by
    two sums leave too few: three rows share a weight there, where they are near each other and a row of their `window`
    has some numbers, or else two columns share a number of a.
    """
    if machine.registers <= _FEW_REGISTERS:
        return Tile(min(3, rows), 1, 1) if window >= _LONG_WINDOW else Tile(1, min(2, columns), 1)
    return Tile(3 if rows in (3, 5) else min(2, rows), min(2, columns), 1)


def _groups(kernel: TiledContraction) -> tuple[int, int]:
    """In how many groups columns are padded to whole blocks, and how many there are in each."""
    shape = kernel.shape
    return (1, shape.groups) if kernel.across else (shape.groups, shape.out_channels)


def lifts(machine: Machine) -> bool:
    """Whether the machine multiplies unsigned bytes by signed ones, and not signed ones by each other."""
    return ("uint8", "int32") in machine.dot and ("int8", "int32") not in machine.dot


def _by_column(values: np.ndarray, groups: int, block: int) -> np.ndarray:
    """One number per output channel, the channels of each group padded to whole blocks."""
    columns = values.reshape(groups, -1)
    return np.pad(columns, ((0, 0), (0, -columns.shape[1] % block))).ravel()


def _renumbered(expression: Expression, inputs: Sequence[str], order: Sequence[str]) -> Expression:
    """The expression with its inputs in another order."""
    places = [order.index(name) for name in inputs]
    count = len(places)
    return tuple(
        replace(step, arguments=tuple(places[index] if index < count else index for index in step.arguments))
        for step in expression
    )
