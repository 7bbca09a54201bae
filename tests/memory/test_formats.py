"""Files: what is written is read again, and bad ones are named."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mini_infer.errors import ProblemError
from mini_infer.memory import (
    Buffer,
    Pool,
    Problem,
    read_csv,
    read_csv_plan,
    read_json,
    read_json_plan,
    solve,
    to_networkx,
    write_csv,
    write_json,
)
from mini_infer.memory.json import to_record

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schemas" / "placement.json").read_text())
FULL = Problem(
    (
        Buffer("a,b", 8, 0, 9, alignment=4, offset=16, gaps=((2, 3), (5, 7)), pools=("sram",), traffic=90),
        Buffer("ünï", 0, -2, 3, pools=("dram", "sram"), traffic=0),
        Buffer("c", 7, 1, 2),
    ),
    pools=(Pool("sram", 64), Pool("dram")),
)


def test_csv_there_and_back(tmp_path):
    write_csv(FULL, tmp_path / "problem.csv")
    assert read_csv(tmp_path / "problem.csv", FULL.pools) == FULL
    plan = solve(FULL)
    write_csv(plan, tmp_path / "plan.csv")
    again = read_csv_plan(tmp_path / "plan.csv", FULL.pools)
    assert (again.offsets, again.regions, again.size) == (plan.offsets, plan.regions, plan.size)


def test_json_there_and_back(tmp_path):
    write_json(FULL, tmp_path / "problem.json")
    assert read_json(tmp_path / "problem.json") == FULL
    plan = solve(FULL)
    write_json(plan, tmp_path / "plan.json")
    again = read_json_plan(tmp_path / "plan.json")
    assert (again.problem, again.offsets, again.regions) == (FULL, plan.offsets, plan.regions)


def test_json_keeps_to_its_schema():
    validator = Draft202012Validator(SCHEMA)
    validator.validate(to_record(FULL))
    validator.validate(to_record(solve(FULL)))


@given(st.lists(st.tuples(st.integers(0, 2**40), st.integers(-9, 9), st.integers(1, 9)), max_size=5))
def test_any_simple_problem_survives_csv(tmp_path_factory, rows):
    problem = Problem(tuple(Buffer(str(i), size, start, start + n) for i, (size, start, n) in enumerate(rows)))
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    write_csv(problem, path)
    assert read_csv(path) == problem


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "row 1: the header is ''"),
        ("id,lower,upper\n", "row 1: the header is 'id,lower,upper'; expected id,lower,upper,size"),
        ("id,lower,upper,size,color\n", "row 1: the header is"),
        ("id,lower,upper,size\na,0,1\n", "row 2: 3 values for 4 columns"),
        ("id,lower,upper,size\na,0,1,x\n", "row 2: size is 'x'"),
        ("id,lower,upper,size\na,0,1,1\nb,3,2,4\n", r"row 3: buffer 'b' lives in \[3, 2\), which is empty"),
        ("id,lower,upper,size\na,0,1,-1\n", "row 2: buffer 'a' has size -1"),
        ("id,lower,upper,size\na,0,1,1\na,0,1,1\n", "buffer id 'a' is used more than once"),
        ("id,lower,upper,size,gaps\na,0,9,1,3:4\n", "row 2: gaps has '3:4'"),
        ("id,lower,upper,size\na,0,1,9223372036854775808\n", "row 2: buffer 'a' has size 9223372036854775808"),
        ("id,lower,upper,size\na,0,1,9223372036854775807\nb,0,1,1\n", "2\\^63 or more"),
        ("id,lower,upper,size,offset\na,0,2,4,0\nb,1,3,4,2\n", "are pinned to the same bytes"),
    ],
)
def test_bad_csv_is_named_in_one_line(tmp_path, text, message):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(ProblemError, match=message) as caught:
        read_csv(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_plan_needs_every_offset(tmp_path):
    path = tmp_path / "plan.csv"
    path.write_text("id,lower,upper,size,offset\na,0,2,4,\n")
    with pytest.raises(ProblemError, match="row 2: buffer 'a' has no offset"):
        read_csv_plan(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": "other"}, "the schema is 'other'"),
        ({"buffers": 3}, "buffers has to be a list of objects"),
        ({"buffers": [{"id": "a"}]}, r"buffers\[0\]: size is missing"),
        (
            {"buffers": [{"id": "a", "size": 1.5, "start": 0, "end": 1}]},
            r"buffers\[0\]: size is 1.5; expected an integer",
        ),
        ({"buffers": [{"id": "a", "size": 1, "start": 1, "end": 1}]}, r"buffers\[0\]: buffer 'a' lives in"),
        ({"buffers": [{"id": "a", "size": 1, "start": 0, "end": 3, "gaps": [[1]]}]}, r"gaps is \[\[1\]\]"),
        ({"capacity": "1M"}, "capacity is '1M'; expected an integer"),
    ],
)
def test_bad_json_is_named_in_one_line(tmp_path, change, message):
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({"schema": "mini-infer/placement/1", "buffers": []} | change))
    with pytest.raises(ProblemError, match=message):
        read_json(path)


def test_the_interference_graph_leaves_for_networkx():
    graph = to_networkx(Problem((Buffer("a", 8, 0, 2), Buffer("b", 4, 1, 3), Buffer("c", 2, 2, 4))))
    assert set(graph.edges) == {("a", "b"), ("b", "c")}
    assert graph.nodes["b"] == {"size": 4, "start": 1, "end": 3, "alignment": 1}
