"""Products of int16 numbers in pairs: of matrices, and convolutions with constant weights as matrices of patches."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mini_infer.ir import DType, TensorType
from mini_infer.lowering.builder import Builder
from mini_infer.lowering.contraction import spatial, tiles
from mini_infer.lowering.tables import Table
from mini_infer.lowering.window import Window, copy
from mini_infer.program import Call, View
from mini_infer.program.kernels import Batch, ContractionShape, Epilogue, TiledContraction, Types
from mini_infer.program.strides import dense_strides


def even(depth: int) -> int:
    """The depth with which products of pairs are done: one more if it is odd."""
    return depth + depth % 2


def product(build: Builder, a: View, b: Table, y: View) -> Call:
    """The product of rows with a constant matrix.

    Parameters
    ----------
    a
        int16, with `even(depth)` numbers in a row.
    b
        The matrix, int16 `[depth, columns]`.
    y
        int32, as many rows of `columns`.
    """
    depth, columns = b.shape
    rows = y.type.elements // columns
    tile = tiles.choose(tiles.Work(rows, columns, even(depth) // 2), build.machine, whole=True)
    blocks = -(-columns // tile.block)

    def packed() -> np.ndarray:
        padded = np.zeros((even(depth), blocks * tile.block), np.int16)
        padded[:depth, :columns] = b.make()
        return np.ascontiguousarray(padded.reshape(-1, 2, blocks, tile.block).transpose(2, 0, 3, 1))

    packed_shape = (blocks, even(depth) // 2, tile.block, 2)
    right = build.table(Table(f"{b.name} in pairs of {tile.block}", packed_shape, b.sources, packed))
    shape = ContractionShape.matrix(rows, columns, even(depth), (even(depth), 1, columns))
    types = Types(DType.INT16, DType.INT32, DType.INT32)
    kernel = TiledContraction(shape, tile, -(-rows // tile.rows), piece=1, types=types)
    return Call(kernel, (a, right, y))


def matrices(build: Builder, a: View, b: View, y: View, epilogue: Epilogue) -> Sequence[Call]:
    """The products of matrices that are found at run time: b is packed first.

    Parameters
    ----------
    a, b, y
        int16 `[batch..., rows, depth]` and `[batch..., depth, columns]`, dense, such as
        `ir.fusion.multiplies_in_pairs` names; and the result, of the type that the epilogue makes of int32 sums.
    epilogue
        Without bias, residual and numbers by column.
    """
    *batch, depth, columns = b.type.shape
    count = math.prod(batch)
    rows = y.type.elements // (count * columns)
    tile = tiles.choose(tiles.Work(rows, columns, depth // 2), build.machine, whole=True)
    whole, rest = divmod(columns, tile.block)
    blocks = whole + (rest > 0)
    packed = build.workspace(TensorType(DType.INT16, (count, blocks, depth // 2, tile.block, 2)))
    source = Window.of(b, (count, depth // 2, 2, columns)).permute((0, 1, 3, 2))
    target = Window.of(packed).permute((0, 2, 1, 3, 4))
    calls: list[Call] = []
    if whole:
        inner = source.slice(2, 0, whole * tile.block).split(2, (whole, tile.block))
        calls += copy(inner, target.slice(2, 0, whole))
    if rest:
        last, zero = target.at(2, whole), Window.of(build.literal("int16 zero", np.zeros((), np.int16)))
        padding = last.slice(2, rest, tile.block - rest)
        calls += copy(zero.broadcast(padding.shape), padding)
        calls += copy(source.slice(2, whole * tile.block, rest), last.slice(2, 0, rest))
    size = packed.type.elements // count
    each = () if count == 1 else (Batch(count, rows * depth, size, rows * columns),)
    shape = ContractionShape.matrix(rows, columns, depth, (depth, 1, columns), each)
    types = Types(DType.INT16, DType.INT32, y.type.dtype)
    kernel = TiledContraction(shape, tile, -(-rows // tile.rows), piece=1, types=types, epilogue=epilogue)
    return [*calls, Call(kernel, (a, packed, y))]


def convolution(build: Builder, x: View, weights: Table, windows: Sequence[spatial.Window], y: View) -> Sequence[Call]:
    """A convolution without groups, padded with zeros: patches of x, their product with the weights, and its transpose.

    Parameters
    ----------
    x, y
        int16 and int32, channels first.
    weights
        int16 `[output channels, channels, window...]`.
    windows
        Of each spatial axis.
    """
    batch, channels, *sizes = x.type.shape
    _, outputs, *counts = y.type.shape
    zero = Window.of(build.literal("int16 zero", np.zeros((), np.int16)))
    rank = len(sizes)
    last = (0, *range(2, 2 + rank), 1)
    padded = [window.before + size + window.after for window, size in zip(windows, sizes, strict=True)]
    target = Window.of(build.workspace(TensorType(DType.INT16, (batch, *padded, channels))))
    inner = target
    for axis, (window, size) in enumerate(zip(windows, sizes, strict=True), 1):
        inner = inner.slice(axis, window.before, size)
    filling = copy(zero.broadcast(target.shape), target) if padded != sizes else ()
    calls = [*filling, *copy(Window.of(x).permute(last), inner)]
    depth = channels * math.prod(window.kernel for window in windows)
    rows = batch * math.prod(counts)
    a = target.view
    if padded != counts or depth % 2 or any(window.kernel > 1 for window in windows):
        steps = dense_strides(target.shape)
        walk = [
            (window.stride * step, window.dilation * step) for window, step in zip(windows, steps[1:], strict=False)
        ]
        patches = Window(
            target.view,
            (batch, *counts, *(window.kernel for window in windows), channels),
            (steps[0], *(outer for outer, _ in walk), *(within for _, within in walk), 1),
        )
        a = build.workspace(TensorType(DType.INT16, (rows, even(depth))))
        matrix = Window.of(a).slice(1, 0, depth).split(1, patches.shape[1 + rank :]).split(0, patches.shape[: 1 + rank])
        calls += copy(patches, matrix)
        if depth % 2:
            calls += copy(zero.broadcast((rows, 1)), Window.of(a).slice(1, depth, 1))
    sums = build.workspace(TensorType(DType.INT32, (batch, *counts, outputs)))

    def matrix_of_weights() -> np.ndarray:
        return weights.make().transpose((*range(2, 2 + rank), 1, 0)).reshape(depth, outputs)

    b = replace(weights, shape=(depth, outputs), make=matrix_of_weights)
    calls.append(product(build, a, b, sums))
    return [*calls, *copy(Window.of(sums).permute((0, 1 + rank, *range(1, 1 + rank))), Window.of(y))]
