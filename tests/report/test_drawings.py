import re
import sys

import pytest

from mini_infer import compiler
from mini_infer.compiler import Options
from mini_infer.demo import assets
from mini_infer.errors import UsageError
from mini_infer.memory import Plan, Problem, interference_graph, solve
from mini_infer.report.plan.dot import plan_dot
from mini_infer.report.plan.map import map_text
from mini_infer.report.plan.picture import FORMATS, plan_picture


@pytest.fixture(scope="module")
def program():
    return compiler.lower(assets.MODEL, Options(rewrite=False)).program


@pytest.fixture(scope="module", params=["naive", "coloring", "auto"])
def plan(request, program):
    return solve(program.problem, request.param)


def test_the_map_shows_every_live_buffer_in_its_step(program, plan):
    text = map_text(program, plan, width=200)
    rows = re.findall(r"^ *(\d+) \|(.*)\| +([\d,]+) (.*)$", text, re.MULTILINE)
    assert [int(step) for step, *_ in rows] == list(range(len(program.steps)))
    letters = dict(re.findall(r"^  (\S) .* (\S+)$", text, re.MULTILINE))
    for step, cells, alive, name in rows:
        live = [buffer for buffer in plan.problem.buffers if buffer.start <= int(step) < buffer.end]
        assert {letters[cell] for cell in set(cells) - {"."}} <= {buffer.id for buffer in live}
        assert int(alive.replace(",", "")) == sum(buffer.size for buffer in live)
        assert program.steps[int(step)].node.name in name
    largest = max(plan.problem.buffers, key=lambda buffer: buffer.size)
    assert letters["A"] == largest.id
    shown = rows[largest.start][1]
    assert shown.count("A") == pytest.approx(100 * largest.size / plan.size, abs=1)


def test_the_map_of_many_steps_keeps_the_peak(program, plan):
    text = map_text(program, plan, width=100, rows=4)
    rows = re.findall(r"^ *(\d+) \|", text, re.MULTILINE)
    assert len(rows) == 4
    assert str(plan.peak.start) in rows


def test_the_map_of_nothing(program):
    empty = Plan(Problem(()), (), strategy="auto", lower_bound=0)
    assert "|" + "." * 50 + "|" in map_text(program, empty)


def test_the_dot_file_has_every_edge_once(plan):
    text = plan_dot('net "1"', plan)
    assert text.startswith('graph "net \\"1\\"" {\n')
    edges = {tuple(map(int, edge)) for edge in re.findall(r"b(\d+) -- b(\d+);", text)}
    assert edges == {
        (one, other) for one, others in enumerate(interference_graph(plan.problem)) for other in others if one < other
    }
    assert text.count("label=") == len(plan.problem.buffers)
    assert text.count("fillcolor=") - 1 == sum(len(pool.members) for pool in plan.pools)


MAGIC = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


@pytest.mark.parametrize(
    "suffix", [pytest.param(suffix, marks=[pytest.mark.slow] if suffix != ".svg" else []) for suffix in FORMATS]
)
def test_pictures_repeat_to_the_byte(program, plan, suffix):
    pytest.importorskip("matplotlib")
    picture = plan_picture("lenet5", program, plan, suffix)
    assert picture.startswith(MAGIC[suffix])
    assert picture == plan_picture("lenet5", program, plan, suffix)
    if suffix == ".svg":
        assert f"{plan.size:,} bytes".encode() in picture
        assert b"Conv /conv1/Conv" in picture


def test_pictures_that_cannot_be(program, plan, monkeypatch):
    with pytest.raises(UsageError, match=r"\.png, \.svg, \.pdf, not '\.gif'"):
        plan_picture("lenet5", program, plan, ".gif")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError, match="pip install matplotlib"):
        plan_picture("lenet5", program, plan, ".png")
