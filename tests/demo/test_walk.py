import argparse
import json
import sys

import numpy as np
import pytest

from mini_infer.cli.commands import demo
from mini_infer.demo import assets, walk
from mini_infer.errors import InputError, UsageError

REPORTS = (
    "reference_outputs.json",
    "optimized_memory_outputs.json",
    "optimized_no_memory_outputs.json",
    "optimized_comparison_report.json",
    "memory_report.json",
)


def reports(folder):
    return [json.loads((folder / name).read_text(encoding="utf-8")) for name in REPORTS]


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("walk") / "made" / "anew"
    said = []
    passed = walk.walk(folder, torch=False, compiler=None, say=said.append)
    return passed, "\n".join(said), reports(folder)


def test_walk_passes_and_says_so(walked):
    passed, said, _ = walked
    assert passed
    assert said.endswith("[PASS]")
    assert [line[:5] for line in said.splitlines() if line.startswith("[")][:6] == [f"[{i}/6]" for i in range(1, 7)]
    assert "median time ratio" in said


def test_every_report_has_a_schema(walked):
    schemas = [report["schema"] for report in walked[2]]
    assert schemas == [*["mini-infer/samples/1"] * 3, "mini-infer/demo/1", "mini-infer/demo-memory/1"]


def test_sample_reports(walked):
    reference, planned, unplanned, _, _ = walked[2]
    labels = assets.load_digits().labels.tolist()
    for report in (reference, planned, unplanned):
        assert [sample["index"] for sample in report["samples"]] == list(range(100))
        assert [sample["label"] for sample in report["samples"]] == labels
    carried = assets.load_reference()
    np.testing.assert_array_equal([sample["logits"] for sample in reference["samples"]], carried.logits)
    assert reference["reference"] == {"framework": "PyTorch", "version": carried.torch, "made_now": False}
    assert "memory_stats" not in reference
    for with_planning, without in zip(planned["samples"], unplanned["samples"], strict=True):
        assert with_planning["logits"] == without["logits"]
        assert with_planning["time_us"] > 0


def test_memory_stats(walked):
    _, planned, unplanned, _, memory = walked[2]
    assert planned["memory_stats"]["original_memory_kb"] == memory["exported_bytes"] / 1000 == 43.2
    assert planned["memory_stats"]["optimized_memory_kb"] == planned["memory_stats"]["lower_bound_kb"] <= 4.608
    assert unplanned["memory_stats"]["strategy"] == "naive"
    assert unplanned["memory_stats"]["optimized_memory_kb"] > planned["memory_stats"]["optimized_memory_kb"]


def test_memory_report(walked):
    memory = walked[2][4]
    rows = {(row["fusion"], row["planning"]): row for row in memory["rows"]}
    assert len(rows) == 4
    assert rows[False, True]["bytes"] == rows[False, True]["lower_bound_bytes"] == 27_648
    assert rows[True, True]["bytes"] <= 4_608
    assert all(rows[fusion, True]["optimal"] for fusion in (False, True))
    assert rows[False, False]["bytes"] > rows[False, True]["bytes"]
    assert rows[True, False]["bytes"] > rows[True, True]["bytes"]
    assert memory["planning_saving_ratio"]["fusion_off"] >= 0.3
    assert memory["saving_ratio"] >= 0.85
    assert len(memory["coloring"]["pools"]) == 2
    assert sum(len(pool["members"]) for pool in memory["coloring"]["pools"]) == rows[False, True]["buffers"]


def test_comparison_report(walked):
    comparison = walked[2][3]
    assert comparison["passed"]
    assert comparison["right_answers"] == 100
    assert comparison["planning"]["bit_identical"]
    assert comparison["planning"]["median_time_ratio"] > 0
    assert comparison["comparison"]["argmax_agreement"] == 1
    assert comparison["comparison"]["max_abs_error"] <= 1e-5
    assert all(check["passed"] for check in comparison["checks"])


def parse(*options):
    parser = argparse.ArgumentParser()
    demo.configure(parser)
    return parser.parse_args(options)


def test_the_interpreter_walks_too(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert demo.run(parse("--compiler", "none")) == 0
    assert "interpreted" in capsys.readouterr().out
    assert {path.name for path in (tmp_path / "mini-infer-demo").iterdir()} == set(REPORTS)


def test_a_wrong_answer_fails_with_exit_code_6(tmp_path, monkeypatch, capsys):
    reference = assets.load_reference()
    logits = reference.logits.copy()
    logits[17] = logits[17][::-1]
    monkeypatch.setattr(walk, "load_reference", lambda: assets.Reference(logits, reference.torch))
    assert demo.run(parse("--compiler", "none", "--output-dir", str(tmp_path))) == 6
    out = capsys.readouterr().out
    assert out.endswith("[FAIL]\n")
    assert "FAIL PyTorch's answers: 99.0 %" in out
    assert not reports(tmp_path)[3]["passed"]


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match="file: cannot be made: File exists; name another with --output-dir"):
        walk.walk(tmp_path / "file", torch=False, compiler="none", say=str)


def test_torch_asked_for_and_not_there(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(UsageError, match="pip install torch"):
        walk.walk(tmp_path, torch=True, compiler="none", say=str)


@pytest.mark.slow
def test_reference_made_anew(tmp_path):
    torch = pytest.importorskip("torch")
    assert walk.walk(tmp_path, torch=True, compiler="none", say=str)
    assert reports(tmp_path)[0]["reference"] == {
        "framework": "PyTorch",
        "version": str(torch.__version__),
        "made_now": True,
    }
