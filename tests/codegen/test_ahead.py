"""Weights that come next are asked for: all of a panel, by the tiles that multiply by the one before, and no others."""

from dataclasses import replace

import pytest

from mini_infer.codegen.contraction.ahead import LINE, Ahead
from mini_infer.codegen.contraction.tiled_contraction import emit_tiled_contraction
from mini_infer.machine import MACHINES
from mini_infer.program.kernels import Batch, ContractionShape, Tile, TiledContraction

ASKED = "__builtin_prefetch("
SERVER = MACHINES["x86-64-v3"]
DEPTH, COLUMNS = 512, 96
SHAPE = ContractionShape.matrix(49, COLUMNS, DEPTH, (DEPTH, 1, COLUMNS))


def emitted(machine=SERVER, shape=SHAPE, **changes):
    """C of a product of 49 rows in tiles of 6 by 16 columns, of which all are one panel."""
    kernel = TiledContraction(shape, Tile(6, 2, machine.lanes), row_panel=9, piece=1)
    return emit_tiled_contraction(replace(kernel, **changes), machine).text


@pytest.mark.parametrize("panel", [1 << 16, 100_003, 1 << 20])
@pytest.mark.parametrize(("steps", "tiles"), [(512, 1), (512, 9), (4608, 4), (77, 13)])
def test_tiles_ask_for_a_whole_panel_and_hardly_for_more(panel, steps, tiles):
    ahead = Ahead.of(panel, 4, steps, tiles, 12, SERVER)
    assert panel <= ahead.bytes * steps * tiles < panel + steps * tiles


def test_a_single_tile_asks_for_no_more_than_stays_in_the_cache():
    reach = SERVER.near(1, 16)
    far, near = (Ahead.of(panel, 4, 512, 1, 12, SERVER) for panel in (1 << 20, reach))
    assert far.nearer == (1 << 20) - reach
    assert far.declared("next") == [f"const char *ahead = (const char *)(next) - {far.nearer};", "(void)ahead;"]
    assert near.nearer == 0
    assert Ahead.of(1 << 20, 4, 512, 2, 12, SERVER).nearer == 0  # which reads the panel once more


def test_a_turn_asks_for_every_line_it_passes():
    assert len(Ahead(LINE).asked(4)) == 4
    assert len(Ahead(9).asked(4)) == 1
    assert len(Ahead(9).asked(8)) == 2
    assert Ahead().asked(8) == []
    assert Ahead(9).passed(4) == "ahead += 36"


def test_each_tile_begins_where_the_one_before_ended():
    text = emitted()
    assert "const char *ahead = (const char *)(b + (block + 1) * 8192) + (row) * 512 * 8;" in text
    assert text.count(ASKED) == 3  # once in whole tiles; twice in the last row, 16 steps of which are one turn
    several = emitted(row_panel=3)
    assert "(b + ((block + 1) % 6) * 8192) + (within % height) * 512 * 22;" in several


@pytest.mark.parametrize(
    ("machine", "changes"),
    [
        (MACHINES["portable"], {"tile": Tile(6, 2, 1)}),  # memory is near
        (SERVER, {"shape": replace(SHAPE, in_channels=64)}),  # all weights fit the nearest cache
        (SERVER, {"shape": ContractionShape.matrix(4096, COLUMNS, DEPTH, (DEPTH, 1, COLUMNS)), "row_panel": 683}),
        (SERVER, {"b_row": COLUMNS}),  # the next panel does not lie in one piece
        (SERVER, {"shape": replace(SHAPE, batch=(Batch(3, 49 * DEPTH, DEPTH * COLUMNS, 49 * COLUMNS),))}),
        (SERVER, {"shape": replace(SHAPE, out_channels=16)}),  # there is one panel
    ],
    ids=["board", "small", "many rows", "unpacked", "batch", "one panel"],
)
def test_nothing_is_asked_for_where_nothing_is_won(machine, changes):
    assert ASKED not in emitted(machine, **changes)
