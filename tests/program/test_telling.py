"""Runs that tell of all: if they are right, no other is wrong."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from mini_infer.program import Space
from mini_infer.program.telling import Span, telling

SIZE = 40
"""Bytes of each memory."""

SPANS = st.builds(
    lambda buffer, low, length, unit, written: Span(
        (Space.ARENA, buffer), low, low + length, unit, written=written, table=False
    ),
    buffer=st.integers(0, 1),
    low=st.integers(-4, 4),
    length=st.integers(0, 8),
    unit=st.sampled_from([1, 2, 4]),
    written=st.booleans(),
)


@st.composite
def runs(draw):
    """What a kernel does with one to three operands, and where these begin in each of its runs."""
    spans = draw(st.lists(SPANS, min_size=1, max_size=3))
    places = st.tuples(*(st.integers(-2, SIZE + 2) for _ in spans))
    steps = st.tuples(*(st.sampled_from([0, 1, 2, 4, 8]) for _ in spans))
    begin, step, count = draw(places), draw(steps), draw(st.integers(1, 6))
    regular = [tuple(at + run * each for at, each in zip(begin, step, strict=True)) for run in range(count)]
    return spans, draw(st.sampled_from([regular, draw(st.lists(places, min_size=1, max_size=6))]))


def right(offsets, spans):
    """Whether a run stays inside its memory, at multiples of units, and no two operands meet where one is written."""
    touched = [(at + span.low, at + span.high) for at, span in zip(offsets, spans, strict=True)]
    inside = all(low == high or (low >= 0 and high <= SIZE) for low, high in touched)
    aligned = all(at % span.unit == 0 for at, span in zip(offsets, spans, strict=True))
    pairs = itertools.combinations(zip(touched, spans, strict=True), 2)
    apart = all(
        one.place != other.place
        or not (one.written or other.written)
        or low == high
        or first == last
        or high <= first
        or last <= low
        for ((low, high), one), ((first, last), other) in pairs
    )
    return inside and aligned and apart


@examples(300)
@given(drawn=runs())
def test_runs_that_tell_are_right_only_if_all_are(drawn):
    spans, offsets = drawn
    told = telling(offsets, spans)
    assert told == sorted(set(told))
    if all(right(offsets[run], spans) for run in told):
        assert all(right(each, spans) for each in offsets)


def test_the_outermost_runs_tell_of_those_between():
    spans = [Span((Space.ARENA, 0), 0, 8, 4, written=False, table=False)]
    assert telling([(4 * run,) for run in range(10)], spans) == [0, 9]


def test_each_distance_of_operands_that_may_meet_tells():
    spans = [Span((Space.ARENA, 0), 0, 8, 4, written=written, table=False) for written in (False, True)]
    offsets = [(0, 80), (8, 88), (160, 168), (16, 80)]
    assert telling(offsets, spans) == [0, 1, 2, 3]
    assert telling([(80 * run, 80 * run + 8) for run in range(4)], spans) == [0, 3]


def test_values_that_are_looked_at_are_looked_at_in_every_run():
    spans = [Span((Space.ARENA, 0), 0, 8, 4, written=False, table=True)]
    assert telling([(0,), (8,), (16,)], spans) == [0, 1, 2]
