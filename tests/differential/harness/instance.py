"""An instance: a few ONNX nodes with inputs, constants and what must come out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import ml_dtypes  # noqa: F401 - bfloat16 is a type of NumPy's from here on
import numpy as np
import onnx
from onnx import helper, numpy_helper

from harness import oracle
from harness.ball import Ball, known
from harness.draw import Draw

NEWEST = onnx.defs.onnx_opset_version()

RECIPE = """\
def data(seed, shape, low, high, step, dtype):
    return (np.random.default_rng(seed).integers(low, high, shape, endpoint=True) * step).astype(dtype)
"""
_LITERAL = 64
"""Elements of the largest array that a script has as a list."""


def data(seed: int, shape: Sequence[int], low: int, high: int, step: float, dtype: str) -> np.ndarray:
    """Whole numbers in `[low, high]` times a step: what is exact in float32 stays exact."""
    return (np.random.default_rng(seed).integers(low, high, tuple(shape), endpoint=True) * step).astype(dtype)


@dataclass
class Instance:
    """Nodes under construction, and then for good.

    Parameters
    ----------
    family
        Who made it.
    draw
        What it was made from.
    version
        Of ONNX's operators.
    """

    family: str
    draw: Draw
    version: int = NEWEST
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    inputs: dict[str, np.ndarray] = field(default_factory=dict)
    constants: dict[str, np.ndarray] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)
    recipes: dict[str, str] = field(default_factory=dict)
    values: dict[str, Ball] = field(default_factory=dict)
    count: int = 0
    declared: bool = False

    def name(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def input(self, shape: Sequence[int], dtype: str = "float32", low: int = -4, high: int = 4, step: float = 1) -> str:
        """A tensor that the caller gives."""
        return self._data(self.inputs, "x", shape, dtype, low, high, step)

    def constant(
        self, shape: Sequence[int], dtype: str = "float32", low: int = -4, high: int = 4, step: float = 1
    ) -> str:
        """A tensor that the model has."""
        return self._data(self.constants, "c", shape, dtype, low, high, step)

    def tensor(
        self, shape: Sequence[int], dtype: str = "float32", low: int = -4, high: int = 4, step: float = 1
    ) -> str:
        """A constant most of the time, else an input."""
        make = self.input if self.draw.maybe(0.3) else self.constant
        return make(shape, dtype, low, high, step)

    def given(self, array: Any, dtype: str = "", *, constant: bool = True) -> str:
        """A tensor of these values."""
        array = np.asarray(array, dtype or None)
        name = self.name("c" if constant else "x")
        (self.constants if constant else self.inputs)[name] = array
        self.values[name] = known(array)
        return name

    def ints(self, *values: int) -> str:
        """A constant list of int64, such as axes."""
        return self.given(np.array(values, np.int64))

    def node(self, op: str, *inputs: str, outputs: int = 1, domain: str = "", **attributes: Any) -> Any:
        """Append a node and compute it; return the names of its outputs."""
        names = [self.name("v") for _ in range(outputs)]
        kept = {key: value for key, value in attributes.items() if value is not None}
        self.append(helper.make_node(op, list(inputs), names, name=self.name("n"), domain=domain, **kept))
        return names[0] if outputs == 1 else names

    def append(self, node: onnx.NodeProto) -> None:
        """Append a node and compute it."""
        self.nodes.append(node)
        oracle.run([node], self.values, self.version)

    def unjudged(self, name: str) -> str:
        """A value of which only type and shape are looked at."""
        ball = self.values[name]
        self.values[name] = Ball(ball.value, np.full(ball.shape, np.inf), ball.dtype)
        return name

    def shape(self, name: str) -> tuple[int, ...]:
        return self.values[name].shape

    def dtype(self, name: str) -> str:
        return self.values[name].dtype

    def largest(self, name: str) -> float:
        """The largest number of a value."""
        finite = self.values[name].value
        return float(np.max(np.abs(finite.astype(np.float64)), initial=0))

    def give(self, *names: str) -> "Instance":
        """Make values outputs of the model."""
        self.outputs += [name for name in names if name]
        return self

    @property
    def text(self) -> str:
        """What it is, in one line."""
        ops = " > ".join(node.op_type for node in self.nodes)
        sizes = ", ".join(f"{x.dtype}{list(x.shape)}" for x in [*self.inputs.values(), *self.constants.values()])
        return f"{self.family}: {ops} of {sizes}"

    def arrays(self) -> dict[str, np.ndarray]:
        """Every value known beforehand."""
        return {**self.inputs, **self.constants}

    def recipe(self, name: str) -> str:
        """Python that makes an array."""
        if name in self.recipes:
            return self.recipes[name]
        array = self.arrays()[name]
        if array.size > _LITERAL and array.size and np.all(array == array.flat[0]):
            return f"np.full({array.shape}, {array.flat[0].item()!r}, {str(array.dtype)!r})"
        text = f"np.array({array.tolist()!r}, {str(array.dtype)!r}).reshape({array.shape})"
        return text.replace("nan", "np.nan").replace("inf", "np.inf")

    def _data(
        self,
        where: dict[str, np.ndarray],
        letter: str,
        shape: Sequence[int],
        dtype: str,
        low: int,
        high: int,
        step: float,
    ) -> str:
        name = self.name(letter)
        seed = (self.draw.seed * 1000 + self.count) % (1 << 32)
        if dtype == "bool":
            low, high, step = 0, 1, 1
        if dtype.startswith("uint"):
            low = max(0, low)
        where[name] = data(seed, shape, low, high, step, dtype)
        self.values[name] = known(where[name])
        self.recipes[name] = f"data({seed}, {tuple(shape)}, {low}, {high}, {step}, {dtype!r})"
        return name


def element(array: np.ndarray) -> int:
    """ONNX's number of an array's element type."""
    return helper.np_dtype_to_tensor_dtype(array.dtype)


def model_of(instances: Sequence[Instance]) -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    """Independent instances in one model, each name behind its instance's number; and the inputs' values."""
    nodes, inputs, constants, outputs = [], [], [], []
    feeds = {}
    for number, one in enumerate(instances):
        prefix = f"i{number}_"
        nodes += [_renamed(node, prefix) for node in one.nodes]
        for name, array in one.inputs.items():
            feeds[prefix + name] = array
            inputs.append(helper.make_tensor_value_info(prefix + name, element(array), array.shape))
        constants += [numpy_helper.from_array(array, prefix + name) for name, array in one.constants.items()]
        for name in one.outputs:
            kind = helper.np_dtype_to_tensor_dtype(np.dtype(one.dtype(name)))
            outputs.append(
                helper.make_tensor_value_info(
                    prefix + name, kind, one.shape(name) if one.declared else [None] * len(one.shape(name))
                )
            )
    graph = helper.make_graph(nodes, "differential", inputs, outputs, constants)
    imports = {"": instances[0].version, **{node.domain: 1 for node in nodes if node.domain}}
    opsets = [helper.make_opsetid(domain, version) for domain, version in imports.items()]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10), feeds


def _renamed(node: onnx.NodeProto, prefix: str) -> onnx.NodeProto:
    """The node, and those in its graphs, with other names."""
    copy = onnx.NodeProto()
    copy.CopyFrom(node)
    copy.name = prefix + node.name
    copy.input[:] = [name and prefix + name for name in node.input]
    copy.output[:] = [name and prefix + name for name in node.output]
    for attribute in copy.attribute:
        if attribute.HasField("g"):
            inner = [_renamed(one, prefix) for one in attribute.g.node]
            del attribute.g.node[:]
            attribute.g.node.extend(inner)
            for value in (*attribute.g.input, *attribute.g.output, *attribute.g.initializer):
                value.name = prefix + value.name
    return copy
