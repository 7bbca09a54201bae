"""Activations that the exporter wrote out, as the operators they are.

Fires on (operands of sums and products in any order)

1. `x * Sigmoid(x)` and `x * Sigmoid(x * alpha)`: `Swish` (SiLU, and the quick form of GELU),
2. `Clip(x + 3, 0, 6) / 6` and `Clip(x / 6 + 0.5, 0, 1)`: `HardSigmoid`,
3. `x * HardSigmoid(x)` with slope 1/6 and offset 1/2, and `x * Clip(x + 3, 0, 6) / 6`: `HardSwish`,
4. `x / 2 * (1 + Erf(x / sqrt(2)))`: `Gelu`,
5. `x / 2 * (1 + Tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))`: `Gelu` by its tanh approximation,
6. `x * Tanh(Softplus(x))`: `Mish`.

Must not fire on

1. expressions part of which another node reads too, or the caller gets,
2. constants that differ from those by more than rounding, or that give the result another shape.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mini_infer.ir import Attribute, Node
from mini_infer.ir.attributes import has_input, number
from mini_infer.passes.base import Needs, Sweep
from mini_infer.passes.pattern import Check, Match, Number, Operation, Variable, find, op
from mini_infer.passes.rewriter import GraphRewriter

_X = Variable("x")
_SLOPE, _OFFSET = 1 / 6, 0.5


def _between(low: float, high: float) -> Check:
    """A `Clip` with these bounds."""

    def check(node: Node, rewriter: GraphRewriter) -> bool:
        bounds = [
            rewriter.scalar(node.inputs[position]) if has_input(node, position) else node.attributes.get(name)
            for position, name in ((1, "min"), (2, "max"))
        ]
        return bounds == [low, high]

    return check


def _is_sixth(node: Node, _: GraphRewriter) -> bool:
    """A `HardSigmoid` with the slope and offset of `HardSwish`."""
    slope, offset = number(node, "alpha", 0.2), number(node, "beta", 0.5)
    return math.isclose(slope, _SLOPE, rel_tol=1e-6) and math.isclose(offset, _OFFSET)


def _halved(factor: Operation) -> list[Operation]:
    """`x * factor / 2`, however it is bracketed."""
    products = [op("Mul", op("Mul", _X, 0.5), factor), op("Mul", op("Mul", _X, factor), 0.5)]
    products += [op("Mul", op("Div", _X, 2), factor), op("Div", op("Mul", _X, factor), 2)]
    return [*products, op("Mul", _X, op("Mul", factor, 0.5)), op("Mul", _X, op("Div", factor, 2))]


_SIXTH = op("Clip", op("Add", _X, 3), check=_between(0, 6))
_SWISH = [
    op("Mul", _X, op("Sigmoid", _X)),
    op("Mul", _X, op("Sigmoid", op("Mul", _X, Number(None, "alpha")))),
]
_HARD_SIGMOID = [
    op("Div", _SIXTH, 6),
    op("Mul", _SIXTH, _SLOPE),
    op("Clip", op("Add", op("Mul", _X, _SLOPE), _OFFSET), check=_between(0, 1)),
    op("Clip", op("Add", op("Div", _X, 6), _OFFSET), check=_between(0, 1)),
]
_HARD_SWISH = [
    op("Mul", _X, op("HardSigmoid", _X, check=_is_sixth)),
    op("Div", op("Mul", _X, _SIXTH), 6),
    op("Mul", op("Mul", _X, _SIXTH), _SLOPE),
    op("Mul", op("Mul", _X, _SLOPE), _SIXTH),
]
_ROOT = math.sqrt(2)
_GELU = [
    pattern
    for scaled in (op("Div", _X, _ROOT), op("Mul", _X, 1 / _ROOT))
    for pattern in _halved(op("Add", op("Erf", scaled), 1))
]
_CUBES = [op("Pow", _X, 3), op("Mul", op("Mul", _X, _X), _X)]
_INNER = [op("Add", _X, op("Mul", cube, 0.044715)) for cube in _CUBES]
_INNER += [op("Add", _X, op("Mul", op("Mul", op("Mul", _X, 0.044715), _X), _X))]
_GELU_TANH = [
    pattern
    for inner in _INNER
    for pattern in _halved(op("Add", op("Tanh", op("Mul", inner, math.sqrt(2 / math.pi))), 1))
]
_MISH = [op("Mul", _X, op("Tanh", op("Softplus", _X)))]


_RULES: tuple[tuple[str, int, Mapping[str, Attribute], list[Operation]], ...] = (
    ("HardSwish", 14, {}, _HARD_SWISH),
    ("Swish", 24, {}, _SWISH),
    ("HardSigmoid", 6, {"alpha": _SLOPE, "beta": _OFFSET}, _HARD_SIGMOID),
    ("Gelu", 20, {"approximate": "none"}, _GELU),
    ("Gelu", 20, {"approximate": "tanh"}, _GELU_TANH),
    ("Mish", 18, {}, _MISH),
)
"""Operators, the version of ONNX that each means, its attributes, and the expressions it stands for."""
_ROOTS = frozenset(pattern.op for *_, patterns in _RULES for pattern in patterns)


@dataclass(frozen=True, slots=True)
class RecognizeActivations(Sweep):
    """Replaces expressions by the activation operators they are."""

    name: ClassVar[str] = "activations"
    needs: ClassVar[Needs] = (_ROOTS,)

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """The activation that ends in this node; what it stands for is erased."""
        if node.op not in _ROOTS or node.domain:
            return None
        for operator, version, defaults, patterns in _RULES:
            match = find(patterns, node, rewriter)
            if match is None or not _is_elementwise(match, node, rewriter):
                continue
            attributes = dict(defaults)
            if "alpha" in match.names:
                attributes["alpha"] = rewriter.scalar(match.names["alpha"]) or 0.0
            for inner in match.nodes[1:]:
                rewriter.erase(inner.outputs[0])
            rewriter.applied(node.name, f"{', '.join(inner.op for inner in match.nodes[::-1])} is {operator}")
            return [Node(node.name, operator, (match.names["x"],), node.outputs, attributes, version=version)]
        return None


def _is_elementwise(match: Match, node: Node, rewriter: GraphRewriter) -> bool:
    """Whether the result has the type of `x`, a floating-point one."""
    kind = rewriter.tensor(match.names["x"])
    return kind is not None and kind.dtype.is_float and rewriter.tensor(node.outputs[0]) == kind
