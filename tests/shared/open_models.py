"""Models with sizes that are given at run time, which the tests here run at every size of a range."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Operation = tuple[str, Sequence[str], Mapping[str, object]]
"""Operator, inputs, attributes; its output has the name of its place in a list: `y0`, `y1`, ..."""


@dataclass(frozen=True)
class OpenModel:
    """Operations side by side or one after the other, on inputs some of whose sizes have names.

    Parameters
    ----------
    inputs
        Name → shape.
    operations
        What is done.
    constants
        Name → value.
    low
        The least size.
    integers
        Whether inputs are small whole numbers, of which sums of products are exact.
    rtol
        How much results may differ from others', relative to the largest.
    kinds
        Name → element type of an input that is not float32.
    several
        Operation → its outputs, where there are several: `y3`, `y3b`.
    """

    inputs: Mapping[str, Sequence[int | str]]
    operations: Sequence[Operation]
    constants: Mapping[str, np.ndarray] = field(default_factory=dict)
    low: int = 1
    integers: bool = False
    rtol: float = 2e-6
    kinds: Mapping[str, int] = field(default_factory=dict)
    several: frozenset[int] = frozenset()

    @property
    def names(self) -> list[str]:
        """Of the sizes."""
        return sorted({size for shape in self.inputs.values() for size in shape if isinstance(size, str)})

    def proto(self) -> onnx.ModelProto:
        """The model."""
        nodes, read = [], {name for _, inputs, _ in self.operations for name in inputs}
        for index, (op, inputs, attributes) in enumerate(self.operations):
            outputs = [f"y{index}", *([f"y{index}b"] if index in self.several else [])]
            nodes.append(helper.make_node(op, inputs, outputs, name=f"{op}_{index}", **attributes))
        made = [name for node in nodes for name in node.output if name not in read]
        kinds = {name: self.kinds.get(name, TensorProto.FLOAT) for name in self.inputs}
        inputs = [helper.make_tensor_value_info(name, kinds[name], list(shape)) for name, shape in self.inputs.items()]
        outputs = [onnx.ValueInfoProto(name=name) for name in made]
        constants = [numpy_helper.from_array(value, name) for name, value in self.constants.items()]
        graph = helper.make_graph(nodes, "open", inputs, outputs, constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)

    def feeds(self, rng: np.random.Generator, sizes: Mapping[str, int]) -> dict[str, np.ndarray]:
        """Values for the inputs at these sizes."""
        found = {}
        for name, shape in self.inputs.items():
            counts = [sizes.get(size, size) if isinstance(size, str) else size for size in shape]
            numbers = rng.integers(-3, 4, counts) if self.integers else rng.standard_normal(counts)
            found[name] = numbers.astype(np.float32)
            if name in self.kinds:
                found[name] = rng.integers(0, 2, counts)
        return found


def _whole(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-2, 3, shape).astype(np.float32)


def _real(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def _convolutions(rank: int) -> OpenModel:
    """Windows that are clipped at either end, at both, or lie in the padding altogether."""
    shapes = {
        "same": (16, 8, 3, 1, 1, 1, 1),
        "strided": (16, 8, 3, 2, 1, 1, 1),
        "dilated": (24, 8, 3, 1, 3, 3, 1),
        "both": (8, 8, 3, 2, 4, 3, 1),
        "wide": (8, 8, 5, 1, 2, 1, 1),
        "stem": (16, 8, 7, 2, 3, 1, 1),
        "beyond": (8, 8, 2, 1, 4, 1, 1),
        "pointwise": (16, 8, 1, 1, 0, 1, 1),
        "skipping": (16, 8, 1, 2, 0, 1, 1),
        "depthwise": (8, 1, 3, 1, 1, 1, 8),
        "depthwise strided": (8, 1, 5, 2, 2, 1, 8),
        "grouped": (12, 4, 3, 1, 1, 1, 2),
        "uneven": (5, 8, 4, 1, 2, 1, 1),
    }
    operations, constants = [], {}
    for index, (columns, depth, kernel, stride, pad, dilation, groups) in enumerate(shapes.values()):
        constants[f"w{index}"] = _whole(index, columns, depth, *[kernel] * rank)
        constants[f"b{index}"] = _whole(index, columns)
        attributes = {
            "kernel_shape": [kernel] * rank,
            "strides": [stride] * rank,
            "pads": [pad] * 2 * rank,
            "dilations": [dilation] * rank,
            "group": groups,
        }
        operations.append(("Conv", ["x", f"w{index}", f"b{index}"], attributes))
    return OpenModel({"x": [1, 8, *"hw"[-rank:]]}, operations, constants, integers=True, rtol=0)


def _residual() -> OpenModel:
    """A convolution that is added to what it overwrites, then activated; one that has no room for padding."""
    window = {"kernel_shape": [3, 3], "pads": [1] * 4}
    return OpenModel(
        {"x": [1, 16, "h", "w"]},
        [
            ("Conv", ["x", "w"], window),
            ("Conv", ["y0", "w"], window),
            ("Add", ["y1", "y0"], {}),
            ("Relu", ["y2"], {}),
            ("Conv", ["y3", "v"], {"kernel_shape": [3, 3]}),
        ],
        {"w": _whole(0, 16, 16, 3, 3), "v": _whole(1, 8, 16, 3, 3)},
        low=3,
        integers=True,
        rtol=1e-6,
    )


def _winograd() -> OpenModel:
    """Enough channels for Winograd's method."""
    window = {"kernel_shape": [3, 3], "pads": [1] * 4}
    return OpenModel(
        {"x": [1, 48, "h", "w"]},
        [("Conv", ["x", "w"], window), ("Relu", ["y0"], {}), ("Conv", ["y1", "w", "b"], window)],
        {"w": _real(0, 48, 48, 3, 3), "b": _real(1, 48)},
        rtol=1e-5,
    )


def _transposed() -> OpenModel:
    shapes = [(4, 2, 1, 0), (2, 2, 0, 0), (3, 2, 1, 1), (3, 1, 1, 0), (2, 3, 0, 0)]
    operations, constants = [], {}
    for index, (kernel, stride, pad, extra) in enumerate(shapes):
        constants[f"w{index}"] = _whole(index, 8, 6, kernel, kernel)
        attributes = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [pad] * 4}
        operations.append(("ConvTranspose", ["x", f"w{index}"], {**attributes, "output_padding": [extra] * 2}))
    return OpenModel({"x": [1, 8, "h", "w"]}, operations, constants, low=2, integers=True, rtol=0)


def _pools() -> OpenModel:
    def window(kernel: int, stride: int, pad: int, **more: object) -> dict[str, object]:
        return {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [pad] * 4, **more}

    return OpenModel(
        {"x": [1, 6, "h", "w"]},
        [
            ("MaxPool", ["x"], window(2, 2, 0)),
            ("MaxPool", ["x"], window(3, 2, 1)),
            ("MaxPool", ["x"], window(3, 2, 0, ceil_mode=1)),
            ("MaxPool", ["x"], window(2, 2, 0)),
            ("AveragePool", ["x"], window(3, 1, 1)),
            ("AveragePool", ["x"], window(3, 2, 1, count_include_pad=1)),
            ("GlobalAveragePool", ["x"], {}),
            ("GlobalMaxPool", ["x"], {}),
            ("Conv", ["x", "w"], {"kernel_shape": [1, 1]}),
            ("MaxPool", ["y8"], window(5, 1, 2)),
            ("GlobalAveragePool", ["y9"], {}),
        ],
        {"w": _whole(0, 16, 6, 1, 1)},
        low=3,
        several=frozenset({3}),
    )


def _reductions() -> OpenModel:
    return OpenModel(
        {"x": [1, 6, "h", "w"]},
        [
            ("ReduceMean", ["x", "last"], {}),
            ("ReduceMean", ["x", "both"], {"keepdims": 0}),
            ("ReduceMean", ["x", "first"], {}),
            ("ReduceMax", ["x", "first"], {}),
            ("ReduceL2", ["x", "both"], {}),
            ("ReduceLogSumExp", ["x", "last"], {}),
            ("Softmax", ["x"], {"axis": 2}),
            ("LogSoftmax", ["x"], {"axis": 3}),
            ("InstanceNormalization", ["x", "scale", "shift"], {}),
            ("LRN", ["x"], {"size": 3}),
            ("ArgMax", ["x"], {"axis": 3}),
            ("ArgMin", ["x"], {"axis": 2}),
            ("CumSum", ["x", "two"], {}),
        ],
        {
            "first": np.array([2]),
            "last": np.array([3]),
            "both": np.array([2, 3]),
            "two": np.array(2),
            "scale": _real(0, 6),
            "shift": _real(1, 6),
        },
        low=2,
        rtol=1e-5,
    )


def _movements() -> OpenModel:
    return OpenModel(
        {"x": [1, 8, "h", "w"], "z": [1, 8, "k", "w"], "i": ["h", 3]},
        [
            ("Pad", ["x", "pads"], {}),
            ("Pad", ["x", "pads"], {"mode": "reflect"}),
            ("Pad", ["x", "pads"], {"mode": "edge"}),
            ("DepthToSpace", ["x"], {"blocksize": 2}),
            ("Concat", ["x", "z"], {"axis": 2}),
            ("Slice", ["x", "one", "minus", "axes"], {}),
            ("Slice", ["x", "zero", "end", "axes", "two"], {}),
            ("Slice", ["x", "minus", "start", "axes", "minus"], {}),
            ("Transpose", ["x"], {"perm": [0, 2, 3, 1]}),
            ("Reshape", ["x", "flat"], {}),
            ("Transpose", ["y9"], {"perm": [0, 2, 1]}),
            ("MatMul", ["y10", "y9"], {}),
            ("MatMul", ["y9", "y10"], {}),
            ("Einsum", ["x", "z"], {"equation": "bchw,bckw->bhk"}),
            ("OneHot", ["i", "depth", "values"], {}),
            ("Tile", ["x", "times"], {}),
            ("TopK", ["x", "top"], {"axis": 2}),
        ],
        {
            "pads": np.array([0, 0, 1, 2, 0, 0, 2, 1]),
            "one": np.array([1, 1]),
            "zero": np.array([0, 0]),
            "two": np.array([2, 2]),
            "minus": np.array([-1, -1]),
            "end": np.array([2**63 - 1] * 2),
            "start": np.array([-(2**63)] * 2),
            "axes": np.array([2, 3]),
            "flat": np.array([1, 8, -1]),
            "depth": np.array([4]),
            "values": np.array([0, 1], np.float32),
            "times": np.array([1, 1, 2, 3]),
            "top": np.array([2]),
        },
        low=3,
        integers=True,
        rtol=0,
        kinds={"i": TensorProto.INT64},
        several=frozenset({16}),
    )


def _resizes() -> OpenModel:
    def like(mode: str, coordinates: str, rounding: str = "floor") -> dict[str, object]:
        return {"mode": mode, "coordinate_transformation_mode": coordinates, "nearest_mode": rounding}

    return OpenModel(
        {"x": [1, 4, "h", "w"], "z": [1, 4, "p", "q"]},
        [
            ("Resize", ["x", "", "twice"], like("nearest", "asymmetric")),
            ("Resize", ["x", "", "odd"], like("nearest", "half_pixel", "round_prefer_floor")),
            ("Resize", ["x", "", "twice"], like("linear", "half_pixel")),
            ("Resize", ["x", "", "whole"], like("linear", "align_corners")),
            ("Resize", ["x", "", "half"], like("linear", "pytorch_half_pixel")),
            ("Resize", ["x", "", "", "fixed"], like("linear", "half_pixel")),
            ("Shape", ["z"], {}),
            ("Resize", ["x", "", "", "y6"], like("nearest", "asymmetric")),
            ("Resize", ["x", "", "", "y6"], like("linear", "half_pixel")),
        ],
        {
            "twice": np.array([1, 1, 2, 2], np.float32),
            "whole": np.array([1, 1, 2, 3], np.float32),  # of fractions, onnxruntime has another length than ONNX
            "odd": np.array([1, 1, 1.5, 3], np.float32),
            "half": np.array([1, 1, 0.5, 0.5], np.float32),
            "fixed": np.array([1, 4, 5, 7]),
        },
        low=2,
        rtol=5e-6,
    )


def _recurrences() -> OpenModel:
    operations, constants = [], {}
    cells = [
        ("LSTM", 4, 2, {"direction": "bidirectional"}),
        ("GRU", 3, 1, {"linear_before_reset": 1}),
        ("RNN", 1, 1, {}),
    ]
    for index, (op, gates, directions, attributes) in enumerate(cells):
        constants[f"w{index}"] = _real(index, directions, gates * 5, 4)
        constants[f"r{index}"] = _real(index + 9, directions, gates * 5, 5) / 4  # larger ones are chaotic
        operations.append((op, ["x", f"w{index}", f"r{index}"], {"hidden_size": 5, **attributes}))
    return OpenModel({"x": ["t", "n", 4]}, operations, constants, rtol=5e-6, several=frozenset({0, 1, 2}))


MODELS: Mapping[str, Callable[[], OpenModel]] = {
    "convolutions of images": lambda: _convolutions(2),
    "convolutions of signals": lambda: _convolutions(1),
    "movements": _movements,
    "pools": _pools,
    "recurrences": _recurrences,
    "reductions": _reductions,
    "residual": _residual,
    "resizes": _resizes,
    "transposed convolutions": _transposed,
    "winograd": _winograd,
}
