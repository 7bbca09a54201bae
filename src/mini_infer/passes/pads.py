"""Zeros that are put around a tensor only for a convolution to read: the convolution's own padding.

Fires on

1. `Conv` of a `Pad` with constant zeros along spatial axes only.

Must not fire on

1. other modes, other values, pads that are computed at run time, negative pads (they cut), pads of batch or channels,
2. a convolution that computes its padding itself (`auto_pad` of `SAME_UPPER` or `SAME_LOWER`).
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from mini_infer.ir import Graph, Node
from mini_infer.passes.attributes import has_input, integers, number, scalar, setting
from mini_infer.passes.base import Journal, Needs, Pass
from mini_infer.passes.draft import Draft


@dataclass(frozen=True, slots=True)
class FoldPads(Pass):
    """Gives convolutions the padding that stands before them."""

    name: ClassVar[str] = "pads"
    needs: ClassVar[Needs] = (frozenset({"Pad"}), frozenset({"Conv"}))

    def __call__(self, graph: Graph, journal: Journal) -> Graph:
        """The graph whose convolutions read unpadded tensors; what pads no longer serve is left to `dead.py`."""
        draft = Draft(graph)
        changed = False
        for node in graph.nodes:
            pad = draft.producer(node.inputs[0]) if node.op == "Conv" and not node.domain else None
            if pad is None or pad.op != "Pad" or pad.domain:
                draft.emit(node)
                continue
            pads = _spatial_pads(pad, node, draft)
            if isinstance(pads, str):
                journal.refused(self.name, node.name, f"Pad {pad.name!r} stays: {pads}")
                draft.emit(node)
                continue
            changed = True
            journal.made(self.name, node.name, f"Pad {pad.name!r} is Conv's own padding")
            attributes = {key: value for key, value in node.attributes.items() if key != "auto_pad"}
            inputs = (pad.inputs[0], *node.inputs[1:])
            draft.emit(replace(node, inputs=inputs, attributes={**attributes, "pads": pads}))
        return draft.finish() if changed else graph


def _spatial_pads(pad: Node, conv: Node, draft: Draft) -> tuple[int, ...] | str:
    """The convolution's padding with what the pad adds, or why there is none."""
    kind = draft.tensor(pad.inputs[0])
    if kind is None:
        return "the rank is unknown"
    rank = len(kind.shape)
    if (mode := pad.attributes.get("mode", "constant")) != "constant":
        return f"its mode is {mode!r}"
    value = scalar(pad.inputs[2], draft.constants) if has_input(pad, 2) else number(pad, "value", 0.0)
    if value != 0:
        return "it pads with something else than zeros"
    try:
        given = setting(pad, "pads", 1, draft.constants) or ()
        axes = setting(pad, "axes", 3, draft.constants) or tuple(range(rank))
    except LookupError as error:
        return str(error)
    full = [0] * (2 * rank)
    for position, axis in enumerate(axes):
        full[axis % rank] = given[position]
        full[rank + axis % rank] = given[len(axes) + position]
    if any(full[:2]) or any(full[rank : rank + 2]) or min(full) < 0:
        return "it pads more than space"
    if (automatic := conv.attributes.get("auto_pad", "NOTSET")) not in {"NOTSET", "VALID"}:
        return f"the convolution pads by {automatic!r}"
    added = (*full[2:rank], *full[rank + 2 :])
    return tuple(a + b for a, b in zip(integers(conv, "pads", (0,) * len(added)), added, strict=True))
