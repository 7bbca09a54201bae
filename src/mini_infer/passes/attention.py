"""Attention that the exporter wrote out, as one node: no tensor of all scores is ever stored.

The fused node is called `Attention`; its body is what it stands for. Fires on float32

1. `MatMul(Softmax(MatMul(q, k)), v)` with three or four axes, softmax over the last one,
2. between the first product and the softmax: products with numbers, then `Add` of a mask, or `Where` that puts a
   number in the place of scores,
3. before q, k and v: `Transpose`, `Reshape`, `Squeeze`, `Unsqueeze`, `Gather` by a number, also where only q, k and v
   read what they share, and q and k times a number,
4. behind it: a `Transpose` that leaves the last axis where it is.

Must not fire on

1. scores or weights that someone else reads too, or that the caller gets,
2. operands whose leading axes broadcast, or a mask that makes the scores larger,
3. other element types: the products would round elsewhere,
4. fewer queries than `fewest`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mini_infer.ir import DType, Graph, Node
from mini_infer.ir.fusion import FEWEST_QUERIES
from mini_infer.ir.graph import FUSED_DOMAIN
from mini_infer.ir.operators import traits
from mini_infer.passes.attributes import integer, integers, scalar
from mini_infer.passes.base import Journal, Needs, Pass
from mini_infer.passes.draft import Draft, fuse

_RANKS = (3, 4)
_LAST_AXIS_SINCE = 13
"""The version of Softmax whose axis is the last one by default."""


class _RefusedError(Exception):
    """Why an expression is not fused."""


@dataclass(frozen=True, slots=True)
class FuseAttention(Pass):
    """Fuses attention.

    Parameters
    ----------
    fewest
        Queries that a head must have.
    """

    fewest: int = FEWEST_QUERIES
    name: ClassVar[str] = "attention"
    needs: ClassVar[Needs] = (frozenset({"Softmax"}), frozenset({"MatMul", "Transpose"}))

    def __call__(self, graph: Graph, journal: Journal) -> Graph:
        """The graph with attention as single nodes."""
        draft = Draft(graph)
        changed = False
        for node in graph.nodes:
            new = None
            if node.domain == "" and node.op == "MatMul":
                new = self._fuse(node, draft, journal)
            if node.domain == "" and node.op == "Transpose":
                new = self._extend(node, draft, journal)
            changed = changed or new is not None
            draft.emit(new or node)
        return draft.finish() if changed else graph

    def _fuse(self, node: Node, draft: Draft, journal: Journal) -> Node | None:
        """The attention that ends in this product; what it stands for is taken out."""
        softmax = draft.producer(node.inputs[0])
        if softmax is None or softmax.op != "Softmax" or softmax.domain:
            return None
        try:
            inside = self._inside(node, softmax, draft)
        except _RefusedError as reason:
            journal.refused(self.name, node.name, f"MatMul not fused with Softmax {softmax.name!r}: {reason}")
            return None
        inside.sort(key=draft.position)
        taken = [draft.take(name) for name in inside]
        journal.made(self.name, node.name, f"{', '.join(inner.op for inner in taken)}, MatMul are attention")
        return fuse("Attention", (*taken, node))

    def _extend(self, node: Node, draft: Draft, journal: Journal) -> Node | None:
        """The attention before a transpose that leaves the last axis where it is, with the transpose."""
        value = node.inputs[0]
        before = draft.producer(value)
        order = integers(node, "perm")
        if before is None or (before.domain, before.op) != (FUSED_DOMAIN, "Attention") or not draft.only_use(value):
            return None
        if not order or order[-1] != len(order) - 1:
            return None
        journal.made(self.name, node.name, f"Transpose is part of the attention {before.name!r}")
        return fuse("Attention", (draft.take(value), node))

    def _inside(self, node: Node, softmax: Node, draft: Draft) -> list[str]:
        """The values of the attention that ends in `node`."""
        scores = _private(softmax.outputs[0], softmax, draft)
        kind = draft.graph.tensor(scores)
        rank = len(kind.shape)
        axis = integer(softmax, "axis", -1 if softmax.version >= _LAST_AXIS_SINCE else 1)
        if rank not in _RANKS or axis % rank != rank - 1 or kind.dtype is not DType.FLOAT32:
            raise _RefusedError(f"{kind} along axis {axis}")
        if kind.shape[-2] < self.fewest:
            raise _RefusedError(f"{kind.shape[-2]} queries are fewer than {self.fewest}")
        inside = [scores]
        value = softmax.inputs[0]
        masking = draft.producer(value)
        if masking is not None and masking.domain == "" and masking.op in {"Add", "Where"}:
            inside.append(_private(value, masking, draft))
            value = _masked(masking, draft)
        inside += [name for name, _ in _scalings(value, draft)]
        product = _unscaled(value, draft)
        first = draft.producer(product)
        if first is None or first.op != "MatMul" or first.domain:
            raise _RefusedError(f"{product!r} is no plain product")
        inside.append(_private(product, first, draft))
        q, k, v = *first.inputs, node.inputs[1]
        shapes = {draft.graph.tensor(name).shape[:-2] for name in (q, k, v, product, node.outputs[0])}
        if shapes != {kind.shape[:-2]}:
            raise _RefusedError("its operands broadcast")
        operands = [_before(name, draft, scaled=scaled) for name, scaled in ((q, True), (k, True), (v, False))]
        known = [*inside, *(name for found, _ in operands for name in found), node.outputs[0]]
        shared = _shared([end for _, end in operands], known, draft)
        for found, end in operands:
            producer = draft.producer(end)
            in_part = end in shared or (producer is not None and producer.op in {"Slice", "Split"})
            inside += found if in_part else _without_reshapes(found, draft)
        return list(dict.fromkeys([*inside, *shared]))


def _private(name: str, node: Node, draft: Draft) -> str:
    """The name of a value, if nobody outside reads it."""
    if not draft.only_use(name) or len(node.writes) > 1:
        raise _RefusedError(f"{name!r} is read by others too")
    return name


def _masked(node: Node, draft: Draft) -> str:
    """The scores that a mask changes."""
    kind = draft.graph.tensor(node.outputs[0])
    candidates = node.inputs if node.op == "Add" else node.inputs[1:]
    for value in candidates:
        producer = draft.producer(_unscaled(value, draft))
        others = [name for name in node.inputs if name != value]
        if producer is None or producer.op != "MatMul" or draft.tensor(value) != kind or not others:
            continue
        if node.op == "Where" and all(scalar(name, draft.constants) is None for name in candidates if name != value):
            continue
        return value
    raise _RefusedError(f"{node.op} {node.name!r} is no mask")


def _scalings(value: str, draft: Draft) -> Iterator[tuple[str, str]]:
    """The products with numbers that a value went through, last first: their results and what they read."""
    while True:
        node = draft.producer(value)
        if node is None or node.domain or node.op not in {"Mul", "Div"} or not draft.only_use(value):
            return
        numbers = [index for index, name in enumerate(node.inputs) if _is_number(name, draft)]
        if not numbers or (node.op == "Div" and numbers != [1]):
            return
        source = node.inputs[1 - numbers[-1]]
        if draft.tensor(source) != draft.tensor(value):
            return
        yield value, source
        value = source


def _is_number(name: str, draft: Draft) -> bool:
    array = draft.constants.get(name)
    return array is not None and array.size == 1 and bool(array.flat[0] != 0)


def _unscaled(value: str, draft: Draft) -> str:
    """A value before all products with numbers."""
    for _, source in _scalings(value, draft):
        value = source
    return value


def _before(value: str, draft: Draft, *, scaled: bool) -> tuple[list[str], str]:
    """The values on the way to an operand that are only seen in another shape, or scaled; and where they begin."""
    found: list[str] = []
    while True:
        if scaled:
            for name, source in _scalings(value, draft):
                found.append(name)
                value = source
        node = draft.producer(value)
        if node is None or not _is_seen_otherwise(node, draft) or not draft.only_use(value):
            return found, value
        found.append(value)
        value = node.inputs[0]


def _shared(ends: Sequence[str], inside: Sequence[str], draft: Draft) -> list[str]:
    """What several operands are parts of, as far as only they read it."""
    found: list[str] = []
    known = set(inside)
    ends = list(dict.fromkeys(ends))
    while ends:
        value = ends.pop()
        node = draft.producer(value)
        readers = draft.graph.readers.get(value, ())
        if node is None or not _is_seen_otherwise(node, draft) or draft.is_output(value):
            continue
        if any(reader.outputs[0] not in known for reader in readers):
            continue
        found.append(value)
        known.add(value)
        ends.append(node.inputs[0])
    return found


def _without_reshapes(found: list[str], draft: Draft) -> list[str]:
    """The values without the reshapes that come first: those of a whole tensor move nothing."""
    count = len(found)
    while count and (node := draft.producer(found[count - 1])) is not None and traits(node).view:
        count -= 1
    return found[:count]


def _is_seen_otherwise(node: Node, draft: Draft) -> bool:
    """Whether a node shows elements of its first input in another shape or order."""
    if node.domain or len(node.writes) > 1:
        return False
    if node.op == "Gather":
        index = draft.constants.get(node.inputs[1])
        return index is not None and index.ndim == 0
    if traits(node).view and node.op != "Identity":
        return len(node.inputs) == 1 or node.inputs[1] in draft.constants
    return node.op == "Transpose"
