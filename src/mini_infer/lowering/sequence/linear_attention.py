"""LinearAttention and CausalConvWithState."""

import math
from collections.abc import Sequence

from mini_infer.ir import DType, Node, TensorType
from mini_infer.lowering.attributes import integer, number, text
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.program import Call, View
from mini_infer.program.kernels.sequence.linear_attention import CausalConv, LinearAttention

_REALS = (DType.FLOAT16, DType.FLOAT32)
_INPUTS = ("q", "k", "v", "state", "decay", "beta")


def lower_linear_attention(node: Node, build: Builder) -> Sequence[Call]:
    """Lower `LinearAttention`; its sums are in float32."""
    given = {key: build.view(name) for key, name in zip(_INPUTS, node.inputs, strict=False) if name}
    y = build.view(node.outputs[0])
    dtype = y.type.dtype
    if any(view.type.dtype not in _REALS for view in given.values()) or 0 in y.type.shape:
        raise NotNativeError(f"no native code for {node.op} of {y.type}")
    heads, states = integer(node, "q_num_heads"), integer(node, "kv_num_heads")
    batch, length, together = given["q"].type.shape
    size, width = together // heads, given["v"].type.shape[2] // states
    kind = given["state"].type if "state" in given else TensorType(dtype, (batch, states, size, width))
    present = build.output(node, 1, kind)
    kernel = LinearAttention(
        batch=batch,
        length=length,
        heads=heads,
        states=states,
        size=size,
        width=width,
        scale=number(node, "scale", 0.0) or 1 / math.sqrt(size),
        begun="state" in given,
        decay=_row(given, "decay"),
        beta=_row(given, "beta"),
        dtype=dtype,
        state=kind.dtype,
    )
    state = build.workspace(TensorType(DType.FLOAT32, kind.shape))
    return (Call(kernel, (*(given[key] for key in _INPUTS if key in given), y, present, state)),)


def _row(given: dict[str, View], key: str) -> int:
    return given[key].type.shape[2] if key in given else 0


def lower_causal_conv(node: Node, build: Builder) -> Sequence[Call]:
    """Lower `CausalConvWithState`."""
    names = dict(zip(("x", "weights", "bias", "before"), node.inputs, strict=False))
    given = {key: build.view(name) for key, name in names.items() if name}
    x, y = given["x"], build.view(node.outputs[0])
    if 0 in x.type.shape:
        raise NotNativeError("a convolution of nothing")
    batch, channels, length = x.type.shape
    kept = [view for view in (build.view(name) for name in node.outputs[1:] if name) if view.type.elements]
    kernel = CausalConv(
        batch=batch,
        channels=channels,
        length=length,
        taps=given["weights"].type.shape[2],
        bias="bias" in given,
        begun="before" in given,
        kept=bool(kept),
        swish=text(node, "activation", "none") in {"silu", "swish"},
        dtype=x.type.dtype,
    )
    return (Call(kernel, (*given.values(), y, *kept)),)
