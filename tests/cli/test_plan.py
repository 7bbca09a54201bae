import re

import pytest

import mini_infer
from mini_infer import __version__


def test_the_flagships_plan(record, lenet):
    plan = record("plan", lenet.model)
    assert plan["optimal"]
    assert plan["arena_bytes"] == plan["lower_bound_bytes"] <= 4608
    assert plan["exported_bytes"] == 43_200
    unplanned = record("plan", lenet.model, "--no-memory-planning")
    assert plan["unplanned_bytes"] == unplanned["arena_bytes"] > sum(buffer["size"] for buffer in plan["buffers"])
    assert plan["saving_ratio"] == 1 - plan["arena_bytes"] / 43_200
    assert plan["planning_saving_ratio"] == 1 - plan["arena_bytes"] / plan["unplanned_bytes"]
    sizes = {buffer["id"]: buffer["size"] for buffer in plan["buffers"]}
    assert sum(sizes[name] for name in plan["peak"]["live"]) == plan["lower_bound_bytes"]
    for buffer in plan["buffers"]:
        assert buffer["offset"] + buffer["size"] <= plan["arena_bytes"]
        assert buffer["offset"] % buffer["alignment"] == 0
        alive = buffer["start"] <= plan["peak"]["step"] < buffer["end"]
        assert alive == (buffer["id"] in plan["peak"]["live"])


def test_what_to_reserve_is_added_up(record, command, lenet):
    plan = record("plan", lenet.model)
    parts = [plan[f"{part}_bytes"] for part in ("arena", "weight", "input", "output")]
    assert parts[2:] == [4 * 28 * 28, 4 * 10]
    assert plan["total_bytes"] == sum(parts)
    text = command("plan", lenet.model).out
    assert re.search(rf"^total +{plan['total_bytes']:,} ", text, re.MULTILINE)
    memory = mini_infer.build(lenet.model).memory
    assert (memory.arena, memory.weights, memory.inputs, memory.outputs) == tuple(parts)
    assert memory.total == plan["total_bytes"]


def test_without_fusion_planning_alone_saves_a_third(record, lenet):
    plan = record("plan", lenet.model, "--no-rewrite", "--strategy=coloring")
    assert plan["planning_saving_ratio"] >= 0.3
    members = [name for pool in plan["pools"] for name in pool["members"]]
    assert sorted(members) == sorted(buffer["id"] for buffer in plan["buffers"])
    assert len(plan["pools"]) == 2
    assert {alias["of"] for alias in plan["aliases"]} <= {buffer["id"] for buffer in plan["buffers"]}
    assert plan["aliases"]


def test_without_planning_every_buffer_has_its_place(record, lenet):
    plan = record("plan", lenet.model, "--no-memory-planning")
    assert plan["strategy"] == "naive"
    assert plan["arena_bytes"] >= plan["unplanned_bytes"]


def test_the_text_says_the_same(command, record, lenet):
    plan = record("plan", lenet.model, "--no-rewrite", "--strategy=coloring")
    text = command("plan", lenet.model, "--no-rewrite", "--strategy=coloring").out
    for key in ("exported_bytes", "unplanned_bytes", "arena_bytes", "lower_bound_bytes"):
        assert f"{plan[key]:,}" in text
    assert f"alive in step {plan['peak']['step']} " in text
    assert plan["peak"]["node"] in text
    assert "pools: 2\n" in text
    for pool in plan["pools"]:
        assert f"{pool['name']}: {pool['size']:,} bytes at {pool['offset']:,}" in text
        for member in pool["members"]:
            assert member in text
    for alias in plan["aliases"]:
        assert f"{alias['value']} in {alias['of']}\n" in text


def test_width_and_rows(command, lenet):
    for width in (80, 60, 50):
        narrow = command("plan", lenet.model, "--no-rewrite", f"--width={width}").out
        assert max(map(len, narrow.splitlines())) <= width
    assert "27,648" in narrow
    assert command("plan", lenet.model, "--width=39").status == 2


def test_long_tables_are_cut_unless_all_is_asked_for(command, tiny):
    cut = command("plan", tiny, "--shapes=a:2x3", "--shapes=b:2x3").out
    assert "--all" not in cut
    assert command("plan", tiny, "--shapes=a:2x3", "--shapes=b:2x3", "--all").out == cut


def test_explain_lists_rewrites(command, lenet):
    text = command("plan", lenet.model, "--explain").out
    assert "rewrites applied: " in text
    assert "Relu done by Conv" in text
    assert "rewrites missed: " in text
    assert "rewrites applied: 0" in command("plan", lenet.model, "--explain", "--no-rewrite").out


def test_the_answer_goes_to_a_file(command, lenet):
    path = lenet.folder / "plan.txt"
    assert command("plan", lenet.model, "-o", path).out == ""
    assert path.read_text() == command("plan", lenet.model).out


def test_a_page_to_look_at(command, lenet):
    path = lenet.folder / "plan.html"
    answer = command("plan", lenet.model, "--strategy=best-fit", "--memory-limit=5K", "--html", path)
    assert answer.out == command("plan", lenet.model, "--strategy=best-fit").out
    page = path.read_text()
    assert page.startswith("<!doctype html>")
    for name in ("best-fit", "auto", "coloring", "naive"):
        assert f'"name":"{name}"' in page


def test_profiles_share_an_arena(command, record, tiny):
    words = ["plan", tiny, "--profile=one=a:1x3,b:1x3", "--profile=many=a:64x3,b:64x3", "--no-rewrite"]
    text = command(*words).out
    assert "  one" in text
    assert "shown above" in text
    assert record(*words)["arena_bytes"] == 64 * 3 * 4


def test_the_plan_of_an_engine_is_the_models(command, record, lenet):
    engine = lenet.folder / "net.engine"
    assert command("compile", lenet.model, "-o", engine, "--compiler=none").status == 0
    plan = record("plan", engine)
    assert plan.pop("model") == "net.engine"
    of_model = record("plan", lenet.model)
    del of_model["model"]
    assert plan == of_model


@pytest.mark.parametrize("word", ["--explain", "--no-rewrite", "--strategy=naive"])
def test_an_engine_is_settled(command, lenet, word):
    engine = lenet.folder / "net.engine"
    command("compile", lenet.model, "-o", engine, "--compiler=none")
    answer = command("plan", engine, word)
    assert answer.status == 2
    assert f"{engine} is an engine" in answer.errors[0]


def test_more_than_fits_is_refused(command, lenet):
    answer = command("plan", lenet.model, "--memory-limit=4K")
    assert answer.status == 5
    assert "4,096 bytes" in answer.errors[0]


def test_the_end_says_what_to_do_next(command, lenet):
    said = [command("plan", lenet.model, *flags).out.splitlines()[-1] for flags in ([], ["--optimize=memory"])]
    assert said == ["next: no flag lowers it further that is known; mini-infer compile writes the engine"] * 2


def test_the_page_says_where_it_comes_from(command, lenet):
    path = lenet.folder / "about.html"
    command("plan", lenet.model, "--optimize=memory", "--html", path)
    page = path.read_text()
    assert "arena 4,480 + weights 194,112 + inputs 3,136 + outputs 40 = 201,768 bytes" in page
    assert "in: input float32[1x1x28x28]" in page
    assert f"mini-infer {__version__} for " in page
    assert "with optimize='memory'" in page
