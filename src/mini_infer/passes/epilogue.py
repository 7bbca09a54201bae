"""What a product's kernel does with each result before it stores it: activation, residual addition, pooling.

The fused node keeps the product's operator name; its body is the product (with its bias) and after it, in this order,
each of them optional: an activation, the addition of another tensor of the same shape (the residual, one more input of
the fused node), an activation, a pool.

Fires on `Conv`, `ConvTranspose`, `Gemm`, `MatMul`, and their fused forms, followed by

1. an activation of the table of operators; the bounds of a `Clip` must be constants,
2. `Add` of a tensor of the result's type; of two products added to each other the later one takes the addition,
3. after `Conv` without a residual: `AveragePool` whose windows neither overlap nor reach over the border, and
   `MaxPool` if the activation never falls.

Must not fire on

1. a product that someone else reads too, or that the caller gets,
2. an addition that broadcasts the product, or of the product to itself,
3. what would come after a pool, a second residual, or an activation right after an activation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mini_infer.ir import Graph, Node
from mini_infer.ir.operators import core, traits
from mini_infer.ir.products import channel_axis, one_per_channel
from mini_infer.passes.attributes import integer, integers, number
from mini_infer.passes.base import Journal
from mini_infer.passes.draft import Draft, fuse


@dataclass(frozen=True, slots=True)
class FuseEpilogues:
    """Fuses products with what follows them."""

    name: ClassVar[str] = "epilogue"

    def __call__(self, graph: Graph, journal: Journal) -> Graph:
        """The graph with products that have epilogues."""
        draft = Draft(graph)
        changed = False
        for node in graph.nodes:
            value = self._product_before(node, draft)
            if value is None:
                draft.emit(node)
                continue
            product = draft.producer(value) or node
            reason = self._refusal(node, value, product, draft)
            if reason:
                journal.refused(
                    self.name, node.name, f"{node.op} not fused into {product.op} {product.name!r}: {reason}"
                )
                draft.emit(node)
                continue
            changed = True
            journal.made(self.name, node.name, f"{node.op} done by {product.op} {product.name!r}")
            draft.emit(fuse(product.op, (draft.take(value), node)))
        return draft.finish() if changed else graph

    def _product_before(self, node: Node, draft: Draft) -> str | None:
        """The product's result that the node works on; of two, one that nobody else reads, the later one."""
        if not (traits(node).activation or traits(node).pool or (node.domain, node.op) == ("", "Add")):
            return None
        candidates = [
            name for name in node.inputs[: 2 if node.op == "Add" else 1] if _is_contraction(draft.producer(name))
        ]
        return max(candidates, key=lambda name: (draft.only_use(name), draft.position(name)), default=None)

    def _refusal(self, node: Node, value: str, product: Node, draft: Draft) -> str | None:
        """Why the node cannot be part of the product."""
        after = _epilogue(product, draft)
        if not draft.only_use(value):
            return f"{value!r} is read by others too"
        if any(traits(inner).pool for inner in after):
            return "it comes after a pool"
        if node.op == "Add":
            return _refuse_residual(node, value, after, draft)
        if traits(node).pool:
            return _refuse_pool(node, value, product, draft)
        if after and traits(after[-1]).activation:
            return f"{after[-1].op} is done there already"
        if node.op == "Clip" and any(name and name not in draft.constants for name in node.inputs[1:]):
            return "its bounds are computed at run time"
        return None


def _refuse_pool(node: Node, value: str, product: Node, draft: Draft) -> str | None:
    """Why a pool cannot be part of a convolution."""
    kind = draft.tensor(value)
    after = _epilogue(product, draft)
    if product.op != "Conv" or kind is None or len(node.writes) > 1 or any(inner.op == "Add" for inner in after):
        return "only values are pooled, and only of a convolution without residual"
    if _is_depthwise(product, draft):
        return "a convolution of each channel by itself does not pool"
    if node.op == "MaxPool" and not all(_rises(inner) for inner in product.meaning[1:]):
        return f"{' and '.join(inner.op for inner in after)} must be done before the maximum is taken"
    if node.op == "AveragePool" and not _divides(node, kind.shape[2:]):
        return "its windows overlap or reach over the border"
    return None


def _is_contraction(node: Node | None) -> bool:
    return node is not None and core(node).contraction


def _epilogue(product: Node, draft: Draft) -> Sequence[Node]:
    """The nodes after a product and its bias."""
    first, *after = product.meaning
    if first.op == "MatMul" and after and after[0].op == "Add":
        result, weights = (draft.graph.tensor(name).shape for name in (product.outputs[0], first.inputs[1]))
        axis = channel_axis(first, weights, len(result))
        constants = [draft.constants[name] for name in after[0].inputs if name in draft.constants]
        if any(one_per_channel(array.shape, result, axis) for array in constants):
            after = after[1:]
    return after


def _rises(node: Node) -> bool:
    """Whether an activation never falls where its argument rises."""
    return traits(node).monotone and number(node, "alpha", 0.0) >= 0


def _is_depthwise(product: Node, draft: Draft) -> bool:
    """Whether a convolution works on each channel by itself."""
    conv = product.meaning[0]
    weights = draft.tensor(conv.inputs[1])
    return weights is not None and weights.shape[1] == 1 and integer(conv, "group", 1) > 1


def _refuse_residual(node: Node, value: str, after: Sequence[Node], draft: Draft) -> str | None:
    """Why an addition cannot be part of the product that makes `value`."""
    left, right = node.inputs
    other = right if left == value else left
    if other == value:
        return "it adds the product to itself"
    if any(inner.op == "Add" for inner in after):
        return "an addition is done there already"
    kind = draft.tensor(value)
    if kind is None or draft.tensor(other) != kind or draft.tensor(node.outputs[0]) != kind:
        return "the operands differ in type"
    return None


def _divides(node: Node, shape: tuple[int, ...]) -> bool:
    """Whether a pool's windows tile the given extent exactly."""
    kernel = integers(node, "kernel_shape")
    strides = integers(node, "strides", (1,) * len(kernel))
    dilations = integers(node, "dilations", (1,) * len(kernel))
    if any(integers(node, "pads")) or node.attributes.get("auto_pad", "NOTSET") not in {"NOTSET", "VALID"}:
        return False
    tiled = all(extent % size == 0 for extent, size in zip(shape, kernel, strict=True))
    return tiled and kernel == strides and all(step == 1 for step in dilations)
