"""Recurrent operators, losses, and what is left to onnx.reference in float64."""

import numpy as np
import onnx

from harness.ball import Ball, known, rounded
from harness.oracle.call import Call, by_reference


def _activation(name: str, alpha: float | None, beta: float | None):
    def given(value, default):
        return default if value is None else value

    match name.lower():
        case "sigmoid":
            return lambda v: 1 / (1 + np.exp(-v))
        case "tanh":
            return np.tanh
        case "relu":
            return lambda v: np.maximum(v, 0)
        case "affine":
            return lambda v: given(alpha, 1.0) * v + given(beta, 0.0)
        case "leakyrelu":
            return lambda v: np.where(v < 0, given(alpha, 0.01) * v, v)
        case "thresholdedrelu":
            return lambda v: np.where(v > given(alpha, 1.0), v, 0)
        case "scaledtanh":
            return lambda v: given(alpha, 1.0) * np.tanh(given(beta, 1.0) * v)
        case "hardsigmoid":
            return lambda v: np.clip(given(alpha, 0.2) * v + given(beta, 0.5), 0, 1)
        case "elu":
            return lambda v: np.where(v > 0, v, given(alpha, 1.0) * np.expm1(v))
        case "softsign":
            return lambda v: v / (1 + np.abs(v))
        case "softplus":
            return lambda v: np.log1p(np.exp(v))
    raise ValueError(name)


_DEFAULTS = {"LSTM": ("Sigmoid", "Tanh", "Tanh"), "GRU": ("Sigmoid", "Tanh"), "RNN": ("Tanh",)}
_TAKES = {"affine": 2, "leakyrelu": 1, "thresholdedrelu": 1, "scaledtanh": 2, "hardsigmoid": 2, "elu": 1}


def _functions(call: Call, directions: int):
    names = call.get("activations") or list(_DEFAULTS[call.node.op_type]) * directions
    alphas, betas = (iter(call.get(f"activation_{n}") or ()) for n in ("alpha", "beta"))
    found = []
    for name in (n.decode() if isinstance(n, bytes) else n for n in names):
        takes = _TAKES.get(name.lower(), 0)
        found.append(_activation(name, next(alphas, None) if takes else None, next(betas, None) if takes > 1 else None))
    return found


def _recurrent(call: Call) -> list[Ball]:
    op = call.node.op_type
    x, w, r, bias, lengths, h0, c0, peep = (call.optional(p) for p in range(8))
    assert x is not None
    assert w is not None
    assert r is not None
    layout = call.get("layout", 0)
    v = x.value.swapaxes(0, 1) if layout else x.value
    steps, batch, _ = v.shape
    directions, _, hidden = r.shape
    each = len(_DEFAULTS[op])
    functions = _functions(call, directions)
    ends = lengths.value.astype(int) if lengths is not None else np.full(batch, steps)

    def start(ball):
        if ball is None:
            return np.zeros((directions, batch, hidden))
        return ball.value.swapaxes(0, 1) if layout else ball.value

    hs, cs = start(h0), start(c0)
    y = np.zeros((steps, directions, batch, hidden))
    last_h, last_c = np.zeros((directions, batch, hidden)), np.zeros((directions, batch, hidden))
    for d in range(directions):
        b = bias.value[d] if bias is not None else np.zeros(2 * w.shape[1])
        p = peep.value[d] if peep is not None else np.zeros(3 * hidden)
        back = call.get("direction", "forward") == "reverse" or d == 1
        f = functions[d * each : (d + 1) * each]
        for n in range(batch):
            h, c = hs[d, n], cs[d, n]
            order = range(ends[n])
            for t in reversed(order) if back else order:
                h, c = _cell(call, v[t, n], h, c, (w.value[d], r.value[d], b, p), f)
                y[t, d, n] = h
            last_h[d, n], last_c[d, n] = h, c
    if layout:
        y, last_h, last_c = y.transpose(2, 0, 1, 3), last_h.swapaxes(0, 1), last_c.swapaxes(0, 1)
    scale = 64.0 * steps * (1 + w.shape[2] ** 0.5 + hidden**0.5)

    def ball(value):
        size = np.full(value.shape, max(1.0, np.abs(value).max(initial=0)))
        return rounded(value, np.full(value.shape, 1e-300), x.dtype, scale, size)

    return [ball(y), ball(last_h), ball(last_c)]


def _cell(call: Call, x, h, c, weights, f):
    w, r, b, p = weights
    op, n = call.node.op_type, len(h)
    limit = call.get("clip", 0.0) or np.inf

    def clip(v):
        return np.clip(v, -limit, limit)

    wb, rb = b[: len(w)], b[len(w) :]
    if op == "RNN":
        return f[0](clip(w @ x + r @ h + wb + rb)), c
    if op == "GRU":
        gates, state = w @ x + wb, r @ h + rb
        z, reset = (f[0](clip(gates[k * n : (k + 1) * n] + state[k * n : (k + 1) * n])) for k in (0, 1))
        if call.get("linear_before_reset", 0):
            new = gates[2 * n :] + reset * state[2 * n :]
        else:
            new = gates[2 * n :] + r[2 * n :] @ (reset * h) + rb[2 * n :]
        return (1 - z) * f[1](clip(new)) + z * h, c
    i, o, forget, new = np.split(w @ x + r @ h + wb + rb, 4)
    opened = f[0](clip(i + p[:n] * c))
    kept = 1 - opened if call.get("input_forget", 0) else f[0](clip(forget + p[2 * n :] * c))
    state = kept * c + opened * f[1](clip(new))
    return f[0](clip(o + p[n : 2 * n] * state)) * f[2](state), state


def _suppression(call: Call) -> list[Ball]:
    """As the reference has it, which wants the overlap that is 0 where the node has none."""
    if len(call.inputs) > _OVERLAP and call.inputs[_OVERLAP] is None:
        inputs = [*call.inputs[:_OVERLAP], known(np.zeros(1, "float32")), *call.inputs[_OVERLAP + 1 :]]
        node = onnx.NodeProto()
        node.CopyFrom(call.node)
        node.input[_OVERLAP] = "overlap"
        call = Call(node, inputs, call.version)
    return by_reference(1)(call)


_OVERLAP = 3
"""The input of NonMaxSuppression that says how much boxes may overlap."""

OPERATORS = {
    **dict.fromkeys(("LSTM", "GRU", "RNN"), _recurrent),
    "NegativeLogLikelihoodLoss": by_reference(512),
    "SoftmaxCrossEntropyLoss": by_reference(2048),
    "NonMaxSuppression": _suppression,
    "BitCast": by_reference(1),
}
