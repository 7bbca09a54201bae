"""Two operators in a row that look at one row at a time, done block by block, so that only a block ever exists between.

The rows are those along the first axis of several elements, channels or columns aside: tokens of a sequence, rows of an
image with channels last. The blocks are sliced out of what is read and concatenated again, both without copies::

    y = Second(First(x))      →      y = Concat(Second(First(Slice(x, block 0))), Second(First(Slice(x, block 1))), …)

The feed-forward part of a transformer is such a pair, and so is the normalisation of everything so far in front of each
of DenseNet's 1x1 convolutions.

Fires on a value of more than `above` bytes that one node reads and nobody else, where each of its two nodes is

1. elementwise or a cast, alone or fused,
2. `MatMul` or `Gemm` with a constant matrix on the right,
3. a fused `Conv` with channels last and windows of one element,

perhaps with a residual.

Must not fire on

1. constants that differ from row to row,
2. products whose weights are larger than the value, unless `heavy`: every block reads them again.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from mini_infer.ir import Graph, Node, TensorType
from mini_infer.ir.equal_parts import parts
from mini_infer.ir.operators import traits
from mini_infer.passes.attributes import integer, integers
from mini_infer.passes.base import Journal
from mini_infer.passes.draft import Draft, rename, rename_outputs

_VERSION = 13
_MATRIX = 2


@dataclass(frozen=True, slots=True)
class RowBlocks:
    """Blocks pairs of operators that work on rows.

    Parameters
    ----------
    above
        Bytes of the largest value between two such operators that is left whole, and of a block where that goes.
    heavy
        Whether weights may be larger than the value.
    least
        Rows that a block has at least.
    """

    above: int
    heavy: bool = False
    least: int = 4
    name: ClassVar[str] = "row-blocks"

    def __call__(self, graph: Graph, journal: Journal) -> Graph:
        """The graph without the large values between such operators."""
        draft = Draft(graph)
        changed = False
        for node in graph.nodes:
            first = self._first(node, draft)
            if first is None:
                draft.emit(node)
                continue
            kind = draft.graph.tensor(first.outputs[0])
            block = self._block(kind)
            reason = self._refusal(first, node, draft)
            if reason or block is None:
                journal.refused(self.name, first.name, f"not blocked with {node.name!r}: {reason or 'too few rows'}")
                draft.emit(node)
                continue
            draft.take(first.outputs[0])
            _cut(first, node, block, draft)
            changed = True
            rows = kind.shape[_axis(kind)]
            journal.made(self.name, node.name, f"with {first.name!r}, {block} of {rows} rows at a time")
        return draft.finish() if changed else graph

    def _first(self, node: Node, draft: Draft) -> Node | None:
        """The node whose large result only this one reads, both working on rows."""
        for name in node.inputs:
            kind, first = draft.tensor(name), draft.producer(name)
            if first is None or kind is None or kind.bytes <= self.above or len(kind.shape) < _MATRIX:
                continue
            if draft.only_use(name) and _on_rows(first, draft) and _on_rows(node, draft):
                return first
        return None

    def _refusal(self, first: Node, second: Node, draft: Draft) -> str:
        """Why two nodes cannot work on the same blocks of rows; empty if they can."""
        kind, result = (draft.graph.tensor(node.outputs[0]) for node in (first, second))
        axis = _axis(kind)
        if len(result.shape) != len(kind.shape) or result.shape[: axis + 1] != kind.shape[: axis + 1]:
            return "its rows lie otherwise"
        if not self.heavy and _weights(first, draft) + _weights(second, draft) > kind.bytes:
            return "every block would read weights larger than the value"
        for node in (first, second):
            beside = _beside_weights(node)
            if uneven := [name for name in node.inputs if name in beside and not _fits(name, kind, draft)]:
                return f"{uneven[0]!r} differs from row to row"
        return ""

    def _block(self, kind: TensorType) -> int | None:
        """The most rows that take no more than `above`, of equal blocks; the fewest allowed if all take more."""
        rows = kind.shape[_axis(kind)]
        blocks = [size for size in parts(rows) if size >= self.least]
        fitting = [size for size in blocks if kind.bytes // rows * size <= self.above]
        return max(fitting) if fitting else min(blocks, default=None)


def _axis(kind: TensorType) -> int:
    """The first axis of several elements; the last but one where there is none."""
    return next((axis for axis, size in enumerate(kind.shape[:-1]) if size > 1), len(kind.shape) - 2)


def _on_rows(node: Node, draft: Draft) -> bool:
    """Whether each row of a node's only result depends on the same row of what it reads."""
    if len(node.writes) != 1:
        return False
    product, *rest = [inner for inner in node.meaning if inner.op != "Transpose"] or [node]
    if not all(map(_is_elementwise, rest)):
        return False
    if _is_elementwise(product):
        return len(node.meaning) == 1 + len(rest)
    weights = draft.constants.get(product.inputs[1]) if len(product.inputs) > 1 else None
    if weights is None:
        return False
    if product.op == "Gemm":
        return integer(product, "transA", 0) == 0
    if product.op == "MatMul":
        return weights.ndim == _MATRIX
    return product.op == "Conv" and _is_pointwise(node, product, weights)


def _is_elementwise(node: Node) -> bool:
    return traits(node).elementwise or (node.domain, node.op) == ("", "Cast")


def _is_pointwise(node: Node, conv: Node, weights: np.ndarray) -> bool:
    """Whether a fused convolution has channels last on both sides and windows of one element."""
    first, last = node.meaning[0], node.meaning[-1]
    return (
        first.op == last.op == "Transpose"
        and first.outputs[0] == conv.inputs[0]
        and weights[0, 0].size == 1
        and all(step == 1 for step in integers(conv, "strides"))
        and not any(integers(conv, "pads"))
    )


def _beside_weights(node: Node) -> set[str]:
    """What a node reads as anything but the weights of its product."""
    return {
        name
        for inner in node.meaning
        for position, name in enumerate(inner.inputs)
        if name and not (traits(inner).contraction and position == 1)
    }


def _row_axis(shape: tuple[int, ...], kind: TensorType) -> int | None:
    """The axis along which an operand has a row for each of the blocked value's; none where it has one for all.

    Broadcasting aligns their last axes.
    """
    axis = _axis(kind) - len(kind.shape) + len(shape)
    return axis if axis >= 0 and shape[axis] != 1 else None


def _fits(name: str, kind: TensorType, draft: Draft) -> bool:
    """Whether what a node reads beside a value can be had for a block of its rows."""
    shape = draft.graph.tensor(name).shape
    own = _row_axis(shape, kind)
    return own is None or (name not in draft.constants and shape[own] == kind.shape[_axis(kind)])


def _weights(node: Node, draft: Draft) -> int:
    return sum(draft.constants[name].nbytes for name in node.inputs if name in draft.constants)


def _cut(first: Node, second: Node, block: int, draft: Draft) -> None:
    """Emit both nodes block by block, and the concatenation."""
    middle, result = first.outputs[0], second.outputs[0]
    axis = _axis(draft.graph.tensor(middle))
    parts = []
    for start in range(0, draft.graph.tensor(middle).shape[axis], block):
        sliced: dict[str, str] = {}
        for node in (first, second):
            for name in node.inputs:
                if name and name not in draft.constants and name != middle and name not in sliced:
                    sliced[name] = _slice(name, draft.graph.tensor(middle), start, block, draft)
        for name in (middle, result):
            sliced[name] = draft.declare(f"{name}_rows{start}", _part_of(draft.graph.tensor(name), axis, block))
        for node in (first, second):
            part = replace(node, name=f"{node.name}_rows{start}")
            draft.emit(rename_outputs(rename(part, sliced), sliced))
        parts.append(sliced[result])
    attributes = {"axis": axis}
    draft.emit(Node(f"{second.name}_blocks", "Concat", tuple(parts), (result,), attributes, version=_VERSION))


def _part_of(kind: TensorType, axis: int, block: int) -> TensorType:
    return TensorType(kind.dtype, (*kind.shape[:axis], block, *kind.shape[axis + 1 :]))


def _slice(name: str, whole: TensorType, start: int, block: int, draft: Draft) -> str:
    """Rows of an operand of a blocked value; the operand itself where it has one row for all."""
    kind = draft.graph.tensor(name)
    axis = _row_axis(kind.shape, whole)
    if axis is None:
        return name
    part = draft.declare(f"{name}_rows{start}", _part_of(kind, axis, block))
    bounds = [
        draft.constant(f"{part}_{what}", np.array([at]))
        for what, at in (("from", start), ("to", start + block), ("axis", axis))
    ]
    draft.emit(Node(part, "Slice", (name, *bounds), (part,), version=_VERSION))
    return part
