import pytest
from hypothesis import given
from hypothesis import strategies as st

from mini_infer.report.sizes import exact_bytes, percent, short_bytes


@given(st.integers(0, 2**50))
def test_digits_survive(size):
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
