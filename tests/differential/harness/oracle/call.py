"""One node with its inputs' values."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import helper
from onnx.reference import ReferenceEvaluator

from harness.ball import UNIT, Ball, rounded


@dataclass
class Call:
    """A node, its inputs (`None`: omitted) and the version of its operator set."""

    node: onnx.NodeProto
    inputs: list[Ball | None]
    version: int
    attributes: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.attributes = {a.name: helper.get_attribute_value(a) for a in self.node.attribute}

    def __getitem__(self, position: int) -> Ball:
        ball = self.inputs[position]
        assert ball is not None
        return ball

    def optional(self, position: int) -> Ball | None:
        return self.inputs[position] if position < len(self.inputs) else None

    def get(self, name: str, default: Any = None) -> Any:
        value = self.attributes.get(name, default)
        return value.decode() if isinstance(value, bytes) else value

    def listed(self, name: str, position: int) -> list[int] | None:
        """A list that is an attribute or an input."""
        ball = self.optional(position)
        if ball is not None:
            return [int(item) for item in ball.value.ravel()]
        return self.attributes.get(name)


def by_reference(roundings: float):
    """An operator as onnx.reference computes it in float64; for those that it knows well, and whose errors are even.

    Each result may be away by so many roundings of the largest number around.
    """

    def operator(call: Call) -> list[Ball]:
        arrays = [None if ball is None else _wide(ball) for ball in call.inputs]
        names = [f"x{i}" if a is not None else "" for i, a in enumerate(arrays)]
        node = onnx.NodeProto()
        node.CopyFrom(call.node)
        node.input[:], node.output[:] = names, [name and f"y{i}" for i, name in enumerate(call.node.output)]
        infos = [
            helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape)
            for name, a in zip(names, arrays, strict=True)
            if a is not None
        ]
        outputs = [onnx.ValueInfoProto(name=name) for name in node.output if name]
        model = helper.make_model(
            helper.make_graph([node], "node", infos, outputs),
            opset_imports=[helper.make_opsetid(call.node.domain, call.version)],
            ir_version=10,
        )
        with np.errstate(all="ignore"):
            feeds = {name: a for name, a in zip(names, arrays, strict=True) if a is not None}
            results = iter(ReferenceEvaluator(model).run(None, feeds))
        first = next(ball.dtype for ball in call.inputs if ball is not None)
        balls = []
        for name in node.output:
            if not name:
                balls.append(known_nothing())
                continue
            result = np.asarray(next(results))
            if result.dtype.kind != "f":
                balls.append(Ball(result, np.zeros(result.shape), str(result.dtype)))
                continue
            largest = max([np.abs(a).max(initial=0) for a in arrays if a is not None and a.dtype.kind == "f"] + [1e-30])
            size = np.maximum(np.abs(result), min(largest, 1e30))
            vague = sum(float(np.max(b.error, initial=0)) for b in call.inputs if b is not None)
            dtype = first if first in UNIT else "float32"
            balls.append(rounded(result.astype(np.float64), np.full(result.shape, 4 * vague), dtype, roundings, size))
        return balls

    return operator


def known_nothing() -> Ball:
    return Ball(np.zeros(0), np.zeros(0), "float32")


def _wide(ball: Ball) -> np.ndarray:
    return ball.value.astype(np.float64) if ball.real else ball.value
