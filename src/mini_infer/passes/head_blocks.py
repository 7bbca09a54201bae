"""Attention a few heads at a time, with the projections in front of it, so that only a few heads' q, k and v exist.

Heads know nothing of each other. So each block of them gets its own columns of the projections, its own attention, and
its own part of the result, which is written in place::

    y = Attention(x Wq, x Wk, x Wv)      →      y = Concat(Attention(x Wq[block 0], …), Attention(x Wq[block 1], …), …)

Fires on a fused `Attention` node whose q, k and v, together of more than `above` bytes, are each

1. `Reshape` to `[batch, tokens, heads, size]` of `MatMul` with a constant matrix, perhaps with a bias, and for this
   node alone; the attention's result has that form, too.

Must not fire on

1. a body that reshapes, as it may count heads,
2. other numbers of heads in k or v than in q.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from mini_infer.ir import Graph, Node, TensorType
from mini_infer.ir.equal_parts import parts
from mini_infer.ir.graph import FUSED_DOMAIN
from mini_infer.passes.base import Journal
from mini_infer.passes.draft import Draft, rename, rename_outputs

_VERSION = 13
_HEADS, _RANK = 2, 4
"""The axis of heads, of how many."""
_MATRIX = 2


@dataclass(frozen=True, slots=True)
class HeadBlocks:
    """Blocks attention by heads.

    Parameters
    ----------
    above
        Bytes of the largest q, k and v together that are left whole, and of a block's where that goes.
    """

    above: int
    name: ClassVar[str] = "head-blocks"

    def __call__(self, graph: Graph, journal: Journal) -> Graph:
        """The graph with large attention in blocks."""
        draft = Draft(graph)
        changed = False
        for node in graph.nodes:
            if (node.domain, node.op) != (FUSED_DOMAIN, "Attention"):
                draft.emit(node)
                continue
            projected = [name for name in node.inputs if _projection(name, draft)]
            together = sum(draft.graph.tensor(name).bytes for name in projected)
            heads = draft.graph.tensor(node.outputs[0]).shape[-_HEADS]
            if together <= self.above or heads == 1:
                draft.emit(node)
                continue
            blocks = parts(heads)
            reason = _refusal(node, projected, draft) if blocks else f"{heads} heads have no blocks that are few"
            if reason:
                journal.refused(self.name, node.name, f"all heads at once: {reason}")
                draft.emit(node)
                continue
            fitting = [size for size in blocks if together // heads * size <= self.above]
            block = max(fitting, default=blocks[0])
            _cut(node, projected, block, draft)
            changed = True
            journal.made(self.name, node.name, f"{block} of {heads} heads at a time, from their projections on")
        return draft.finish() if changed else graph


def _projection(name: str, draft: Draft) -> Node | None:
    """The product behind a value that is reshaped to heads, if both are only for this use."""
    reshape = draft.producer(name)
    kind = draft.tensor(name)
    if (
        reshape is None
        or reshape.op != "Reshape"
        or kind is None
        or len(kind.shape) != _RANK
        or not draft.only_use(name)
    ):
        return None
    product = draft.producer(reshape.inputs[0])
    if (
        product is None
        or not draft.only_use(reshape.inputs[0])
        or [inner.op for inner in product.meaning[1:]] not in ([], ["Add"])
    ):
        return None
    columns = kind.shape[-2] * kind.shape[-1]
    matmul = product.meaning[0]
    others = [value for value in product.inputs if value != matmul.inputs[0]]
    fits = matmul.op == "MatMul" and all(
        value in draft.constants and draft.constants[value].shape[-1:] == (columns,) for value in others
    )
    whole = draft.graph.tensor(product.outputs[0]).shape == (*kind.shape[:2], columns)
    return product if fits and whole and draft.constants[matmul.inputs[1]].ndim == _MATRIX else None


def _refusal(node: Node, projected: Sequence[str], draft: Draft) -> str:
    """Why attention cannot be done a few heads at a time; empty if it can."""
    result = draft.graph.tensor(node.outputs[0]).shape
    if any(inner.op == "Reshape" for inner in node.body):
        return "its body reshapes"
    if len(projected) != 3 or len(result) != _RANK:  # noqa: PLR2004 - q, k and v
        return "q, k and v are no three projections"
    heads = {draft.graph.tensor(name).shape[_HEADS] for name in projected} | {result[_HEADS]}
    if len(heads) > 1:
        return "k or v have other heads"
    for name in node.inputs:
        shape = draft.graph.tensor(name).shape
        if name not in projected and len(shape) > _MATRIX and shape[-3] not in {1, *heads}:
            return f"{name!r} has other heads"
    return ""


def _cut(node: Node, projected: Sequence[str], block: int, draft: Draft) -> None:
    """Emit projections and attention block by block, and the concatenation."""
    result = node.outputs[0]
    kind = draft.graph.tensor(result)
    heads = kind.shape[_HEADS]
    sources = {}
    for name in projected:
        reshape = draft.take(name)
        sources[name] = reshape, draft.take(reshape.inputs[0])
    parts = []
    for start in range(0, heads, block):
        names = {name: _project(name, *source, start, block, draft) for name, source in sources.items()}
        for name in node.inputs:
            shape = draft.graph.tensor(name).shape
            if name not in names and len(shape) > _MATRIX and shape[-3] == heads > 1:
                names[name] = _slice(name, start, block, draft)
        names[result] = draft.declare(f"{result}_heads{start}", _with_heads(kind, block))
        part = replace(node, name=f"{node.name}_heads{start}")
        draft.emit(rename_outputs(rename(part, names), names))
        parts.append(names[result])
    name = f"{node.name}_blocks"
    draft.emit(Node(name, "Concat", tuple(parts), (result,), {"axis": _HEADS}, version=_VERSION))


def _with_heads(kind: TensorType, heads: int) -> TensorType:
    return TensorType(kind.dtype, (*kind.shape[:_HEADS], heads, *kind.shape[_HEADS + 1 :]))


def _project(name: str, reshape: Node, product: Node, start: int, block: int, draft: Draft) -> str:
    """Emit the projection to a block of heads; its name."""
    kind = _with_heads(draft.graph.tensor(name), block)
    size = kind.shape[-1]
    names = {}
    for value in product.inputs:
        if value in draft.constants:
            columns = draft.constants[value][..., start * size : (start + block) * size]
            names[value] = draft.constant(f"{value}_heads{start}", columns)
    flat = TensorType(kind.dtype, (*kind.shape[:_HEADS], block * size))
    names[product.outputs[0]] = draft.declare(f"{product.outputs[0]}_heads{start}", flat)
    part = replace(product, name=f"{product.name}_heads{start}")
    draft.emit(rename_outputs(rename(part, names), names))
    shaped = draft.declare(f"{name}_heads{start}", kind)
    shape = draft.constant(f"{shaped}_shape", np.asarray(kind.shape, np.int64))
    inputs = (names[product.outputs[0]], shape)
    draft.emit(replace(reshape, name=f"{reshape.name}_heads{start}", inputs=inputs, outputs=(shaped,)))
    return shaped


def _slice(name: str, start: int, block: int, draft: Draft) -> str:
    """A block of heads of what is added to the scores."""
    kind = draft.graph.tensor(name)
    axis = len(kind.shape) - 3
    if name in draft.constants:
        where = (*[slice(None)] * axis, slice(start, start + block))
        return draft.constant(f"{name}_heads{start}", draft.constants[name][where])
    made = draft.declare(
        f"{name}_heads{start}", TensorType(kind.dtype, (*kind.shape[:axis], block, *kind.shape[axis + 1 :]))
    )
    bounds = [
        draft.constant(f"{made}_{what}", np.array([at]))
        for what, at in (("from", start), ("to", start + block), ("axis", axis))
    ]
    draft.emit(Node(made, "Slice", (name, *bounds), (made,), version=_VERSION))
    return made
