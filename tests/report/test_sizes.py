import pytest
from hypothesis import given
from hypothesis import strategies as st

from mini_infer.errors import UsageError
from mini_infer.report.sizes import exact_bytes, parse_bytes, percent, short_bytes


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("4096", 4096),
        ("512K", 512 * 1024),
        ("1.5M", 3 * 2**19),
        ("2g", 2**31),
        ("64 KiB", 65536),
        ("3MB", 3 * 2**20),
        ("7B", 7),
    ],
)
def test_what_people_write(text, size):
    assert parse_bytes(text) == size


@pytest.mark.parametrize("text", ["", "K", "-1", "1.3", "0.1K", "1e6", "five", "1T", "1 2"])
def test_what_is_no_number_of_bytes(text):
    with pytest.raises(UsageError, match="is no number of bytes"):
        parse_bytes(text)


@given(st.integers(0, 2**50))
def test_digits_survive(size):
    assert parse_bytes(str(size)) == size
    assert int(exact_bytes(size).replace(",", "")) == size


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (4608, "4.61 kB"),
        (43_264, "43.3 kB"),
        (249_472, "249 kB"),
        (6_021_120, "6.02 MB"),
        (1_438_000_000, "1.44 GB"),
        (5 * 10**15, "5000 TB"),
    ],
)
def test_short_forms(size, text):
    assert short_bytes(size) == text


def test_percent():
    assert percent(0.8933) == "89.3 %"
