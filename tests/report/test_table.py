from hypothesis import given
from hypothesis import strategies as st

from mini_infer.report.table import format_table, shorten


def test_columns_are_aligned():
    assert format_table([("name", "bytes"), ("a", "1,024"), ("long", "8")], "<>") == [
        "  name  bytes",
        "  a     1,024",
        "  long      8",
    ]


def test_no_rows_no_lines():
    assert format_table([], "<") == []


def test_the_last_column_gives_way():
    lines = format_table([("1", "x" * 50), ("22", "short")], "><", indent="", width=30)
    assert [len(line) for line in lines] == [30, 9]
    assert lines[0] == " 1  " + "x" * 13 + "…" + "x" * 12


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=40), st.integers(1, 40))
def test_shorten_keeps_both_ends(text, width):
    short = shorten(text, width)
    assert len(short) == min(len(text), width)
    if len(text) > width:
        before, ellipsis, after = short.partition("…")
        assert ellipsis
        assert text.startswith(before)
        assert text.endswith(after)
    else:
        assert short == text


def test_width_zero_is_any():
    assert shorten("x" * 500, 0) == "x" * 500
