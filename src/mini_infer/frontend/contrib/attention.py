"""Attention of onnxruntime's own operators, as matrix products around a softmax."""

import math
from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from mini_infer.frontend.composer import Composer

_PACKED_RANK = 5
"""The rank of queries, keys and values that lie in one tensor."""


def attention(c: Composer) -> Sequence[str]:
    """`Attention`: the projection to queries, keys and values, and attention among them."""
    x, weights, bias, mask, past, added = (c.input(position) for position in range(6))
    projected = c("MatMul", x, weights)
    if bias:
        projected = c("Add", projected, bias)
    return attend_packed(c, projected, mask, past, added)


def attend_packed(c: Composer, projected: str, mask: str, past: str, added: str) -> Sequence[str]:
    """Attention among the queries, keys and values that lie after each other in the last axis."""
    if c.attribute("do_rotary", 0) or c.attribute("past_present_share_buffer", 0):
        raise c.refusal("rotates, or shares a buffer between past and present, which is not supported")
    width = c.shape(c.input(1))[-1]
    sizes = c.attribute("qkv_hidden_sizes") or [width // 3] * 3
    heads = c.attribute("num_heads")
    q, k, v = (_split_heads(c, part, heads) for part in c.several("Split", [projected, c.integers(*sizes)], 3, axis=-1))
    batch, length = c.shape(c.input(0))[:2]
    if past:
        k, v = (
            c("Concat", c("Gather", past, c.constant(which, np.int64), axis=0), new, axis=2)
            for which, new in enumerate((k, v))
        )
    total = length + (c.shape(past)[3] if past else 0)
    present = c("Concat", *(c("Unsqueeze", each, c.integers(0)) for each in (k, v)), axis=0) if c.has_output(1) else ""
    bias = [_mask(c, mask, (batch, length, total)), added, _causal(c, length, total)]
    return [_attend(c, (q, k, v), sizes[0] // heads, bias), present]


def multi_head_attention(c: Composer) -> Sequence[str]:
    """`MultiHeadAttention`: attention among given queries, keys and values."""
    query, key, value, bias, mask, added, past_key, past_value = (c.input(position) for position in range(8))
    heads = c.attribute("num_heads")
    shape = c.shape(query)
    batch, length = shape[:2]
    if len(shape) == _PACKED_RANK or not key or len(c.shape(key)) == _PACKED_RANK:
        raise c.refusal("has queries, keys and values packed into one input, which is not supported")
    if bias:
        widths = c.integers(shape[-1], shape[-1], c.shape(bias)[0] - 2 * shape[-1])
        biases = c.several("Split", [bias, widths], 3, axis=0)
        rank = len(c.shape(key))
        query = c("Add", query, biases[0])
        if rank == 3:  # noqa: PLR2004 - keys of four axes were projected already
            key, value = c("Add", key, biases[1]), c("Add", value, biases[2])
    split = len(c.shape(c.input(1))) == 3  # noqa: PLR2004
    q = _split_heads(c, query, heads)
    k, v = (_split_heads(c, each, heads) for each in (key, value)) if split else (key, value)
    total = c.shape(c.input(1))[1 if split else 2]
    if past_key:
        k, v = c("Concat", past_key, k, axis=2), c("Concat", past_value, v, axis=2)
        total += c.shape(past_key)[2]
    terms = [_mask(c, mask, (batch, length, total)), added, _causal(c, length, total)]
    return [_attend(c, (q, k, v), shape[-1] // heads, terms), k, v]


def rotary_embedding(c: Composer) -> Sequence[str]:
    """`RotaryEmbedding`: ONNX's, but for the order of its inputs and a single position that means the first one."""
    x, positions, cosines, sines = (c.input(position) for position in range(4))
    if c.attribute("scale", 1.0) != 1 or c.attribute("is_packed_batching", 0):
        raise c.refusal("scales, or packs its batch, which is not supported")
    shape = c.shape(x)
    flat = len(shape) == 3  # noqa: PLR2004 - otherwise heads have an axis of their own
    batch, length = shape[0], shape[1 if flat else 2]
    if c.shape(positions) in ((), (1,)):
        offsets = c.constant(np.tile(np.arange(length), (batch, 1)), np.int64)
        positions = c("Add", offsets, positions)
    attributes = c.attributes("interleaved", "rotary_embedding_dim", "num_heads")
    if flat and not attributes.get("num_heads"):
        attributes["num_heads"] = shape[2] // (2 * c.shape(cosines)[-1])
    return [c("RotaryEmbedding", x, cosines, sines, positions, **attributes)]


def _split_heads(c: Composer, x: str, heads: int) -> str:
    """`[batch, length, heads * size]` → `[batch, heads, length, size]`."""
    return c("Transpose", c("Reshape", x, c.integers(0, 0, heads, -1)), perm=[0, 2, 1, 3])


def _attend(c: Composer, qkv: tuple[str, str, str], size: int, terms: Sequence[str]) -> str:
    """Softmax of scaled products and added terms, times the values; `[batch, length, heads * size]`."""
    q, k, v = qkv
    scale = c.attribute("scale", 0.0) or 1 / math.sqrt(size)
    scores = c("Mul", c("MatMul", q, c("Transpose", k, perm=[0, 1, 3, 2])), c.like(scale, q))
    for term in filter(None, terms):
        scores = c("Add", scores, c("CastLike", term, scores))
    mixed = c("MatMul", c("Softmax", scores, axis=-1), v)
    return c("Reshape", c("Transpose", mixed, perm=[0, 2, 1, 3]), c.integers(0, 0, -1))


def _causal(c: Composer, length: int, total: int) -> str:
    """What keeps a query from the keys after it, `[length, total]`; nothing where they may see all."""
    if not c.attribute("unidirectional", 0):
        return ""
    later = np.arange(total) > np.arange(length)[:, None] + (total - length)
    return c.constant(np.where(later, np.finfo(np.float32).min, 0), np.float32)


def _mask(c: Composer, mask: str, sizes: tuple[int, int, int]) -> str:
    """What a mask adds to the scores: lengths `[batch]`, or ones and zeros `[batch, total]`, … per query."""
    if not mask:
        return ""
    batch, length, total = sizes
    filtered = c.constant(c.attribute("mask_filter_value", -10000.0), np.float32)
    shape = c.shape(mask)
    if shape == (batch,):
        places = c.constant(np.arange(total), np.int32)
        seen = c("Less", places, c("Reshape", c("Cast", mask, to=TensorProto.INT32), c.integers(-1, 1, 1, 1)))
    elif shape in ((batch, total), (batch, length, total)):
        seen = c("Cast", mask, to=TensorProto.BOOL)
        seen = c("Unsqueeze", seen, c.integers(*([1, 2] if len(shape) == 2 else [1])))  # noqa: PLR2004
    else:
        raise c.refusal(f"has a mask of shape {'x'.join(map(str, shape))}, which is not supported")
    return c("Where", seen, c.constant(0, np.float32), filtered)
