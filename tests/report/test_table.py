from hypothesis import given
from hypothesis import strategies as st

from mini_infer.report.table import fitted, format_table, shorten


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


def test_the_widest_texts_give_way_and_numbers_never_do():
    rows = [("1,234,567", "a" * 40, "b" * 18)]
    (line,) = format_table(rows, "><<", indent="", width=52)
    assert line == "1,234,567  " + "a" * 10 + "…" + "a" * 10 + "  " + "b" * 18
    (line,) = format_table(rows, "><<", indent="", width=10)
    assert line.startswith("1,234,567  ")
    assert [len(cell) for cell in line.split()] == [9, 16, 16]


def test_columns_go_before_names_are_cut_short():
    rows = [("7", "spare words of some length", "x" * 30)]
    assert format_table(rows, "><<", indent="", width=44, spare=(1,)) == ["7  " + "x" * 30]
    assert len(format_table(rows, "><<", indent="", width=60, spare=(1,))[0]) == 60


def test_sentences_are_broken_and_lose_no_number():
    text = (
        "title\n  'a/very/long/name/of/a/buffer/in/a/model': without it 1,234 bytes, 5.6 % less\ncell  1  words in it\n"
    )
    lines = fitted(text, 40).splitlines()
    assert max(map(len, lines)) <= 40
    assert " ".join(" ".join(lines).split()).endswith("without it 1,234 bytes, 5.6 % less cell 1 words in it")
    assert fitted(text, 0) == fitted(text, 200) == text
    assert fitted("name  12  it goes on under its column\n", 30) == "name  12  it goes on under its\n          column\n"
