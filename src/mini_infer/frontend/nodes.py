"""Node messages as graph nodes."""

from collections.abc import Mapping

import numpy as np
import onnx
from onnx import AttributeProto

from mini_infer.errors import ModelError, UnsupportedError
from mini_infer.frontend.model.operators import plain_domain
from mini_infer.frontend.model.tensors import Data, dense, to_array
from mini_infer.ir import Attribute, Graph, Node


class NodeReader:
    """Makes graph nodes of messages, each under a name of its own."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._names: set[str] = set()
        self._count = 0

    def read(self, proto: onnx.NodeProto, version: int, graphs: Mapping[str, Graph]) -> Node:
        """The node, with the opset whose meaning it has and its nested graphs, which are read already."""
        return Node(
            name=self._unique(proto),
            op=proto.op_type,
            inputs=tuple(proto.input),
            outputs=tuple(proto.output),
            attributes={
                item.name: graphs[item.name] if item.name in graphs else self._attribute(item)
                for item in proto.attribute
            },
            domain=plain_domain(proto.domain),
            version=version,
        )

    def another(self, proto: onnx.NodeProto, like: Node, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> Node:
        """The node that is like one that was read but for its name and its values."""
        return Node(self._unique(proto), like.op, inputs, outputs, like.attributes, like.domain, like.version)

    def constant(self, proto: onnx.NodeProto) -> np.ndarray:
        """The value of a Constant node.

        Raises
        ------
        ModelError
            When it has none, or several.
        """
        if len(proto.attribute) != 1:
            raise ModelError(f"constant {proto.output[0]!r} has {len(proto.attribute)} values instead of one")
        item = proto.attribute[0]
        if item.HasField("sparse_tensor"):
            return dense(item.sparse_tensor, self._data)
        value = self._attribute(item)
        if isinstance(value, np.ndarray):
            return value
        kinds = {"value_float": np.float32, "value_int": np.int64, "value_string": np.object_}
        return np.array(value, kinds[item.name.removesuffix("s")])

    def _unique(self, proto: onnx.NodeProto) -> str:
        """The node's name; for an unnamed one its operator and position, for a repeated one a number after it."""
        name = wanted = proto.name or f"{proto.op_type}_{self._count}"
        self._count += 1
        repeats = 1
        while name in self._names:
            repeats += 1
            name = f"{wanted}_{repeats}"
        self._names.add(name)
        return name

    def _attribute(self, item: AttributeProto) -> Attribute:
        if item.ref_attr_name:
            raise ModelError(
                f"attribute {item.name!r} is that of a function, {item.ref_attr_name!r}, but no function is here"
            )
        match item.type:
            case AttributeProto.FLOAT:
                return float(item.f)
            case AttributeProto.INT:
                return int(item.i)
            case AttributeProto.STRING:
                return _text(item.s)
            case AttributeProto.TENSOR:
                return to_array(item.t, self._data)
            case AttributeProto.FLOATS:
                return tuple(item.floats)
            case AttributeProto.INTS:
                return tuple(item.ints)
            case AttributeProto.STRINGS:
                return tuple(map(_text, item.strings))
            case AttributeProto.TYPE_PROTO:
                return bytes(item.tp.SerializeToString())
            case AttributeProto.TENSORS:
                return tuple(to_array(tensor, self._data) for tensor in item.tensors)
        kind = AttributeProto.AttributeType.Name(item.type).lower()
        raise UnsupportedError(f"attribute {item.name!r} is of kind {kind}, which cannot be read")


def _text(raw: bytes) -> str | bytes:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw
