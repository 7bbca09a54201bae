"""Nodes that return their input as it is.

Fires on

1. `Identity`, and `Dropout` outside training when nobody reads its mask,
2. `Cast` to the type its input has,
3. `Reshape`, `Flatten`, `Squeeze`, `Unsqueeze`, `Expand` and `Tile` to the shape the input has, `Transpose` that keeps
   the order, `Slice` of everything in steps of one, `Pad` by nothing, a pool over windows of one element,
4. `Concat`, `Sum`, `Mean`, `Max`, `Min` of one input, `Split` into one output,
5. `x * 1`, `x / 1`, `x - 0`, `x + (-0.0)`, and `x + 0` of integers, whose constant does not broadcast `x`,
6. a view of a view (`Reshape` of `Reshape`, `Flatten` of `Squeeze`, …): one `Reshape`.

Must not fire on

1. `x + 0.0`: it turns -0.0 into 0.0; `x * 0`: it keeps NaN,
2. a constant that gives the result another shape or element type,
3. a result that a nested graph reads by name, or that the caller gets while the input is an input, a constant, or
   another output of the graph: a copy is what was asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mini_infer.ir import Graph, Node
from mini_infer.ir.alias import is_view
from mini_infer.ir.attributes import has_input, integer, integers, setting
from mini_infer.ir.operators import having, traits
from mini_infer.passes.base import Needs, Pass, sweep
from mini_infer.passes.remarks import Remarks
from mini_infer.passes.rewriter import GraphRewriter, rename, rename_outputs

_ARITHMETIC = frozenset({"Add", "Sub", "Mul", "Div"})
_COPYING = frozenset({"Identity", "Transpose", "Slice", "Pad", "Dropout"})


@dataclass(frozen=True, slots=True)
class Identities(Pass):
    """Removes nodes that return their input, and merges views of views."""

    name: ClassVar[str] = "identities"
    needs: ClassVar[Needs] = (
        having(lambda its: its.in_order or its.variadic or its.pool or its.view) | _ARITHMETIC | _COPYING,
    )

    def __call__(self, graph: Graph, remarks: Remarks) -> Graph:
        """The graph in which readers of a copy read the original."""
        captured = {name for node in graph.nodes for name in node.captured}
        pinned = set(captured)
        originals: dict[str, str] = {}
        renamed: dict[str, str] = {}

        def rewrite(old: Node, rewriter: GraphRewriter) -> list[Node] | None:
            node = rename(old, originals)
            merged = _merge_views(node, rewriter)
            if merged is not node:
                rewriter.applied(node.name, f"{node.op} of a view: one Reshape")
                node = merged
            kept = None if node is old else [node]
            source = original(node, rewriter)
            if source is None:
                return kept
            result = node.outputs[0]
            if result in captured:
                rewriter.missed(node.name, f"a nested graph reads {result!r} by name")
                return kept
            if not rewriter.is_output(result):
                originals[result] = source
            elif rewriter.producer(source) and not rewriter.is_output(source) and source not in pinned:
                pinned.add(source)
                renamed[source] = result
            else:
                rewriter.missed(node.name, f"output {result!r} is a copy of {source!r}, which stays")
                return kept
            rewriter.applied(node.name, f"{node.op} returns {source!r} as it is")
            return []

        rewritten = sweep(self.name, graph, remarks, rewrite)
        return _rename_everywhere(rewritten, renamed) if renamed else rewritten


def original(node: Node, rewriter: GraphRewriter) -> str | None:
    """The value that the node returns as it is, if it does."""
    if node.domain or not node.inputs or not node.inputs[0] or len(node.writes) != 1 or not node.outputs[0]:
        return None
    source = node.inputs[0]
    if node.op == "Identity":
        return source
    if node.op in _ARITHMETIC:
        return _neutral(node, rewriter)
    given, made = rewriter.tensor(source), rewriter.tensor(node.outputs[0])
    if given is None or given != made:
        return None
    if traits(node).in_order or (traits(node).variadic and len(node.inputs) == 1):
        return source
    return source if _keeps_everything(node, len(given.shape), rewriter.constants) else None


def _keeps_everything(node: Node, rank: int, constants: Mapping[str, np.ndarray]) -> bool:
    """Whether an operator that gives its input's type also gives its elements, each in its place."""
    try:
        if node.op == "Transpose":
            return integers(node, "perm", tuple(reversed(range(rank)))) == tuple(range(rank))
        if node.op == "Slice":
            return all(step == 1 for step in setting(node, "steps", 4, constants) or ())
        if node.op == "Pad":
            return not any(setting(node, "pads", 1, constants) or ())
    except LookupError:
        return False
    if node.op == "Dropout":
        if has_input(node, 2):
            training = constants.get(node.inputs[2])
            return training is not None and not training.any()
        return integer(node, "is_test", 1) == 1
    if traits(node).pool and not traits(node).integer:
        ones = (*integers(node, "kernel_shape"), *integers(node, "strides"))
        return all(item == 1 for item in ones) and not any(integers(node, "pads")) and "auto_pad" not in node.attributes
    return False


def _neutral(node: Node, rewriter: GraphRewriter) -> str | None:
    """The other operand of an Add, Sub, Mul or Div by its neutral element."""
    left, right = node.inputs
    sides = [(left, right)] if node.op in {"Sub", "Div"} else [(left, right), (right, left)]
    made = rewriter.tensor(node.outputs[0])
    for source, other in sides:
        array = rewriter.constants.get(other)
        if array is None or made is None or rewriter.tensor(source) != made or source in rewriter.constants:
            continue
        if node.op in {"Mul", "Div"}:
            neutral = array.dtype.kind in "fiu" and bool(np.all(array == 1))
        elif array.dtype.kind == "f":
            neutral = bool(np.all(array == 0)) and bool(np.all(np.signbit(array) == (node.op == "Add")))
        else:
            neutral = array.dtype.kind in "iu" and not array.any()
        if neutral:
            return source
    return None


def _merge_views(node: Node, rewriter: GraphRewriter) -> Node:
    """A view of a view as one Reshape of what the inner one views."""
    inner = rewriter.producer(node.inputs[0]) if node.inputs and is_view(node) else None
    kind = rewriter.tensor(node.outputs[0])
    if inner is None or not is_view(inner) or inner.op == "Identity" or node.op == "Identity":
        return node
    if kind is None or kind.elements == 0 or rewriter.tensor(inner.inputs[0]) is None:
        return node
    return rewriter.reshape(node.name, inner.inputs[0], node.outputs[0], kind.shape)


def _rename_everywhere(graph: Graph, names: dict[str, str]) -> Graph:
    """The graph in which the producers of some values call them by other names."""
    return graph.replace(nodes=[rename_outputs(rename(node, names), names) for node in graph.nodes])
