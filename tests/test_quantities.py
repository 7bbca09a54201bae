import pytest
from hypothesis import given
from hypothesis import strategies as st

from mini_infer.errors import UsageError
from mini_infer.quantities import parse_bytes, parse_count, parse_seconds


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("4096", 4096),
        ("512K", 512 * 1024),
        ("1.5M", 3 * 2**19),
        ("2g", 2**31),
        ("64 KiB", 65536),
        ("3MB", 3_000_000),
        ("3MiB", 3 * 2**20),
        ("1.5 kB", 1500),
        ("7B", 7),
        ("9007199254740993", 9007199254740993),
        ("1T", 2**40),
    ],
)
def test_what_people_write(text, size):
    assert parse_bytes(text) == size


@pytest.mark.parametrize("text", ["", "K", "-1", "1.3", "0.1K", "1e6", "five", "1P", "1 2"])
def test_what_is_no_number_of_bytes(text):
    with pytest.raises(UsageError, match="is no number of bytes"):
        parse_bytes(text)


@given(st.integers(0, 2**63), st.sampled_from(["", "K", "m", "GiB", "TB"]))
def test_every_digit_counts(number, unit):
    base = 1000 if unit == "TB" else 1024
    factor = base ** " kmgt".index(unit[:1].lower() or " ")
    assert parse_bytes(f"{number}{unit}") == number * factor


@pytest.mark.parametrize(("text", "seconds"), [("0", 0.0), ("2.5", 2.5), ("1e-3", 0.001)])
def test_seconds(text, seconds):
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize("text", ["-1", "inf", "nan", "soon", ""])
def test_what_is_no_time(text):
    with pytest.raises(UsageError, match="is no time"):
        parse_seconds(text)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", ""])
def test_what_is_no_count(text):
    with pytest.raises(UsageError, match="is no count"):
        parse_count(text)


def test_counts():
    assert (parse_count("1"), parse_count("250")) == (1, 250)
