"""onnxruntime's own operators: what the nodes that they stand for could not say in the operators' own words.

Everything else is asked of those nodes, which carry the names of the nodes they stand for.
"""

from collections.abc import Mapping

from mini_infer.frontend.rules.claims import (
    Claim,
    axis,
    broadcast,
    choice,
    divides,
    equal,
    least,
    least_rank,
    length,
    of_types,
    ranks,
    shaped,
    single,
    typed,
    vector,
)
from mini_infer.frontend.rules.operands import Operands
from mini_infer.ir import DType

_BYTES = (DType.INT8, DType.UINT8)
_LEAST_BLOCK = 16
_REALS = (DType.FLOAT32, DType.FLOAT16, DType.BFLOAT16)
_HEADS = least("num_heads", 1, required=True)


def _packed_sizes(weights: int) -> Claim:
    """Columns of the weights are those of queries, keys and values, each divided among the heads."""

    def claim(o: Operands) -> None:
        width, heads = o.size(weights, 1), o.integer("num_heads", 1)
        sizes = o.listed("qkv_hidden_sizes") or (width // 3,) * 3
        if sum(sizes) != width or sizes[0] != sizes[1] or any(size < 1 or size % heads for size in sizes):
            raise o.wrong(f"{o.say(weights)}, which is not made for queries, keys and values of {heads} heads")

    return claim


def _packed(weights: int, bias: int, past: int) -> tuple[Claim, ...]:
    """Attention after one projection for queries, keys and values."""
    return (
        _HEADS,
        ranks(0, 3),
        ranks(weights, 2),
        equal(weights, 0, 0, 2),
        vector(bias, lambda o: o.size(weights, 1)),
        length("qkv_hidden_sizes", lambda _: 3),
        _packed_sizes(weights),
        ranks(past, 5),
    )


def _blocks(o: Operands) -> None:
    """MatMulNBits: bytes, scales, zero points and bias are as many as the sizes of the weights need."""
    rows, columns, block, bits = (
        o.integer(name, 4 if name == "bits" else 0) for name in ("K", "N", "block_size", "bits")
    )
    count = -(-rows // block)
    if o.size(0, -1) != rows:
        raise o.wrong(f"{o.say(0)}, but its rows must have K = {rows} elements")
    per_column = {1: count * -(-block * bits // 8), 2: count, 3: _zero_points(o, 3, count, bits), 5: 1}
    for position, wanted in per_column.items():
        if o.has(position) and o.type(position).elements != columns * wanted:
            raise o.wrong(
                f"{o.say(position)}, but must have {columns * wanted} elements for {columns} columns of {rows}"
            )


def _lines(o: Operands) -> None:
    """GatherBlockQuantized: scales and zero points have the table's shape, a line's numbers in blocks."""
    data, bits = o.type(0), o.integer("bits", 4)
    *outer, width = data.shape
    along = o.integer("quantize_axis", 1) % len(data.shape)
    per_byte = 8 // bits if data.dtype is DType.UINT8 else 1
    sizes = [*outer, width * per_byte]
    sizes[along] = -(-sizes[along] // o.integer("block_size", 128))
    shaped(2, lambda _: tuple(sizes))(o)
    if o.has(3):
        packed = per_byte if o.type(3).dtype is DType.UINT8 else 1
        shaped(3, lambda _: (*sizes[:-1], -(-sizes[-1] // packed)))(o)


def _zero_points(o: Operands, position: int, count: int, bits: int) -> int:
    """Elements that so many zero points take: bytes that hold several, or numbers."""
    packed = o.has(position) and o.type(position).dtype is DType.UINT8
    return -(-count * bits // 8) if packed else count


def _whole_blocks(o: Operands) -> None:
    """Blocks are powers of two, of 16 numbers at least."""
    block = o.integer("block_size", 128)
    if block < _LEAST_BLOCK or block & (block - 1):
        raise o.wrong(f"its block_size is {block}, which is no power of two from {_LEAST_BLOCK} on")


def _directions(o: Operands) -> int:
    return 2 if o.attribute("direction") == "bidirectional" else 1


def _lstm_weights(position: int, rows: int) -> Claim:
    """Weights of four gates, a matrix for each direction, as many columns as gates have elements."""

    def claim(o: Operands) -> None:
        hidden = o.size(2, 1)
        wanted = (_directions(o), o.size(0, 2) if rows == 0 else hidden, 4 * hidden)
        shaped(position, lambda _: wanted)(o)

    return claim


def _concatenated(o: Operands) -> None:
    if len(o.node.input) < 5 or (len(o.node.input) - 2) % 3:  # noqa: PLR2004 - a tensor, its scale and zero point
        raise o.wrong("its inputs are not a scale, a zero point, and three for each tensor")


def _quantized(*positions: int, result: int) -> tuple[Claim, ...]:
    """Tensors of one type of 8 bits, before scales of one element and zero points of the tensors' type.

    `result` is where the scale and zero point of the result lie.
    """
    scales = [*(position + 1 for position in positions), result]

    def one_type(o: Operands) -> None:
        first = positions[0]
        dtype = o.type(first).dtype
        if not all(o.has(position) for position in (*positions, *scales)):
            raise o.wrong("a tensor or its scale is missing")
        if dtype not in _BYTES:
            raise o.wrong(f"{o.say(first)}, but must have elements of 8 bits")
        for position in (*positions, *(scale + 1 for scale in scales)):
            if o.has(position) and o.type(position).dtype is not dtype:
                raise o.wrong(f"{o.say(position)}, but must be of the type of {o.say(first)}")

    zeros = (scale + 1 for scale in scales)
    return one_type, typed(DType.FLOAT32, *scales), single(*scales, *zeros)


def _state(o: Operands) -> tuple[int, ...]:
    return _directions(o), o.size(0, 1), o.size(2, 1)


RULES: Mapping[str, tuple[Claim, ...]] = {
    "Attention": _packed(1, 2, 4),
    "DynamicQuantizeLSTM": (
        choice("direction", "forward", "reverse", "bidirectional"),
        ranks(0, 3),
        ranks(1, 3),
        ranks(2, 3),
        _lstm_weights(1, 0),
        _lstm_weights(2, 1),
        shaped(3, lambda o: (_directions(o), 8 * o.size(2, 1))),
        shaped(5, _state),
        shaped(6, _state),
    ),
    "EmbedLayerNormalization": (ranks(0, 2), ranks(2, 2), ranks(3, 2), ranks(4, 2)),
    "FusedMatMul": (least_rank(0, 1), least_rank(1, 1)),
    "GatherBlockQuantized": (
        choice("bits", 2, 4, 8),
        least_rank(0, 2),
        axis(0, name="gather_axis"),
        axis(1, name="quantize_axis"),
        of_types(0, DType.UINT8, DType.UINT4, DType.INT4),
        of_types(1, DType.INT32, DType.INT64),
        of_types(2, *_REALS),
        _whole_blocks,
        _lines,
    ),
    "GroupNorm": (
        least_rank(0, 3),
        least("groups", 1, required=True),
    ),
    "GroupQueryAttention": (
        _HEADS,
        least("kv_num_heads", 1, required=True),
        ranks(0, 3),
        ranks(1, 3),
        ranks(2, 3),
        ranks(3, 4),
        ranks(4, 4),
        ranks(7, 2),
        ranks(8, 2),
    ),
    "MatMulNBits": (
        *(least(name, 1, required=True) for name in ("K", "N", "block_size")),
        choice("bits", 2, 4, 8),
        least_rank(0, 1),
        typed(DType.UINT8, 1),
        of_types(0, *_REALS),
        of_types(2, *_REALS),
        of_types(3, DType.UINT8, *_REALS),
        _blocks,
    ),
    "MultiHeadAttention": (
        _HEADS,
        ranks(0, 3, 5),
        ranks(1, 3, 4, 5),
        ranks(2, 3, 4),
        divides("num_heads", 0, 0, 2),
        ranks(6, 4),
        ranks(7, 4),
    ),
    "QAttention": _packed(1, 2, 8),
    "QEmbedLayerNormalization": (ranks(0, 2), ranks(2, 2), ranks(3, 2), ranks(4, 2)),
    "QGemm": (ranks(0, 2), ranks(3, 2)),
    "QLinearAdd": (*_quantized(0, 3, result=6), broadcast(0, 3)),
    "QLinearAveragePool": (
        least_rank(0, 3),
        least("kernel_shape", 1, required=True),
        *_quantized(0, result=3),
    ),
    "QLinearConcat": (_concatenated,),
    "QLinearGlobalAveragePool": (least_rank(0, 3), *_quantized(0, result=3)),
    "QLinearLeakyRelu": _quantized(0, result=3),
    "QLinearMul": (*_quantized(0, 3, result=6), broadcast(0, 3)),
    "QLinearReduceMean": _quantized(0, result=3),
    "QLinearSigmoid": _quantized(0, result=3),
    "QLinearSoftmax": (axis(-1), *_quantized(0, result=3)),
    "QLinearWhere": (*_quantized(1, 4, result=7), broadcast(0, 1, 4)),
    "RotaryEmbedding": (ranks(0, 3, 4), ranks(2, 2), ranks(3, 2)),
    "TransposeMatMul": (least_rank(0, 1), least_rank(1, 1)),
}
"""Operator of `com.microsoft` → what must be so."""

WITHOUT = frozenset(
    "BiasAdd BiasGelu BiasSplitGelu DequantizeLinear DynamicQuantizeMatMul FastGelu FusedConv FusedGemm Gelu "
    "LayerNormalization MatMulIntegerToFloat QLinearConv QuantizeLinear QuickGelu SimplifiedLayerNormalization "
    "SkipLayerNormalization SkipSimplifiedLayerNormalization".split()
)
"""Operators of which all is asked of the nodes that they stand for."""
