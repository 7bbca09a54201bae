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
    batch, length = c.shape(ids)
    place = given or c.constant(np.arange(length), np.int64)
    total = c("Add", c("Gather", words, ids, axis=0), c("Gather", positions, place, axis=0))
    if segments:
        total = c("Add", total, c("Gather", segment_words, segments, axis=0))
    normal = c("LayerNormalization", total, gamma, beta, axis=-1, epsilon=c.attribute("epsilon", 1e-12))
    index = c.constant(np.zeros(batch, np.int32))
    if mask and c.attribute("mask_index_type", 1):
        index = c("ReduceSum", c("Cast", mask, to=TensorProto.INT32), c.integers(1), keepdims=0)
    return [normal, index, total]


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
