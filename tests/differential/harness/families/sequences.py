"""Recurrent operators, and those with a state."""

from harness import thresholds as at
from harness.draw import Draw
from harness.instance import Instance

_GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
_FUNCTIONS = {"LSTM": 3, "GRU": 2, "RNN": 1}


def recurrent(i: Instance, d: Draw) -> None:
    """LSTM, GRU and RNN with whatever inputs, outputs and attributes they take."""
    op = d.pick("LSTM", "GRU", "RNN")
    dtype = d.pick("float32", "float32", "float64")
    steps, batch = d.integer(1, 6), d.pick(1, 2, 5)
    depth, hidden = d.size([*at.SHORT, 8, 16], 1, 70), d.size([4, 8, 16, 32], 1, 40)
    direction = d.pick("forward", "reverse", "bidirectional")
    directions = 2 if direction == "bidirectional" else 1
    layout = d.pick(0, 0, 1)
    gates = _GATES[op] * hidden
    step = 1 / 16
    x = i.input((batch, steps, depth) if layout else (steps, batch, depth), dtype, -2, 2, 0.5)
    w = i.tensor((directions, gates, depth), dtype, -2, 2, step)
    r = i.tensor((directions, gates, hidden), dtype, -2, 2, step)
    inputs = [x, w, r]
    state = (batch, directions, hidden) if layout else (directions, batch, hidden)
    wanted = [
        d.maybe() and i.tensor((directions, 2 * gates), dtype, -2, 2, 0.25),
        d.maybe(0.3) and i.given([d.integer(1, steps) for _ in range(batch)], "int32", constant=d.maybe()),
        d.maybe(0.4) and i.input(state, dtype, -2, 2, 0.25),
        op == "LSTM" and d.maybe(0.4) and i.input(state, dtype, -2, 2, 0.25),
        op == "LSTM" and d.maybe(0.3) and i.tensor((directions, 3 * hidden), dtype, -2, 2, 0.25),
    ]
    inputs += [name or "" for name in wanted]
    while not inputs[-1]:
        inputs.pop()
    options: dict[str, object] = {"direction": direction, "hidden_size": hidden, "layout": layout}
    if op == "GRU":
        options["linear_before_reset"] = d.pick(0, 1)
    if op == "LSTM" and d.maybe(0.2):
        options["input_forget"] = 1
    if d.maybe(0.2):
        options["clip"] = 0.75
    if d.maybe(0.3):
        names = [
            d.pick(
                "Sigmoid",
                "Tanh",
                "HardSigmoid",
                "Softsign",
                "Relu",
                "LeakyRelu",
                "Affine",
                "ScaledTanh",
                "Elu",
                "Softplus",
                "ThresholdedRelu",
            )
            for _ in range(directions * _FUNCTIONS[op])
        ]
        options["activations"] = names
        if "Affine" in names or "ScaledTanh" in names:
            options["activation_alpha"] = [0.5] * sum(
                n in {"Affine", "ScaledTanh", "HardSigmoid", "LeakyRelu", "Elu", "ThresholdedRelu"} for n in names
            )
            options["activation_beta"] = [0.25] * sum(n in {"Affine", "ScaledTanh", "HardSigmoid"} for n in names)
    outputs = 3 if op == "LSTM" else 2
    names = i.node(op, *inputs, outputs=outputs, **options)
    kept = [name for name in names if d.maybe(0.7)] or names[:1]
    for position, name in enumerate(names):
        if name not in kept:
            i.nodes[-1].output[position] = ""
    i.give(*kept)


def linear_attention(i: Instance, d: Draw) -> None:
    """Attention by a state."""
    dtype = d.pick("float32", "float16")
    batch, length, states, shared = d.pick(1, 2), d.integer(1, 6), d.pick(1, 2), d.pick(1, 2)
    size, width = d.pick(4, 8, 3), d.pick(4, 8, 5)
    q = i.input((batch, length, states * shared * size), dtype, -2, 2, 0.25)
    k = i.input((batch, length, states * size), dtype, -2, 2, 0.25)
    v = i.input((batch, length, states * width), dtype, -2, 2, 0.25)
    rule = d.pick("linear", "gated", "delta", "gated_delta")
    state = i.input((batch, states, size, width), dtype, -2, 2, 0.25) if d.maybe() else ""
    decay = i.input((batch, length, states * d.pick(1, size)), dtype, -2, 0, 0.25) if "gated" in rule else ""
    beta = i.input((batch, length, d.pick(1, states)), dtype, 0, 4, 0.25) if "delta" in rule else ""
    inputs = [q, k, v, state, decay, beta]
    while not inputs[-1]:
        inputs.pop()
    options = {"q_num_heads": states * shared, "kv_num_heads": states, "update_rule": rule}
    y, present = i.node("LinearAttention", *inputs, outputs=2, **options)
    i.give(y, present)


def causal_conv(i: Instance, d: Draw) -> None:
    """A convolution of what came before."""
    dtype = d.pick("float32", "float16")
    batch, channels, length, taps = d.pick(1, 2), d.integer(1, 9), d.integer(1, 9), d.integer(1, 5)
    x, w = i.input((batch, channels, length), dtype), i.tensor((channels, 1, taps), dtype)
    bias = i.tensor((channels,), dtype) if d.maybe() else ""
    before = i.input((batch, channels, taps - 1), dtype) if d.maybe() else ""
    inputs = [x, w, bias, before]
    while not inputs[-1]:
        inputs.pop()
    y, present = i.node("CausalConvWithState", *inputs, outputs=2, activation=d.pick("none", "silu", "swish"))
    if d.maybe(0.7):
        i.give(y, present)
    else:
        i.give(y)


FAMILIES = {"recurrent": recurrent, "linear-attention": linear_attention, "causal-conv": causal_conv}
