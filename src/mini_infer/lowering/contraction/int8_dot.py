"""Contractions of bytes with constant weights, four neighbors of the reduction an instruction, without workspace.

Sums are those of what a and b hold, less their zero points. That of b is subtracted at build time. That of a, and the
128 that is added to its signed numbers where instructions want unsigned ones, takes part in every sum alike: its share is
subtracted where the sums start, beside the bias.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mini_infer.ir import DType, Node, TensorType
from mini_infer.ir.dims import at
from mini_infer.ir.products import one_per_channel
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.contraction import tiles
from mini_infer.lowering.contraction.convolution import piece_of, row_panel_of
from mini_infer.lowering.contraction.spatial import merged
from mini_infer.lowering.elementwise import map_elements
from mini_infer.lowering.expression import express
from mini_infer.lowering.shapes import reshaped
from mini_infer.lowering.tables import Table
from mini_infer.lowering.term import Term, linearize
from mini_infer.lowering.window import Window, copy
from mini_infer.machine import Machine
from mini_infer.program import Call, View
from mini_infer.program.kernels import ContractionShape, Epilogue, Expression, Tile, TiledContraction, Types

_DEPTH = 4
_LIFT = 128


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
    """

    name: str
    sources: tuple[np.ndarray, ...]
    array: np.ndarray

    @classmethod
    def of(cls, build: Builder, name: str, zero: str, *, turned: bool = False) -> "Weights | None":
        """Those of a constant with a constant zero point, if the differences are bytes; `turned`: of a matrix b."""
        array, origin = build.constant(name), build.constant(zero) if zero else np.zeros((), np.int8)
        if array is None or origin is None or array.dtype not in (np.int8, np.uint8) or not array.size:
            return None
        centered = array.T if turned else array
        if origin.any() or array.dtype != np.int8:
            zeros = origin.astype(np.int16).reshape(-1, *[1] * (array.ndim - 1))
            centered = centered.astype(np.int16) - zeros
            limits = np.iinfo(np.int8)
            if centered.min() < limits.min or centered.max() > limits.max:
                return None
        return cls(f"{name} - {zero or 0}{' turned' * turned}", (array, origin), centered.astype(np.int8, copy=False))

    def packed(self, build: Builder, kernel: TiledContraction) -> View:
        """In blocks of columns, four neighbors of the reduction of each column together."""
        shape, block = kernel.shape, kernel.tile.block
        stretches, length = kernel.stretch
        rows, blocks = -(-length // _DEPTH), -(-shape.out_channels // block)

        def make() -> np.ndarray:
            _, channels, *window = self.array.shape
            split = self.array.reshape(shape.groups, shape.out_channels, channels, *window)
            columns = split.transpose(0, *range(3, split.ndim), 2, 1)
            columns = columns.reshape(shape.groups, stretches, length, shape.out_channels)
            missing = (rows * _DEPTH - length, blocks * block - shape.out_channels)
            padded = np.pad(columns, ((0, 0), (0, 0), (0, missing[0]), (0, missing[1])))
            parted = padded.reshape(shape.groups, stretches * rows, _DEPTH, blocks, block)
            return np.ascontiguousarray(parted.transpose(0, 3, 1, 4, 2))

        kind = (shape.groups, blocks, stretches * rows, block, _DEPTH)
        return build.table(Table(f"{self.name} in fours of {length} by {block}", kind, self.sources, make))

    def sums(self, groups: int, block: int) -> np.ndarray:
        """Of each output channel, int64, `[groups * blocks, block]`, the last block padded."""
        totals = self.array.reshape(len(self.array), -1).sum(axis=1, dtype=np.int64)
        return padded_columns(totals, groups, block)


def padded_columns(values: np.ndarray, groups: int, block: int) -> np.ndarray:
    """One number per output channel, the channels of each group padded to whole blocks: flat."""
    columns = values.reshape(groups, -1)
    return np.pad(columns, ((0, 0), (0, -columns.shape[1] % block))).ravel()


@dataclass(frozen=True, slots=True)
class ByteContraction:
    """A contraction of bytes before its tile is chosen.

    Parameters
    ----------
    value
        The name of its sums.
    pointwise
        The nodes after it.
    x_zero
        The name of the zero point of x; empty: 0.
    axis
        The axis of the result along which there is a column for each index.
    """

    build: Builder
    shape: ContractionShape
    weights: Weights
    x: View
    x_zero: str
    y: View
    value: str
    pointwise: tuple[Node, ...]
    axis: int

    def calls(self, residual_of: "Residual") -> Sequence[Call]:
        """The contraction and what follows it in one kernel, and before it what is found at run time by column.

        Raises
        ------
        NotNativeError
            When what follows has no form that the kernel could do.
        """
        build = self.build
        bias, pointwise = self._bias()
        value = pointwise[0].inputs[0] if False else (self.pointwise[0].outputs[0] if bias else self.value)
        expression, inputs = express(pointwise, build, (value, DType.INT32)) if pointwise else ((), (value,))
        if inputs[:1] != (value,):
            raise NotNativeError("what follows a contraction does not read its sums")
        residual, columns = self._sorted(inputs[1:])
        expression = _renumbered(expression, inputs, (value, *residual, *columns))
        lifted = self.x.type.dtype is DType.INT8 and multiplies_unsigned(build.machine)
        types = Types(self.x.type.dtype, DType.INT32, self.y.type.dtype, lifted)
        kernel = self._kernel(types, Epilogue(bias=True, residual=bool(residual), expression=expression, columns=len(columns)))
        calls: list[Call] = []
        start = self._start(kernel, bias, calls)
        by_column = [self._column(name, kernel, calls) for name in columns]
        added = [residual_of(name) for name in residual]
        views = (self.x, self.weights.packed(build, kernel), start, *by_column, *added, self.y)
        return [*calls, Call(kernel, views)]

    def _bias(self) -> tuple[str, tuple[Node, ...]]:
        """The constant of one int32 per column that is added first, if there is one, and the nodes after it."""
        first = self.pointwise[0] if self.pointwise else None
        if first is None or first.op != "Add" or first.domain:
            return "", self.pointwise
        result = self.build.type(self.value).shape
        for name in first.inputs:
            kind = self.build.graph.types.get(name)
            constant = self.build.constant(name) is not None and isinstance(kind, TensorType)
            if constant and one_per_channel(kind.shape, result, self.axis):
                return name, self.pointwise[1:]
        return "", self.pointwise

    def _sorted(self, names: Sequence[str]) -> tuple[list[str], list[str]]:
        """The residual, and what has one number per column (or one for all)."""
        residual, columns = [], []
        result = self.build.type(self.value).shape
        for name in names:
            kind = self.build.type(name)
            if kind.shape == result and kind.dtype is self.y.type.dtype:
                residual.append(name)
            elif kind.dtype is DType.FLOAT32 and (
                kind.elements == 1 or (self.shape.groups == 1 and one_per_channel(kind.shape, result, self.axis))
            ):
                columns.append(name)
            elif kind.dtype is DType.FLOAT32 and self.build.constant(name) is not None and one_per_channel(kind.shape, result, self.axis):
                columns.append(name)
            else:
                raise NotNativeError(f"{name!r}, {kind}, is no number by column, nor like the result")
        if len(residual) > 1:
            raise NotNativeError("a kernel adds at most one tensor to its result")
        return residual, columns

    def _kernel(self, types: Types, epilogue: Epilogue) -> TiledContraction:
        shape, build = self.shape, self.build
        zero = build.constant(self.x_zero) if self.x_zero else np.zeros((), np.int8)
        known = 0 if zero is None else int(zero.item())
        draft = TiledContraction(shape, Tile(1, 1, build.machine.lanes), 1, types=types, zero=known, epilogue=epilogue)
        work = tiles.Work(shape.axes[-1].output, shape.out_channels, draft.depth // _DEPTH)
        tile = tiles.choose(at(replace(work, rows=tiles.typical_rows(work.rows))), build.machine, whole=True)
        kernel = replace(draft, tile=tile)
        if len(shape.axes) == 1 and shape.window == 1:
            size = tile.rows * at(shape.in_channels)
            fitting = max(1, build.machine.near(1) // size)
            blocks, all_tiles = -(-shape.out_channels // tile.block), -(-shape.axes[-1].output // tile.rows)
            panels = -(-at(all_tiles) // fitting)
            rows = at(shape.axes[-1].output)
            less = panels * shape.out_channels + rows < shape.out_channels + blocks * rows
            return replace(kernel, piece=1, row_panel=fitting if shape.batch or less else all_tiles)
        rows = shape.count * math.prod(axis.output for axis in shape.axes[:-1])
        items = at(rows) * shape.groups * -(-shape.out_channels // tile.block)
        piece = piece_of(items, at(shape.axes[-1].output), tile.rows)
        pieces = -(-(-(-shape.axes[-1].output // tile.rows)) // piece) if piece else 1
        return replace(kernel, piece=piece, row_panel=row_panel_of(build, at(rows), at(self.x.type.bytes)) * pieces)

    def _start(self, kernel: TiledContraction, bias: str, calls: list[Call]) -> View:
        """What the sums start from: the bias, less the share of a's zero point."""
        build, groups, block = self.build, self.shape.groups, kernel.tile.block
        lift = _LIFT * kernel.types.lifted
        added = build.constant(bias) if bias else None
        zero = build.constant(self.x_zero) if self.x_zero else np.zeros((), np.int8)
        sources = (*self.weights.sources, *(() if added is None else (added,)))
        size = groups * -(-self.shape.out_channels // block) * block

        def make(share: int) -> np.ndarray:
            start = -share * self.weights.sums(groups, block)
            if added is not None:
                start += padded_columns(added.ravel().astype(np.int64), groups, block)
            return start.astype(np.int32)  # wraps around, as sums do

        if zero is not None:
            share = int(zero.item()) + lift
            name = f"{self.weights.name} by {block} from {bias} less {share}"
            return build.table(Table(name, (size,), (*sources, zero), lambda: make(share)))
        view = reshaped(build.view(self.x_zero), ())
        known = build.table(Table(f"{self.weights.name} by {block} from {bias}", (size,), sources, lambda: make(lift)))
        totals = build.table(
            Table(
                f"{self.weights.name} sums by {block}",
                (size,),
                self.weights.sources,
                lambda: self.weights.sums(groups, block).astype(np.int32),
            )
        )
        one, sums, shift = terms = [Term(DType.INT32), Term(DType.INT32), Term(view.type.dtype)]
        start = build.workspace(TensorType(DType.INT32, (size,)))
        calls += map_elements(linearize(one - sums * shift.cast(DType.INT32), terms), [known, totals, view], start)
        return start

    def _column(self, name: str, kernel: TiledContraction, calls: list[Call]) -> View:
        """An operand with one number per column."""
        build, groups, block = self.build, self.shape.groups, kernel.tile.block
        blocks = -(-self.shape.out_channels // block)
        size = groups * blocks * block
        value = build.constant(name)
        if value is not None:

            def make() -> np.ndarray:
                each = np.broadcast_to(value.ravel(), (groups * self.shape.out_channels,))
                return padded_columns(each, groups, block)

            return build.table(Table(f"{name} by {block} in {groups} of {self.shape.out_channels}", (size,), (value,), make))
        target = build.workspace(TensorType(DType.FLOAT32, (size,)))
        view = build.view(name)
        if view.type.elements == 1:
            calls += copy(Window.of(reshaped(view, ())).broadcast((size,)), Window.of(target))
        else:
            flat = reshaped(view, (self.shape.out_channels,))
            calls += copy(Window.of(flat), Window.of(target).slice(0, 0, self.shape.out_channels))
        return target


class Residual:
    """Where a residual lives, by its name."""

    def __call__(self, name: str) -> View:
        """The view."""
        raise NotImplementedError


def multiplies_unsigned(machine: Machine) -> bool:
    """Whether the machine's products of bytes are of unsigned by signed ones."""
    return machine.arch in {"x86_64", ""}


def matrix_of(rows: int, columns: int, depth: int) -> ContractionShape:
    """The product of dense rows with a constant matrix."""
    return ContractionShape.matrix(rows, columns, depth, (depth, 1, columns))


def as_matrix(shape: ContractionShape) -> ContractionShape:
    """A convolution with neighboring axes merged where its windows are single elements."""
    axes = merged(shape.axes)
    if len(axes) == 1 and axes[0].kernel == 1 and shape.groups == 1:
        (axis,), image = axes, shape.image
        rows = axis.output
        if shape.count == 1:
            return replace(shape, axes=axes, batch=())
        if (image.a_stride, image.y_stride) == (rows * axis.stride * axis.x_stride, rows * axis.y_stride):
            whole = replace(axis, input=axis.input * image.count, output=rows * image.count)
            return replace(shape, axes=(whole,), batch=())
    return replace(shape, axes=axes)


def _renumbered(expression: Expression, inputs: Sequence[str], order: Sequence[str]) -> Expression:
    """The expression with its inputs in another order."""
    places = [order.index(name) for name in inputs]
    count = len(places)
    return tuple(
        replace(step, arguments=tuple(places[index] if index < count else index for index in step.arguments))
        for step in expression
    )
