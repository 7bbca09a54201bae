"""Normalizations that the exporter wrote out, as the operators they are.

Fires on (operands of sums and products in any order; `mean` is `ReduceMean` over the last axes with `keepdims`)

1. `d / Sqrt(mean(d^2) + epsilon)` with `d = x - mean(x)`: `LayerNormalization`,
2. `x / Sqrt(mean(x^2) + epsilon)`: `RMSNormalization`,
3. either of them times a constant of the normalized shape: its scale; plus such a constant: its bias.

Squares are `Pow` by 2 or products; division may be multiplication by a `Reciprocal` or by one over the root.

Must not fire on

1. expressions part of which someone else reads too, or the caller gets,
2. means over other axes than the last ones,
3. element types other than float32 and float64: the operators would round elsewhere,
4. scales and biases of another shape than the normalized one, or of a result that has them already.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from mini_infer.ir import DType, Graph, Node
from mini_infer.passes.attributes import has_input, integer, scalar, setting
from mini_infer.passes.base import Journal, Needs, Pass
from mini_infer.passes.draft import Draft
from mini_infer.passes.pattern import Match, Number, Operation, Pattern, Variable, find, op

_NORMALIZATIONS = frozenset({"LayerNormalization", "RMSNormalization"})
_LAYER_VERSION, _RMS_VERSION = 17, 23
_DTYPES = frozenset({DType.FLOAT32, DType.FLOAT64})


def _keeps_axes(node: Node, constants: Mapping[str, np.ndarray]) -> bool:
    """A reduction over known axes that stay, of size 1."""
    del constants
    return integer(node, "keepdims", 1) == 1


def _mean(operand: Pattern, name: str) -> Operation:
    return op("ReduceMean", operand, check=_keeps_axes, name=name)


def _over_root(top: Pattern, again: Pattern) -> list[Operation]:
    """`top / Sqrt(mean(again^2) + epsilon)`: `again` is what `top` has bound."""
    found = []
    for square in (op("Pow", again, 2), op("Mul", again, again)):
        root = op("Sqrt", op("Add", _mean(square, "variance"), Number(None, "epsilon")))
        found += [op("Div", top, root), op("Mul", top, op("Reciprocal", root)), op("Mul", top, op("Div", 1, root))]
    return found


_X = Variable("x")
_LAYER = _over_root(op("Sub", _X, _mean(_X, "mean"), name="d"), Variable("d"))
_RMS = _over_root(_X, _X)


@dataclass(frozen=True, slots=True)
class RecognizeNormalizations(Pass):
    """Replaces expressions by the normalization operators they are."""

    name: ClassVar[str] = "normalizations"
    needs: ClassVar[Needs] = (_NORMALIZATIONS | {"ReduceMean"},)

    def __call__(self, graph: Graph, journal: Journal) -> Graph:
        """The graph with normalizations as single nodes."""
        draft = Draft(graph)
        changed = False
        for node in graph.nodes:
            new = None
            if node.domain == "" and node.op in {"Mul", "Div"}:
                new = self._recognize(node, draft, journal)
            if new is None and node.domain == "" and node.op in {"Mul", "Add"}:
                new = self._extend(node, draft, journal)
            changed = changed or new is not None
            draft.emit(new or node)
        return draft.finish() if changed else graph

    def _recognize(self, node: Node, draft: Draft, journal: Journal) -> Node | None:
        """The normalization that ends in this node; what it stands for is taken out."""
        for operator, version, patterns in (
            ("LayerNormalization", _LAYER_VERSION, _LAYER),
            ("RMSNormalization", _RMS_VERSION, _RMS),
        ):
            match = find(patterns, node, draft)
            axis = _first_axis(match, node, draft) if match else None
            if match is None or axis is None:
                continue
            kind = draft.graph.tensor(node.outputs[0])
            ones = draft.constant(f"{node.outputs[0]}_ones", np.ones(kind.shape[axis:], kind.dtype.numpy))
            for inner in match.nodes[1:]:
                draft.take(inner.outputs[0])
            journal.made(self.name, node.name, f"{', '.join(inner.op for inner in match.nodes[::-1])} is {operator}")
            epsilon = scalar(match.names["epsilon"], draft.constants) or 0.0
            attributes = {"axis": axis, "epsilon": epsilon}
            return Node(node.name, operator, (match.names["x"], ones), node.outputs[:1], attributes, version=version)
        return None

    def _extend(self, node: Node, draft: Draft, journal: Journal) -> Node | None:
        """The normalization before this node with the scale or bias that the node applies."""
        for value, other in (node.inputs, node.inputs[::-1]):
            before = draft.producer(value)
            constant = draft.constants.get(other)
            if before is None or before.op not in _NORMALIZATIONS or before.domain or constant is None:
                continue
            reason = _refusal(node, before, constant, draft)
            if reason:
                journal.refused(self.name, node.name, f"{node.op} not part of {before.op} {before.name!r}: {reason}")
                continue
            draft.take(value)
            part = "scale" if node.op == "Mul" else "bias"
            journal.made(self.name, node.name, f"{node.op} is the {part} of {before.op} {before.name!r}")
            shape = draft.graph.tensor(node.outputs[0]).shape[integer(before, "axis", -1) :]
            name = other
            if constant.shape != shape:
                name = draft.constant(f"{other}_{part}", constant.reshape(shape))
            inputs = (before.inputs[0], name) if node.op == "Mul" else (*before.inputs[:2], name)
            return replace(before, name=node.name, inputs=inputs, outputs=node.outputs[:1])
        return None


def _first_axis(match: Match, node: Node, draft: Draft) -> int | None:
    """The first of the last axes over which all means go, if they do and the types allow it."""
    kind = draft.tensor(match.names["x"])
    if kind is None or kind.dtype not in _DTYPES or draft.tensor(node.outputs[0]) != kind:
        return None
    rank = len(kind.shape)
    means = [inner for inner in match.nodes if inner.op == "ReduceMean"]
    try:
        found = {
            tuple(sorted(axis % rank for axis in setting(mean, "axes", 1, draft.constants) or ())) for mean in means
        }
    except LookupError:
        return None
    axes = found.pop()
    last = bool(axes) and not found and axes == tuple(range(axes[0], rank))
    return axes[0] if last else None


def _refusal(node: Node, before: Node, constant: np.ndarray, draft: Draft) -> str | None:
    """Why a product or sum cannot be the scale or bias of the normalization before it."""
    value = before.outputs[0]
    kind = draft.tensor(value)
    if not draft.only_use(value) or len(before.writes) > 1:
        return f"{value!r} is read by others too"
    if kind is None or draft.tensor(node.outputs[0]) != kind:
        return "it gives the result another shape or type"
    normalized = kind.shape[integer(before, "axis", -1) :]
    leading = constant.shape[: max(0, constant.ndim - len(normalized))]
    if constant.shape[len(leading) :] != normalized or any(size != 1 for size in leading):
        return f"its constant of shape {list(constant.shape)} is not of the normalized shape {list(normalized)}"
    scale = draft.constants.get(before.inputs[1])
    if has_input(before, 2):
        return "it has a bias already"
    if node.op == "Add":
        return "RMSNormalization has no bias" if before.op == "RMSNormalization" else None
    return None if scale is not None and bool(np.all(scale == 1)) else "it has a scale already"
