"""Types as ONNX writes them and as the graph has them."""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from types import MappingProxyType

import onnx
from onnx import TypeProto, helper

from mini_infer.ir import Dim, DType, OpaqueType, TensorType, ValueType


@cache
def dtype_of(element: int) -> DType | None:
    """The element type of an ONNX `TensorProto.DataType`; `None` for strings and the undefined."""
    try:
        return DType.of(helper.tensor_dtype_to_np_dtype(element))
    except (KeyError, ValueError):
        return None


@cache
def _element_of(dtype: DType) -> int:
    return int(helper.np_dtype_to_tensor_dtype(dtype.numpy))


def value_type(proto: TypeProto | None, dims: Mapping[str, Dim] = MappingProxyType({})) -> ValueType:
    """The graph's type: dense where the shape is known, perhaps by names in `dims`; else a description."""
    if proto is None:
        return OpaqueType(describe(None))
    return (_open_type(proto, dims) if dims else None) or _value_type(proto.SerializeToString())


def _open_type(proto: TypeProto, dims: Mapping[str, Dim]) -> TensorType | None:
    """The type of a tensor that has some of these dimensions, and no others that are open."""
    tensor = proto.tensor_type
    dtype = dtype_of(tensor.elem_type)
    shape = [dims.get(dim.dim_param, dim.dim_value if dim.HasField("dim_value") else -1) for dim in tensor.shape.dim]
    if dtype is None or -1 in shape or not any(isinstance(dim, Dim) for dim in shape):
        return None
    return TensorType(dtype, tuple(shape))


@lru_cache(maxsize=4096)
def _value_type(content: bytes) -> ValueType:
    """Of a message's bytes: a model has few types, and most of its values share them."""
    proto = TypeProto.FromString(content)
    if proto.HasField("tensor_type"):
        tensor = proto.tensor_type
        dtype = dtype_of(tensor.elem_type)
        if dtype is not None and tensor.HasField("shape"):
            dims = tensor.shape.dim
            if all(dim.HasField("dim_value") and dim.dim_value >= 0 for dim in dims):
                return TensorType(dtype, tuple(dim.dim_value for dim in dims))
    return OpaqueType(describe(proto))


def opened(proto: TypeProto) -> TypeProto:
    """The type with dimensions open that are negative: some exporters write -1, of which onnx's inference may die."""
    if not any(dim.dim_value < 0 for dim in _dims(proto)):
        return proto
    found = TypeProto()
    found.CopyFrom(proto)
    for dim in _dims(found):
        if dim.dim_value < 0:
            dim.ClearField("dim_value")
    return found


def _dims(proto: TypeProto) -> Iterable[onnx.TensorShapeProto.Dimension]:
    """The dimensions of a tensor, or of what a sequence, optional or map is of."""
    kind = proto.WhichOneof("value")
    if kind in ("tensor_type", "sparse_tensor_type"):
        found: Iterable[onnx.TensorShapeProto.Dimension] = getattr(proto, kind).shape.dim
        return found
    if kind == "map_type":
        return _dims(proto.map_type.value_type)
    return _dims(getattr(proto, kind).elem_type) if kind in ("sequence_type", "optional_type") else ()


def type_proto(kind: TensorType) -> TypeProto:
    """The type as ONNX writes it; a dimension that is given at run time has its text for a name."""
    shape = [str(dim) if isinstance(dim, Dim) else dim for dim in kind.shape]
    return helper.make_tensor_type_proto(_element_of(kind.dtype), shape)


def describe(proto: TypeProto | None) -> str:
    """A type for people: `string[3]`, `float32[?x4]`, `sequence of float32`."""
    kind = None if proto is None else proto.WhichOneof("value")
    if proto is None or kind is None:
        return "unknown"
    if kind in ("tensor_type", "sparse_tensor_type"):
        tensor = getattr(proto, kind)
        dtype = dtype_of(tensor.elem_type)
        element = _element_name(tensor.elem_type) if dtype is None else dtype.value
        dims = [str(dim.dim_value) if dim.HasField("dim_value") else "?" for dim in tensor.shape.dim]
        shape = f"[{'x'.join(dims)}]" if tensor.HasField("shape") else ""
        return ("sparse " if kind == "sparse_tensor_type" else "") + element + shape
    if kind == "map_type":
        key = _element_name(proto.map_type.key_type)
        return f"map of {key} to {describe(proto.map_type.value_type)}"
    inner = getattr(proto, kind).elem_type
    return f"{kind.removesuffix('_type')} of {describe(inner)}"


def _element_name(element: int) -> str:
    known = element in onnx.TensorProto.DataType.values()
    return onnx.TensorProto.DataType.Name(element).lower() if known else f"element type {element}"


def join(one: TypeProto | None, other: TypeProto | None) -> TypeProto | None:
    """What is sure of a value that has one type or the other: dimensions that differ are open."""
    if one is None or other is None or one.WhichOneof("value") != other.WhichOneof("value"):
        return None
    if one == other:
        return one
    if not one.HasField("tensor_type"):
        return one if describe(one) == describe(other) else None
    if one.tensor_type.elem_type != other.tensor_type.elem_type:
        return None
    left, right = one.tensor_type, other.tensor_type
    known = left.HasField("shape") and right.HasField("shape") and len(left.shape.dim) == len(right.shape.dim)
    dims = None
    if known:
        dims = [
            a.dim_value if a.HasField("dim_value") and b.HasField("dim_value") and a.dim_value == b.dim_value else None
            for a, b in zip(left.shape.dim, right.shape.dim, strict=True)
        ]
    return helper.make_tensor_type_proto(left.elem_type, dims)
