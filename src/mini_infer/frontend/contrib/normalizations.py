"""Normalizations of onnxruntime's own operators, alone and after the sum that comes before them in transformers."""

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from mini_infer.frontend.composer import Composer


def layer_normalization(c: Composer) -> Sequence[str]:
    """`LayerNormalization` in a model whose opset has none yet."""
    return c.several("LayerNormalization", c.node.input, 3, **c.attributes("axis", "epsilon"))


def simplified_layer_normalization(c: Composer) -> Sequence[str]:
    """`SimplifiedLayerNormalization`: without mean and bias."""
    return [_root_mean_square(c, c.input(0), c.input(1), c.attributes("axis", "epsilon"))]


def skip_layer_normalization(c: Composer) -> Sequence[str]:
    """`SkipLayerNormalization`: of input + skip + bias; that sum is the fourth output."""
    x, skip, gamma, beta, bias = (c.input(position) for position in range(5))
    total = _total(c, x, skip, bias)
    operands = [total, gamma, beta] if beta else [total, gamma]
    normal = c("LayerNormalization", *operands, axis=-1, epsilon=c.attribute("epsilon", 1e-12))
    return [normal, "", "", total]


def skip_simplified_layer_normalization(c: Composer) -> Sequence[str]:
    """`SkipSimplifiedLayerNormalization`: of input + skip + bias; that sum is the fourth output."""
    x, skip, gamma, bias = (c.input(position) for position in range(4))
    total = _total(c, x, skip, bias)
    return [_root_mean_square(c, total, gamma, {"epsilon": c.attribute("epsilon", 1e-12)}), "", "", total]


def embed_layer_normalization(c: Composer) -> Sequence[str]:
    """`EmbedLayerNormalization`: of the sum of word, position and segment embeddings; lengths from a mask."""
    ids, segments, words, positions, segment_words, gamma, beta, mask, given = (c.input(k) for k in range(9))
    if c.attribute("mask_index_type", 1) not in (0, 1):
        raise c.refusal("has a mask_index_type that is not known")
    place = given or c.constant(np.arange(c.shape(ids)[1]), np.int64)
    parts = [c("Gather", words, ids, axis=0), c("Gather", positions, place, axis=0)]
    if segments:
        parts.append(c("Gather", segment_words, segments, axis=0))
    lengths = mask if c.attribute("mask_index_type", 1) else ""
    normal, index, total = _embedded(c, parts, (gamma, beta), lengths)
    return [normal, index, total]


def quantized_embed_layer_normalization(c: Composer) -> Sequence[str]:
    """`QEmbedLayerNormalization`: the same of quantized tables, each with a scale and a zero point."""
    ids, segments, *tables = (c.input(k) for k in range(7))
    found = {0: ids, 1: c.constant(np.arange(c.shape(ids)[1]), np.int64), 2: segments}
    real = [
        c(
            "DequantizeLinear",
            c("Gather", table, found[k], axis=0) if k in found else table,
            c.input(8 + k),
            c.input(13 + k),
        )
        for k, table in enumerate(tables)
        if table
    ]
    normal, index, _ = _embedded(c, real[:-2], (real[-2], real[-1]), c.input(7))
    return [normal, index]


def _embedded(c: Composer, parts: Sequence[str], affine: tuple[str, str], mask: str) -> tuple[str, str, str]:
    """The sum of embeddings, normalized; the lengths that a mask of whole numbers says, or zeros; and the sum."""
    total = parts[0]
    for part in parts[1:]:
        total = c("Add", total, part)
    normal = c("LayerNormalization", total, *affine, axis=-1, epsilon=c.attribute("epsilon", 1e-12))
    if not mask:
        return normal, c.constant(np.zeros(c.shape(c.input(0))[0], np.int32)), total
    return normal, c("ReduceSum", c("Cast", mask, to=TensorProto.INT32), c.integers(1), keepdims=0), total


def group_normalization_by_group(c: Composer) -> Sequence[str]:
    """`GroupNormalization` of opset 18, which ONNX took back: scale and bias are one for each group of channels."""
    x, groups = c.input(0), c.attribute("num_groups")
    channels = c.shape(x)[1]
    parameters = []
    for name in (c.input(1), c.input(2)):
        if c.shape(name) != (groups,) or channels % groups:
            raise c.refusal(f"has {channels} channels in {groups} groups, and {name!r} of shape {list(c.shape(name))}")
        spread = c("Expand", c("Reshape", name, c.integers(groups, 1)), c.integers(groups, channels // groups))
        parameters.append(c("Reshape", spread, c.integers(channels)))
    return [c("GroupNormalization", x, *parameters, **c.attributes("epsilon", "num_groups"))]


def group_normalization(c: Composer) -> Sequence[str]:
    """`GroupNorm`: channels last or first, perhaps with a Swish after it."""
    x, gamma, beta = (c.input(position) for position in range(3))
    rank = len(c.shape(x))
    last = c.attribute("channels_last", 1)
    if last:
        x = c("Transpose", x, perm=[0, rank - 1, *range(1, rank - 1)])
    scale = [c("CastLike", each, x) for each in (gamma, beta)]
    attributes = {"epsilon": c.attribute("epsilon", 1e-5), "num_groups": c.attribute("groups")}
    y = c("GroupNormalization", x, *scale, **attributes)
    if c.attribute("activation", 0):
        y = c("Mul", y, c("Sigmoid", y))
    return [c("Transpose", y, perm=[0, *range(2, rank), 1]) if last else y]


def _total(c: Composer, x: str, skip: str, bias: str) -> str:
    total = c("Add", x, skip)
    return c("Add", total, bias) if bias else total


def _root_mean_square(c: Composer, x: str, scale: str, attributes: dict[str, object]) -> str:
    return c("RMSNormalization", x, scale, **attributes)
