"""Attention with the projections before it, some heads at a time, so that q, k and v are never whole in memory.

q, k and v are each a `Reshape` to `[batch, tokens, heads, size]` of a `MatMul` with a constant matrix, perhaps with a
bias, and for the attention alone. Each head of the result is made of the same head of q, k and v, which is `size`
columns of the product, and of its weights. So each block of heads is computed by nodes of its own from slices of the
weights, and the blocks of results are concatenated, in place::

    y = Attention(Q(x), K(x), V(x))      →      y = Concat(Attention(Q(x), …, block 0), Attention(Q(x), …, block 1), …)

Nothing is computed twice; what has no heads is read again for each block.

Fires on attention whose projections together are larger than `size_threshold`.

Must not fire on

1. attention of other values, or one that does more with its heads than to transpose, to scale and to mask them,
2. values that would be read both whole and in blocks,
3. heads that do not divide into equal blocks of the sizes allowed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import ClassVar

import numpy as np

from mini_infer.ir import Node, TensorType
from mini_infer.ir.attributes import integers
from mini_infer.ir.equal_parts import parts
from mini_infer.ir.graph import FUSED_DOMAIN
from mini_infer.ir.operators import traits
from mini_infer.passes.base import Needs, Sweep
from mini_infer.passes.rewriter import GraphRewriter, rename, rename_outputs

_VERSION = 13
_MATRIX = 2
_HEADS, _RANK = 2, 4
"""The axis of heads in q, k, v and the result, of how many."""


class _RefusedError(Exception):
    """Why attention is not made in blocks."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the heads of a value lie: head i is the elements `[i * step, (i + 1) * step)` along an axis."""

    axis: int = _HEADS
    step: int = 1


_Places = Mapping[str, _Place | None]
"""A value that is read or written → where its heads lie; none in what is read as a whole."""


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
        """The attention that this node is, and what it reads, block by block."""
        if (node.domain, node.op) != (FUSED_DOMAIN, "Attention"):
            return None
        projections = {name: found for name in node.inputs if (found := _projection(name, rewriter))}
        size = sum(rewriter.graph.tensor(name).most_bytes for name in projections)
        heads = rewriter.graph.tensor(node.outputs[0]).shape[-_HEADS]
        if size <= self.size_threshold or heads == 1:
            return None
        block = self._block(heads, size)
        try:
            if len(projections) != 3:  # noqa: PLR2004 - q, k and v
                raise _RefusedError("q, k and v are no three projections")
            places = _places(node, projections, rewriter)
            if block is None:
                raise _RefusedError(f"{heads} heads have no blocks of the sizes allowed")
        except _RefusedError as reason:
            rewriter.missed(node.name, f"not in blocks: {reason}")
            return None
        producers = [producer for found in projections.values() for producer in found]
        for producer in producers:
            rewriter.erase(producer.outputs[0])
        names = ", ".join(repr(producer.name) for producer in producers)
        rewriter.applied(node.name, f"with {names}, {block} of {heads} heads at a time")
        return [_in_blocks((*producers, node), places, heads, block, rewriter)]

    def _block(self, heads: int, size: int) -> int | None:
        """The largest equal blocks that take at most `size_threshold` bytes; the smallest if none do."""
        counts = parts(heads)
        fitting = [count for count in counts if size // heads * count <= self.size_threshold]
        return max(fitting) if fitting else min(counts, default=None)


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


def _places(attention: Node, projections: Mapping[str, tuple[Node, Node]], rewriter: GraphRewriter) -> _Places:
    """Where the heads lie in all that the nodes read and write."""
    found: dict[str, _Place | None] = {}
    each = [_of_projection(product, reshape, rewriter) for product, reshape in projections.values()]
    for name, place in (*chain(*each), *_of_attention(attention, projections, rewriter)):
        if found.setdefault(name, place) != place:
            raise _RefusedError(f"{name!r} would be read both whole and in blocks")
    return found


def _of_projection(product: Node, reshape: Node, rewriter: GraphRewriter) -> Iterator[tuple[str, _Place | None]]:
    """A head is so many columns of the product."""
    shape = rewriter.graph.tensor(product.outputs[0]).shape
    *_, heads, size = rewriter.graph.tensor(reshape.outputs[0]).shape
    if shape[-1] != heads * size:
        raise _RefusedError(f"{reshape.name!r} does more than to cut columns into heads")
    matmul, *rest = product.primitives
    yield matmul.inputs[0], None
    yield matmul.inputs[1], _Place(1, size)
    for name in (name for add in rest for name in add.inputs if name != matmul.outputs[0]):
        axis = _aligned(name, -1, rewriter)
        yield name, None if axis is None else _Place(axis, size)
    yield product.outputs[0], _Place(len(shape) - 1, size)
    yield from ((name, None) for name in reshape.inputs[1:])
    yield reshape.outputs[0], _Place()


def _of_attention(node: Node, heads: Iterable[str], rewriter: GraphRewriter) -> Iterator[tuple[str, _Place | None]]:
    """Each of the nodes in the body leaves the heads to themselves, along one of its four axes."""
    axes = dict.fromkeys(heads, _HEADS)
    for inner in node.primitives:
        among = {axes[name] for name in inner.inputs if name in axes}
        others = [name for name in inner.inputs if name not in axes]
        axis = among.pop() if len(among) == 1 else _RANK
        if inner.op == "Transpose" and not others:
            axis = integers(inner, "perm", (3, 2, 1, 0)).index(axis)
        elif (
            not (inner.op in {"MatMul", "Softmax"} or traits(inner).elementwise)
            or axis >= _RANK - _MATRIX
            or (inner.op == "MatMul" and others)
            or any(name not in node.inputs for name in others)
        ):
            raise _RefusedError(f"{inner.op} {inner.name!r} does not leave the heads to themselves")
        for name in others:
            own = _aligned(name, axis - _RANK, rewriter)
            yield name, None if own is None else _Place(own)
        axes[inner.outputs[0]] = axis
    if axes[node.outputs[0]] != _HEADS:
        raise _RefusedError(f"the heads of the result lie along axis {axes[node.outputs[0]]}")
    yield node.outputs[0], _Place()


def _aligned(name: str, axis: int, rewriter: GraphRewriter) -> int | None:
    """The axis of an operand, counted from its end, along which it has an element for each of the result's."""
    shape = rewriter.graph.tensor(name).shape
    return len(shape) + axis if len(shape) >= -axis and shape[axis] != 1 else None


def _in_blocks(nodes: Sequence[Node], places: _Places, heads: int, block: int, rewriter: GraphRewriter) -> Node:
    """Append the nodes block by block; the concatenation of the blocks."""
    *_, attention = nodes
    made = {name for node in nodes for name in node.outputs}
    given = dict.fromkeys(name for node in nodes for name in node.inputs if name and name not in made)
    blocks = []
    for start in range(0, heads, block):
        label = f"_heads{start}"
        names = {name: _slice(name, places[name], start, block, label, rewriter) for name in given}
        for node in nodes:
            (result,) = node.outputs
            kind = _part(rewriter.graph.tensor(result), places[result], block)
            names[result] = rewriter.new_value(f"{result}{label}", kind)
            piece = replace(node, name=f"{node.name}{label}")
            if node.op == "Reshape":
                piece = rewriter.reshape(piece.name, names[node.inputs[0]], names[result], kind.shape)
            rewriter.append(rename_outputs(rename(piece, names), names))
        blocks.append(names[result])
    name = f"{attention.name}_blocks"
    return Node(name, "Concat", tuple(blocks), attention.outputs, {"axis": _HEADS}, version=_VERSION)


def _part(kind: TensorType, place: _Place | None, count: int) -> TensorType:
    """The type of so many heads of a value."""
    if place is None:
        return kind
    shape = (*kind.shape[: place.axis], count * place.step, *kind.shape[place.axis + 1 :])
    return TensorType(kind.dtype, shape)


def _slice(name: str, place: _Place | None, start: int, count: int, label: str, rewriter: GraphRewriter) -> str:
    """What a block reads of an input: a slice, another constant, or all of it where it has no heads."""
    if place is None:
        return name
    begin, end = start * place.step, (start + count) * place.step
    if name in rewriter.constants:
        where = (*[slice(None)] * place.axis, slice(begin, end))
        return rewriter.new_constant(f"{name}{label}", rewriter.constants[name][where])
    made = rewriter.new_value(f"{name}{label}", _part(rewriter.graph.tensor(name), place, count))
    bounds = [
        rewriter.new_constant(f"{made}_{what}", np.array([at]))
        for what, at in (("from", begin), ("to", end), ("axis", place.axis))
    ]
    rewriter.append(Node(made, "Slice", (name, *bounds), (made,), version=_VERSION))
    return made
