"""Normalizations that the exporter wrote out, as the operators they are.

Fires on (operands of sums and products in any order; `mean` is `ReduceMean` over the last axes with `keepdims`)

1. `d / Sqrt(mean(d^2) + epsilon)` with `d = x - mean(x)`: `LayerNormalization`,
2. `x / Sqrt(mean(x^2) + epsilon)`: `RMSNormalization`,
3. either of them times a constant of the normalized shape: its scale; plus such a constant: its bias.

Squares are `Pow` by 2 or products; division may be multiplication by a `Reciprocal` or by one over the root.

Must not fire on

1. expressions part of which another node reads too, or the caller gets,
2. means over other axes than the last ones,
3. element types other than float32 and float64: the operators would round elsewhere,
4. scales and biases of another shape than the normalized one, or of a result that has them already.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from mini_infer.ir import DType, Node
from mini_infer.ir.attributes import has_input, integer, setting
from mini_infer.passes.base import Needs, Sweep
from mini_infer.passes.pattern import Match, Number, Operation, Pattern, Variable, find, op
from mini_infer.passes.rewriter import GraphRewriter

_DTYPES = frozenset({DType.FLOAT32, DType.FLOAT64})


def _mean(operand: Pattern, name: str) -> Operation:
    """A mean over axes that stay, of size 1."""
    return op("ReduceMean", operand, check=lambda node, _: integer(node, "keepdims", 1) == 1, name=name)


def _over_root(top: Pattern, again: Pattern) -> list[Operation]:
    """`top / Sqrt(mean(again^2) + epsilon)`: `again` is what `top` has bound."""
    found = []
    for square in (op("Pow", again, 2), op("Mul", again, again)):
        root = op("Sqrt", op("Add", _mean(square, "variance"), Number(None, "epsilon")))
        found += [op("Div", top, root), op("Mul", top, op("Reciprocal", root)), op("Mul", top, op("Div", 1, root))]
    return found


_X = Variable("x")
_RULES = (
    ("LayerNormalization", 17, _over_root(op("Sub", _X, _mean(_X, "mean"), name="d"), Variable("d"))),
    ("RMSNormalization", 23, _over_root(_X, _X)),
)
"""Operators, the version of ONNX that each means, and the expressions it stands for."""
_NORMALIZATIONS = frozenset(operator for operator, _, _ in _RULES)


@dataclass(frozen=True, slots=True)
class RecognizeNormalizations(Sweep):
    """Replaces expressions by the normalization operators they are."""

    name: ClassVar[str] = "normalizations"
    needs: ClassVar[Needs] = (_NORMALIZATIONS | {"ReduceMean"},)

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """The normalization that ends in this node, or that takes it in."""
        new = None
        if node.domain == "" and node.op in {"Mul", "Div"}:
            new = _recognize(node, rewriter)
        if new is None and node.domain == "" and node.op in {"Mul", "Add"}:
            new = _extend(node, rewriter)
        return None if new is None else [new]


def _recognize(node: Node, rewriter: GraphRewriter) -> Node | None:
    """The normalization that ends in this node; what it stands for is erased."""
    for operator, version, patterns in _RULES:
        match = find(patterns, node, rewriter)
        axis = _first_axis(match, node, rewriter) if match else None
        if match is None or axis is None:
            continue
        kind = rewriter.graph.tensor(node.outputs[0])
        ones = rewriter.new_constant(f"{node.outputs[0]}_ones", np.ones(kind.shape[axis:], kind.dtype.numpy))
        for inner in match.nodes[1:]:
            rewriter.erase(inner.outputs[0])
        rewriter.applied(node.name, f"{', '.join(inner.op for inner in match.nodes[::-1])} is {operator}")
        epsilon = rewriter.scalar(match.names["epsilon"]) or 0.0
        attributes = {"axis": axis, "epsilon": epsilon}
        return Node(node.name, operator, (match.names["x"], ones), node.outputs[:1], attributes, version=version)
    return None


def _extend(node: Node, rewriter: GraphRewriter) -> Node | None:
    """The normalization before this node with the scale or bias that the node applies."""
    for value, other in (node.inputs, node.inputs[::-1]):
        normalization = rewriter.producer(value, *_NORMALIZATIONS)
        constant = rewriter.constants.get(other)
        if normalization is None or constant is None:
            continue
        reason = _refusal(node, normalization, constant, rewriter)
        if reason:
            rewriter.missed(node.name, f"{node.op} not part of {normalization.op} {normalization.name!r}: {reason}")
            continue
        rewriter.erase(value)
        part = "scale" if node.op == "Mul" else "bias"
        rewriter.applied(node.name, f"{node.op} is the {part} of {normalization.op} {normalization.name!r}")
        shape = rewriter.graph.tensor(node.outputs[0]).shape[integer(normalization, "axis", -1) :]
        name = other
        if constant.shape != shape:
            name = rewriter.new_constant(f"{other}_{part}", constant.reshape(shape))
        inputs = (normalization.inputs[0], name) if node.op == "Mul" else (*normalization.inputs[:2], name)
        return replace(normalization, name=node.name, inputs=inputs, outputs=node.outputs[:1])
    return None


def _first_axis(match: Match, node: Node, rewriter: GraphRewriter) -> int | None:
    """The first of the last axes over which all means go, if they do and the types allow it."""
    kind = rewriter.tensor(match.names["x"])
    if kind is None or kind.dtype not in _DTYPES or rewriter.tensor(node.outputs[0]) != kind:
        return None
    rank = len(kind.shape)
    means = [inner for inner in match.nodes if inner.op == "ReduceMean"]
    try:
        found = {
            tuple(sorted(axis % rank for axis in setting(mean, "axes", 1, rewriter.constants) or ())) for mean in means
        }
    except LookupError:
        return None
    axes = found.pop()
    last = bool(axes) and not found and axes == tuple(range(axes[0], rank))
    return axes[0] if last else None


def _refusal(node: Node, normalization: Node, constant: np.ndarray, rewriter: GraphRewriter) -> str | None:
    """Why a product or sum cannot be the scale or bias of the normalization before it."""
    value = normalization.outputs[0]
    kind = rewriter.tensor(value)
    if not rewriter.has_one_use(value) or len(normalization.writes) > 1:
        return f"{value!r} is read by others too"
    if kind is None or rewriter.tensor(node.outputs[0]) != kind:
        return "it gives the result another shape or type"
    normalized = kind.shape[integer(normalization, "axis", -1) :]
    leading = constant.shape[: max(0, constant.ndim - len(normalized))]
    if constant.shape[len(leading) :] != normalized or any(size != 1 for size in leading):
        return f"its constant of shape {list(constant.shape)} is not of the normalized shape {list(normalized)}"
    scale = rewriter.constants.get(normalization.inputs[1])
    if has_input(normalization, 2):
        return "it has a bias already"
    if node.op == "Add":
        return "RMSNormalization has no bias" if normalization.op == "RMSNormalization" else None
    return None if scale is not None and bool(np.all(scale == 1)) else "it has a scale already"
