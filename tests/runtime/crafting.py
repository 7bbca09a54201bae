"""Engine files taken apart, changed, and put together again with right checksums."""

import copy
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

FAR = 1 << 40
"""Beyond any memory."""

_ALIGNMENT = 64


@dataclass
class Parts:
    """An engine file: its header and what its sections hold; `programs` and `plans` are JSON values."""

    header: dict[str, Any]
    programs: Any
    plans: Any
    arrays: bytes
    constants: bytes
    sections: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path) -> "Parts":
        data = path.read_bytes()
        length = int.from_bytes(data[8:16], "little")
        header = json.loads(data[48 : 48 + length])
        base = -(-(48 + length) // _ALIGNMENT) * _ALIGNMENT
        found = {
            name: data[base + place["start"] : base + place["start"] + place["size"]]
            for name, place in header["sections"].items()
        }
        return cls(
            header, json.loads(found["programs"]), json.loads(found["plans"]), found["arrays"], found["constants"]
        )

    def copy(self) -> "Parts":
        return copy.deepcopy(self)

    def write(self, path: Path) -> None:
        """Write the file; `sections` are changes of what the header says of them."""
        sections = {
            "programs": self.programs if isinstance(self.programs, bytes) else json.dumps(self.programs).encode(),
            "plans": json.dumps(self.plans).encode(),
            "arrays": self.arrays,
            "constants": self.constants,
        }
        places, end = {}, 0
        for name, data in sections.items():
            start = -(-end // _ALIGNMENT) * _ALIGNMENT
            end = start + len(data)
            places[name] = {"start": start, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        header = self.header
        if isinstance(header, dict) and isinstance(header.get("sections"), dict):
            header = {**header, "sections": {**places, **self.sections}}
        text = json.dumps(header).encode()
        prefix = b"MINIINFR" + len(text).to_bytes(8, "little") + hashlib.sha256(text).digest() + text
        pieces = [prefix, *sections.values()]
        path.write_bytes(b"".join(piece + bytes(-len(piece) % _ALIGNMENT) for piece in pieces))


def leaves(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every number, text and null in a JSON value, with the way to it."""
    if isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*at, key))
    else:
        yield at, value


def put(value: Any, at: tuple[Any, ...], new: Any) -> None:
    """Change one place of a JSON value."""
    for key in at[:-1]:
        value = value[key]
    value[at[-1]] = new


def model(nodes, inputs, outputs, constants) -> bytes:
    """A model of float32 inputs and outputs, by name and shape."""
    infos = [
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in values.items()]
        for values in (inputs, outputs)
    ]
    weights = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "crafted", *infos, weights)
    opset = [helper.make_opsetid("", 21)]
    return helper.make_model(graph, opset_imports=opset, ir_version=10).SerializeToString()


def convolutions() -> bytes:
    """Convolutions, pools, a product, a softmax, a concatenation whose parts lie in it, a resize and a gather."""
    rng = np.random.default_rng(0)

    def weight(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    node = helper.make_node
    nodes = [
        node("Conv", ["x", "w1", "b1"], ["c"], pads=[1] * 4),
        node("Relu", ["c"], ["r"]),
        node("MaxPool", ["r"], ["m"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", ["m", "w2"], ["d"], pads=[1] * 4, group=4),
        node("Concat", ["m", "d"], ["j"], axis=1),
        node("Slice", ["j", "from", "to", "axes"], ["s"]),
        node("Resize", ["s", "", "scales"], ["z"], mode="nearest"),
        node("Gather", ["z", "places"], ["g"], axis=2),
        node("ReduceMean", ["g", "axes3"], ["a"], keepdims=0),
        node("Gemm", ["a", "w3", "b3"], ["y"]),
        node("Softmax", ["y"], ["p"]),
        node("Transpose", ["p"], ["t"]),
    ]
    constants = {
        "w1": weight(4, 3, 3, 3),
        "b1": weight(4),
        "w2": weight(4, 1, 3, 3),
        "w3": weight(6, 5),
        "b3": weight(5),
        "from": np.array([1]),
        "to": np.array([7]),
        "axes": np.array([1]),
        "axes3": np.array([2, 3]),
        "scales": np.array([1, 1, 2, 2], np.float32),
        "places": np.array([0, 7, 3]),
    }
    return model(nodes, {"x": [1, 3, 8, 8]}, {"t": [5, 1]}, constants)


def control() -> bytes:
    """A loop with slices, a branch, an indexed read at run time, and a step that is interpreted."""
    node, info = helper.make_node, helper.make_tensor_value_info
    real, whole, flag = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
    body = helper.make_graph(
        [
            node("Identity", ["more"], ["more_out"]),
            node("Add", ["state", "x"], ["next"]),
            node("Mul", ["next", "next"], ["square"]),
        ],
        "body",
        [info("i", whole, []), info("more", flag, []), info("state", real, [2, 3])],
        [info("more_out", flag, []), info("next", real, [2, 3]), info("square", real, [2, 3])],
    )
    then = helper.make_graph([node("Exp", ["last"], ["e"])], "then", [], [info("e", real, [2, 3])])
    other = helper.make_graph([node("Neg", ["last"], ["n"])], "else", [], [info("n", real, [2, 3])])
    nodes = [
        node("Loop", ["trips", "", "x"], ["last", "squares"], body=body),
        node("ReduceSum", ["squares"], ["sum"], keepdims=0),
        node("Greater", ["sum", "zero"], ["big"]),
        node("If", ["big"], ["chosen"], then_branch=then, else_branch=other),
        node("ArgMax", ["chosen"], ["place"], axis=1, keepdims=0),
        node("Gather", ["chosen", "place"], ["picked"], axis=1),
        node("Det", ["picked"], ["y"]),
    ]
    constants = {"trips": np.array(4), "zero": np.array(0, np.float32)}
    return model(nodes, {"x": [2, 3]}, {"y": [], "squares": [4, 2, 3]}, constants)


def attention() -> bytes:
    """Attention, a layer normalization, a recurrent network and a cumulative sum."""
    rng = np.random.default_rng(1)

    def weight(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    node = helper.make_node
    nodes = [
        node("MatMul", ["x", "wq"], ["q"]),
        node("Transpose", ["x"], ["k"], perm=[0, 2, 1]),
        node("MatMul", ["q", "k"], ["scores"]),
        node("Softmax", ["scores"], ["weights"], axis=-1),
        node("MatMul", ["weights", "x"], ["v"]),
        node("LayerNormalization", ["v", "scale", "bias"], ["n"]),
        node("GRU", ["n", "w", "r"], ["", "h"], hidden_size=4),
        node("Squeeze", ["h", "first"], ["s"]),
        node("CumSum", ["s", "axis"], ["sum"]),
        node("TopK", ["sum", "two"], ["y", "at"]),
    ]
    constants = {
        "wq": weight(8, 8),
        "scale": weight(8),
        "bias": weight(8),
        "w": weight(1, 12, 8),
        "r": weight(1, 12, 4),
        "first": np.array([0]),
        "axis": np.array(1),
        "two": np.array([2]),
    }
    return model(nodes, {"x": [2, 5, 8]}, {"y": [5, 2]}, constants)
