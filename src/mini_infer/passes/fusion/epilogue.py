"""Epilogues of contractions, computed on each result before it is stored: activation, residual addition, pooling.

The fused node keeps the contraction's operator name; its body is the contraction (with its bias) and after it, in this
order, each of them optional: an activation, the addition of another tensor of the same shape (the residual, one more
input of the fused node), an activation, a pool.

Fires on `Conv`, `ConvTranspose`, `Gemm`, `MatMul`, and their fused forms, followed by

1. an activation of the table of operators; the bounds of a `Clip` must be constants,
2. `Add` of a tensor of the result's type; of two contractions added to each other the later one takes the addition,
3. after `Conv` without a residual: `AveragePool` whose windows neither overlap nor reach over the border, and
   `MaxPool` if the activation never falls.

Must not fire on

1. a contraction that another node reads too, or that the caller gets,
2. an addition that broadcasts the contraction, or of the contraction to itself,
3. what would come after a pool, a second residual, or an activation right after an activation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mini_infer.ir import Node, TensorType, fusion
from mini_infer.ir.operators import core, having, traits
from mini_infer.passes.base import Needs, Sweep
from mini_infer.passes.rewriter import GraphRewriter, fuse


@dataclass(frozen=True, slots=True)
class FuseEpilogues(Sweep):
    """Fuses contractions with what follows them."""

    name: ClassVar[str] = "epilogue"
    needs: ClassVar[Needs] = (
        having(lambda its: its.contraction and not its.integer),
        having(lambda its: its.activation or its.pool) | {"Add"},
    )

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """The contraction that does this node's work before it stores its result."""
        contraction = _contraction(node, rewriter)
        if contraction is None:
            return None
        return done_by(contraction, node, rewriter, _refusal(node, contraction, rewriter))


def done_by(contraction: Node, node: Node, rewriter: GraphRewriter, refusal: str) -> list[Node] | None:
    """The contraction with one more node behind it; none, if there is a reason to refuse that."""
    if refusal:
        rewriter.missed(node.name, f"{node.op} not fused into {contraction.op} {contraction.name!r}: {refusal}")
        return None
    rewriter.applied(node.name, f"{node.op} done by {contraction.op} {contraction.name!r}")
    return [fuse(contraction.op, (rewriter.erase(contraction.outputs[0]), node))]


def _contraction(node: Node, rewriter: GraphRewriter) -> Node | None:
    """The contraction whose result the node works on; of two, one that nobody else reads, the later one."""
    if traits(node).integer or not (traits(node).activation or traits(node).pool or _is_addition(node)):
        return None
    operands = node.inputs[: 2 if node.op == "Add" else 1]
    found = [name for name in operands if (made := rewriter.producer(name)) and _is_real(made)]
    best = max(found, key=lambda name: (rewriter.has_one_use(name), rewriter.position(name)), default=None)
    return rewriter.producer(best) if best else None


def _is_addition(node: Node) -> bool:
    return (node.domain, node.op) == ("", "Add")


def _is_real(node: Node) -> bool:
    """Whether a node is a contraction of real numbers, alone or with what it does besides."""
    return core(node).contraction and not core(node).integer


def _refusal(node: Node, contraction: Node, rewriter: GraphRewriter) -> str:
    """Why the node cannot be part of the contraction; empty if it can."""
    value = contraction.outputs[0]
    kind, weights = rewriter.tensor(value), rewriter.tensor(contraction.primitives[0].inputs[1])
    if not rewriter.has_one_use(value):
        return f"{value!r} is read by others too"
    if kind is None or weights is None:
        return "the contraction has no static shape"
    after = _pointwise(contraction, kind.shape, rewriter)
    if any(traits(inner).pool for inner in after):
        return "it comes after a pool"
    if node.op == "Add":
        return _refuse_residual(node, value, kind, after, rewriter)
    if traits(node).pool:
        return fusion.pool_refusal(contraction.primitives[0], weights.shape, after, node, kind.shape[2:])
    if after and traits(after[-1]).activation:
        return f"{after[-1].op} is done there already"
    if node.op == "Clip" and any(name and name not in rewriter.constants for name in node.inputs[1:]):
        return "its bounds are computed at run time"
    return ""


def _pointwise(contraction: Node, result: Sequence[int], rewriter: GraphRewriter) -> Sequence[Node]:
    """The nodes after a contraction and its bias."""
    first, *after = contraction.primitives
    bias = fusion.bias_of(
        first, after, result, lambda name: rewriter.graph.tensor(name).shape, lambda name: name in rewriter.constants
    )
    return after[1:] if bias else after


def _refuse_residual(node: Node, value: str, kind: TensorType, after: Sequence[Node], rewriter: GraphRewriter) -> str:
    """Why an addition cannot be part of the contraction that makes `value`; empty if it can."""
    left, right = node.inputs
    other = right if left == value else left
    if other == value:
        return "it adds the contraction to itself"
    if any(inner.op == "Add" for inner in after):
        return "an addition is done there already"
    return fusion.residual_refusal(rewriter.tensor(other), kind)
