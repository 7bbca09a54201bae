"""Tiling and fusion of consecutive nodes: a block at a time, so that intermediate values are never whole in memory.

The nodes share a parallel loop (`ir.axes`): along some axis, each part of the result depends only on the same part of
the intermediate values. So each block is computed by nodes of its own from slices of the inputs, and the blocks of
results are concatenated; slices and concatenation are in place::

    y = Second(First(x))      →      y = Concat(Second(First(x, block 0)), Second(First(x, block 1)), …)

Nothing is computed twice; inputs without such an axis are read again for each block.

Fires on what one of `block_groups.GROUPS` finds: nodes with large intermediate values that only they read.

Must not fire on

1. nodes without a common parallel loop, or where a value would be read both whole and in blocks,
2. loops that do not divide into equal blocks of the sizes allowed,
3. rows of contractions whose weights are larger than the value, unless `allow_weight_rereads`: each block reads them,
4. constants that differ from row to row.
"""

from dataclasses import dataclass, replace

import numpy as np

from mini_infer.ir import Node, TensorType
from mini_infer.ir.axes import SHAPED, Slot, part
from mini_infer.ir.equal_parts import parts
from mini_infer.passes.base import Sweep
from mini_infer.passes.rewriter import GraphRewriter, rename, rename_outputs
from mini_infer.passes.tiling.block_groups import GROUPS, Group

_VERSION = 13


@dataclass(frozen=True, slots=True)
class Blocks(Sweep):
    """Computes large intermediate values a block at a time.

    Parameters
    ----------
    of
        What the blocks are of: one of `GROUPS`.
    size_threshold
        Values of more bytes are made in blocks; where possible, blocks take no more.
    allow_weight_rereads
        Whether every block of rows may read weights again that are larger than the value.
    """

    of: str
    size_threshold: int
    allow_weight_rereads: bool = False

    @property
    def name(self) -> str:
        """The name in remarks and reports."""
        return f"blocks-of-{self.of}"

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """The nodes of the group that ends in this one, block by block."""
        group = GROUPS[self.of](node, self.size_threshold, rewriter)
        if group is None:
            return None
        block = self._block(group)
        reason = group.refusal
        if not reason and group.weights > group.bytes and not self.allow_weight_rereads:
            reason = "every block would read weights larger than the value"
        if not reason and block is None:
            reason = f"{group.size} {self.of} have no blocks of the sizes allowed"
        if reason or block is None:
            rewriter.missed(node.name, f"not in blocks: {reason}")
            return None
        producers = group.nodes[:-1]
        for producer in producers:
            rewriter.erase(producer.outputs[0])
        names = ", ".join(repr(producer.name) for producer in producers)
        rewriter.applied(node.name, f"with {names}, {block} of {group.size} {self.of} at a time")
        return [_tile(group, block, self.of, rewriter)]

    def _block(self, group: Group) -> int | None:
        """The largest equal blocks that take at most `size_threshold` bytes; the smallest allowed if none do."""
        sizes = [size for size in parts(group.size, group.multiple) if size >= group.min_size]
        fitting = [size for size in sizes if group.bytes // group.size * size <= self.size_threshold]
        return max(fitting) if fitting else min(sizes, default=None)


def _tile(group: Group, block: int, of: str, rewriter: GraphRewriter) -> Node:
    """Append the nodes block by block; the concatenation of the blocks."""
    made = {name for node in group.nodes for name in node.outputs}
    given = dict.fromkeys(name for node in group.nodes for name in node.inputs if name and name not in made)
    blocks = []
    for start in range(0, group.size, block):
        label = f"_{of}{start}"
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
