"""How many rows share a pass over the weights."""

import pytest

from mini_infer.lowering.contraction.panels import rows_of_panel
from mini_infer.machine import MACHINES

MIB = 1 << 20
SERVER = MACHINES["x86-64-v4"]


@pytest.mark.parametrize(
    ("rows", "a", "b", "blocks", "panel"),
    [
        (22, 605_184, 7_077_888, 48, 22),  # a and two blocks of b fit the second cache
        (22, 2_420_736, 9_437_184, 16, 22),  # b is larger: reading it five times more would take longer
        (100, 20 * MIB, 2 * MIB, 32, 4),  # a does not fit, b is read from the third cache: even parts
        (100, 20 * MIB, 2 * MIB, 1, 100),  # one block of columns reads a once anyway
        (1, 20 * MIB, 2 * MIB, 32, 1),
        (0, 0, 2 * MIB, 32, 1),
    ],
)
def test_rows_share_weights_as_far_as_the_cache_goes(rows, a, b, blocks, panel):
    assert rows_of_panel(rows, a, b, blocks, SERVER) == panel


def test_parts_are_even():
    panel = rows_of_panel(100, 20 * MIB, 2 * MIB, 32, SERVER)
    assert 100 % panel == 0


def test_all_rows_share_weights_where_memory_is_near():
    assert rows_of_panel(1000, 20 * MIB, 20 * MIB, 8, MACHINES["cortex-m4"]) == 1000
