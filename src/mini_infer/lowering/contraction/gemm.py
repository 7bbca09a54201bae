"""Matrix products: `Gemm` and `MatMul`."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from mini_infer.ir import Dim, DType, Node, fusion
from mini_infer.ir.dims import at, symbols_in
from mini_infer.ir.products import channel_axis, one_per_channel
from mini_infer.lowering.attributes import given, integer, number
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.contraction import tiles
from mini_infer.lowering.contraction.epilogue import epilogue_of
from mini_infer.lowering.contraction.matrix import Matrix
from mini_infer.lowering.contraction.panels import rows_of_panel
from mini_infer.lowering.contraction.plain import plain_product
from mini_infer.lowering.contraction.strassen import strassen
from mini_infer.lowering.elementwise import map_elements
from mini_infer.lowering.expression import express
from mini_infer.lowering.fused import take_apart
from mini_infer.lowering.shapes import broadcast_strides, merge
from mini_infer.lowering.term import Term, linearize, wide
from mini_infer.machine import Machine
from mini_infer.program import Call, Packing, View
from mini_infer.program.kernels import (
    Batch,
    Epilogue,
    Expression,
    Tile,
    TiledContraction,
    Types,
)
from mini_infer.program.kernels.rules import Size
from mini_infer.program.strides import dense_strides

_MATRIX = 2
"""Axes of a matrix."""


def packed_gemm(
    build: Builder,
    shape: Matrix,
    types: Types,
    epilogue: Epilogue,
    operands: Callable[[int], tuple[View, ...]],
) -> Call:
    """A product in register tiles with a constant right side.

    Parameters
    ----------
    build
        Chooses the tile.
    shape, types, epilogue
        What to compute, in which types.
    operands
        The kernel's operands when b is packed in blocks of that many columns.
    """
    tile = build.tile(tiles.matrix_work(shape, types.operand))
    return Call(_tiled(shape, tile, types, epilogue, build.machine), operands(tile.block))


def _tiled(
    shape: Matrix, tile: Tile, types: Types, epilogue: Epilogue, machine: Machine, *, b_row: int = 0
) -> TiledContraction:
    """The kernel: an item is one tile of rows and one block of columns."""
    panel = row_panel(shape, tile, types.operand, machine)
    return TiledContraction(shape.shape, tile, panel, piece=1, b_row=b_row, types=types, epilogue=epilogue)


def row_panel(shape: Matrix, tile: Tile, dtype: DType, machine: Machine) -> Size:
    """Tiles of rows that all blocks of columns pass over together; of a batch whose b is not shared, of one product."""
    shared = not any(axis.b_stride for axis in shape.batch)
    rows = math.prod(axis.count for axis in shape.batch if shared) * -(-shape.rows // tile.rows)
    typical, size = at(shape), dtype.numpy.itemsize
    blocks = -(-typical.columns // tile.block)
    a, b = at(rows) * tile.rows * typical.depth * size, typical.columns * typical.depth * size
    panel = rows_of_panel(at(rows), a, b, blocks, machine)
    return rows if panel == at(rows) else panel


def multiply(a: View, b: View, y: View, build: Builder) -> Call:
    """The product of two dense tensors by MatMul's rules, b read where it lies.

    Parameters
    ----------
    a, b, y
        The operands, of one element type, and the result.
    build
        Chooses the tile.
    """
    a_shape, b_shape = a.type.shape, b.type.shape
    a_shape = a_shape if len(a_shape) >= _MATRIX else (1, *a_shape)
    b_shape = b_shape if len(b_shape) >= _MATRIX else (*b_shape, 1)
    (rows, depth), columns = a_shape[-2:], b_shape[-1]
    batch = _batch(a_shape, b_shape, rows * columns)
    shape = _absorbed(Matrix(rows, columns, depth, depth, 1, columns, batch))
    dtype = a.type.dtype
    if not build.tiled(dtype) or depth == 0 or isinstance(columns, Dim):
        return Call(plain_product(shape, (dtype, dtype), Epilogue(), (columns, 1)), (a, b, y))
    tile = build.tile(tiles.matrix_work(shape, dtype))
    return Call(_tiled(shape, tile, Types.of(dtype), Epilogue(), build.machine, b_row=columns), (a, b, y))


def lower_gemm(node: Node, build: Builder) -> Sequence[Call]:
    """Lower `Gemm`, alone or fused: `alpha` a b + `beta` c, then activations and a residual."""
    parts = take_apart(node)
    gemm = parts.product
    alpha, beta = number(gemm, "alpha", 1.0), number(gemm, "beta", 1.0)
    c = given(gemm, 2) if beta != 0 else ""
    product = _Product.of(
        build,
        gemm,
        node.outputs[0],
        a_transposed=bool(integer(gemm, "transA")),
        b_transposed=bool(integer(gemm, "transB")),
    )
    if alpha == 1 and (not c or (beta == 1 and _is_bias(c, gemm, node.outputs[0], build))):
        return product.calls(c, gemm.outputs[0], parts.pointwise)
    target = product.away_from(parts.pointwise)
    sums = target.unrounded()
    scaled = _scaled(alpha, beta, target.y.type.dtype, added=bool(c))
    inputs = (sums.y, build.view(c)) if c else (sums.y,)
    last = product.y if not parts.pointwise else target.y
    return [
        *sums.calls("", gemm.outputs[0], ()),
        *map_elements(scaled, inputs, last),
        *target.epilogue_calls(gemm.outputs[0], parts.pointwise, product.y),
    ]


def lower_matmul(node: Node, build: Builder) -> Sequence[Call]:
    """Lower `MatMul`, alone or fused: with a bias, activations and a residual."""
    parts = take_apart(node)
    matmul, pointwise = parts.product, parts.pointwise
    product = _Product.of(build, matmul, node.outputs[0])
    result = build.type(node.outputs[0]).shape
    bias = fusion.bias_of(
        matmul,
        pointwise,
        result,
        lambda name: build.type(name).shape,
        lambda name: build.constant(name) is not None,
    )
    if bias:
        return product.calls(bias, pointwise[0].outputs[0], pointwise[1:])
    return product.calls("", matmul.outputs[0], pointwise)


def _is_bias(name: str, product: Node, result: str, build: Builder) -> bool:
    """Whether a value is a constant with one number per column of a product's result."""
    weights, shape = build.type(product.inputs[1]).shape, build.type(result).shape
    axis = channel_axis(product, weights, len(shape))
    return build.constant(name) is not None and one_per_channel(build.type(name).shape, shape, axis)


def _scaled(alpha: float, beta: float, dtype: DType, *, added: bool) -> Expression:
    """`alpha` times argument 0, which is not rounded yet, plus `beta` times argument 1 if there is one."""
    product, other = Term(wide(dtype)), Term(dtype)
    total = product * alpha + other.cast(product.dtype) * beta if added else product * alpha
    return linearize(total.cast(dtype), (product, other) if added else (product,))


@dataclass(frozen=True, slots=True)
class _Product:
    """Two operands and the result; strides of b are those that it has in the model."""

    build: Builder
    a: View
    b: str
    y: View
    shape: Matrix
    b_depth: int
    b_column: int

    @classmethod
    def of(
        cls, build: Builder, node: Node, result: str, *, a_transposed: bool = False, b_transposed: bool = False
    ) -> "_Product":
        """The product that a node computes into the value `result`."""
        a, y = build.view(node.inputs[0]), build.view(result)
        a_shape, b_shape = a.type.shape, build.type(node.inputs[1]).shape
        a_shape = a_shape if len(a_shape) >= _MATRIX else (1, *a_shape)
        b_shape = b_shape if len(b_shape) >= _MATRIX else (*b_shape, 1)
        a_strides, b_strides = dense_strides(a_shape)[-2:], dense_strides(b_shape)[-2:]
        (rows, depth), (a_row, a_depth) = a_shape[-2:], a_strides
        columns, (b_depth, b_column) = b_shape[-1], b_strides
        if a_transposed:
            (rows, depth), (a_row, a_depth) = (depth, rows), (a_depth, a_row)
        if b_transposed:
            columns, (b_depth, b_column) = b_shape[-2], (b_column, b_depth)
        shape = Matrix(rows, columns, depth, a_row, a_depth, columns, _batch(a_shape, b_shape, rows * columns))
        return cls(build, a, node.inputs[1], y, _absorbed(shape), b_depth, b_column)

    def calls(self, bias: str, value: str, pointwise: Sequence[Node]) -> Sequence[Call]:
        """The product and what follows it, in one kernel if it can be."""
        try:
            epilogue, residual = epilogue_of(value, self.a.type.dtype, pointwise, self.build, bias=bool(bias))
            if residual and (reason := fusion.residual_refusal(self.build.type(residual), self.y.type)):
                raise NotNativeError(reason)
        except NotNativeError:
            target = self.away_from(pointwise)
            return [*target.calls(bias, value, ()), *target.epilogue_calls(value, pointwise, self.y)]
        view = self.build.view(residual) if residual else None
        return self._calls(bias, epilogue, view)

    def away_from(self, pointwise: Sequence[Node]) -> "_Product":
        """The product into workspace, if the result lies in the bytes of something that is read after it."""
        inner = {name for node in pointwise for name in node.outputs}
        later = [name for node in pointwise for name in node.inputs if name in self.build.places and name not in inner]
        place = (self.y.space, self.y.index)
        if all((view.space, view.index) != place for view in map(self.build.view, later)):
            return self
        return replace(self, y=self.build.workspace(self.y.type))

    def unrounded(self) -> "_Product":
        """The product into workspace, as wide as it is summed up, if its own type would round it."""
        kind = self.y.type
        if wide(kind.dtype) is kind.dtype:
            return self
        return replace(self, y=self.build.workspace(replace(kind, dtype=wide(kind.dtype))))

    def epilogue_calls(self, value: str, pointwise: Sequence[Node], y: View) -> Sequence[Call]:
        """Elementwise kernels from this product's result, which holds `value`, to y."""
        if not pointwise:
            return ()
        expression, names = express(pointwise, self.build, (value, self.a.type.dtype))
        return map_elements(expression, [self.y if name == value else self.build.view(name) for name in names], y)

    def _calls(self, bias: str, epilogue: Epilogue, residual: View | None) -> Sequence[Call]:
        method = strassen(self.shape, epilogue, self.build) if self._suits_strassen() else None
        if method is None:
            return [self._call(bias, epilogue, residual)]
        packing = method.packing(self.build.type(self.b).shape, transposed=self.b_depth < self.b_column)
        return method.calls(
            self.build,
            (self.a, self.build.packed(self.b, packing), self.build.view(bias) if bias else None, residual, self.y),
            epilogue,
        )

    def _suits_strassen(self) -> bool:
        kind, machine = self.build.type(self.b), self.build.machine
        constant = self.build.constant(self.b) is not None and len(kind.shape) == _MATRIX
        if not constant or self.build.halves.of(self.build.known(self.b)):
            return False  # the sums that it multiplies by have more than 16 bits
        return kind.dtype is DType.FLOAT32 and machine.has_vectors and not symbols_in(self.shape)

    def _call(self, bias: str, epilogue: Epilogue, residual: View | None) -> Call:
        build, shape, columns = self.build, self.shape, self.shape.columns

        def operands(b: View, block: int) -> tuple[View, ...]:
            packed = build.packed(bias, _rows_of(build.type(bias).shape, columns, block)) if bias else None
            return tuple(view for view in (self.a, b, packed, residual, self.y) if view is not None)

        dtype = self.a.type.dtype
        if not build.tiled(dtype) or shape.depth == 0:
            return self._plain(epilogue, operands)
        if build.constant(self.b) is not None:
            return self._packed(epilogue, operands)
        if isinstance(columns, Dim) or (self.b_column != 1 and columns > 1):
            return self._plain(epilogue, operands)
        tile = build.tile(tiles.matrix_work(shape, dtype))
        strided = _tiled(shape, tile, Types.of(dtype), epilogue, build.machine, b_row=self.b_depth)
        return Call(strided, operands(build.view(self.b), tile.block))

    def _plain(self, epilogue: Epilogue, operands: Callable[[View, int], tuple[View, ...]]) -> Call:
        types = self.a.type.dtype, self.y.type.dtype
        kernel = plain_product(self.shape, types, epilogue, (self.b_depth, self.b_column))
        return Call(kernel, operands(self.build.view(self.b), self.shape.columns))

    def _packed(self, epilogue: Epilogue, operands: Callable[[View, int], tuple[View, ...]]) -> Call:
        """With a constant b: packed, each matrix of its batch on its own."""
        turned, dtype = self.b_depth < self.b_column and self.shape.columns > 1, self.a.type.dtype
        tile = self.build.tile(tiles.matrix_work(self.shape, dtype))
        shape, packing = _packed(self.shape, tile.block, self.build.type(self.b).shape, turned=turned)
        half = self.build.halves.of(self.build.known(self.b))
        packing, types = replace(packing, half=half), Types.of(dtype, half)
        kernel = _tiled(shape, tile, types, epilogue, self.build.machine)
        return Call(kernel, operands(self.build.packed(self.b, packing), tile.block))


@cache
def _packed(shape: Matrix, block: int, kind: tuple[int, ...], *, turned: bool) -> tuple[Matrix, Packing]:
    """How a constant b of a shape, which may be the other way round, is packed; and the product with its strides."""
    matrix = shape.depth * shape.columns
    order = tuple(range(len(kind)))
    order = (*order[:-2], order[-1], order[-2]) if turned else order
    packing = Packing(kind, order, math.prod(kind[:-2]), shape.depth, shape.columns, block)
    size = packing.blocks * packing.rows * packing.block
    batch = tuple(replace(axis, b_stride=axis.b_stride // matrix * size) for axis in shape.batch)
    return replace(shape, batch=batch), packing


def _rows_of(shape: tuple[int, ...], columns: int, block: int) -> Packing:
    """A vector of one number per column, padded to whole blocks."""
    return Packing(shape, tuple(range(len(shape))), 1, 1, columns, block)


def _batch(a_shape: Sequence[int], b_shape: Sequence[int], size: int) -> tuple[Batch, ...]:
    """The batch axes of a product, those that all operands walk alike made one.

    `size` is how many elements one result has.
    """
    a_outer, b_outer = a_shape[:-2], b_shape[:-2]
    rank = max(len(a_outer), len(b_outer))
    padded = [(1,) * (rank - len(outer)) + tuple(outer) for outer in (a_outer, b_outer)]
    target = tuple(a if b == 1 else b for a, b in zip(*padded, strict=True))
    if math.prod(target) == 1:
        return ()
    strides = [
        [stride * math.prod(shape[-2:]) for stride in broadcast_strides(outer, target)]
        for outer, shape in ((a_outer, a_shape), (b_outer, b_shape))
    ]
    sizes, merged = merge(target, [*strides, [stride * size for stride in dense_strides(target)]])
    return tuple(Batch(*axis) for axis in zip(sizes, *merged, strict=True))


def _absorbed(shape: Matrix) -> Matrix:
    """The product with its last batch axis turned into more rows, where b is the same along it."""
    if not shape.batch:
        return shape
    *outer, last = shape.batch
    if last.b_stride != 0 or last.a_stride != shape.rows * shape.a_row or last.y_stride != shape.rows * shape.y_row:
        return shape
    return replace(shape, rows=shape.rows * last.count, batch=tuple(outer))
