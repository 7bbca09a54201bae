"""Attention, rotary embeddings, and attention by a state."""

import math

import numpy as np

from harness.ball import UNIT, Ball, bilinear, mapped, rounded
from harness.oracle.call import Call
from harness.oracle.folds import softmax


def _heads(ball: Ball, heads: int) -> Ball:
    if ball.value.ndim == 4:
        return ball
    n, rows, together = ball.shape
    return _both(ball, lambda v: v.reshape(n, rows, heads, together // heads).transpose(0, 2, 1, 3))


def _both(ball: Ball, function) -> Ball:
    return Ball(function(ball.value), function(ball.error), ball.dtype)


def _attention(call: Call) -> list[Ball]:
    q, k, v = call[0], call[1], call[2]
    flat = q.value.ndim == 3
    q = _heads(q, call.get("q_num_heads", 0))
    k, v = (_heads(b, call.get("kv_num_heads", 0)) for b in (k, v))
    mask, past_k, past_v, valid = (call.optional(p) for p in (3, 4, 5, 6))
    past = 0
    if past_k is not None and past_v is not None:
        past = past_k.shape[2]
        k, v = (
            Ball(np.concatenate([a.value, b.value], 2), np.concatenate([a.error, b.error], 2), b.dtype)
            for a, b in ((past_k, k), (past_v, v))
        )
    present = [k, v]
    shared = q.shape[1] // k.shape[1]
    k, v = (_both(b, lambda a: np.repeat(a, shared, 1)) for b in (k, v))
    scale = call.get("scale", 0.0) or 1 / math.sqrt(q.shape[3])
    work = "float64" if q.dtype == "float64" else "float32"
    wide = [Ball(b.value, b.error, work) for b in (q, k, v)]
    raw = bilinear(lambda a, b: np.matmul(a, b.swapaxes(-1, -2)), wide[0], wide[1], q.shape[3])
    scores = mapped(lambda s: s * scale, [raw], work, 4, scaled=lambda s: s * abs(scale))
    first = scores
    if cap := call.get("softcap", 0.0):
        scores = mapped(lambda s: cap * np.tanh(s / cap), [scores], work, 12, scaled=lambda s: s + 1)
    capped = scores
    queries, keys = scores.shape[2:]
    hidden = np.zeros((*scores.shape,), np.bool_)
    if mask is not None:
        shape = (*scores.shape[:3], mask.shape[-1])
        given = np.broadcast_to(mask.value, shape)
        if mask.dtype == "bool":
            hidden[..., : shape[-1]] |= ~given
        else:
            added = np.zeros(scores.shape)
            added[..., : shape[-1]] = given
            scores = mapped(lambda s, m: s + m, [scores, Ball(added, np.zeros(added.shape), work)], work)
        hidden[..., shape[-1] :] = True
    rows, columns = np.arange(queries)[:, None], np.arange(keys)[None]
    if call.get("is_causal", 0):
        offsets = np.full(q.shape[0], past)
        if valid is not None and past_k is None:
            offsets = valid.value.astype(np.int64) - queries
        hidden |= columns[None, None] > rows[None, None] + offsets[:, None, None, None]
    if valid is not None:
        hidden |= (np.arange(keys)[None] >= valid.value[:, None])[:, None, None]
    if q.dtype == "float16":  # softmax may work in the precision of q
        scores = rounded(scores.value, scores.error, "float16", 3)
    scores = Ball(np.where(hidden, -np.inf, scores.value), np.where(hidden, 0, scores.error), work)
    nothing = np.isneginf(scores.value).all(-1, keepdims=True)
    weights = softmax(scores, -1)
    weights = Ball(np.where(nothing, 0, weights.value), np.where(nothing, 0, weights.error), work)
    if q.dtype == "float16":
        weights = rounded(weights.value, weights.error, "float16", 4)
    weights = Ball(weights.value, weights.error, work)
    result = bilinear(np.matmul, weights, wide[2], keys)
    half = q.dtype == "float16"
    result = rounded(result.value, result.error * 1.5, q.dtype, 8 if half else 2, result.size)
    if flat:
        n, heads, length, size = result.shape
        result = _both(result, lambda a: a.transpose(0, 2, 1, 3).reshape(n, length, heads * size))
    mode = call.get("qk_matmul_output_mode", 0)
    shown = (first, capped, scores, weights)[mode]
    extra = rounded(shown.value, shown.error, q.dtype, 8 if half else 2)
    return [result, *present, extra]


def _rotary(call: Call) -> Ball:
    x, cosines, sines = call[0], call[1].value, call[2].value
    positions = call.optional(3)
    flat = x.value.ndim == 3
    x = _heads(x, call.get("num_heads", 0))
    n, heads, length, size = x.shape
    if positions is not None:
        cosines, sines = cosines[positions.value], sines[positions.value]
    turned = (call.get("rotary_embedding_dim", 0) or size) // 2
    c, s = cosines[:, None], sines[:, None]
    v = x.value
    rest = v[..., 2 * turned :]
    if call.get("interleaved", 0):
        a, b = v[..., 0 : 2 * turned : 2], v[..., 1 : 2 * turned : 2]
    else:
        a, b = v[..., :turned], v[..., turned : 2 * turned]
    real, imaginary = c * a - s * b, s * a + c * b
    if call.get("interleaved", 0):
        both = np.stack([real, imaginary], -1).reshape(n, heads, length, 2 * turned)
    else:
        both = np.concatenate([real, imaginary], -1)
    value = np.concatenate([both, rest], -1)
    result = rounded(value, np.zeros(value.shape), x.dtype, 3, np.full(value.shape, np.abs(v).max(initial=0) * 2))
    if flat:
        result = _both(result, lambda a: a.transpose(0, 2, 1, 3).reshape(n, length, heads * size))
    return result


def _linear(call: Call) -> list[Ball]:
    q, k, v, state, decay, beta = (call.optional(p) for p in range(6))
    assert q is not None
    assert k is not None
    assert v is not None
    heads, states = call.get("q_num_heads"), call.get("kv_num_heads")
    n, length, together = q.shape
    size, width = together // heads, v.shape[2] // states
    qs = q.value.reshape(n, length, heads, size)
    ks, vs = k.value.reshape(n, length, states, size), v.value.reshape(n, length, states, width)
    held = state.value.copy() if state is not None else np.zeros((n, states, size, width))
    scale = call.get("scale", 0.0) or 1 / math.sqrt(size)
    rule = call.get("update_rule", "gated_delta")
    y = np.zeros((n, length, heads, width))
    largest = np.abs(held).max(initial=0)
    for t in range(length):
        if "gated" in rule:
            gate = decay.value[:, t].reshape(n, states, -1, 1)
            held = held * np.exp(gate)
        written = vs[:, t]
        if "delta" in rule:
            rate = beta.value[:, t].reshape(n, -1, 1)
            written = rate * (written - np.einsum("nhsw,nhs->nhw", held, ks[:, t]))
        held = held + np.einsum("nhs,nhw->nhsw", ks[:, t], written)
        largest = max(largest, np.abs(held).max(initial=0))
        for g in range(heads):
            y[:, t, g] = scale * np.einsum("nsw,ns->nw", held[:, g // (heads // states)], qs[:, t, g])
    unit = UNIT["float32"]
    slack = 16 * length * size * unit * largest * (1 + np.abs(ks).max(initial=0)) ** 2
    out = slack * scale * np.abs(qs).sum(-1).max(initial=0)
    present = rounded(held, np.full(held.shape, slack), state.dtype if state is not None else q.dtype, 2)
    y = y.reshape(n, length, heads * width)
    return [rounded(y, np.full(y.shape, out), q.dtype, 2), present]


def _causal(call: Call) -> list[Ball]:
    x, weights, bias, before = (call.optional(p) for p in range(4))
    assert x is not None
    assert weights is not None
    n, channels, length = x.shape
    taps = weights.shape[2]
    head = before.value if before is not None else np.zeros((n, channels, taps - 1))
    v = np.concatenate([head, x.value], 2)
    total = sum(weights.value[:, 0, k, None] * v[..., k : k + length] for k in range(taps))
    size = sum(np.abs(weights.value[:, 0, k, None] * v[..., k : k + length]) for k in range(taps))
    if bias is not None:
        total = total + bias.value[:, None]
    error = np.zeros(total.shape)
    if call.get("activation", "none") in {"silu", "swish"}:
        total = total / (1 + np.exp(-total))
        error = 16 * UNIT[x.dtype] * (size + 1)
    return [rounded(total, error, x.dtype), rounded(v[..., length:], np.zeros(v[..., length:].shape), x.dtype)]


OPERATORS = {
    "Attention": _attention,
    "RotaryEmbedding": _rotary,
    "LinearAttention": _linear,
    "CausalConvWithState": _causal,
}
