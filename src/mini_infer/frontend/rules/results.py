"""What follows for a node's first output, where onnx's inference computes with 64 bits and does not look back."""

import math
from collections.abc import Callable, Mapping, Sequence

from onnx import TypeProto

from mini_infer.frontend.rules.claims import broadcast_shape
from mini_infer.frontend.rules.elementwise import RULES as ELEMENTWISE
from mini_infer.frontend.rules.operands import Operands, UnknownError, text
from mini_infer.frontend.rules.windows import Sizes, counts, of_attribute, of_weights, spatial

Result = Callable[[Operands], Sequence[int]]


def _joined(o: Operands) -> Sequence[int]:
    shape, axis = [*o.shape(0)], o.integer("axis", 1)
    shape[axis] = sum(each[axis] for each in o.shapes())
    return shape


def _flattened(o: Operands) -> Sequence[int]:
    shape, axis = o.shape(0), o.integer("axis", 1)
    axis += len(shape) if axis < 0 else 0
    return math.prod(shape[:axis]), math.prod(shape[axis:])


def _padded(o: Operands) -> Sequence[int]:
    shape, pads = [*o.shape(0)], o.given("pads", 1) or ()
    axes = o.integers(3) if o.has(3) else range(len(shape))
    for k, axis in enumerate(axes):
        shape[axis] += pads[k] + pads[k + len(axes)]
    return shape


def _slid(channels: Callable[[Operands], int], kernel: Sizes) -> Result:
    """So many channels, and one element for each place of the window; not where padding is automatic."""
    return lambda o: (o.size(0, 0), channels(o), *counts(o, kernel(o)))


def _transposed(o: Operands) -> Sequence[int]:
    """A transposed convolution, which is asked for no shape."""
    if o.attribute("auto_pad") not in (None, "NOTSET") or o.attribute("output_shape") is not None:
        raise UnknownError
    sizes, window = spatial(o), o.shape(1)[2:]
    rank = len(sizes)
    pads, more = o.listed("pads") or (0,) * 2 * rank, o.listed("output_padding") or (0,) * rank
    strides, dilations = (o.listed(name) or (1,) * rank for name in ("strides", "dilations"))
    reaches = [(size - 1) * step + 1 for size, step in zip(window, dilations, strict=True)]
    counts = [(sizes[k] - 1) * strides[k] + reaches[k] + more[k] - pads[k] - pads[rank + k] for k in range(rank)]
    return (o.size(0, 0), o.size(1, 1) * o.integer("group", 1), *counts)


def _tiled(o: Operands) -> Sequence[int]:
    return [size * times for size, times in zip(o.shape(0), o.integers(1), strict=True)]


def _gathered(o: Operands) -> Sequence[int]:
    shape, axis = o.shape(0), o.integer("axis", 0) % o.rank()
    return (*shape[:axis], *o.shape(1), *shape[axis + 1 :])


def _first(o: Operands) -> Sequence[int]:
    return o.shape(0)


RESULTS: Mapping[str, Result] = {
    **{
        op: lambda o: broadcast_shape(o, range(len(o.node.input)))
        for op in ELEMENTWISE
        if op not in ("Clip", "Dropout")
    },
    "AveragePool": _slid(lambda o: o.size(0, 1), of_attribute),
    "Clip": _first,
    "Concat": _joined,
    "Conv": _slid(lambda o: o.size(1, 0), of_weights(1)),
    "ConvInteger": _slid(lambda o: o.size(1, 0), of_weights(1)),
    "ConvTranspose": _transposed,
    "DeformConv": _slid(lambda o: o.size(1, 0), of_weights(1)),
    "Flatten": _flattened,
    "Gather": _gathered,
    "GatherElements": lambda o: o.shape(1),
    "MaxPool": _slid(lambda o: o.size(0, 1), of_attribute),
    "Pad": _padded,
    "QLinearConv": _slid(lambda o: o.size(3, 0), of_weights(3)),
    "ScatterElements": _first,
    "ScatterND": _first,
    "Tile": _tiled,
}
"""Operator → the shape of its first output."""

_REARRANGED = frozenset("BitCast DepthToSpace Identity Reshape SpaceToDepth Squeeze Transpose Unsqueeze".split())
"""Operators that give as many elements as they are given."""


def check_results(o: Operands, types: Mapping[str, TypeProto]) -> None:
    """Hold what onnx infers of a node's outputs against what must be so.

    Raises
    ------
    ModelError
        Naming the node, and both.
    """
    shapes = {name: _known(kind) for name, kind in types.items()}
    for name, shape in shapes.items():
        if any(size is not None and size < 0 for size in shape or ()):
            raise o.wrong(f"its output {name!r} would have the shape {text(shape or ())}")
    have = shapes.get(o.node.output[0]) if o.node.output else None
    if have is None or None in have or o.node.domain not in ("", "ai.onnx"):
        return
    try:
        if o.node.op_type in RESULTS:
            wanted = tuple(RESULTS[o.node.op_type](o))
        elif o.node.op_type in _REARRANGED and math.prod(o.shape(0)) != math.prod(size or 0 for size in have):
            wanted = o.shape(0)
        else:
            return
    except UnknownError:
        return
    if have != wanted:
        raise o.wrong(f"its output {o.node.output[0]!r} would be of shape {text(have)}, where {text(wanted)} follows")


def _known(kind: TypeProto) -> tuple[int | None, ...] | None:
    """The dimensions of a tensor type; `None` for what is open."""
    if not kind.HasField("tensor_type") or not kind.tensor_type.HasField("shape"):
        return None
    return tuple(dim.dim_value if dim.HasField("dim_value") else None for dim in kind.tensor_type.shape.dim)
