"""The networks of MCUNet and MobileNetV2 as ONNX models with random weights: what engines for boards are measured on.

The layers are those that mit-han-lab/mcunet (MIT) and "MCUNet: Tiny Deep Learning on IoT Devices" (NeurIPS 2020) name.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Block = tuple[int, int, int, int]
"""Channels for each channel of the input, the window, the stride, and the channels of the result."""

_VWW1: tuple[Block, ...] = (
    *((6, 3, 2, 16), (3, 3, 1, 16), (3, 3, 1, 16), (3, 7, 2, 24), (6, 3, 1, 24), (5, 5, 1, 24), (6, 7, 2, 40)),
    *((6, 7, 1, 40), (6, 3, 1, 48), (4, 3, 1, 48), (5, 5, 2, 96), (5, 3, 1, 96), (4, 3, 1, 96), (3, 7, 1, 160)),
)
_IN3: tuple[Block, ...] = (
    *((3, 7, 2, 16), (5, 3, 1, 16), (5, 7, 1, 16), (4, 5, 1, 16), (5, 5, 2, 24), (5, 5, 1, 24), (5, 5, 1, 24)),
    *((5, 3, 2, 40), (6, 7, 1, 40), (4, 5, 1, 40), (5, 5, 1, 48), (5, 7, 1, 48), (5, 3, 1, 48), (6, 3, 2, 96)),
    *((5, 7, 1, 96), (4, 3, 1, 96), (5, 7, 1, 160)),
)
NETWORKS: dict[str, tuple[int, int, tuple[Block, ...]]] = {
    "mcunet-vww1": (80, 2, _VWW1),
    "mcunet-in3": (176, 1000, _IN3),
}
"""Name → the image's side, the classes, the blocks after the stem."""


@dataclass
class _Network:
    """Nodes and weights, as they come."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    weights: list[onnx.TensorProto] = field(default_factory=list)
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def add(self, operator: str, inputs: list[str], **attributes: Any) -> str:
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def conv(self, x: str, given: int, made: int, window: int = 1, stride: int = 1, group: int = 1) -> str:
        shape = (made, given // group, window, window)
        weight = self.random.standard_normal(shape) * (2 / np.prod(shape[1:])) ** 0.5
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(weight.astype(np.float32), name))
        pads, strides = [window // 2] * 4, [stride] * 2
        return self.add("Conv", [x, name], kernel_shape=[window] * 2, pads=pads, strides=strides, group=group)

    def block(self, x: str, given: int, block: Block) -> str:
        """An inverted bottleneck: wider, each channel by itself, narrower, and the input added if it has its shape."""
        wider, window, stride, made = block
        inner = given * wider
        y = self.add("Relu", [self.conv(x, given, inner)])
        y = self.add("Relu", [self.conv(y, inner, inner, window, stride, inner)])
        y = self.conv(y, inner, made)
        return self.add("Add", [y, x]) if stride == 1 and given == made else y


def network(name: str) -> onnx.ModelProto:
    """The model of that name."""
    side, classes, blocks = NETWORKS[name]
    made = _Network()
    x = made.add("Relu", [made.conv("x", 3, 16, 3, 2)])
    x = made.add("Relu", [made.conv(x, 16, 16, 3, 1, 16)])
    x, channels = made.conv(x, 16, 8), 8
    for block in blocks:
        x, channels = made.block(x, channels, block), block[-1]
    x = made.conv(made.add("GlobalAveragePool", [x]), channels, classes)
    graph = helper.make_graph(
        made.nodes,
        name,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, side, side])],
        [helper.make_tensor_value_info(x, TensorProto.FLOAT, [1, classes, 1, 1])],
        made.weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
