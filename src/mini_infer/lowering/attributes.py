"""A node's attributes in the type that its operator gives them."""

from mini_infer.ir import DType, Node
from mini_infer.ir.attributes import has_input, integer, integers, number, text
from mini_infer.lowering.builder import Builder, NotNativeError

__all__ = [
    "ELEMENT_TYPES",
    "element_type",
    "given",
    "integer",
    "integers",
    "listed",
    "number",
    "text",
]

ELEMENT_TYPES = {
    1: DType.FLOAT32,
    2: DType.UINT8,
    3: DType.INT8,
    4: DType.UINT16,
    5: DType.INT16,
    6: DType.INT32,
    7: DType.INT64,
    9: DType.BOOL,
    10: DType.FLOAT16,
    11: DType.FLOAT64,
    12: DType.UINT32,
    13: DType.UINT64,
}
"""ONNX's number of an element type (`TensorProto.DataType`) → the type, for those that C computes with."""


def given(node: Node, position: int) -> str:
    """The name of an input; empty where it is omitted."""
    return node.inputs[position] if has_input(node, position) else ""


def listed(node: Node, build: Builder, name: str, position: int) -> tuple[int, ...] | None:
    """A list of integers that is an attribute in early opsets and an input in later ones; `None` when absent.

    Raises
    ------
    NotNativeError
        When it is an input that is not known at build time.
    """
    if has_input(node, position):
        return build.numbers(node.inputs[position])
    return integers(node, name) if name in node.attributes else None


def element_type(node: Node, name: str, default: DType) -> DType:
    """An element type, given as ONNX's number of it; absent or 0 means the default.

    Raises
    ------
    NotNativeError
        When C has no such type.
    """
    value = integer(node, name)
    if value and value not in ELEMENT_TYPES:
        raise NotNativeError(f"no native code for element type {value} of ONNX")
    return ELEMENT_TYPES.get(value, default)
