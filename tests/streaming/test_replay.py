"""The order of the runs, and the rings that it needs, against plain simulations."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stream_models import random_model
from streamed import longest_interval, options_for, program_of

from examples import examples
from mini_infer.streaming.access import Accesses
from mini_infer.streaming.flat import flattened, replayed
from mini_infer.streaming.rings import Size, grown, shape_of, sizes_of
from mini_infer.streaming.settle import Touches, settle

SEEDS = st.integers(0, 2**32 - 1)


def members_of(interval, accesses):
    """The numbers `[first, end)` of the calls of an interval."""
    inside = [number for number, member in enumerate(accesses.members) if interval.start <= member.step < interval.end]
    return inside[0], inside[-1] + 1


def expected_order(accesses, first, end, bands, *, lazy):
    """Runs by the words of `compiled`: of those that can run and are waited for, always the last.

    If `lazy`, none is made for another before whatever else that one lacks can be made, too.
    """
    units = [member.units for member in accesses.members]
    opening, together = expected_bands(accesses, end, bands)
    done = [0] * len(units)
    order = []

    def last_of(member):
        return min(done[member] + (together if done[member] else opening)[member], units[member]) - 1

    def is_ready(member):
        return all(
            other < first or done[other] >= needed[last_of(member)]
            for (waiting, other), needed in accesses.waits.items()
            if waiting == member
        )

    def is_wanted(member):
        waiting = [
            (one, needed)
            for (one, other), needed in accesses.waits.items()
            if other == member and one < end and done[one] < units[one]
        ]
        lacking = [one for one, needed in waiting if done[member] < needed[last_of(one)]]
        return not waiting or any(not lazy or can_have_all(one) for one in lacking)

    def can_have_all(member):
        lacking = [
            other
            for (waiting, other), needed in accesses.waits.items()
            if waiting == member and other >= first and done[other] < needed[last_of(member)]
        ]
        return all(is_ready(other) for other in lacking)

    while True:
        possible = [one for one in range(first, end) if done[one] < units[one] and is_ready(one) and is_wanted(one)]
        if not possible:
            return order, done[first:end]
        chosen = possible[-1]
        count = last_of(chosen) + 1 - done[chosen]
        order.append((chosen, done[chosen], count))
        done[chosen] += count


def expected_bands(accesses, end, bands):
    """The units of each member's first band, and of its others: bands end where the first ones of readers want it."""
    together = [-(-member.units // bands) for member in accesses.members]
    opening = list(together)
    for member in reversed(range(end)):
        units = accesses.members[member].units
        wanted = [
            needed[opening[one] - 1] for (one, other), needed in accesses.waits.items() if other == member and one < end
        ]
        ahead = max((each for each in wanted if each < units), default=0)
        near = [size for size in range(1, 2 * together[member] + 1) if (size - ahead) % together[member] == 0]
        best = [size for size in near if together[member] < 2 * size <= 3 * together[member]]
        opening[member] = min(best[0], units)
    return opening, together


@examples(30)
@given(seed=SEEDS, bands=st.sampled_from([1, 2, 3, 7, 1000]), lazy=st.booleans())
def test_order_is_that_of_a_plain_simulation(seed, bands, lazy):
    program = program_of(random_model(seed, 10), options_for())
    accesses = Accesses.of(program)
    interval = longest_interval(program, bands)
    first, end = members_of(interval, accesses)
    inner = accesses.inner(interval.start, interval.end)
    flat = flattened(accesses)
    runs = np.empty((replayed(flat, first, end, bands, inner, lazy=lazy).runs, 3), np.int64)
    found = replayed(flat, first, end, bands, inner, runs, lazy=lazy)
    order, done = expected_order(accesses, first, end, bands, lazy=lazy)
    assert runs.tolist() == [list(run) for run in order]
    assert done == [member.units for member in accesses.members[first:end]]
    assert found.runs == len(order)
    check_rows_alive(accesses, order, inner, found)


def check_rows_alive(accesses, order, inner, found):
    """The most rows alive of each buffer: from the first that someone still touches to the last that is written."""
    done = [0] * len(accesses.members)
    inside = {member for member, *_ in order}
    touches = {
        buffer: [one for one in accesses.touches if one.buffer == buffer and one.member in inside]
        for buffer in np.flatnonzero(inner)
    }
    most = dict.fromkeys(touches, 0)
    for member, first, count in order:
        done[member] = first + count
        for buffer, there in touches.items():
            before = [done[one.member] - count if one.member == member else done[one.member] for one in there]
            needed = [one.low[at] for one, at in zip(there, before, strict=True) if at < len(one.low)]
            made = [one.high[done[one.member] - 1] for one in there if one.operand.written and done[one.member]]
            if made and needed:
                most[buffer] = max(most[buffer], max(made) - min(*needed, max(made)))
    for buffer, there in touches.items():
        if there and len({one.member for one in there}) > 1:
            assert found.most[buffer] == most[buffer]


@examples(30)
@given(seed=SEEDS)
def test_units_touch_what_their_bands_reach(seed):
    """`low` and `high` of every unit against the kernel of that unit."""
    program = program_of(random_model(seed, 10), options_for(("memory", "balanced", "speed")[seed % 3]))
    accesses = Accesses.of(program)
    for touch in accesses.touches:
        member = accesses.members[touch.member]
        kernel, bands = member.call.kernel, member.bands
        row = accesses.row_bytes[touch.buffer]
        for unit in range(member.units):
            first, rows = member.span(unit, 1)
            band = kernel if bands is None else kernel.band(first, rows)
            operand = band.operands()[touch.position]
            each = None if bands is None else bands.passes[touch.position]
            start = 0 if each is None else each.slices(first, rows)[0] * each.step * operand.element_bytes
            low, high = (touch.offset + start + end for end in operand.reach)
            if operand.points:
                assert touch.low[unit] * row <= min(low, touch.offset + start)
                assert high <= touch.high[unit] * row


def expected_apron(revolution, shift, rows):
    """The fewest rows of apron that serve all touches, by moving rows about."""
    return next(apron for apron in itertools.count() if serves(revolution, shift, apron, rows))


def serves(revolution, shift, apron, rows):
    """Whether every touch finds its rows in one piece, when a ring turns as late as it can."""
    ring = [None] * (apron + revolution)
    start, top = shift, 0
    for low, high, written in rows:
        known, made = range(low, min(high, top)), range(max(low, top), high)
        if written and made:
            while high > start + revolution:
                start += revolution
                ring[:apron] = ring[revolution:]
            top = high
        frames = (start,) if written and made else (start, start - revolution)
        begins = [frame - apron for frame in frames]
        needed = known if written else range(low, high)
        begin = next((each for each in begins if finds(ring, low, high, each, needed)), None)
        if begin is None:
            return False
        if written:
            ring[:] = [None if row in known else row for row in ring]  # what was written again is old elsewhere
            ring[low - begin : high - begin] = range(low, high)
    return True


def finds(ring, low, high, begin, needed):
    """Whether there is room for rows where row `begin` would be first, and those that are needed lie there."""
    inside = begin <= low and high <= begin + len(ring)
    return inside and all(ring[row - begin] == row for row in needed)


@examples(200)
@given(
    together=st.integers(1, 3),
    span=st.integers(1, 6),
    stride=st.integers(1, 3),
    turn=st.tuples(st.integers(1, 9), st.integers(-3, 3)),
    count=st.integers(1, 20),
    early=st.integers(0, 2),
    again=st.integers(0, 1),
)
def test_aprons_are_those_of_a_plain_simulation(together, span, stride, turn, count, early, again):
    """A window that slides over rows, made so many before it needs them; the last may be written `again` in part."""
    revolution, shift = turn
    rows, made, low = [], 0, 0
    while low + span <= count:
        while made < min(low + span + early, count):
            rows.append((max(0, made - again), min(made + together, count), True))
            made = rows[-1][1]
        rows.append((low, low + span, False))
        low += stride
    if not rows:
        return
    lows, highs, written = (np.array(column) for column in zip(*rows, strict=True))
    frames, turns = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    found = settle(revolution, shift, Touches(np.arange(len(rows)), written, lows, highs), frames, turns)
    if again:  # rows that are written again are looked for in one place alone, though another may have all of some
        assert serves(revolution, shift, found, rows)
    else:
        assert found == expected_apron(revolution, shift, rows)


@pytest.mark.parametrize(
    ("span", "stride", "together", "ring"),
    [
        pytest.param(1, 1, 1, (1, 0), id="elements"),
        pytest.param(3, 1, 1, (1, 2), id="windows of three"),
        pytest.param(3, 2, 1, (2, 1), id="every other window of three"),
        pytest.param(2, 2, 1, (2, 0), id="pools"),
        pytest.param(5, 1, 1, (1, 4), id="windows of five"),
        pytest.param(3, 1, 4, (4, 2), id="windows of three, four rows at once"),
        pytest.param(1, 4, 1, (1, 0), id="rows that nobody reads"),
    ],
)
def test_rings_of_sliding_windows(span, stride, together, ring):
    """Rows are made when a window needs them; (revolution, apron) of the smallest ring."""
    touches, made = [], 0
    for low in range(0, 40 - span + 1, stride):
        while made < low + span:
            touches.append((made, made + together, True))
            made += together
        touches.append((low, low + span, False))
    low, high, written = (np.array(column) for column in zip(*touches, strict=True))
    smallest = sizes_of(Touches(np.arange(len(touches)), written, low, high), 40, span + together - 1)[0]
    assert (smallest.revolution, smallest.apron) == ring


def test_rings_turn_where_windows_end():
    """Of as few rows, those that are moved least: windows of six rows, four rows apart, of rows made one by one."""
    rows = []
    for low in range(0, 37, 4):
        rows += [(made, made + 1, True) for made in range(low + 2 if low else 0, low + 6)]
        rows.append((low, low + 6, False))
    low, high, written = (np.array(column) for column in zip(*rows, strict=True))
    touches = Touches(np.arange(len(rows)), written, low, high)
    shape = shape_of(touches, sizes_of(touches, 42, 6)[0])
    assert (shape.revolution, shape.apron, len(shape.turns)) == (4, 2, 9)


def test_larger_rings_move_fewer_rows():
    """Windows of three rows, made one by one: rings of 3 rows and of 4 up to the whole, which moves none."""
    rows = [(0, 1, True), (1, 2, True)]
    for low in range(38):
        rows += [(low + 2, low + 3, True), (low, low + 3, False)]
    low, high, written = (np.array(column) for column in zip(*rows, strict=True))
    touches = Touches(np.arange(len(rows)), written, low, high)
    sizes = sizes_of(touches, 40, 3)
    assert (sizes[0].rows, sizes[0].moved) == (3, 2 * 37)
    assert (sizes[-1].rows, sizes[-1].moved) == (40, 0)
    for smaller, larger in itertools.pairwise(sizes):
        assert smaller.rows < larger.rows
        assert smaller.moved > larger.moved
    for size in sizes:
        shape = shape_of(touches, size)
        assert (shape.revolution, shape.apron) == (size.revolution, size.apron)
        assert shape.apron * len(shape.turns) == size.moved
    assert sizes_of(touches, 40, 3, 1)[0].rows == 4


SMALL = [Size(2, 2, 0, 40), Size(4, 2, 0, 20), Size(8, 2, 0, 10)]
WIDE = [Size(1, 1, 0, 30), Size(2, 1, 0, 10)]


@pytest.mark.parametrize(
    ("room", "sizes"),
    [(0, (4, 3)), (127, (4, 3)), (128, (6, 3)), (383, (6, 3)), (384, (10, 3))],
)
def test_room_goes_where_it_saves_most(room, sizes):
    """A row of the first ring is 64 bytes; the second has 66 or 99, which are 128 where rings are aligned."""
    assert tuple(size.rows for size in grown([SMALL, WIDE], [64, 33], room, 64)) == sizes
