"""Attention with the projections before it, some heads at a time, so that q, k and v are never whole in memory.

q, k and v are each a `Reshape` to `[batch, tokens, heads, size]` of `MatMul` with a constant matrix, perhaps with a
bias, and for the attention alone. Each part of the result depends on the same heads of q, k and v alone (`ir.axes`), so
each block of heads is computed by nodes of its own from slices of the weights, and the blocks of results are
concatenated, in place::

    y = Attention(Q(x), K(x), V(x))      →      y = Concat(Attention(Q(x), …, block 0), Attention(Q(x), …, block 1), …)

Nothing is computed twice; inputs without heads are read again for each block.

Fires on attention whose projections together are larger than `size_threshold`.

Must not fire on

1. nodes without a common loop over the heads, or where a value would be read both whole and in blocks,
2. heads that do not divide into equal blocks of the sizes allowed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np

from mini_infer.ir import Node, TensorType
from mini_infer.ir.axes import SHAPED, Loop, Slot, loops, part, through
from mini_infer.ir.equal_parts import parts
from mini_infer.ir.graph import FUSED_DOMAIN
from mini_infer.passes.base import Needs, Sweep
from mini_infer.passes.rewriter import GraphRewriter, rename, rename_outputs

_VERSION = 13
_MATRIX = 2
_HEADS, _RANK = 2, 4
"""The axis of heads, of how many."""


@dataclass(frozen=True, slots=True)
class Group:
    """Attention and its projections.

    Parameters
    ----------
    nodes
        In their order; the attention comes last.
    bytes
        Of the projections.
    size, axis, slots
        How many heads there are, their axis in the result, and the slots of what the nodes read and write.
    refusal
        Why they cannot be done in blocks; empty if they can.
    """

    nodes: tuple[Node, ...]
    bytes: int
    size: int = 1
    axis: int = 0
    slots: Mapping[str, Slot | None] = field(default_factory=dict)
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class HeadBlocks(Sweep):
    """Computes attention and its projections a block of heads at a time.

    Parameters
    ----------
    size_threshold
        Projections of more bytes are made in blocks; where possible, blocks take no more.
    """

    size_threshold: int
    name: ClassVar[str] = "blocks-of-heads"
    needs: ClassVar[Needs] = (frozenset({"Attention"}),)

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """The nodes of the group that ends in this one, block by block."""
        group = _heads(node, self.size_threshold, rewriter)
        if group is None:
            return None
        block = self._block(group)
        reason = group.refusal
        if not reason and block is None:
            reason = f"{group.size} heads have no blocks of the sizes allowed"
        if reason or block is None:
            rewriter.missed(node.name, f"not in blocks: {reason}")
            return None
        producers = group.nodes[:-1]
        for producer in producers:
            rewriter.erase(producer.outputs[0])
        names = ", ".join(repr(producer.name) for producer in producers)
        rewriter.applied(node.name, f"with {names}, {block} of {group.size} heads at a time")
        return [_tile(group, block, rewriter)]

    def _block(self, group: Group) -> int | None:
        """The largest equal blocks that take at most `size_threshold` bytes; the smallest if none do."""
        sizes = parts(group.size)
        fitting = [size for size in sizes if group.bytes // group.size * size <= self.size_threshold]
        return max(fitting) if fitting else min(sizes, default=None)


def _group(nodes: Sequence[Node], size: int, loop: Loop | None, rewriter: GraphRewriter) -> Group:
    """The group of nodes along a loop of the last one, with `size` bytes of intermediate values."""
    slots = through(nodes, loop, rewriter.types, rewriter.constants) if loop else None
    out = slots[nodes[-1].outputs[0]] if slots else None
    if slots is None or out is None or any(slots[node.outputs[0]] is None for node in nodes):
        return Group(tuple(nodes), size, refusal="they have no axis in common along which each part is made by itself")
    count = rewriter.graph.tensor(nodes[-1].outputs[0]).shape[out.axis] // out.step
    return Group(tuple(nodes), size, count, out.axis, slots)


def _loop(node: Node, name: str, slot: Slot, rewriter: GraphRewriter) -> Loop | None:
    """The loop of a node that has this slot in a value which it reads or writes."""
    for loop in loops(node, rewriter.types, rewriter.constants):
        found = zip((*node.inputs, *node.outputs), (*loop.inputs, *loop.outputs), strict=True)
        if (name, slot) in found:
            return loop
    return None


def _heads(node: Node, size_threshold: int, rewriter: GraphRewriter) -> Group | None:
    if (node.domain, node.op) != (FUSED_DOMAIN, "Attention"):
        return None
    result = node.outputs[0]
    projections = {name: found for name in node.inputs if (found := _projection(name, rewriter))}
    total = sum(rewriter.graph.tensor(name).bytes for name in projections)
    if total <= size_threshold or rewriter.graph.tensor(result).shape[-_HEADS] == 1:
        return None
    nodes = (*(each for found in projections.values() for each in found), node)
    if len(projections) != 3:  # noqa: PLR2004 - q, k and v
        return Group(nodes, total, refusal="q, k and v are no three projections")
    return _group(nodes, total, _loop(node, result, Slot(_HEADS), rewriter), rewriter)


def _projection(name: str, rewriter: GraphRewriter) -> tuple[Node, Node] | None:
    """The `MatMul` by a constant matrix and the reshape to heads that make a value, if both are only for this use."""
    reshape, kind = rewriter.producer(name), rewriter.tensor(name)
    if reshape is None or reshape.op != "Reshape" or kind is None or len(kind.shape) != _RANK:
        return None
    producer = rewriter.producer(reshape.inputs[0])
    if producer is None or not rewriter.has_one_use(name) or not rewriter.has_one_use(reshape.inputs[0]):
        return None
    matmul, *rest = producer.primitives
    weights = rewriter.constants.get(matmul.inputs[1]) if matmul.op == "MatMul" else None
    fits = weights is not None and weights.ndim == _MATRIX and [inner.op for inner in rest] in ([], ["Add"])
    return (producer, reshape) if fits else None


def _tile(group: Group, block: int, rewriter: GraphRewriter) -> Node:
    """Append the nodes block by block; the concatenation of the blocks."""
    made = {name for node in group.nodes for name in node.outputs}
    given = dict.fromkeys(name for node in group.nodes for name in node.inputs if name and name not in made)
    blocks = []
    for start in range(0, group.size, block):
        label = f"_heads{start}"
        names = {name: _slice(name, group.slots[name], start, block, label, rewriter) for name in given}
        for node in group.nodes:
            (result,) = node.outputs
            kind = _part_of(rewriter.graph.tensor(result), group.slots[result], block)
            names[result] = rewriter.new_value(f"{result}{label}", kind)
            piece = replace(part(node, group.slots, group.size, block), name=f"{node.name}{label}")
            if node.op in SHAPED:
                shape = rewriter.new_constant(f"{names[result]}_shape", np.asarray(kind.shape, np.int64))
                piece = replace(piece, inputs=(piece.inputs[0], shape))
            rewriter.append(rename_outputs(rename(piece, names), names))
        blocks.append(names[result])
    return Node(f"{node.name}_blocks", "Concat", tuple(blocks), (result,), {"axis": group.axis}, version=_VERSION)


def _part_of(kind: TensorType, slot: Slot | None, count: int) -> TensorType:
    """The type of `count` iterations' share of a value."""
    if slot is None:
        return kind
    shape = (*kind.shape[: slot.axis], count * slot.step, *kind.shape[slot.axis + 1 :])
    return TensorType(kind.dtype, shape)


def _slice(name: str, slot: Slot | None, start: int, count: int, label: str, rewriter: GraphRewriter) -> str:
    """What a block reads of an input: a slice, another constant, or all of it where it has no such axis."""
    if slot is None:
        return name
    begin, end = start * slot.step, (start + count) * slot.step
    if name in rewriter.constants:
        where = (*[slice(None)] * slot.axis, slice(begin, end))
        return rewriter.new_constant(f"{name}{label}", rewriter.constants[name][where])
    made = rewriter.new_value(f"{name}{label}", _part_of(rewriter.graph.tensor(name), slot, count))
    bounds = [
        rewriter.new_constant(f"{made}_{what}", np.array([at]))
        for what, at in (("from", begin), ("to", end), ("axis", slot.axis))
    ]
    rewriter.append(Node(made, "Slice", (name, *bounds), (made,), version=_VERSION))
    return made
