"""Attention, and what turns its queries and keys."""

from collections.abc import Mapping

from mini_infer.frontend.rules.claims import Claim, choice, known_indices, ranks, shaped, stretches, vector
from mini_infer.frontend.rules.operands import Operands

_HEADS_IN_ROWS = 3
"""The rank of queries, keys and values whose heads lie within their rows."""

_QUERY, _KEY, _VALUE = range(3)

_SHORT_MASKS = 24
"""Since this opset, keys that a mask does not know are not seen."""


def _by_head(o: Operands, position: int) -> tuple[int, int, int, int]:
    """An input's batch, heads, rows and elements of a head."""
    shape, name = o.shape(position), "q_num_heads" if position == _QUERY else "kv_num_heads"
    if len(shape) != _HEADS_IN_ROWS:
        batch, heads, rows, size = shape
        return batch, heads, rows, size
    heads = o.integer(name, 0)
    if heads < 1 or shape[2] % heads:
        raise o.wrong(f"attribute {name} is {heads}, which does not divide the rows: {o.say(position)}")
    return shape[0], heads, shape[1], shape[2] // heads


def _agree(o: Operands) -> None:
    """Batches agree; keys are as long as queries, and as many as values; query heads share those of keys evenly."""
    q, k, v = (_by_head(o, position) for position in (_QUERY, _KEY, _VALUE))
    if not q[0] == k[0] == v[0]:
        raise o.wrong(f"batches differ: {o.say(0)}; {o.say(1)}; {o.say(2)}")
    if q[3] != k[3]:
        raise o.wrong(f"heads of queries and keys have {q[3]} and {k[3]} elements: {o.say(0)}; {o.say(1)}")
    if k[1:3] != v[1:3]:
        raise o.wrong(f"keys and values differ in heads or number: {o.say(1)}; {o.say(2)}")
    if k[1] < 1 or q[1] % k[1]:
        raise o.wrong(f"{q[1]} heads of queries cannot share {k[1]} heads of keys: {o.say(0)}; {o.say(1)}")


def _past(o: Operands, position: int) -> int:
    return o.size(position, 2)


def _past_shape(position: int) -> tuple[Claim, ...]:
    """Keys and values of before: as many of each, with heads like the new ones."""

    def together(o: Operands) -> None:
        if o.has(4) != o.has(5):
            raise o.wrong("past keys and past values must be given together")

    new = position - 3
    return (
        together,
        shaped(position, lambda o: (*_by_head(o, new)[:2], _past(o, 4), _by_head(o, new)[3])),
    )


def _scores(o: Operands) -> tuple[int, ...]:
    """The shape of the scores; since opset 24 a mask may know fewer keys."""
    batch, heads, rows, _ = _by_head(o, _QUERY)
    keys, known = _by_head(o, _KEY)[2] + (_past(o, 4) if o.has(4) else 0), o.size(3, -1)
    return batch, heads, rows, known if o.version >= _SHORT_MASKS and known < keys else keys


def _rotated(o: Operands) -> tuple[int, int, int]:
    """Batch, rows, and pairs of each head that are rotated."""
    shape = o.shape(0)
    heads, part = o.integer("num_heads", 0), o.integer("rotary_embedding_dim", 0)
    if len(shape) == _HEADS_IN_ROWS and (heads < 1 or shape[2] % heads):
        raise o.wrong(f"attribute num_heads is {heads}, which does not divide the rows: {o.say(0)}")
    size = shape[3] if len(shape) != _HEADS_IN_ROWS else shape[2] // heads
    if not 0 <= part <= size or (part or size) % 2:
        raise o.wrong(f"attribute rotary_embedding_dim is {part}, which are no pairs of {size} elements: {o.say(0)}")
    return shape[0], shape[1 if len(shape) == _HEADS_IN_ROWS else 2], (part or size) // 2


def _table(position: int) -> Claim:
    """Cosines or sines: a row for each position that may be named, or for each row of the input."""

    def claim(o: Operands) -> None:
        batch, rows, pairs = _rotated(o)
        wanted = (o.size(1, 0), pairs) if o.has(3) else (batch, rows, pairs)
        shaped(position, lambda _: wanted)(o)

    return claim


def _positions(o: Operands) -> None:
    """Positions that are known have a row in the tables."""
    named, count = known_indices(o, 3), o.size(1, 0)
    if named.size and not -count <= named.min() <= named.max() < count:
        raise o.wrong(f"positions reach from {named.min()} to {named.max()}: {o.say(1)}")


def _linear_sizes(o: Operands) -> tuple[int, int, int, int]:
    """Query heads, states, and the elements of keys and values for each."""
    heads, states = o.integer("q_num_heads", 0), o.integer("kv_num_heads", 0)
    if states < 1 or heads < 1 or heads % states:
        raise o.wrong(f"{heads} heads (attribute q_num_heads) cannot share {states} states (kv_num_heads)")
    for position, count in ((0, heads), (1, states), (2, states)):
        if o.size(position, 2) % count:
            raise o.wrong(f"{o.say(position)}, whose rows do not divide among {count} heads")
    return heads, states, o.size(1, 2) // states, o.size(2, 2) // states


def _linear_rows(position: int) -> Claim:
    """Each input has a row for each step, of as many elements as its heads need."""

    def claim(o: Operands) -> None:
        heads, states, size, width = _linear_sizes(o)
        allowed = {
            0: (heads * size,),
            1: (states * size,),
            2: (states * width,),
            4: (states * size, states),
            5: (states, 1),
        }[position]
        if o.shape(position)[:2] != o.shape(0)[:2] or o.size(position, 2) not in allowed:
            counts = " or ".join(map(str, allowed))
            raise o.wrong(f"{o.say(position)}, but must have rows of {counts} elements, as many as {o.say(0)}")

    return claim


def _linear_state(o: Operands) -> tuple[int, ...]:
    _, states, size, width = _linear_sizes(o)
    return o.size(0, 0), states, size, width


def _gates(o: Operands) -> None:
    """The update rule is known and has the gates that it needs."""
    rule = o.attribute("update_rule") or "gated_delta"
    if (rule in ("gated", "gated_delta") and not o.has(4)) or (rule in ("delta", "gated_delta") and not o.has(5)):
        raise o.wrong(f"its update rule {rule!r} needs a decay or a beta that is not given")


RULES: Mapping[str, tuple[Claim, ...]] = {
    "Attention": (
        *(ranks(position, 3, 4) for position in (_QUERY, _KEY, _VALUE)),
        _agree,
        stretches(3, _scores),
        *_past_shape(4),
        *_past_shape(5),
        vector(6, lambda o: o.size(0, 0)),
        choice("qk_matmul_output_mode", 0, 1, 2, 3),
        choice("is_causal", 0, 1),
    ),
    "LinearAttention": (
        *(ranks(position, 3) for position in (0, 1, 2, 4, 5)),
        choice("update_rule", "linear", "gated", "delta", "gated_delta"),
        _gates,
        *(_linear_rows(position) for position in (0, 1, 2, 4, 5)),
        shaped(3, _linear_state),
    ),
    "RotaryEmbedding": (
        ranks(0, 3, 4),
        _table(1),
        _table(2),
        shaped(3, lambda o: _rotated(o)[:2]),
        _positions,
    ),
}
"""Operator → what must be so."""
