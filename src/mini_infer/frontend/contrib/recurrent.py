"""LSTMs with quantized weights, as onnxruntime's dynamic quantizer writes them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from mini_infer.frontend.composer import Composer
from mini_infer.frontend.contrib.quantized import no_zero

_PLAIN = ["Sigmoid", "Tanh", "Tanh"]


def dynamic_quantize_lstm(c: Composer) -> Sequence[str]:
    """`DynamicQuantizeLSTM`: a Scan of integer products; the input is quantized as a whole, the state at each step."""
    x, recurrent = c.input(0), c.input(2)
    if c.input(4) or c.input(7):
        raise c.refusal("has sequence lengths or peepholes, which are not supported")
    direction = c.attribute("direction", "forward")
    names = [each.decode() if isinstance(each, bytes) else each for each in c.attribute("activations", _PLAIN)]
    if names != _PLAIN * (len(names) // 3) or c.attribute("input_forget", 0) or c.attribute("clip", 0.0):
        raise c.refusal("has activations, a clip or coupled gates that are not supported")
    length, batch, size = c.shape(x)
    directions, hidden, _ = c.shape(recurrent)
    flat = c("Reshape", x, c.integers(length * batch, size))
    quantized = c.several("DynamicQuantizeLinear", [flat], 3)
    columns = [c.constant(np.arange(hidden) + k * hidden, np.int64) for k in range(4)]
    results = []
    for k in range(directions):
        backwards = int(direction == "reverse" or k == 1)
        of_input = [_part(c, position, k) for position in (1, 8, 9)]
        of_state = [_part(c, position, k) for position in (2, 10, 11)]
        gates = _product(c, quantized, of_input)
        if c.input(3):
            bias, more = c.several("Split", [_part(c, 3, k)], 2, axis=0, num_outputs=2)
            gates = c("Add", gates, c("Add", bias, more))
        gates = c("Reshape", gates, c.integers(length, batch, 4 * hidden))
        zeros = c.constant(np.zeros((batch, hidden)), np.float32)
        state = [_part(c, position, k) if c.input(position) else zeros for position in (5, 6)]
        body = _step(f"{c.node.name}/{next(filter(None, c.node.output))}/{k}", of_state, columns)
        options = {"scan_input_directions": [backwards], "scan_output_directions": [backwards]}
        results.append(c.several("Scan", [*state, gates], 3, body=body, num_scan_inputs=1, **options))
    axes = (c.integers(0), c.integers(0), c.integers(1))
    joined = [
        c("Concat", *(c("Unsqueeze", each, axis) for each in parts), axis=int(position == 2))  # noqa: PLR2004
        for position, (parts, axis) in enumerate(zip(zip(*results, strict=True), axes, strict=True))
    ]
    return [joined[2], joined[0], joined[1]]


def _part(c: Composer, position: int, direction: int) -> str:
    """What an input has for one direction; empty where it is omitted."""
    return c("Gather", c.input(position), c.constant(direction, np.int64), axis=0) if c.input(position) else ""


def _product(c: Composer, a: Sequence[str], b: Sequence[str]) -> str:
    """Of quantized numbers (values, scale, zero point) and quantized weights (likewise), as real numbers."""
    product = c("MatMulInteger", a[0], b[0], a[2], b[2] or no_zero(c, c.input(1)))
    return c("Mul", c("Cast", product, to=TensorProto.FLOAT), c("Mul", a[1], b[1]))


def _step(prefix: str, weights: Sequence[str], columns: Sequence[str]) -> onnx.GraphProto:
    """The body: the state and the input's gates → the next state, and its output.

    Its operators mean the same in every opset that has integer products, because it is read in the model's.
    """

    def name(text: str) -> str:
        return f"{prefix}/{text}"

    def node(op: str, inputs: str, outputs: str, *captured: str, **attributes: Any) -> onnx.NodeProto:
        names = [name(each) for each in inputs.split()]
        return helper.make_node(op, [*names, *captured], [name(each) for each in outputs.split()], **attributes)

    values, scale, zero = weights
    nodes = [
        node("DynamicQuantizeLinear", "h", "q q_scale q_zero"),
        helper.make_node("MatMulInteger", [name("q"), values, name("q_zero"), *([zero] if zero else [])], [name("p")]),
        node("Cast", "p", "real", to=TensorProto.FLOAT),
        node("Mul", "q_scale", "scale", scale),
        node("Mul", "real scale", "scaled"),
        node("Add", "gates scaled", "all"),
        *(node("Gather", "all", gate, column, axis=1) for gate, column in zip("iofg", columns, strict=True)),
        node("Sigmoid", "i", "in"),
        node("Sigmoid", "o", "out"),
        node("Sigmoid", "f", "forget"),
        node("Tanh", "g", "new"),
        node("Mul", "forget c", "kept"),
        node("Mul", "in new", "added"),
        node("Add", "kept added", "next_c"),
        node("Tanh", "next_c", "shown"),
        node("Mul", "out shown", "next_h"),
        node("Identity", "next_h", "y"),
    ]
    inputs, outputs = (
        [helper.make_tensor_value_info(name(each), TensorProto.FLOAT, None) for each in names.split()]
        for names in ("h c gates", "next_h next_c y")
    )
    return helper.make_graph(nodes, prefix, inputs, outputs)
