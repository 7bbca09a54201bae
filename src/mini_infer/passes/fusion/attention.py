"""Attention that the exporter wrote out, as one node: no tensor of all scores is ever stored.

The fused node is called `Attention`; its body is what it stands for. Fires on float32

1. `MatMul(Softmax(MatMul(q, k)), v)` with three or four axes, softmax over the last one,
2. between the first `MatMul` and the softmax: multiplications by scalars, then `Add` of a mask, or `Where` that puts a
   scalar in the place of scores,
3. before q, k and v: `Transpose`, `Reshape`, `Squeeze`, `Unsqueeze`, `Gather` by a scalar, also where only q, k and v
   read what they share, and q and k times a scalar,
4. after it: a `Transpose` that leaves the last axis where it is,
5. where sizes are given at run time, between the softmax and the second `MatMul`: `Where(IsNaN(w), 0, w)`, which makes
   zeros of a query that sees no key,
6. where sizes are given at run time: heads of k and v that several of q share, by `Unsqueeze`, `Expand`, `Reshape`.

Must not fire on

1. scores or weights that another node reads too, or that the caller gets,
2. operands whose leading axes broadcast, or a mask that makes the scores larger,
3. other element types: the sums would be rounded elsewhere,
4. fewer queries than `FEWEST_QUERIES`, where no number of queries or keys is given at run time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mini_infer.ir import DType, Node, TensorType
from mini_infer.ir.attributes import integer, integers
from mini_infer.ir.fusion import FEWEST_QUERIES, is_attention
from mini_infer.ir.graph import FUSED_DOMAIN
from mini_infer.ir.operators import traits
from mini_infer.passes.base import Needs, Sweep
from mini_infer.passes.rewriter import GraphRewriter, fuse

_RANKS = (3, 4)
_LAST_AXIS_SINCE = 13
"""The version of Softmax whose axis is the last one by default."""


class _RefusedError(Exception):
    """Why an expression is not fused."""


@dataclass(frozen=True, slots=True)
class FuseAttention(Sweep):
    """Fuses attention."""

    name: ClassVar[str] = "attention"
    needs: ClassVar[Needs] = (frozenset({"Softmax"}), frozenset({"MatMul", "Transpose"}))

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """The attention that ends in this node."""
        if node.domain == "" and node.op == "MatMul":
            return _fuse(node, rewriter)
        if node.domain == "" and node.op == "Transpose":
            return _extend(node, rewriter)
        return None


def _fuse(node: Node, rewriter: GraphRewriter) -> list[Node] | None:
    """The attention that ends in this `MatMul`; what it stands for is erased."""
    guard = _guard(node.inputs[0], rewriter)
    softmax = rewriter.producer(guard[-1] if guard else node.inputs[0], "Softmax")
    if softmax is None:
        return None
    try:
        inside = [*guard[:-1], *_inside(node, softmax, rewriter, guarded=bool(guard))]
    except _RefusedError as reason:
        rewriter.missed(node.name, f"MatMul not fused with Softmax {softmax.name!r}: {reason}")
        return None
    fused = [rewriter.erase(name) for name in sorted(inside, key=rewriter.position)]
    rewriter.applied(node.name, f"{', '.join(inner.op for inner in fused)}, MatMul are attention")
    return [fuse("Attention", (*fused, node))]


def _guard(value: str, rewriter: GraphRewriter) -> list[str]:
    """The values that make zeros of NaN, last first, then what they do it to; nothing where that is not so."""
    where = rewriter.producer(value, "Where")
    if where is None or not rewriter.has_one_use(value) or rewriter.scalar(where.inputs[1]) != 0:
        return []
    truth, _, weights = where.inputs
    test, kind = rewriter.producer(truth, "IsNaN"), rewriter.tensor(weights)
    if test is None or test.inputs[0] != weights or not rewriter.has_one_use(truth) or rewriter.is_output(weights):
        return []
    alone = {reader.outputs[0] for reader in rewriter.graph.readers.get(weights, ())} == {value, truth}
    return [value, truth, weights] if alone and kind is not None and kind.is_open else []


def _inside(node: Node, softmax: Node, rewriter: GraphRewriter, *, guarded: bool) -> list[str]:
    """The values of the attention that ends in `node`."""
    scores = softmax.outputs[0] if guarded else _private(softmax.outputs[0], softmax, rewriter)
    kind = rewriter.graph.types[scores]
    if not isinstance(kind, TensorType):
        raise _RefusedError(f"{scores!r} is {kind}, whose size is known only at run time")
    rank = len(kind.shape)
    axis = integer(softmax, "axis", -1 if softmax.version >= _LAST_AXIS_SINCE else 1)
    if rank not in _RANKS or axis % rank != rank - 1 or kind.dtype is not DType.FLOAT32:
        raise _RefusedError(f"{kind} along axis {axis}")
    if not is_attention(*kind.shape[-2:]):
        raise _RefusedError(f"{kind.shape[-2]} queries are fewer than {FEWEST_QUERIES}")
    inside = [scores]
    value = softmax.inputs[0]
    if masking := rewriter.producer(value, "Add", "Where"):
        inside.append(_private(value, masking, rewriter))
        value = _masked(masking, rewriter)
    scalings, unscaled = _scalings(value, rewriter)
    inside += scalings
    first = rewriter.producer(unscaled, "MatMul")
    if first is None:
        raise _RefusedError(f"{unscaled!r} is no plain MatMul")
    inside.append(_private(unscaled, first, rewriter))
    q, k, v = *first.inputs, node.inputs[1]
    shapes = {rewriter.graph.tensor(name).shape[:-2] for name in (q, k, v, unscaled, node.outputs[0])}
    if shapes != {kind.shape[:-2]}:
        raise _RefusedError("its operands broadcast")
    operands = [_operand(name, rewriter, scaled=scaled) for name, scaled in ((q, True), (k, True), (v, False))]
    repeated = [_repeated(*operand, rewriter) for operand in operands[1:]]
    if all(repeated):
        operands[1:] = [each for each in repeated if each is not None]
    known = [*inside, *(name for found, _ in operands for name in found), node.outputs[0]]
    grown = {rewriter.graph.outputs[output] for _, output in rewriter.graph.states}  # with gaps between their rows
    shared = _shared([end for _, end in operands], known, rewriter)
    for index, (found, end) in enumerate(operands):
        producer = rewriter.producer(end)
        in_part = (
            (index and all(repeated))
            or end in shared
            or (producer is not None and producer.op in {"Slice", "Split"})
            or end in grown
        )
        inside += found if in_part else _without_reshapes(found, rewriter)
    return list(dict.fromkeys([*inside, *shared]))


def _extend(node: Node, rewriter: GraphRewriter) -> list[Node] | None:
    """The attention before a transpose that leaves the last axis where it is, with the transpose."""
    value = node.inputs[0]
    attention = rewriter.producer(value)
    order = integers(node, "perm")
    if attention is None or (attention.domain, attention.op) != (FUSED_DOMAIN, "Attention"):
        return None
    if not rewriter.has_one_use(value) or not order or order[-1] != len(order) - 1:
        return None
    rewriter.applied(node.name, f"Transpose is part of the attention {attention.name!r}")
    return [fuse("Attention", (rewriter.erase(value), node))]


def _private(name: str, node: Node, rewriter: GraphRewriter) -> str:
    """The name of a value, if nobody outside reads it."""
    if not rewriter.has_one_use(name) or len(node.writes) > 1:
        raise _RefusedError(f"{name!r} is read by others too")
    return name


def _masked(node: Node, rewriter: GraphRewriter) -> str:
    """The scores that a mask changes."""
    kind = rewriter.graph.tensor(node.outputs[0])
    candidates = node.inputs if node.op == "Add" else node.inputs[1:]
    for value in candidates:
        producer = rewriter.producer(_scalings(value, rewriter)[1])
        others = [name for name in node.inputs if name != value]
        if producer is None or producer.op != "MatMul" or rewriter.tensor(value) != kind or not others:
            continue
        if node.op == "Where" and all(rewriter.scalar(name) is None for name in candidates if name != value):
            continue
        return value
    raise _RefusedError(f"{node.op} {node.name!r} is no mask")


def _scalings(value: str, rewriter: GraphRewriter) -> tuple[list[str], str]:
    """The multiplications by scalars that a value went through, last first; and what it was before them."""
    found: list[str] = []
    while (node := rewriter.producer(value, "Mul", "Div")) and rewriter.has_one_use(value):
        scalars = [index for index, name in enumerate(node.inputs) if _is_scalar(name, rewriter)]
        if not scalars or (node.op == "Div" and scalars != [1]):
            break
        source = node.inputs[1 - scalars[-1]]
        if rewriter.tensor(source) != rewriter.tensor(value):
            break
        found.append(value)
        value = source
    return found, value


def _is_scalar(name: str, rewriter: GraphRewriter) -> bool:
    array = rewriter.constants.get(name)
    return array is not None and array.size == 1 and bool(array.flat[0] != 0)


def _operand(value: str, rewriter: GraphRewriter, *, scaled: bool) -> tuple[list[str], str]:
    """The values on the way to an operand that are only reshaped, transposed or scaled; and where they begin."""
    found: list[str] = []
    while True:
        if scaled:
            scalings, value = _scalings(value, rewriter)
            found += scalings
        node = rewriter.producer(value)
        if node is None or not _is_view_or_transpose(node, rewriter) or not rewriter.has_one_use(value):
            return found, value
        found.append(value)
        value = node.inputs[0]


def _repeated(found: list[str], end: str, rewriter: GraphRewriter) -> tuple[list[str], str] | None:
    """The same from heads on that are repeated for several of q; `None` where none are."""
    expand, views = rewriter.producer(end, "Expand"), [name for name in found if rewriter.producer(name, "Reshape")]
    before = None if expand is None else rewriter.producer(expand.inputs[0], "Unsqueeze")
    if expand is None or before is None or views != found[-1:]:
        return None
    first, lifted, whole, last = (
        rewriter.tensor(name) for name in (before.inputs[0], before.outputs[0], end, found[-1])
    )
    if first is None or lifted is None or whole is None or last is None or not whole.is_open:
        return None
    if len(first.shape) != _RANKS[-1] or len(whole.shape) != len(first.shape) + 1:
        return None
    (batch, heads, *rest), times = first.shape, whole.shape[2]
    shapes = ((batch, heads, 1, *rest), (batch, heads, times, *rest), (batch, heads * times, *rest))
    same = (lifted.shape, whole.shape, last.shape) == shapes
    if not same or not all(rewriter.has_one_use(name) for name in (end, before.outputs[0])):
        return None
    return [*found, end, before.outputs[0]], before.inputs[0]


def _shared(ends: Sequence[str], inside: Sequence[str], rewriter: GraphRewriter) -> list[str]:
    """What several operands are parts of, as far as only they read it."""
    found: list[str] = []
    known = set(inside)
    ends = list(dict.fromkeys(ends))
    while ends:
        value = ends.pop()
        node = rewriter.producer(value)
        readers = rewriter.graph.readers.get(value, ())
        if node is None or not _is_view_or_transpose(node, rewriter) or rewriter.is_output(value):
            continue
        if any(reader.outputs[0] not in known for reader in readers):
            continue
        found.append(value)
        known.add(value)
        ends.append(node.inputs[0])
    return found


def _without_reshapes(found: list[str], rewriter: GraphRewriter) -> list[str]:
    """The values without the reshapes that come first: those of a whole tensor move nothing."""
    count = len(found)
    while count and (node := rewriter.producer(found[count - 1])) is not None and traits(node).view:
        count -= 1
    return found[:count]


def _is_view_or_transpose(node: Node, rewriter: GraphRewriter) -> bool:
    """Whether a node shows elements of its first input in another shape or order."""
    if node.domain or len(node.writes) > 1:
        return False
    if node.op == "Gather":
        index = rewriter.constants.get(node.inputs[1])
        return index is not None and index.ndim == 0
    if traits(node).view and node.op != "Identity":
        return len(node.inputs) == 1 or node.inputs[1] in rewriter.constants
    return node.op == "Transpose"
