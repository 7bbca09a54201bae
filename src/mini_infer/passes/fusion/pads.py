"""A `Pad` before a convolution, folded into the convolution's own padding.

Fires on

1. `Conv` of a `Pad` with constant zeros along spatial axes only.

Must not fire on

1. other modes, other values, pads that are computed at run time, negative pads (they cut), pads of batch or channels,
2. a convolution that computes its padding itself (`auto_pad` of `SAME_UPPER` or `SAME_LOWER`).
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from mini_infer.ir import Node
from mini_infer.ir.attributes import has_input, integers, number, setting
from mini_infer.passes.base import Needs, Sweep
from mini_infer.passes.rewriter import GraphRewriter


@dataclass(frozen=True, slots=True)
class FoldPads(Sweep):
    """Gives convolutions the padding of the `Pad` that they read."""

    name: ClassVar[str] = "pads"
    needs: ClassVar[Needs] = (frozenset({"Pad"}), frozenset({"Conv"}))

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """The convolution that pads by itself what it reads."""
        pad = rewriter.producer(node.inputs[0], "Pad") if node.op == "Conv" and not node.domain else None
        if pad is None:
            return None
        pads = _spatial_pads(pad, node, rewriter)
        if isinstance(pads, str):
            rewriter.missed(node.name, f"Pad {pad.name!r} stays: {pads}")
            return None
        rewriter.applied(node.name, f"Pad {pad.name!r} is Conv's own padding")
        attributes = {key: value for key, value in node.attributes.items() if key != "auto_pad"}
        return [replace(node, inputs=(pad.inputs[0], *node.inputs[1:]), attributes={**attributes, "pads": pads})]


def _spatial_pads(pad: Node, conv: Node, rewriter: GraphRewriter) -> tuple[int, ...] | str:
    """The convolution's padding with what the pad adds, or why there is none."""
    kind = rewriter.tensor(pad.inputs[0])
    if kind is None:
        return "the rank is unknown"
    rank = len(kind.shape)
    if (mode := pad.attributes.get("mode", "constant")) != "constant":
        return f"its mode is {mode!r}"
    value = rewriter.scalar(pad.inputs[2]) if has_input(pad, 2) else number(pad, "value", 0.0)
    if value != 0:
        return "it pads with something else than zeros"
    try:
        given = setting(pad, "pads", 1, rewriter.constants) or ()
        axes = setting(pad, "axes", 3, rewriter.constants) or tuple(range(rank))
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
