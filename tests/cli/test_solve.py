"""`mini-infer solve` and `mini-infer check`."""

import json

import pytest
from cli_checks import conforms

from mini_infer.cli import main
from mini_infer.memory.compiled.portfolio import Portfolio
from mini_infer.memory.strategies import auto

PROBLEM = "id,lower,upper,size\na,0,2,100\nb,1,3,50\nc,2,4,100\n"


@pytest.fixture
def problem(tmp_path):
    path = tmp_path / "problem.csv"
    path.write_text(PROBLEM)
    return str(path)


def test_solve_then_check(problem, tmp_path, capsys):
    solved = tmp_path / "solved.csv"
    assert main(["solve", problem, "-o", str(solved)]) == 0
    assert "height       150 bytes, optimal" in capsys.readouterr().out
    assert solved.read_text() == "id,lower,upper,size,offset\na,0,2,100,0\nb,1,3,50,100\nc,2,4,100,0\n"
    assert main(["check", str(solved), "--capacity", "150"]) == 0
    assert capsys.readouterr().out == "valid: 3 buffers in 150 bytes; no plan can be below 150\n"


def test_json_keeps_to_its_schema(problem, capsys):
    assert main(["solve", problem, "--capacity", "1K", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    conforms(record)
    assert (record["height"], record["capacity"], record["feasible"], record["optimal"]) == (150, 1024, True, True)


def test_what_cannot_fit_exits_with_5_and_the_proof(problem, tmp_path, capsys):
    solved = tmp_path / "solved.csv"
    assert main(["solve", problem, "--capacity", "149", "--json", "-o", str(solved)]) == 5
    out, err = capsys.readouterr()
    assert json.loads(out)["feasible"] is False
    assert "no plan fits into 149 bytes: every plan needs 150 or more (the 2 buffers alive in steps [1, 2)" in err
    assert not solved.exists()


def test_pools_are_filled_in_their_order(problem, tmp_path, capsys):
    solved = tmp_path / "solved.json"
    assert main(["solve", problem, "--pool", "sram:100,dram:1K", "-o", str(solved)]) == 0
    assert "spilled      buffers of 50 bytes are not in" in (said := capsys.readouterr().out)
    assert "sram         100 bytes, bound 100: a, c" in said
    assert [b["pool"] for b in json.loads(solved.read_text())["buffers"]] == ["sram", "dram", "sram"]
    assert main(["check", str(solved), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    conforms(record)
    assert record["height"] == 150


def test_check_names_both_buffers_of_a_clash(tmp_path, capsys):
    plan = tmp_path / "plan.csv"
    plan.write_text("id,lower,upper,size,offset\nx,0,2,8,0\ny,1,3,8,4\n")
    assert main(["check", str(plan)]) == 6
    message = "'x' at [0, 8) and 'y' at [4, 12) share bytes while both live in steps [1, 2)"
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["nowhere.csv"], 3, "nowhere.csv: cannot be read"),
        (["{problem}", "--pool", "sram"], 2, "--pool 'sram': write name:size"),
        (["{problem}", "--pool", "sram:12Q"], 2, "'12Q' is no number of bytes"),
        (["{problem}", "--capacity", "1M", "--pool", "sram:1M"], 3, "both a capacity"),
    ],
)
def test_bad_input_is_one_line(problem, words, status, message, capsys):
    assert main(["solve", *(word.format(problem=problem) for word in words)]) == status
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


def test_an_interrupt_gives_the_best_plan_so_far(tmp_path, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    first_fit = auto.cheap.best_greedy
    monkeypatch.setattr(auto.cheap, "best_greedy", lambda problem: first_fit(problem, ["first-fit"]))
    monkeypatch.setattr(auto, "_TINY", 0)
    monkeypatch.setattr(Portfolio, "skylines", interrupted)
    path, solved = tmp_path / "problem.csv", tmp_path / "solved.csv"
    path.write_text("id,lower,upper,size\na,0,2,10\nb,1,4,10\nc,2,4,20\n")
    assert main(["solve", str(path), "-o", str(solved)]) == 130
    assert "height       40 bytes" in capsys.readouterr().out
    assert main(["check", str(solved)]) == 0


@pytest.mark.parametrize(
    ("rows", "words", "status", "said"),
    [
        ("a,0,2,4,0\nb,1,3,4,2\n", [], 6, "share bytes while both live"),
        ("a,0,2,4,-4\n", [], 6, "before the arena begins"),
        ("a,0,2,4,0\n", ["--capacity=2"], 5, "ends beyond the 2 bytes"),
        ("a,0,2,4,\n", [], 3, "has no offset"),
    ],
)
def test_what_check_makes_of_wrong_plans(tmp_path, capsys, rows, words, status, said):
    path = tmp_path / "plan.csv"
    path.write_text(f"id,lower,upper,size,offset\n{rows}")
    assert main(["check", str(path), *words]) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert len(err.splitlines()) == 1
