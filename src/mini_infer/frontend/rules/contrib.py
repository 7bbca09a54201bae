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
    ranks,
    shaped,
    single,
    typed,
    vector,
)
from mini_infer.frontend.rules.operands import Operands
from mini_infer.ir import DType

_BYTES = (DType.INT8, DType.UINT8)
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
    """MatMulNBits: bytes and scales of the weights are as many as their sizes need."""
    rows, columns, block, bits = (
        o.integer(name, 4 if name == "bits" else 0) for name in ("K", "N", "block_size", "bits")
    )
    count = -(-rows // block)
    if o.size(0, -1) != rows:
        raise o.wrong(f"{o.say(0)}, but its rows must have K = {rows} elements")
    for position, wanted in ((1, columns * count * -(-block * bits // 8)), (2, columns * count)):
        if o.type(position).elements != wanted:
            raise o.wrong(f"{o.say(position)}, but must have {wanted} elements for {columns} columns of {rows}")


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
        dtype = o.type(0).dtype
        if dtype not in _BYTES:
            raise o.wrong(f"{o.say(0)}, but must have elements of 8 bits")
        for position in (*positions, *(scale + 1 for scale in scales)):
            if o.has(position) and o.type(position).dtype is not dtype:
                raise o.wrong(f"{o.say(position)}, but must be of the type of {o.say(0)}")

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
    "QGemm": (ranks(0, 2), ranks(3, 2)),
    "QLinearAdd": (*_quantized(0, 3, result=6), broadcast(0, 3)),
    "QLinearAveragePool": (
        least_rank(0, 3),
        least("kernel_shape", 1, required=True),
        *_quantized(0, result=3),
    ),
    "QLinearConcat": (_concatenated,),
    "QLinearGlobalAveragePool": (least_rank(0, 3), *_quantized(0, result=3)),
    "QLinearMul": (*_quantized(0, 3, result=6), broadcast(0, 3)),
    "QLinearSoftmax": (axis(-1), *_quantized(0, result=3)),
    "RotaryEmbedding": (ranks(0, 3, 4), ranks(2, 2), ranks(3, 2)),
    "TransposeMatMul": (least_rank(0, 1), least_rank(1, 1)),
}
"""Operator of `com.microsoft` → what must be so."""

WITHOUT = frozenset(
    "BiasAdd BiasGelu BiasSplitGelu DequantizeLinear DynamicQuantizeMatMul FastGelu FusedConv FusedGemm Gelu "
    "LayerNormalization MatMulIntegerToFloat QLinearConv QLinearLeakyRelu QLinearSigmoid QLinearWhere "
    " QuantizeLinear QuickGelu SimplifiedLayerNormalization SkipLayerNormalization "
    "SkipSimplifiedLayerNormalization".split()
)
"""Operators of which all is asked of the nodes that they stand for."""
