"""Attention of onnxruntime's own operators, as matrix products around a softmax."""

import math
from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from mini_infer.frontend.composer import Composer
from mini_infer.ir import Dim

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
    width = c.sizes(c.input(1))[-1]
    sizes = c.attribute("qkv_hidden_sizes") or [width // 3] * 3
    heads = c.attribute("num_heads")
    q, k, v = (_split_heads(c, part, heads) for part in c.several("Split", [projected, c.integers(*sizes)], 3, axis=-1))
    batch, length = c.sizes(c.input(0))[:2]
    if past:
        k, v = (
            c("Concat", c("Gather", past, c.constant(which, np.int64), axis=0), new, axis=2)
            for which, new in enumerate((k, v))
        )
    total = length + (c.sizes(past)[3] if past else 0)
    present = c("Concat", *(c("Unsqueeze", each, c.integers(0)) for each in (k, v)), axis=0) if c.has_output(1) else ""
    rows, before = (c.input(0), 1), (past, 3)
    bias = [_mask(c, mask, (batch, length, total), rows, before), added, _causal(c, length, total, rows, before)]
    return [_attend(c, (q, k, v), sizes[0] // heads, bias), present]


def multi_head_attention(c: Composer) -> Sequence[str]:
    """`MultiHeadAttention`: attention among given queries, keys and values."""
    query, key, value, bias, mask, added, past_key, past_value = (c.input(position) for position in range(8))
    heads = c.attribute("num_heads")
    shape = c.sizes(query)
    batch, length = shape[:2]
    if len(shape) == _PACKED_RANK or not key or len(c.sizes(key)) == _PACKED_RANK:
        raise c.refusal("has queries, keys and values packed into one input, which is not supported")
    if bias:
        widths = c.integers(shape[-1], shape[-1], c.shape(bias)[0] - 2 * shape[-1])
        biases = c.several("Split", [bias, widths], 3, axis=0)
        rank = len(c.sizes(key))
        query = c("Add", query, biases[0])
        if rank == 3:  # noqa: PLR2004 - keys of four axes were projected already
            key, value = c("Add", key, biases[1]), c("Add", value, biases[2])
    split = len(c.sizes(c.input(1))) == 3  # noqa: PLR2004
    q = _split_heads(c, query, heads)
    k, v = (_split_heads(c, each, heads) for each in (key, value)) if split else (key, value)
    axis = 1 if split else 2
    total = c.sizes(c.input(1))[axis]
    if past_key:
        k, v = c("Concat", past_key, k, axis=2), c("Concat", past_value, v, axis=2)
        total += c.sizes(past_key)[2]
    rows, before = (c.input(1), axis), (past_key, 2)
    causal = _causal(c, length, total, (c.input(0), 1), before)
    terms = [_mask(c, mask, (batch, length, total), rows, before), added, causal]
    return [_attend(c, (q, k, v), shape[-1] // heads, terms), k, v]


def rotary_embedding(c: Composer) -> Sequence[str]:
    """`RotaryEmbedding`: ONNX's, but for the order of its inputs and a single position that means the first one."""
    x, positions, cosines, sines = (c.input(position) for position in range(4))
    if c.attribute("scale", 1.0) != 1 or c.attribute("is_packed_batching", 0):
        raise c.refusal("scales, or packs its batch, which is not supported")
    shape = c.sizes(x)
    flat = len(shape) == 3  # noqa: PLR2004 - otherwise heads have an axis of their own
    batch, axis = shape[0], 1 if flat else 2
    if c.sizes(positions) in ((), (1,)):
        if isinstance(batch, Dim) or isinstance(shape[axis], Dim):
            row = c("Add", c.steps(x, axis), positions)
            positions = c("Expand", row, c("Concat", c.size(x, 0), c.size(x, axis), axis=0))
        else:
            offsets = c.constant(np.tile(np.arange(shape[axis]), (batch, 1)), np.int64)
            positions = c("Add", offsets, positions)
    attributes = c.attributes("interleaved", "rotary_embedding_dim", "num_heads")
    if flat and not attributes.get("num_heads"):
        attributes["num_heads"] = shape[2] // (2 * c.shape(cosines)[-1])
    return [c("RotaryEmbedding", x, cosines, sines, positions, **attributes)]


def group_query_attention(c: Composer) -> Sequence[str]:
    """`GroupQueryAttention`: heads of queries that share keys and values, turned by their positions, over a cache.

    `seqlens_k` says for each batch entry how many keys there are, less one: all that are there. Others, where some
    entries of a batch are padded, end the run with an error.
    """
    query, key, value, past_key, past_value, lengths = (c.input(position) for position in range(6))
    cosines, sines, positions, added = (c.input(position) for position in range(7, 11))
    heads, shared = c.attribute("num_heads"), c.attribute("kv_num_heads")
    if c.input(11) or c.attribute("smooth_softmax", 0) == 1:
        raise c.refusal("adds a sink to the sums of the softmax, which is not supported")
    if c.attribute("local_window_size", -1) > 0 or c.attribute("k_quant_type", "NONE") != "NONE":
        raise c.refusal("sees a window of the keys, or a quantized cache, which is not supported")
    if not key:
        size = c.sizes(query)[-1] // (heads + 2 * shared)
        widths = c.integers(heads * size, shared * size, shared * size)
        query, key, value = c.several("Split", [query, widths], 3, axis=-1)
    total = c.size(c.input(0), 1)
    if past_key:
        total = c("Add", total, c.size(past_key, 2))
    given = c("Cast", c("Reshape", lengths, c.integers(-1, 1)), to=TensorProto.INT64)
    missing = c("Abs", c("Sub", c("Add", given, c.integers(1)), total))
    whole = c("Gather", c.constant([0], np.int64), missing)  # 0, or an index out of range
    if c.attribute("do_rotary", 0):
        first = c("Sub", c("Add", given, c.integers(1)), c.size(c.input(0), 1))
        if positions:
            places = c("Add", c("Cast", positions, to=TensorProto.INT64), whole)
        else:
            places = c("Add", c("Add", first, c.steps(c.input(0), 1)), whole)
        interleaved = c.attribute("rotary_interleaved", 0)
        turned = {"interleaved": interleaved, "rotary_embedding_dim": 2 * c.shape(cosines)[-1]}
        query, key = (
            c("RotaryEmbedding", x, cosines, sines, places, num_heads=count, **turned)
            for x, count in ((query, heads), (key, shared))
        )
    else:
        query = c("Add", query, c("CastLike", c("Unsqueeze", whole, c.integers(2)), query))
    scaling = {"scale": c.attribute("scale", 0.0)} if c.attribute("scale", 0.0) else {}
    attributes = {"is_causal": 1, "softcap": float(c.attribute("softcap", 0.0)), **scaling}
    inputs = [query, key, value, added, past_key, past_value]
    while not inputs[-1]:
        inputs.pop()
    return c.several("Attention", inputs, 3, q_num_heads=heads, kv_num_heads=shared, **attributes)


def _split_heads(c: Composer, x: str, heads: int) -> str:
    """`[batch, length, heads * size]` → `[batch, heads, length, size]`."""
    return c("Transpose", c("Reshape", x, c.integers(0, 0, heads, -1)), perm=[0, 2, 1, 3])


def _attend(c: Composer, qkv: tuple[str, str, str], size: int, terms: Sequence[str]) -> str:
    """Softmax of scaled products and added terms, times the values; `[batch, length, heads * size]`."""
    q, k, v = qkv
    scale = c.attribute("scale", 0.0) or 1 / math.sqrt(size)
    floats = c.scope.has_dims and c.element_type(c.input(0)) == TensorProto.FLOAT
    scores = c("Mul", c("MatMul", q, c("Transpose", k, perm=[0, 1, 3, 2])), c.like(scale, c.input(0) if floats else q))
    for term in filter(None, terms):
        scores = c("Add", scores, term if floats else c("CastLike", term, scores))
    mixed = c("MatMul", c("Softmax", scores, axis=-1), v)
    return c("Reshape", c("Transpose", mixed, perm=[0, 2, 1, 3]), c.integers(0, 0, -1))


_Axis = tuple[str, int]
"""A value, and an axis of it."""


def _steps(c: Composer, size: int, *axes: _Axis) -> str:
    """As many steps as a size, which is the sum of these axes."""
    if not isinstance(size, Dim):
        return c.constant(np.arange(size), np.int64)
    sizes = [c("Squeeze", c.size(*axis)) for axis in axes if axis[0]]
    total = sizes[0] if len(sizes) == 1 else c("Add", *sizes)
    return c("Range", c.constant(0, np.int64), total, c.constant(1, np.int64))


def _causal(c: Composer, length: int, total: int, rows: _Axis, before: _Axis) -> str:
    """What keeps a query from the keys after it, `[length, total]`; nothing where they may see all.

    `rows` are the queries, and `before` the keys of the past.
    """
    if not c.attribute("unidirectional", 0):
        return ""
    if isinstance(length, Dim) or isinstance(total, Dim):
        places = _steps(c, length, rows)
        if before[0]:
            places = c("Add", places, c.size(*before))
        seen = c("LessOrEqual", _steps(c, total, rows, before), c("Unsqueeze", places, c.integers(1)))
        return c("Where", seen, c.constant(0, np.float32), c.constant(np.finfo(np.float32).min, np.float32))
    later = np.arange(total) > np.arange(length)[:, None] + (total - length)
    return c.constant(np.where(later, np.finfo(np.float32).min, 0), np.float32)


def _mask(c: Composer, mask: str, sizes: tuple[int, int, int], rows: _Axis, before: _Axis) -> str:
    """What a mask adds to the scores: lengths `[batch]`, or ones and zeros `[batch, total]`, … per query.

    The keys are those of `rows` and `before`.
    """
    if not mask:
        return ""
    batch, length, total = sizes
    filtered = c.constant(c.attribute("mask_filter_value", -10000.0), np.float32)
    shape = c.sizes(mask)
    if shape == (batch,):
        places = c.constant(np.arange(total), np.int32) if not isinstance(total, Dim) else ""
        places = places or c("Cast", _steps(c, total, rows, before), to=TensorProto.INT32)
        seen = c("Less", places, c("Reshape", c("Cast", mask, to=TensorProto.INT32), c.integers(-1, 1, 1, 1)))
    elif shape in ((batch, total), (batch, length, total)):
        seen = c("Cast", mask, to=TensorProto.BOOL)
        seen = c("Unsqueeze", seen, c.integers(*([1, 2] if len(shape) == 2 else [1])))  # noqa: PLR2004
    else:
        raise c.refusal(f"has a mask of shape {'x'.join(map(str, shape))}, which is not supported")
    return c("Where", seen, c.constant(0, np.float32), filtered)
