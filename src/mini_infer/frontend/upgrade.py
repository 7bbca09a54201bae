"""Nodes of old opsets as the nodes of a later one that mean the same.

What later opsets renamed, moved from attributes to inputs or broadcast otherwise has one form from here on:

1. Broadcasting by the attributes `broadcast` and `axis` (before opset 7) becomes NumPy's: the second input gets
   trailing axes of size 1. So does a slope for each channel in PRelu.
2. Upsample and the first Resize become the Resize of opset 11, Scatter becomes ScatterElements.
3. Shapes and sizes in attributes, or in inputs that became attributes, move to where later opsets have them.
4. Attributes that only said which buffers may be reused, or that training is over, go.
5. So do `pads` beside an `auto_pad` that is set, of any opset: ONNX excludes both, and the latter decides, as in the
   pools of onnxruntime; onnx's inference takes the former.

Softmax, which changed its meaning with opset 13 without becoming expressible, keeps its version.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from mini_infer.errors import UnsupportedError
from mini_infer.frontend.inference.scope import Scope

Versioned = tuple[onnx.NodeProto, int]
"""A node and the opset whose meaning it has."""

Rule = Callable[[onnx.NodeProto, Scope], list[onnx.NodeProto]]

_FORGOTTEN = frozenset({"consumed_inputs", "is_test", "broadcast", "output_sequence"})
"""Attributes without a meaning for inference, or whose meaning became the only one."""

_PADDED = frozenset("AveragePool Conv ConvInteger ConvTranspose LpPool MaxPool QLinearConv".split())
"""Operators with `pads` and `auto_pad`."""

_NOTHING: Mapping[str, object] = {}


def upgrade(node: onnx.NodeProto, version: int, scope: Scope) -> list[Versioned] | None:
    """The nodes that stand for an old one; `None` for a node that stays as it is.

    Raises
    ------
    UnsupportedError
        When what has to move into an attribute is known only at run time.
    """
    until, rule = UPGRADES.get(node.op_type, (0, _copy))
    if node.domain not in ("", "ai.onnx"):
        return None
    padded_twice = node.op_type in _PADDED and _is_padded_twice(node)
    if padded_twice:
        node = _remade(node, drop=["pads"])
    if version >= until:
        return [(node, version)] if padded_twice else None
    return [(each, until) for each in rule(node, scope)]


def _is_padded_twice(node: onnx.NodeProto) -> bool:
    """Whether both `pads` and an `auto_pad` that is set are there."""
    automatic = _attribute(node, "auto_pad", b"NOTSET")
    return automatic != b"NOTSET" and any(each.name == "pads" for each in node.attribute)


def _copy(node: onnx.NodeProto, scope: Scope) -> list[onnx.NodeProto]:  # noqa: ARG001 - one shape for all
    """The node without what nobody needs any more."""
    return [_remade(node)]


def _remade(
    node: onnx.NodeProto,
    attributes: Mapping[str, object] = _NOTHING,
    *,
    op: str | None = None,
    inputs: Sequence[str] | None = None,
    drop: Sequence[str] = (),
) -> onnx.NodeProto:
    """The node with another operator, other inputs, attributes added (unless it has them) and attributes dropped."""
    made = onnx.NodeProto()
    made.CopyFrom(node)
    made.op_type = op or node.op_type
    if inputs is not None:
        made.input[:] = inputs
    kept = [each for each in node.attribute if each.name not in _FORGOTTEN and each.name not in drop]
    del made.attribute[:]
    made.attribute.extend(kept)
    present = {each.name for each in kept}
    made.attribute.extend(
        helper.make_attribute(name, value) for name, value in attributes.items() if name not in present
    )
    return made


def _attribute(node: onnx.NodeProto, name: str, default: object = None) -> object:
    found = next((each for each in node.attribute if each.name == name), None)
    return default if found is None else helper.get_attribute_value(found)


def _constant(array: np.ndarray, name: str) -> onnx.NodeProto:
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(array))


def _known(node: onnx.NodeProto, position: int, scope: Scope) -> np.ndarray:
    value = scope.value(node.input[position])
    if value is None:
        name, label = node.input[position], f"node {node.name!r} ({node.op_type})"
        raise UnsupportedError(f"{label} takes {name!r}, which is known only at run time: use a later opset")
    return value


def _rank(name: str, node: onnx.NodeProto, scope: Scope) -> int:
    kind = scope.proto(name)
    if kind is None or not kind.tensor_type.HasField("shape"):
        raise UnsupportedError(f"node {node.name!r} ({node.op_type}) broadcasts {name!r}, whose rank is unknown")
    return len(kind.tensor_type.shape.dim)


def _aligned(node: onnx.NodeProto, scope: Scope, axis: int) -> list[onnx.NodeProto]:
    """The node, its second input aligned with the first one's axes from `axis` on."""
    first, second = node.input
    rank = _rank(second, node, scope)
    missing = _rank(first, node, scope) - axis - rank
    if missing <= 0:
        return [_remade(node, drop=["axis"])]
    name = f"{node.output[0]}/aligned"
    aligned = helper.make_node("Unsqueeze", [second], [name], axes=list(range(rank, rank + missing)))
    return [aligned, _remade(node, inputs=[first, name], drop=["axis"])]


def _broadcast(node: onnx.NodeProto, scope: Scope) -> list[onnx.NodeProto]:
    axis = _attribute(node, "axis")
    if axis is None or not _attribute(node, "broadcast", 0):
        return [_remade(node, drop=["axis"])]
    return _aligned(node, scope, int(str(axis)) % max(_rank(node.input[0], node, scope), 1))


def _slope(node: onnx.NodeProto, scope: Scope) -> list[onnx.NodeProto]:
    kind = scope.proto(node.input[1])
    dims = [] if kind is None else kind.tensor_type.shape.dim
    return _aligned(node, scope, 1) if len(dims) == 1 and dims[0].dim_value != 1 else [_remade(node)]


def _cast(node: onnx.NodeProto, scope: Scope) -> list[onnx.NodeProto]:  # noqa: ARG001 - one shape for all
    to = _attribute(node, "to")
    number = TensorProto.DataType.Value(to.decode().upper()) if isinstance(to, bytes) else to
    return [_remade(node, {"to": number}, drop=["to"])]


def _reshape(node: onnx.NodeProto, scope: Scope) -> list[onnx.NodeProto]:  # noqa: ARG001 - one shape for all
    name = f"{node.output[0]}/shape"
    shape = _constant(np.array(_attribute(node, "shape", []), np.int64), name)
    return [shape, _remade(node, inputs=[node.input[0], name], drop=["shape"])]


def _pad(node: onnx.NodeProto, scope: Scope) -> list[onnx.NodeProto]:  # noqa: ARG001 - one shape for all
    return [_remade(node, {"pads": _attribute(node, "paddings")}, drop=["paddings"])]


def _split(node: onnx.NodeProto, scope: Scope) -> list[onnx.NodeProto]:
    if len(node.input) == 1:
        return [_remade(node, {"axis": 0})]
    sizes = _known(node, 1, scope).astype(np.int64).tolist()
    return [_remade(node, {"axis": 0, "split": sizes}, inputs=node.input[:1])]


def _tile(node: onnx.NodeProto, scope: Scope) -> list[onnx.NodeProto]:
    repeats = np.ones(_rank(node.input[0], node, scope), np.int64)
    repeats[int(_known(node, 2, scope).item())] = int(_known(node, 1, scope).item())
    name = f"{node.output[0]}/repeats"
    return [_constant(repeats, name), _remade(node, inputs=[node.input[0], name])]


def _norm(node: onnx.NodeProto, scope: Scope) -> list[onnx.NodeProto]:  # noqa: ARG001 - one shape for all
    p = float(str(_attribute(node, "p", 2.0)))
    if not p.is_integer():
        raise UnsupportedError(f"node {node.name!r} ({node.op_type}) has a p of {p}; only integers are known")
    return [_remade(node, {"p": int(p)}, drop=["p"])]


def _upsample(node: onnx.NodeProto, scope: Scope) -> list[onnx.NodeProto]:
    """Sizes multiplied; element i of the output comes from i / scale.

    Where nothing is interpolated, i / scale is rounded down, but rounded up when sizes only shrink: ONNX did not say,
    and so onnxruntime does it.
    """
    roi, scales = f"{node.output[0]}/roi", list(node.input[1:2])
    extra = [_constant(np.zeros(0, np.float32), roi)]
    if not scales:
        height, width = _attribute(node, "height_scale"), _attribute(node, "width_scale")
        factors = _attribute(node, "scales", [1.0, 1.0, height, width])
        scales = [f"{node.output[0]}/scales"]
        extra.append(_constant(np.array(factors, np.float32), scales[0]))
    known = scope.value(scales[0])
    shrinks = known is not None and bool((known <= 1).all())
    mode = _attribute(node, "mode", b"nearest")
    attributes = {
        "mode": "linear" if mode in (b"linear", b"bilinear") else mode,
        "coordinate_transformation_mode": "asymmetric",
        "nearest_mode": "ceil" if shrinks else "floor",
    }
    dropped = ["scales", "height_scale", "width_scale", "mode"]
    resize = _remade(node, attributes, op="Resize", inputs=[node.input[0], roi, *scales], drop=dropped)
    return [*extra, resize]


def _grid_sample(node: onnx.NodeProto, scope: Scope) -> list[onnx.NodeProto]:  # noqa: ARG001 - one shape for all
    names = {b"bilinear": "linear", b"bicubic": "cubic"}
    mode = _attribute(node, "mode", b"bilinear")
    return [_remade(node, {"mode": names.get(mode, mode) if isinstance(mode, bytes) else mode}, drop=["mode"])]


def _adding(**attributes: object) -> Rule:
    """A rule that writes out what was the default."""
    return lambda node, _: [_remade(node, attributes)]


UPGRADES: Mapping[str, tuple[int, Rule]] = {
    **dict.fromkeys("Add And Div Equal Greater Less Mul Or Pow Sub Xor".split(), (7, _broadcast)),
    **dict.fromkeys("Abs Ceil Clip Elu Exp Floor HardSigmoid InstanceNormalization LeakyRelu Log".split(), (6, _copy)),
    **dict.fromkeys("Neg Reciprocal Relu Sigmoid Sqrt Tanh".split(), (6, _copy)),
    **dict.fromkeys("BatchNormalization Dropout GRU Gemm LSTM RNN".split(), (7, _copy)),
    **dict.fromkeys("Max Mean Min Sum".split(), (8, _copy)),
    "Cast": (6, _cast),
    "Concat": (4, _adding(axis=1)),
    "GlobalLpPool": (2, _norm),
    "GridSample": (20, _grid_sample),
    "LpPool": (2, _norm),
    "PRelu": (7, _slope),
    "Pad": (2, _pad),
    "Reshape": (5, _reshape),
    "Resize": (11, _upsample),
    "RoiAlign": (16, _adding(coordinate_transformation_mode="output_half_pixel")),
    "Scatter": (11, lambda node, _: [_remade(node, op="ScatterElements")]),
    "Selu": (6, _adding(alpha=1.6732, gamma=1.0507)),
    "Split": (2, _split),
    "Tile": (6, _tile),
    "Upsample": (11, _upsample),
}
"""Operator → the opset from which it stays as it is, and what makes that of an older one."""
