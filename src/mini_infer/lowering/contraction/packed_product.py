"""Products with weights of a few bits, which stay packed: in another order, in as many bytes."""

from collections.abc import Sequence

from mini_infer.ir import Dim, DType, Node, TensorType
from mini_infer.ir.dims import at, at_least, greatest
from mini_infer.ir.packed import WORD
from mini_infer.lowering.attributes import given, integer
from mini_infer.lowering.builder import Builder
from mini_infer.lowering.contraction import tiles
from mini_infer.program import Call, ColumnPacking, View
from mini_infer.program.kernels import Tile
from mini_infer.program.kernels.contraction.packed_product import MOST_FEW, PackedProduct, PackedWeights

_FEW = 4
"""Registers for each row of a few: for so many rows, unpacking takes the time, whatever becomes of the numbers."""

_NIBBLE, _QUAD = 4, 4
"""Bits of numbers of which no two products saturate in 16 bits; products of bytes that one instruction adds up."""

_PART = 256
"""Numbers of a column that are unpacked together; a chain of additions is as long."""

_PANEL = 128
"""Rows that pass over unpacked numbers before the next are: unpacking them again takes 2 %."""


def lower_matmul_n_bits(node: Node, build: Builder) -> Sequence[Call]:
    """Lower our `MatMulNBits`."""
    a, b, scales, zeros, bias = (given(node, position) for position in range(5))
    view, y = build.view(a), build.view(node.outputs[0])
    weights = _weights(node, build, zeros)
    rows = y.type.elements // weights.columns
    kernel = _kernel(rows, weights, build, bias=bool(bias))
    operands = [view, _in_vectors(b, weights, build, piece=WORD // 8)]
    operands += [_in_vectors(name, weights, build) for name in (scales, zeros, bias) if name]
    spaces = [(operand.kind, operand.points) for operand in kernel.operands() if operand.private]
    operands += [
        build.workspace(TensorType(kind, (build.threads * count,))) for kind, count in spaces if isinstance(kind, DType)
    ]
    return [Call(kernel, (*operands, y))]


def _weights(node: Node, build: Builder, zeros: str) -> PackedWeights:
    depth, columns, block = (integer(node, name) for name in ("K", "N", "block_size"))
    real = zeros and build.type(zeros).dtype is DType.FLOAT32
    kind = "real" if real else "packed" if zeros else ""
    return PackedWeights(columns, depth, integer(node, "bits", 4), block, build.machine.lanes, kind)


def _in_vectors(name: str, weights: PackedWeights, build: Builder, piece: int = 1) -> View:
    """A constant of so many columns, as vectors of them."""
    build.known(name)
    return build.packed(name, ColumnPacking(build.type(name).shape, weights.columns, weights.width, piece))


def _kernel(rows: int, weights: PackedWeights, build: Builder, *, bias: bool) -> PackedProduct:
    """The kernel for so many rows."""
    machine = build.machine
    if not machine.has_vectors:
        return PackedProduct(rows, weights, 0, Tile(1, 1, 1), _part(weights), 1, bias)
    few = min(machine.registers // _FEW, MOST_FEW)
    digits = weights.bits <= _NIBBLE and machine.dot.get(("uint8", "int32")) == _QUAD
    if not isinstance(rows, Dim) and rows <= few:
        return PackedProduct(rows, weights, rows, Tile(1, 1, machine.lanes), _part(weights), 0, bias, digits)
    work = tiles.Work(tiles.typical_rows(rows), weights.columns, weights.depth)
    tile = tiles.choose(at(work), machine, whole=True)
    most = greatest(rows)
    panel = -(-most // tile.rows) * tile.rows if most <= _PANEL else _PANEL // tile.rows * tile.rows
    one = int(isinstance(rows, Dim) and not at_least(rows, 2))
    return PackedProduct(rows, weights, one, tile, _part(weights), panel, bias, digits and one > 0)


def _part(weights: PackedWeights) -> int:
    """How many numbers are unpacked together: whole blocks, or a part of one."""
    if weights.blocks == 1:
        return min(weights.depth, _PART)
    if weights.block <= _PART:
        return min(_PART // weights.block, weights.blocks) * weights.block
    words = weights.block // weights.per_word
    return max(n for n in range(1, _PART // weights.per_word + 1) if words % n == 0) * weights.per_word
