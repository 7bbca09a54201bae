"""Weights of a few bits that DequantizeLinear makes real: they stay packed, and products unpack them.

::

    w[int4] ─ DequantizeLinear ─┐
                                ├─ MatMul ─ y     ─▶     x ─ MatMulNBits ─ y
    x ──────────────────────────┘

Fires on

1. `MatMul` of float32 and a constant matrix of 2 or 4 bits, or of 8 in blocks, with one scale for all, for each column,
   or for each block of a column; it may be transposed between `DequantizeLinear` and the product,
2. `Gemm` of such a matrix that only multiplies, and adds a constant number for each column, if any,
3. `Gather` of rows of such a tensor, with one scale for all, for each row of a matrix, or for each block of a row,
4. `Add` of a constant number for each column to a `MatMulNBits` that has none: it is its bias.

Must not fire on

1. scales that are not known or not float32, and blocks along the columns,
2. blocks that are not made of whole 32-bit words of packed numbers; of rows, of whole bytes,
3. 8 bits without blocks, which the integer operators have, and what is not a matrix,
4. an `Add` whose product is read by others too, or that gives another shape.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.ir.attributes import has_input, integer, integers, number
from mini_infer.ir.graph import QUANTIZED_DOMAIN
from mini_infer.ir.packed import is_whole, packed
from mini_infer.ir.quantized import VERSION
from mini_infer.passes.base import Needs, Pass, Sweep, run
from mini_infer.passes.cleanup.dead import DeadCode
from mini_infer.passes.remarks import Remarks
from mini_infer.passes.rewriter import GraphRewriter

_BITS = {
    DType.INT2: 2,
    DType.UINT2: 2,
    DType.INT4: 4,
    DType.UINT4: 4,
    DType.INT8: 8,
    DType.UINT8: 8,
}
_PACKABLE = frozenset({"DequantizeLinear", "MatMulNBits"})
_BYTE = 8
_MATRIX = 2
_BIAS = 4


@dataclass(frozen=True, slots=True)
class FewBits(Pass):
    """Keeps weights of a few bits packed."""

    name: ClassVar[str] = "few bits"
    needs: ClassVar[Needs] = (_PACKABLE,)

    def __call__(self, graph: Graph, remarks: Remarks) -> Graph:
        """The graph with packed weights, without what made them real."""
        if graph.operators.isdisjoint(_PACKABLE):
            return graph
        return run(graph, (_Pack(), DeadCode()), remarks)


@dataclass(frozen=True, slots=True)
class _Pack(Sweep):
    name: ClassVar[str] = FewBits.name

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        if node.domain or node.op not in {"Add", "Gather", "Gemm", "MatMul"}:
            return None
        if node.op == "Add":
            return _biased(node, rewriter)
        if node.op == "Gather":
            return _rows(node, rewriter)
        return _product(node, rewriter)


@dataclass(frozen=True, slots=True)
class _Levels:
    """A constant tensor as numbers from 0 on, the scales and zeros of its parts with as many dimensions, and the block.

    The block is along the axis `along`; absent, there is none, and what has one scale has it along that axis.
    """

    name: str
    bits: int
    numbers: np.ndarray
    scales: np.ndarray
    zeros: np.ndarray
    along: int | None
    block: int

    @property
    def transposed(self) -> "_Levels":
        """Of a matrix."""
        along = None if self.along is None else 1 - self.along
        return replace(self, numbers=self.numbers.T, scales=self.scales.T, zeros=self.zeros.T, along=along)


def _levels(name: str, rewriter: GraphRewriter) -> _Levels | None:
    """What a DequantizeLinear made a value of."""
    node = rewriter.producer(name, "DequantizeLinear")
    if node is None:
        return None
    array, scale = rewriter.constants.get(node.inputs[0]), rewriter.constants.get(node.inputs[1])
    zero_name = _input(node, 2)
    zero = rewriter.constants.get(zero_name) if zero_name else None
    if array is None or scale is None or scale.dtype != np.float32 or (zero_name and zero is None) or not array.size:
        return None
    kind, real = rewriter.tensor(node.inputs[0]), rewriter.tensor(name)
    block = integer(node, "block_size", 0)
    bits = _BITS.get(kind.dtype) if kind is not None else None
    if bits is None or real is None or real.dtype is not DType.FLOAT32 or (bits == _BYTE and not block):
        return None
    axis = integer(node, "axis", 1) % max(1, array.ndim)
    if scale.size == 1:
        shape = (1,) * array.ndim
    elif block:
        shape = scale.shape
    else:
        shape = tuple(size if position == axis else 1 for position, size in enumerate(array.shape))
    lift = 1 << (bits - 1) if str(array.dtype).startswith("int") else 0
    zeros = np.zeros(shape, np.int16) if zero is None else zero.astype(np.int16).reshape(shape)
    numbers = (array.astype(np.int16) + lift).astype(np.uint8)
    along = axis if block and scale.size > 1 else None
    return _Levels(node.inputs[0], bits, numbers, scale.reshape(shape), zeros + lift, along, block)


def _lines(levels: _Levels, block: int, rewriter: GraphRewriter, hint: str) -> list[str] | None:
    """Constants of numbers in blocks along the last axis: bytes, scales, and zeros unless they are the middle.

    `None`, if the scales are others.
    """
    *outer, size = levels.numbers.shape
    blocks = -(-size // block)
    wanted = (*outer, blocks)
    if not all(have in (1, size) for have, size in zip(levels.scales.shape, wanted, strict=True)):
        return None
    scales, zeros = (np.broadcast_to(each, wanted) for each in (levels.scales, levels.zeros))
    names = [
        rewriter.new_constant(f"{hint}_packed", packed(levels.numbers, levels.bits)),
        rewriter.new_constant(f"{hint}_scales", np.ascontiguousarray(scales)),
    ]
    if (levels.zeros != 1 << (levels.bits - 1)).any():
        names.append(rewriter.new_constant(f"{hint}_zeros", packed(zeros.astype(np.uint8), levels.bits)))
    return names


def _product(node: Node, rewriter: GraphRewriter) -> list[Node] | None:
    """The product with packed weights."""
    flipped = node.op == "Gemm" and integer(node, "transB", 0) == 1
    name = node.inputs[1]
    if (move := rewriter.producer(name, "Transpose")) is not None:
        levels = _levels(move.inputs[0], rewriter)
        if levels is not None and (*integers(move, "perm", (1, 0)),) != (1, 0):
            return None
        flipped = not flipped
    else:
        levels = _levels(name, rewriter)
    if levels is None:
        return None
    a, y = rewriter.types.get(node.inputs[0]), rewriter.types.get(node.outputs[0])
    bias = _input(node, 2)
    if levels.numbers.ndim != _MATRIX or not isinstance(a, TensorType) or not isinstance(y, TensorType):
        return None
    columns = levels if flipped else levels.transposed
    count, depth = columns.numbers.shape
    if node.op == "Gemm" and not _only_multiplies(node, bias, count, rewriter):
        rewriter.missed(node.name, f"{levels.name!r} made real: Gemm does more than to multiply")
        return None
    block = columns.block if columns.along == 1 else depth
    constants = None
    if is_whole(block, columns.bits, depth):
        whole = -(-depth // block) * block
        padded = np.pad(columns.numbers, ((0, 0), (0, whole - depth)))
        constants = _lines(replace(columns, numbers=padded), block, rewriter, levels.name)
    if constants is None:
        rewriter.missed(node.name, f"{levels.name!r} made real: its scales are not those of blocks of columns")
        return None
    inputs = (node.inputs[0], *constants, *[""] * (_BIAS - 1 - len(constants)), *([bias] if bias else []))
    attributes = {"K": depth, "N": count, "bits": columns.bits, "block_size": block}
    rewriter.applied(node.name, f"{levels.name!r} stays packed, {columns.bits} bits a number")
    inputs = inputs if bias else inputs[: 1 + len(constants)]
    return [Node(node.name, "MatMulNBits", inputs, node.outputs, attributes, QUANTIZED_DOMAIN, VERSION)]


def _only_multiplies(node: Node, bias: str, columns: int, rewriter: GraphRewriter) -> bool:
    """Whether a Gemm is a product, plus a constant number for each column."""
    if integer(node, "transA", 0) or number(node, "alpha", 1.0) != 1 or (bias and number(node, "beta", 1.0) != 1):
        return False
    added = rewriter.constants.get(bias) if bias else None
    return not bias or (added is not None and added.shape in ((columns,), (1, columns)))


def _rows(node: Node, rewriter: GraphRewriter) -> list[Node] | None:
    """The rows of a packed table."""
    levels = _levels(node.inputs[0], rewriter)
    if levels is None or integer(node, "axis", 0) or levels.numbers.ndim < _MATRIX:
        return None
    size = levels.numbers.shape[-1]
    block = levels.block if levels.along == levels.numbers.ndim - 1 else size
    constants = None
    if size * levels.bits % _BYTE == 0 and (block >= size or block * levels.bits % _BYTE == 0):
        constants = _lines(levels, block, rewriter, levels.name)
    if constants is None:
        rewriter.missed(node.name, f"{levels.name!r} made real: its scales are not those of blocks of rows")
        return None
    rewriter.applied(node.name, f"{levels.name!r} stays packed, {levels.bits} bits a number")
    data, *others = constants
    inputs = (data, node.inputs[1], *others)
    attributes = {"bits": levels.bits, "block_size": block}
    return [Node(node.name, "GatherBlockQuantized", inputs, node.outputs, attributes, QUANTIZED_DOMAIN, VERSION)]


def _biased(node: Node, rewriter: GraphRewriter) -> list[Node] | None:
    """The product that adds the constant itself."""
    for value, other in (node.inputs, node.inputs[::-1]):
        product, added = rewriter.producer(value), rewriter.constants.get(other)
        if added is None or product is None or (product.domain, product.op) != (QUANTIZED_DOMAIN, "MatMulNBits"):
            continue
        columns = integer(product, "N")
        same = rewriter.types.get(value) == rewriter.types.get(node.outputs[0])
        if added.size != columns or added.shape[-1:] != (columns,) or _input(product, _BIAS) or not same:
            return None
        if not rewriter.has_one_use(value):
            rewriter.missed(node.name, f"Add not fused with {product.name!r}: {value!r} is read by others too")
            return None
        inputs = (*product.inputs, *[""] * (_BIAS - len(product.inputs)))[:_BIAS]
        rewriter.erase(value)
        rewriter.applied(node.name, f"bias added by {product.name!r}")
        return [replace(product, inputs=(*inputs, other), outputs=node.outputs)]
    return None


def _input(node: Node, position: int) -> str:
    """The name of an input; empty where it is left out."""
    return node.inputs[position] if has_input(node, position) else ""
