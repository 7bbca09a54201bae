"""Which parts lie in their wholes, and which are copied: whatever needs fewer bytes.

In place nothing is copied, but the whole has its bytes from the first part on to the last. A copy needs the parts and
the whole at once, but only then. All parts start in place; those alive at the peak are copied where that lowers it.
"""

from mini_infer.ir import Node
from mini_infer.ir.operators import traits
from mini_infer.lowering.storage import subviews
from mini_infer.lowering.storage.places import Assigner, Places
from mini_infer.memory import peak_bytes, peak_of
from mini_infer.objective import Preference
from mini_infer.program import Space

_VISITS = 100_000
"""Nodes looked at in all placements that are tried, at most."""


def place(assigner: Assigner, whole: frozenset[str], preference: Preference, *, copies_parts: bool = False) -> Places:
    """Give every tensor of the assigner's graph a place; values in `whole` must have bytes of their own.

    The preference says whether a smaller peak is worth a copy, where there is that choice. With `copies_parts` only
    what nobody else reads is concatenated in place.
    """
    finder = subviews.Finder(assigner.graph, assigner.nodes, whole.union(assigner.output_of), assigner.homes)
    if copies_parts:
        readers = assigner.graph.readers
        concats = (node for node in assigner.nodes if node.op == "Concat")
        shared = (node.name for node in concats if any(len(readers[name]) > 1 for name in node.inputs))
        return assigner.assign(finder.find(frozenset(shared)))
    best = assigner.assign(finder.find())
    joined = [node for node in assigner.nodes if traits(node).subviews]
    if not (joined and preference.objective.copies_parts):
        return best
    apart: frozenset[str] = frozenset()
    tries = _VISITS // len(assigner.nodes)
    while True:
        peak = peak_of(best.buffers)
        lifetimes = {index: best.buffers[index].end - best.buffers[index].start for index in peak.live}
        held = {node.name: _lifetime(node, best, lifetimes) for node in joined if node.name not in apart}
        for name in sorted((name for name in held if held[name]), key=held.__getitem__, reverse=True)[:tries]:
            tries -= 1
            placed = assigner.assign(finder.find(apart | {name}))
            if peak_bytes(placed.buffers) < peak.size:
                best, apart = placed, apart | {name}
                break
        else:
            return best


def _lifetime(node: Node, places: Places, lifetimes: dict[int, int]) -> int:
    """The longest life of the buffers at the peak that a node's values lie in; 0 if there is none."""
    views = (places.views.get(name) for name in (*node.inputs, *node.outputs))
    return max((lifetimes.get(view.index, 0) for view in views if view and view.space is Space.ARENA), default=0)
