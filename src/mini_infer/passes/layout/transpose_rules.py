"""Transpose propagation: `Op(Transpose(u))` as `Transpose(Op'(u))`, one rule for each operator.

A rule gets a node that reads `x = Transpose(u, order)` as its first input, and gives the node that reads `u` instead
and the order in which its results must then be transposed to be what they were. Axes are renumbered: axis `a` of `x` is
axis `order[a]` of `u`. Inputs other than the first are parameters (axes, pads, sizes) and must be constants.

An operator without a rule needs its input as it is. Rules are not loops (`ir.axes`): a softmax or a reduction may be
transposed along the very axis that it works along, if its attributes are, and those are what a rule rewrites.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from mini_infer.ir import Node
from mini_infer.ir.attributes import has_input, integer, integers, setting
from mini_infer.ir.graph import CONTRIB_DOMAIN, FUSED_DOMAIN, QUANTIZED_DOMAIN
from mini_infer.passes.layout.permutation import Permutation, inverse, permute
from mini_infer.passes.layout.regroup import regroup
from mini_infer.passes.rewriter import GraphRewriter

Propagated = tuple[Node, Permutation]
Rule = Callable[[Node, Permutation, GraphRewriter], Propagated | str]
"""The node on `u`, with its old data input and outputs, and the order of its results; or why there is none."""


def _unchanged(node: Node, order: Permutation, _: GraphRewriter) -> Propagated:
    """Operators that look at one element at a time."""
    return node, order


def _along(node: Node, order: Permutation, default: int) -> tuple[Node, int]:
    """The node along the same axis of `u`, and which axis that is of `x`."""
    axis = integer(node, "axis", default) % len(order)
    return replace(node, attributes={**node.attributes, "axis": order[axis]}), axis


def _axis(default: int, since: int = 0) -> Rule:
    """Operators with one `axis`, which before version `since` flattened everything after it."""

    def rule(node: Node, order: Permutation, _: GraphRewriter) -> Propagated | str:
        if node.version < since:
            return f"{node.op} before version {since} works on a flattened tensor"
        return _along(node, order, default)[0], order

    return rule


def _reduce(node: Node, order: Permutation, rewriter: GraphRewriter) -> Propagated | str:
    """Reductions over some axes, which disappear unless `keepdims`."""
    axes = setting(node, "axes", 1, rewriter.constants)
    keeps_axes = bool(integer(node, "keepdims", 1))
    if not axes:
        return node, order if keeps_axes or integer(node, "noop_with_empty_axes", 0) else ()
    moved, _ = _listed(node, 1, order, rewriter)
    return moved, order if keeps_axes else _without(order, {axis % len(order) for axis in axes})


def _arg(node: Node, order: Permutation, _: GraphRewriter) -> Propagated:
    """`ArgMax` and `ArgMin`."""
    moved, axis = _along(node, order, 0)
    return moved, order if integer(node, "keepdims", 1) else _without(order, {axis})


def _without(order: Permutation, removed: set[int]) -> Permutation:
    """The order of the axes that remain when some axes of the transposed tensor disappear."""
    kept = [axis for position, axis in enumerate(order) if position not in removed]
    rank = {axis: position for position, axis in enumerate(sorted(kept))}
    return tuple(rank[axis] for axis in kept)


def _pad(node: Node, order: Permutation, rewriter: GraphRewriter) -> Propagated | str:
    """Pads: one for the start of each axis, then one for the end of each."""
    if has_input(node, 3):
        return _listed(node, 3, order, rewriter)
    pads = setting(node, "pads", 1, rewriter.constants) or ()
    rank = len(order)
    back = inverse(order)
    values = (*permute(pads[:rank], back), *permute(pads[rank:], back))
    return _with_setting(node, "pads", 1, values, rewriter), order


def _slice(node: Node, order: Permutation, rewriter: GraphRewriter) -> Propagated | str:
    """Slices name their axes, or cut the first ones."""
    starts = setting(node, "starts", 1, rewriter.constants) or ()
    if setting(node, "axes", 3, rewriter.constants) is not None:
        return _listed(node, 3, order, rewriter)
    axes = order[: len(starts)]
    if node.version < 10:  # noqa: PLR2004 - axes became an input
        return replace(node, attributes={**node.attributes, "axes": axes}), order
    constant = rewriter.new_constant(f"{node.name}_axes", np.asarray(axes, dtype=np.int64))
    return replace(node, inputs=(*node.inputs[:3], constant, *node.inputs[4:])), order


def _with_setting(node: Node, name: str, position: int, values: Sequence[int], rewriter: GraphRewriter) -> Node:
    """The node with other integers where `setting` found them: a new attribute, or a new constant."""
    if has_input(node, position):
        old = rewriter.constants[node.inputs[position]]
        shape = old.shape if old.size == len(values) else (len(values),)
        constant = rewriter.new_constant(f"{node.name}_{name}", np.asarray(values, dtype=old.dtype).reshape(shape))
        inputs = (*node.inputs[:position], constant, *node.inputs[position + 1 :])
        return replace(node, inputs=inputs)
    value = values[0] if isinstance(node.attributes.get(name), int) else tuple(values)
    return replace(node, attributes={**node.attributes, name: value})


def _listed(node: Node, position: int, order: Permutation, rewriter: GraphRewriter) -> Propagated:
    """Operators whose parameters belong to the axes that an attribute or the input at `position` lists."""
    axes = setting(node, "axes", position, rewriter.constants) or ()
    return _with_setting(node, "axes", position, [order[axis % len(order)] for axis in axes], rewriter), order


def _per_axis(name: str, position: int) -> Rule:
    """Operators with one value for each axis."""

    def rule(node: Node, order: Permutation, rewriter: GraphRewriter) -> Propagated | str:
        values = setting(node, name, position, rewriter.constants) or ()
        if len(values) != len(order):
            return f"{node.op} changes the rank"
        return _with_setting(node, name, position, permute(values, inverse(order)), rewriter), order

    return rule


def _resize(node: Node, order: Permutation, rewriter: GraphRewriter) -> Propagated | str:
    """`Resize` and `Upsample`: a scale or a size for each axis, or for those listed in `axes`."""
    if node.attributes.get("coordinate_transformation_mode") == "tf_crop_and_resize":
        return "its region of interest is given per axis"
    if "axes" in node.attributes:
        axes = [order[axis % len(order)] for axis in integers(node, "axes")]
        return replace(node, attributes={**node.attributes, "axes": tuple(axes)}), order
    moved = node
    scales = 1 if node.op == "Upsample" or node.version < 11 else 2  # noqa: PLR2004 - then came roi
    for position in (scales, 3):
        if not has_input(node, position):
            continue
        array = rewriter.constants.get(node.inputs[position])
        if array is None:
            return f"the output size of {node.op} is computed at run time"
        if array.size:
            constant = rewriter.new_constant(f"{node.inputs[position]}_moved", array[list(inverse(order))])
            moved = replace(moved, inputs=(*moved.inputs[:position], constant, *moved.inputs[position + 1 :]))
    return (
        (moved, order) if moved is not node else f"{node.op} of version {node.version} has its scales in an attribute"
    )


def _gather(node: Node, order: Permutation, rewriter: GraphRewriter) -> Propagated | str:
    """A `Gather` by a scalar, whose axis disappears, or by a list of indices."""
    kind = rewriter.tensor(node.inputs[1])
    if kind is None or len(kind.shape) > 1:
        return "its indices make new axes"
    moved, axis = _along(node, order, 0)
    return moved, order if kind.shape else _without(order, {axis})


def _view(node: Node, order: Permutation, rewriter: GraphRewriter) -> Propagated | str:
    """`Reshape`, `Flatten`, `Squeeze`, `Unsqueeze`: if each group of axes that it merges or splits stays together."""
    given, made = rewriter.graph.tensor(node.inputs[0]).shape, rewriter.graph.tensor(node.outputs[0]).shape
    found = regroup(given, made, order)
    if found is None:
        return f"{node.op} to {'x'.join(map(str, made))} merges axes that the transpose moves apart"
    shape, after = found
    return rewriter.reshape(node.name, node.inputs[0], node.outputs[0], shape), after


def _rows(node: Node, order: Permutation, rewriter: GraphRewriter) -> Propagated | str:
    """A `MatMul` by a constant matrix works on each row by itself: the other axes may change places."""
    first, *rest = node.primitives
    right = rewriter.constants.get(first.inputs[1])
    if first.op != "MatMul" or right is None or right.ndim != 2 or order[-1] != len(order) - 1:  # noqa: PLR2004
        return f"{node.op} needs its rows in place"
    inside = {name for inner in node.primitives for name in inner.outputs}
    extra = [name for inner in rest for name in inner.inputs if name and name not in inside]
    if any(name not in rewriter.constants or max(rewriter.constants[name].shape[:-1], default=1) > 1 for name in extra):
        return f"{node.op} adds a tensor to its rows"
    return node, order


def _last_axes(node: Node, order: Permutation, _: GraphRewriter) -> Propagated | str:
    """Normalizations over the last axes, which must stay where they are."""
    start = integer(node, "axis", -1) % len(order)
    if order[start:] != tuple(range(start, len(order))) or len(node.writes) > 1:
        return f"{node.op} normalizes axes that the transpose moves"
    return node, order


def _softmax(node: Node, order: Permutation, _: GraphRewriter) -> Propagated:
    """`QLinearSoftmax`, along one axis."""
    return _along(node, order, -1)[0], order


def _quantize(node: Node, order: Permutation, rewriter: GraphRewriter) -> Propagated | str:
    """Quantization by one scale, or by one per element of an axis."""
    kind = rewriter.tensor(node.inputs[1])
    if kind is None or len(kind.shape) > 1:
        return "its scales are given by block"
    return (_along(node, order, 1)[0] if kind.shape else node), order


_REDUCTIONS = "L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare"

TRANSPOSE_RULES: Mapping[tuple[str, str], Rule] = {
    **{("", op): _unchanged for op in ("Cast", "Dropout", "Identity")},
    **{("", op): _axis(-1, since=13) for op in ("Hardmax", "LogSoftmax", "Softmax")},
    **{("", f"Reduce{kind}"): _reduce for kind in _REDUCTIONS.split()},
    **{("", op): _arg for op in ("ArgMax", "ArgMin")},
    **{("", op): _quantize for op in ("DequantizeLinear", "QuantizeLinear")},
    **{("", op): _view for op in ("Flatten", "Reshape", "Squeeze", "Unsqueeze")},
    **{("", op): _last_axes for op in ("LayerNormalization", "RMSNormalization")},
    **{("", op): _resize for op in ("Resize", "Upsample")},
    ("", "Split"): _axis(0),
    ("", "TopK"): _axis(-1),
    ("", "Pad"): _pad,
    ("", "Slice"): _slice,
    ("", "Tile"): _per_axis("repeats", 1),
    ("", "Expand"): _per_axis("shape", 1),
    ("", "Gather"): _gather,
    ("", "MatMul"): _rows,
    (FUSED_DOMAIN, "MatMul"): _rows,
    (CONTRIB_DOMAIN, "QLinearSoftmax"): _softmax,
    (QUANTIZED_DOMAIN, "Lookup"): _unchanged,
}
"""Operator → its rule. Elementwise operators and `Concat`, which read several tensors, are in `transposes.py`."""
