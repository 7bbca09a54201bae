"""Nests cut into parts: every step in exactly one, none of them too long; and refusals."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mini_infer.codegen.contraction.blocked_sum import (
    CHAIN,
    Choice,
    Loop,
    Part,
    Scope,
    Term,
    add_up,
    chain,
    in_parts,
    write,
)
from mini_infer.codegen.contraction.steps import Steps, Window
from mini_infer.codegen.statements import text

ADD = Term(("add()",))


def _nests():
    """Nests whose indices all differ; loops run fewer times than they may."""

    def loop(draw_body):
        return st.builds(
            lambda body, first, count, spare: (body, first, count, spare),
            draw_body,
            st.integers(0, 3),
            st.integers(0, 40),
            st.integers(0, 3),
        )

    return st.recursive(
        st.just(ADD), lambda inner: st.one_of(loop(inner), st.lists(inner, min_size=1, max_size=3)), max_leaves=6
    )


def _named(drawn, count=None):
    """A drawn nest with names for its indices."""
    count = count if count is not None else iter(range(1000))
    if isinstance(drawn, list):
        return tuple(_named(inner, count) for inner in drawn)
    if isinstance(drawn, tuple):
        body, first, turns, spare = drawn
        index = f"i{next(count)}"
        return Loop(index, max(1, turns + spare), _named(body, count), str(first), str(first + turns))
    return drawn


def _python(lines):
    """C of loops and braces as Python."""
    text, depth = "", 0
    for indented in lines:
        line = indented.strip()
        if line == "}":
            depth -= 1
            continue
        found = re.fullmatch(r"for \(long (\w+) = (.+); \1 < (.+); (?:\+\+\1|\1 \+= (\d+))\) \{", line)
        if found:
            index, first, stop, step = found.groups()
            stop = re.sub(r"^\((.+) < (.+) \? .+ : .+\)$", r"min(\1, \2)", stop)
            line = f"for {index} in range({first}, {stop}, {step or 1}):"
        text += "  " * depth + ("if True:" if line == "{" else line) + "\n"
        if line == "{" or found:
            depth += 1
            text += "  " * depth + "pass\n"
    return text


def _run(lines):
    """How many steps there are in each part, in order, and in none."""
    parts, outside = [], [0]
    current = outside

    def begin():
        nonlocal current
        assert current is outside, "a part inside a part"
        current = [0]
        parts.append(current)

    def end():
        nonlocal current
        current = outside

    def add():
        current[0] += 1

    exec(_python(lines), {"begin": begin, "end": end, "add": add})  # noqa: S102 - the text is ours
    return [count for (count,) in parts], outside[0]


def _lines(nest):
    return text(write(nest, lambda term: term.body, lambda _rows: (["begin()"], ["end()"]))).split("\n")


@given(drawn=_nests(), longest=st.integers(1, 50))
def test_every_step_lies_in_one_part(drawn, longest):
    nest = _named(drawn)
    steps, outside = _run(_lines(in_parts(nest, longest)))
    (whole,), _ = _run(_lines(Part(nest)))
    assert outside == 0
    assert sum(steps) == whole
    assert max(steps, default=0) <= longest


def test_a_short_sum_is_one_part():
    nest = Loop.of("i", 20, Loop.of("j", 5, ADD))
    assert in_parts(nest, 100) == Part(nest)
    assert isinstance(in_parts(nest, 99), Loop)


def test_a_part_takes_as_many_turns_as_fit_in_equal_shares():
    nest = in_parts(Loop.of("i", 9, Loop.of("j", 10, ADD)), 80)
    assert isinstance(nest, Loop)
    assert isinstance(nest.body, Part)
    assert (nest.most, nest.step, chain(nest.body)) == (2, 5, 50)


def test_sums_of_different_rows_do_not_make_each_other_longer():
    above, below = (Steps("p", "q", {row: 0}, 60, 1, 8) for row in (0, 1))
    assert in_parts((above, below), 60) == Part((above, below))
    assert chain(Choice("c", (above, below), above)) == 60
    assert chain(Scope((), (above, above))) == 120


@pytest.mark.parametrize(("count", "longest"), [(7, 7), (8, 7), (14, 7), (15, 7), (100, 33)])
def test_steps_and_windows_are_cut_into_what_they_were(count, longest):
    steps = in_parts(Steps("p", "q", {0: 0, 2: 5}, count, 3, 8), longest)
    window = in_parts(Window("p", "q", {k: [(0, k), (1, k)] for k in range(count)}, 8, across=True), longest)
    assert chain(steps) == chain(window) == count

    def parts(nest):
        match nest:
            case Part():
                return [chain(nest)]
            case Loop():
                return parts(nest.body) * nest.most
            case _:
                return [size for inner in nest for size in parts(inner)]

    for nest in (steps, window):
        assert sum(parts(nest)) == count
        assert max(parts(nest)) <= longest


def test_a_step_outside_of_parts_is_refused():
    with pytest.raises(ValueError, match="in no part"):
        _lines((Part(ADD), Loop.of("i", 3, ADD)))


def test_a_part_of_a_part_is_refused():
    with pytest.raises(ValueError, match="inside another"):
        _lines(Part(Loop.of("i", 3, Part(ADD))))
    with pytest.raises(ValueError, match="a part of a part"):
        in_parts(Part(Loop.of("i", 3, ADD)), 1)


def test_only_a_long_sum_has_parts():
    def nest(count):
        return lambda name: Loop.of("i", count, Term((f"{name} += x[i];",)))

    assert "part" not in text(add_up(nest(CHAIN), "sum", "float"))
    assert text(add_up(nest(CHAIN + 1), "sum", "float")).split("\n") == [
        "{",
        "  double exact = {0};",
        "  for (long i_from = 0; i_from < 257; i_from += 129) {",
        "    {",
        "      float part = {0};",
        "      for (long i = i_from; i < (i_from + 129 < 257 ? i_from + 129 : 257); ++i) {",
        "        part += x[i];",
        "      }",
        "      exact += part;",
        "    }",
        "  }",
        "  sum += (float)exact;",
        "}",
    ]
