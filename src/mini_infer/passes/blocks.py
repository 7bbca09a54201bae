"""Nodes in a row done a block at a time, so that only a block of what lies between them ever exists.

The nodes share a loop (`ir.axes`): along some axis, each part of the result depends on the same part of what lies
between. So each block is made by nodes of its own, of slices of what they read, and the blocks of results are
concatenated, which is done in place, as slicing is::

    y = Second(First(x))      →      y = Concat(Second(First(x, block 0)), Second(First(x, block 1)), …)

Nothing is computed twice; what has no such axis is read again for each block.

Fires on what one of `block_groups.GROUPS` finds: nodes with large values between them, which only they read.

Must not fire on

1. nodes without a common loop, or where a value would be read as a whole and in parts,
2. sizes that have no equal blocks of what the group asks for at least,
3. rows of products whose weights are larger than the value, unless `heavy`: every block reads them again,
4. constants that differ from row to row.
"""

from dataclasses import dataclass, replace

import numpy as np

from mini_infer.ir import Graph, Node, TensorType
from mini_infer.ir.axes import SHAPED, Slot, part
from mini_infer.ir.equal_parts import parts
from mini_infer.passes.base import Journal, Pass
from mini_infer.passes.block_groups import GROUPS, Group
from mini_infer.passes.draft import Draft, rename, rename_outputs

_VERSION = 13


@dataclass(frozen=True, slots=True)
class Blocks(Pass):
    """Makes large values between nodes a block at a time.

    Parameters
    ----------
    of
        What the blocks are of: one of `GROUPS`.
    above
        Bytes of the largest such values that are left whole, and of a block where that goes.
    heavy
        Whether nodes that work on rows may read weights again that are larger than the value.
    """

    of: str
    above: int
    heavy: bool = False

    @property
    def name(self) -> str:
        """The name in journals and reports."""
        return f"blocks-of-{self.of}"

    def __call__(self, graph: Graph, journal: Journal) -> Graph:
        """The graph without the large values between such nodes."""
        draft = Draft(graph)
        changed = False
        for node in graph.nodes:
            group = GROUPS[self.of](node, self.above, draft)
            if group is None:
                draft.emit(node)
                continue
            block = self._block(group)
            reason = group.refusal
            if not reason and group.weights > group.bytes and not self.heavy:
                reason = "every block would read weights larger than the value"
            if not reason and block is None:
                reason = f"{group.size} {self.of} have no blocks of the sizes allowed"
            if reason or block is None:
                journal.refused(self.name, node.name, f"not in blocks: {reason}")
                draft.emit(node)
                continue
            for before in group.nodes[:-1]:
                draft.take(before.outputs[0])
            _cut(group, block, self.of, draft)
            changed = True
            others = ", ".join(repr(before.name) for before in group.nodes[:-1])
            journal.made(self.name, node.name, f"with {others}, {block} of {group.size} {self.of} at a time")
        return draft.finish() if changed else graph

    def _block(self, group: Group) -> int | None:
        """The most indices that take no more than `above`, of equal blocks; the fewest allowed if all take more."""
        sizes = [size for size in parts(group.size, group.multiple) if size >= group.least]
        fitting = [size for size in sizes if group.bytes // group.size * size <= self.above]
        return max(fitting) if fitting else min(sizes, default=None)


def _cut(group: Group, block: int, of: str, draft: Draft) -> None:
    """Emit the nodes block by block, and the concatenation."""
    made = {name for node in group.nodes for name in node.outputs}
    given = dict.fromkeys(name for node in group.nodes for name in node.inputs if name and name not in made)
    blocks = []
    for start in range(0, group.size, block):
        label = f"_{of}{start}"
        names = {name: _taken(name, group.slots[name], start, block, label, draft) for name in given}
        for node in group.nodes:
            (result,) = node.outputs
            kind = _part_of(draft.graph.tensor(result), group.slots[result], block)
            names[result] = draft.declare(f"{result}{label}", kind)
            piece = replace(part(node, group.slots, group.size, block), name=f"{node.name}{label}")
            if node.op in SHAPED:
                shape = draft.constant(f"{names[result]}_shape", np.asarray(kind.shape, np.int64))
                piece = replace(piece, inputs=(piece.inputs[0], shape))
            draft.emit(rename_outputs(rename(piece, names), names))
        blocks.append(names[result])
    draft.emit(Node(f"{node.name}_blocks", "Concat", tuple(blocks), (result,), {"axis": group.axis}, version=_VERSION))


def _part_of(kind: TensorType, slot: Slot | None, count: int) -> TensorType:
    """The type of so many indices of a value."""
    if slot is None:
        return kind
    shape = (*kind.shape[: slot.axis], count * slot.step, *kind.shape[slot.axis + 1 :])
    return TensorType(kind.dtype, shape)


def _taken(name: str, slot: Slot | None, start: int, count: int, label: str, draft: Draft) -> str:
    """Some indices of what the nodes read: a slice, another constant, or all of it where it has no such axis."""
    if slot is None:
        return name
    begin, end = start * slot.step, (start + count) * slot.step
    if name in draft.constants:
        where = (*[slice(None)] * slot.axis, slice(begin, end))
        return draft.constant(f"{name}{label}", draft.constants[name][where])
    made = draft.declare(f"{name}{label}", _part_of(draft.graph.tensor(name), slot, count))
    bounds = [
        draft.constant(f"{made}_{what}", np.array([at]))
        for what, at in (("from", begin), ("to", end), ("axis", slot.axis))
    ]
    draft.emit(Node(made, "Slice", (name, *bounds), (made,), version=_VERSION))
    return made
