"""Functions of one quantized tensor, element by element: as tables, or as what saturation does anyway."""

from collections.abc import Mapping

import numpy as np

from mini_infer.errors import UnsupportedError
from mini_infer.ir import Node, TensorType
from mini_infer.ir.attributes import number
from mini_infer.ir.lookup import FUNCTIONS, every_value
from mini_infer.ir.lookup import quantized as quantized_values
from mini_infer.ir.lookup import table as table_of
from mini_infer.ir.operators import is_random, traits
from mini_infer.ir.quantized import lookup
from mini_infer.passes.base import Evaluate
from mini_infer.passes.quantization.parameters import Quantized, dequantized, shaped
from mini_infer.passes.rewriter import GraphRewriter

_LONGEST = 32
"""Nodes that one table stands for."""

_CLIP_BY_INPUTS = 11


def saturates(bound: Node, result: Quantized, rewriter: GraphRewriter) -> bool:
    """Whether a Relu or Clip gives what the quantized tensor that follows saturates to, at each end that it has."""
    limits, zero = np.iinfo(result.dtype.numpy), int(result.zero.item())  # type: ignore[type-var]
    ends = _bounds(bound, rewriter.constants)
    if ends is None:
        return False
    with np.errstate(all="ignore"):
        low, high = (np.rint(np.float32(end) / result.scale) + zero for end in ends)
    return bool(low <= limits.min and high >= limits.max)


def _bounds(bound: Node, constants: Mapping[str, np.ndarray]) -> tuple[float, float] | None:
    """The least and the greatest number that a Relu or Clip gives; none where they are not known."""
    if bound.op == "Relu":
        return 0.0, np.inf
    if bound.version < _CLIP_BY_INPUTS:
        return number(bound, "min", -np.inf), number(bound, "max", np.inf)
    ends = [-np.inf, np.inf]
    for position, name in enumerate(bound.inputs[1:3]):
        if not name:
            continue
        if (array := constants.get(name)) is None or array.size != 1:
            return None
        ends[position] = float(array.item())
    return ends[0], ends[1]


def brought(source: Quantized, result: Quantized, name: str, rewriter: GraphRewriter) -> Node:
    """A quantized tensor with the scale, zero point and type of another: as it is, or looked up."""
    if source.is_like(result):
        return Node(name, "Identity", (source.name,), (result.name,), version=13)
    made = table_of(Node("", "Identity", (), ()), source.pair, result.pair)
    return lookup(name, source.name, rewriter.new_constant(f"{result.name}_table", made), result.name)


def alike(source: Quantized, result: Quantized, rewriter: GraphRewriter) -> str:
    """The name of a quantized tensor in the form of another; looked up, where it has another form."""
    if source.is_like(result):
        return source.name
    name = rewriter.new_value(f"{source.name}_brought", TensorType(result.dtype, shaped(rewriter, source.name).shape))
    rewriter.append(brought(source, Quantized(name, result.dtype, result.scale, result.zero, None), name, rewriter))
    return name


def table(made: Node, result: Quantized, name: str, rewriter: GraphRewriter, evaluate: Evaluate) -> list[Node] | None:
    """A table of all that is done, element by element, to one quantized tensor; none if there is more to it.

    What onnxruntime has as a table itself is computed as there, the rest as the nodes mean it.
    """
    found = _region(made, rewriter)
    if found is None:
        return None
    nodes, source, real = found
    if len(nodes) == 1 and made.op in FUNCTIONS and source.dtype is result.dtype:
        values = table_of(made, source.pair, result.pair)
    else:
        every = (every_value(source.zero.dtype).astype(np.int32) - int(source.zero.item())).astype(np.float32)
        known: dict[str, np.ndarray] = dict.fromkeys(real, every * source.scale)
        try:
            for node in nodes:
                inputs = [known.get(each, rewriter.constants.get(each)) if each else None for each in node.inputs]
                known[node.outputs[0]] = evaluate(
                    node, [each if each is None or each.size > 1 else each.reshape(()) for each in inputs]
                )[0]
        except UnsupportedError:
            return None
        values = known[made.outputs[0]]
        if values.shape != every.shape or values.dtype != np.float32:
            return None
        values = quantized_values(values, result.pair)
    for node in nodes[:-1]:
        rewriter.erase(node.outputs[0])
    return [lookup(name, source.name, rewriter.new_constant(f"{result.name}_table", values), result.name)]


def _is_cast(node: Node) -> bool:
    """Whether a node gives a number the type of the real tensor, as functions that stand for several nodes do."""
    return node.op == "CastLike" and not node.domain


def _region(made: Node, rewriter: GraphRewriter) -> tuple[list[Node], Quantized, set[str]] | None:
    """The nodes between one quantized tensor and a node, in order, that tensor, and what it is called when it is real.

    None, if anything else is read but single constants, anybody else reads what they make, or they are many.
    """
    nodes: dict[str, Node] = {}
    real: set[str] = set()
    source: Quantized | None = None
    waiting = [made.outputs[0]]
    while waiting:
        name = waiting.pop()
        array = rewriter.constants.get(name)
        if name in nodes or name in real or (array is not None and array.size == 1):
            continue
        if (found := dequantized(name, rewriter)) is not None:
            if not found.is_whole or (source is not None and (source.name != found.name or not source.is_like(found))):
                return None
            source = found
            real.add(name)
            continue
        node = rewriter.producer(name)
        if node is None or is_random(node) or not (_is_cast(node) or traits(node).elementwise) or traits(node).integer:
            return None
        if len(node.writes) != 1 or rewriter.is_output(name) or len(nodes) == _LONGEST:
            return None
        nodes[name] = node
        waiting += filter(None, node.inputs)
    inside = {node.name for node in nodes.values()}
    for name in nodes:
        readers = rewriter.graph.readers.get(name, ())
        if name != made.outputs[0] and any(reader.name not in inside for reader in readers):
            return None
    if source is None:
        return None
    return sorted(nodes.values(), key=lambda node: rewriter.position(node.outputs[0])), source, real
