"""Operators that onnx does not define but people's models have, as the ONNX nodes that mean the same.

1. onnxruntime's own (`com.microsoft`), which its optimizer, its transformer tool and its quantizer write.
2. Those of them that it also knows in ONNX's domain, in models whose opset has no such operator.
3. What ONNX had as experimental operators and dropped, or took back.

Operators on quantized tensors that the graph has itself (`ir.quantized`) stay, but for what they leave out.

The nodes written have no special place in what follows: they are folded, fused and lowered like any others.
"""

from collections.abc import Iterator, Mapping

import onnx

from mini_infer.frontend.composer import UNDEFINED_DOMAIN, Rule, compose
from mini_infer.frontend.contrib import (
    activations,
    attention,
    matrices,
    normalizations,
    packed,
    quantized,
    recurrent,
    retired,
)
from mini_infer.frontend.decomposed.quantized import qlinear_conv
from mini_infer.frontend.inference.scope import Scope
from mini_infer.ir.graph import CONTRIB_DOMAIN as DOMAIN

RULES: Mapping[str, Rule] = {
    "Attention": attention.attention,
    "BiasAdd": activations.bias_add,
    "BiasGelu": activations.bias_gelu,
    "BiasSplitGelu": activations.bias_split_gelu,
    "DequantizeLinear": quantized.linear("DequantizeLinear"),
    "DynamicQuantizeLSTM": recurrent.dynamic_quantize_lstm,
    "DynamicQuantizeMatMul": quantized.dynamic_quantize_matmul,
    "EmbedLayerNormalization": normalizations.embed_layer_normalization,
    "FastGelu": activations.fast_gelu,
    "FusedConv": matrices.fused_conv,
    "FusedGemm": matrices.fused_gemm,
    "FusedMatMul": matrices.fused_matmul,
    "GatherBlockQuantized": packed.gather_block_quantized,
    "Gelu": activations.gelu,
    "GroupNorm": normalizations.group_normalization,
    "GroupQueryAttention": attention.group_query_attention,
    "LayerNormalization": normalizations.layer_normalization,
    "MatMulIntegerToFloat": quantized.matmul_integer_to_float,
    "MatMulNBits": packed.matmul_n_bits,
    "MultiHeadAttention": attention.multi_head_attention,
    "QAttention": quantized.attention,
    "QEmbedLayerNormalization": normalizations.quantized_embed_layer_normalization,
    "QGemm": quantized.gemm,
    "QLinearAdd": quantized.complete,
    "QLinearAveragePool": quantized.pool,
    "QLinearConcat": quantized.concat,
    "QLinearConv": qlinear_conv,
    "QLinearGlobalAveragePool": quantized.pool,
    "QLinearLeakyRelu": quantized.unary("LeakyRelu", "alpha"),
    "QLinearMul": quantized.complete,
    "QLinearReduceMean": quantized.mean,
    "QLinearSigmoid": quantized.unary("Sigmoid"),
    "QLinearSoftmax": quantized.softmax,
    "QLinearWhere": quantized.where,
    "QuantizeLinear": quantized.linear("QuantizeLinear"),
    "QuickGelu": activations.quick_gelu,
    "RotaryEmbedding": attention.rotary_embedding,
    "SimplifiedLayerNormalization": normalizations.simplified_layer_normalization,
    "SkipLayerNormalization": normalizations.skip_layer_normalization,
    "SkipSimplifiedLayerNormalization": normalizations.skip_simplified_layer_normalization,
    "TransposeMatMul": matrices.fused_matmul,
}
"""Operator of `DOMAIN` → what writes its meaning; of those in `quantized.KEPT`, what completes them."""

UNDEFINED: Mapping[str, Rule] = {
    **{name: RULES[name] for name in ("LayerNormalization", "SimplifiedLayerNormalization")},
    "Affine": retired.affine,
    "Crop": retired.crop,
    "GroupNormalization": normalizations.group_normalization_by_group,
    "ImageScaler": retired.image_scaler,
    "ParametricSoftplus": retired.parametric_softplus,
    "ScaledTanh": retired.scaled_tanh,
    "ThresholdedRelu": retired.thresholded_relu,
}
"""Operator of ONNX's own domain, at an opset that does not define it → what writes its meaning."""

_BY_DOMAIN: Mapping[str, Mapping[str, Rule]] = {DOMAIN: RULES, UNDEFINED_DOMAIN: UNDEFINED}


def is_expressible(domain: str, op: str) -> bool:
    """Whether a node without an ONNX schema can be written as ONNX nodes."""
    return op in (RULES if domain == DOMAIN else UNDEFINED if domain in ("", "ai.onnx") else ())


def move(model: onnx.ModelProto) -> None:
    """Move the nodes that onnx's checker would refuse into a domain of their own, in place."""
    versions = {opset.domain: opset.version for opset in model.opset_import}
    version = versions.get("", versions.get("ai.onnx", 1))
    moved = [
        node
        for node in _all(model.graph.node)
        if node.op_type in UNDEFINED and node.domain in ("", "ai.onnx") and not _defined(node.op_type, version)
    ]
    for node in moved:
        node.domain = UNDEFINED_DOMAIN
    if moved:
        model.opset_import.add(domain=UNDEFINED_DOMAIN, version=1)


def express(node: onnx.NodeProto, version: int, scope: Scope) -> list[tuple[onnx.NodeProto, int]] | None:
    """The ONNX nodes that a node stands for, each with its opset; `None` for a node that is not ours.

    Raises
    ------
    UnsupportedError
        When an attribute or an input cannot be expressed.
    """
    rule = _BY_DOMAIN.get(node.domain, {}).get(node.op_type)
    return None if rule is None or quantized.is_complete(node) else compose(node, version, scope, rule)


def _all(nodes: "onnx.GraphProto.node") -> Iterator[onnx.NodeProto]:
    for node in nodes:
        yield node
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _all(attribute.g.node)


def _defined(op: str, version: int) -> bool:
    try:
        return not onnx.defs.get_schema(op, version).deprecated
    except onnx.defs.SchemaError:
        return False
