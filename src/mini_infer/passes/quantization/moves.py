"""What moves elements of quantized tensors, and does the same to the integers as to the real numbers."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mini_infer.ir import Node, TensorType
from mini_infer.ir.attributes import integers, text
from mini_infer.passes.quantization.parameters import Quantized, dequantized, quantized, shaped
from mini_infer.passes.rewriter import GraphRewriter

_TRANSPARENT = frozenset("MaxPool Reshape Slice Squeeze Transpose Unsqueeze".split())
"""Operators that onnxruntime moves quantization past, whatever comes next."""

_MOVING = frozenset("DepthToSpace Expand Flatten Gather GatherElements Resize SpaceToDepth Split Tile".split())
"""Operators that work on integers where their results are quantized as their input is."""


def is_transparent(node: Node) -> bool:
    """Whether quantization may come before or after a node, whatever follows it."""
    return not node.domain and node.op in _TRANSPARENT and len(node.writes) == 1


def moves(node: Node, rewriter: GraphRewriter) -> bool:
    """Whether a node moves elements of what is made real before it, and may move those of the quantized tensor."""
    if node.domain or not node.inputs or node.op not in _TRANSPARENT | _MOVING:
        return False
    source = dequantized(node.inputs[0], rewriter)
    if source is None or not source.is_bytes or (node.op == "MaxPool" and not source.scale.item() > 0):
        return False
    if is_transparent(node):
        return source.axis is None or (node.op == "Transpose" and source.name in rewriter.constants)
    if node.op == "Resize" and text(node, "mode", "nearest") != "nearest":
        return False
    if not source.is_whole or (
        node.op == "Resize" and text(node, "coordinate_transformation_mode") == "tf_crop_and_resize"
    ):
        return False
    return all(_is_quantized_alike(name, source, rewriter) for name in node.writes)


def _is_quantized_alike(value: str, source: Quantized, rewriter: GraphRewriter) -> bool:
    """Whether all that reads a value is a QuantizeLinear with the parameters of a tensor."""
    readers = rewriter.graph.readers.get(value, ())
    if rewriter.is_output(value):
        return False
    made = [quantized(reader, rewriter) for reader in readers]
    return all(each is not None and source.is_like(each) for each in made)


def before(node: Node, rewriter: GraphRewriter) -> list[Node] | None:
    """A node on the integers, and after it what makes them real."""
    real = rewriter.producer(node.inputs[0], "DequantizeLinear")
    source = dequantized(node.inputs[0], rewriter)
    if real is None or source is None:
        return None
    if source.name in rewriter.constants and node.op == "Transpose":
        return _of_weights(node, real, source, rewriter)
    rewriter.applied(node.name, f"{node.op} moves integers")
    results = {
        name: rewriter.new_value(f"{name}_quantized", TensorType(source.dtype, shaped(rewriter, name).shape))
        for name in node.writes
    }
    if rewriter.has_one_use(node.inputs[0]):
        rewriter.erase(node.inputs[0])
    outputs = tuple(results.get(name, "") for name in node.outputs)
    after = [
        replace(
            real,
            name=f"{node.name}_real" if k == 0 else f"{node.name}_real_{k}",
            inputs=(made, *real.inputs[1:]),
            outputs=(name,),
        )
        for k, (name, made) in enumerate(results.items())
    ]
    return [replace(node, inputs=(source.name, *node.inputs[1:]), outputs=outputs), *after]


def _of_weights(node: Node, real: Node, source: Quantized, rewriter: GraphRewriter) -> list[Node]:
    """Constant weights transposed now, and their scales along the axis that this makes of theirs."""
    array = rewriter.constants[source.name]
    order = integers(node, "perm", tuple(reversed(range(array.ndim))))
    name = rewriter.new_constant(f"{source.name}_turned", np.ascontiguousarray(array.transpose(order)))
    attributes = dict(real.attributes)
    if source.axis is not None:
        attributes["axis"] = _place(order, source.axis)
    rewriter.applied(node.name, f"{source.name!r} transposed at build time")
    if rewriter.has_one_use(node.inputs[0]):
        rewriter.erase(node.inputs[0])
    return [replace(real, name=node.name, inputs=(name, *real.inputs[1:]), outputs=node.outputs, attributes=attributes)]


def _place(order: Sequence[int], axis: int) -> int:
    return tuple(order).index(axis)
