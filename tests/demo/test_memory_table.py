import json

import pytest

from mini_infer.demo.memory_table import MemoryTable, Row, memory_record, memory_text
from mini_infer.memory import Buffer, Problem, solve

UNFUSED = Problem((Buffer("a", 600, 0, 2), Buffer("b", 400, 1, 3), Buffer("c", 600, 2, 4)))
FUSED = Problem((Buffer("d", 300, 0, 2), Buffer("e", 100, 1, 3)))


@pytest.fixture
def table():
    return MemoryTable(
        2000,
        (
            Row(fusion=False, planning=False, plan=solve(UNFUSED, "naive")),
            Row(fusion=False, planning=True, plan=solve(UNFUSED)),
            Row(fusion=True, planning=False, plan=solve(FUSED, "naive")),
            Row(fusion=True, planning=True, plan=solve(FUSED)),
        ),
        solve(UNFUSED, "coloring"),
    )


def test_savings_are_kept_apart(table):
    assert table.bytes(fusion=False, planning=True) == 1000
    assert table.planning_saving(fusion=False) == pytest.approx(1 - 1000 / 1600)
    assert table.planning_saving(fusion=True) == 0
    assert table.saving == pytest.approx(1 - 400 / 2000)
    assert table.optimal


def test_pools_name_their_members(table):
    assert sorted((size, members) for _, size, members in table.pools()) == [(400, ["b"]), (600, ["a", "c"])]


def test_a_plan_above_its_bound_is_not_optimal(table):
    off, _, on, on_planned = table.rows
    wasteful = Row(fusion=False, planning=True, plan=solve(UNFUSED, "naive"))
    assert not MemoryTable(2000, (off, wasteful, on, on_planned), table.coloring).optimal


def test_record(table):
    record = json.loads(json.dumps(memory_record(table, "net.onnx")))
    assert [(row["fusion"], row["planning"], row["bytes"]) for row in record["rows"]] == [
        (False, False, 1600),
        (False, True, 1000),
        (True, False, 400),
        (True, True, 400),
    ]
    assert record["rows"][1]["saving_ratio"] == 0.5
    assert record["rows"][1]["optimal"]
    assert record["coloring"]["bytes"] == 1000
    assert record["coloring"]["pools"][0]["members"] == ["a", "c"]


def test_text_has_the_four_rows_and_the_pools(table):
    lines = memory_text(table).splitlines()
    assert lines[0].endswith(": 2,000")
    assert lines[1].split() == [
        "fusion",
        "planning",
        "strategy",
        "buffers",
        "arena",
        "bound",
        "saved",
        "of",
        "exported",
    ]
    assert [line.split()[:2] for line in lines[2:6]] == [["off", "off"], ["off", "on"], ["on", "off"], ["on", "on"]]
    assert lines[3].split()[3:] == ["3", "1,000", "1,000", "50.0", "%"]
    assert lines[6].endswith("2 pools, 1,000 bytes")
    assert lines[7].split() == ["pool", "0", "600", "a,", "c"]
