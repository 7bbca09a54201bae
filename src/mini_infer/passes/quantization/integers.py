"""Operators between DequantizeLinear and QuantizeLinear: on the integers themselves.

What onnxruntime fuses by default (core/optimizer/qdq_transformer), with signed elements as with unsigned ones.

Fires on

1. `QuantizeLinear` of what one of these makes for it alone: `Conv`, `Gemm`, `MatMul`, `MatMul` + `Add` of a constant,
   `Add`, `Mul`, `AveragePool`, `GlobalAveragePool`, `Softmax`, `Concat`, `Where`, of tensors that are all made real by
   `DequantizeLinear`. The bias of a product is a `DequantizeLinear` of int32,
2. `MatMul` and `Gemm` of such tensors whose result nobody quantizes: the integer product is scaled,
3. `QuantizeLinear` after a function of one quantized tensor, element by element: a table,
4. `Relu` and `Clip` before a `QuantizeLinear` that saturates to their bounds: they are not needed,
5. what moves elements, and `MaxPool`, after a `DequantizeLinear` or before a `QuantizeLinear`: it moves the integers,
6. `DequantizeLinear` + `QuantizeLinear`: nothing, or a table.

Must not fire on

1. scales that are not known, that differ by block, or for each index of an axis of an activation,
2. results that are read by others too, or that the caller gets before they are quantized,
3. elements of other than 8 bits,
4. `Relu` and `Clip` that bound what the quantized tensor could hold: the operators before them stay real.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from mini_infer.ir import Node, TensorType
from mini_infer.ir.graph import Graph
from mini_infer.passes.base import Evaluate, Needs, Pass, sweep
from mini_infer.passes.quantization import functions, moves, pointwise, products
from mini_infer.passes.quantization.parameters import Quantized, dequantized, quantized, shaped
from mini_infer.passes.remarks import Remarks
from mini_infer.passes.rewriter import GraphRewriter

Rule = Callable[[Node, Quantized, GraphRewriter], list[Node] | None]
"""A real operator, and what its result is quantized to → the nodes on integers, the last of which makes that."""

RULES: Mapping[str, Rule] = {
    "Add": lambda node, result, rewriter: (
        pointwise.add(node, result, rewriter) or products.biased(node, result, rewriter)
    ),
    "AveragePool": pointwise.pool,
    "Concat": pointwise.concat,
    "Conv": products.conv,
    "Gemm": products.gemm,
    "GlobalAveragePool": pointwise.pool,
    "MatMul": products.matmul,
    "Mul": pointwise.multiply,
    "Softmax": pointwise.softmax,
    "Where": pointwise.where,
}
"""Operator → its rule."""


@dataclass(frozen=True, slots=True)
class Integers(Pass):
    """Fuses operators with the DequantizeLinear before and the QuantizeLinear after them.

    Parameters
    ----------
    evaluate
        Computes a node from arrays.
    """

    evaluate: Evaluate
    name: ClassVar[str] = "integers"
    needs: ClassVar[Needs] = (frozenset({"DequantizeLinear"}),)

    def __call__(self, graph: Graph, remarks: Remarks) -> Graph:
        """The graph with operators on integers."""
        return sweep(self.name, graph, remarks, self._rewrite)

    def _rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        result = quantized(node, rewriter)
        if result is not None:
            return self._quantize(node, result, rewriter)
        if node.domain:
            return None
        if moves.moves(node, rewriter):
            return moves.before(node, rewriter)
        if node.op in {"MatMul", "Gemm"}:
            return products.real(node, rewriter)
        return None

    def _quantize(self, node: Node, result: Quantized, rewriter: GraphRewriter) -> list[Node] | None:
        """What makes a quantized tensor of what lies before a QuantizeLinear."""
        passed = _without_bounds(node, result, rewriter)
        value = passed.inputs[0]
        kept = None if passed is node else [passed]
        if (source := dequantized(value, rewriter)) is not None and source.is_whole:
            rewriter.applied(node.name, f"{result.name!r} is made of {source.name!r}")
            return [functions.brought(source, result, node.name, rewriter)]
        made = rewriter.producer(value)
        if made is None or made.domain or not rewriter.has_one_use(value):
            return kept
        rule = RULES.get(made.op)
        nodes = None if rule is None else rule(made, result, rewriter)
        if nodes is None:
            nodes = functions.table(made, result, node.name, rewriter, self.evaluate)
        if nodes is not None:
            rewriter.applied(node.name, f"{made.op} {made.name!r} works on integers")
            _erase(value, rewriter)
            return nodes
        if moves.is_transparent(made):
            return self._behind(passed, made, result, rewriter)
        return kept

    def _behind(self, node: Node, move: Node, result: Quantized, rewriter: GraphRewriter) -> list[Node]:
        """A QuantizeLinear before what moves the elements, instead of after it."""
        rewriter.applied(node.name, f"{move.op} {move.name!r} moves integers")
        rewriter.erase(move.outputs[0])
        kind = shaped(rewriter, move.inputs[0])
        early = rewriter.new_value(f"{move.inputs[0]}_quantized", TensorType(result.dtype, kind.shape))
        first = replace(node, inputs=(move.inputs[0], *node.inputs[1:]), outputs=(early,))
        before = self._quantize(first, replace(result, name=early), rewriter) or [first]
        return [*before, replace(move, inputs=(early, *move.inputs[1:]), outputs=(result.name,))]


def _without_bounds(node: Node, result: Quantized, rewriter: GraphRewriter) -> Node:
    """A QuantizeLinear that reads what lies before the Relu and Clip that it makes redundant."""
    while True:
        value = node.inputs[0]
        bound = rewriter.producer(value, "Relu", "Clip")
        if bound is None or not rewriter.has_one_use(value) or not functions.saturates(bound, result, rewriter):
            return node
        rewriter.applied(bound.name, f"{bound.op} is done by saturation to {result.dtype.value}")
        rewriter.erase(value)
        node = replace(node, inputs=(bound.inputs[0], *node.inputs[1:]))


def _erase(value: str, rewriter: GraphRewriter) -> None:
    """Take back the node that made a value, and what made its inputs real for it alone."""
    node = rewriter.erase(value)
    for name in filter(None, set(node.inputs)):
        if rewriter.has_one_use(name) and rewriter.producer(name, "DequantizeLinear") is not None:
            rewriter.erase(name)
