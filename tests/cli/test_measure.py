import sys

import pytest

from mini_infer import memory
from mini_infer.toolchain import find

pytest.importorskip("onnxruntime")


@pytest.mark.slow
def test_compare_has_every_strategy_and_the_peer(record, command, lenet):
    answer = record("compare", lenet.model)
    assert list(answer["strategies"]) == list(memory.STRATEGIES)
    assert answer["arena_bytes"] == min(answer["strategies"].values())
    assert answer["strategies"]["naive"] >= answer["unplanned_bytes"]
    peer = answer["peers"]["onnxruntime"]
    assert peer["arena_held"] >= peer["in_use_peak"] >= 40_000
    text = command("compare", lenet.model, "--against=none").out
    assert "onnxruntime" not in text
    for size in answer["strategies"].values():
        assert f"{size:,}" in text


def test_compare_takes_open_and_fixed_inputs(record, tiny):
    answer = record("compare", tiny, "--shapes=a:64x3", "--fix=b=[[1,2,3]]")
    assert answer["peers"]["onnxruntime"]["in_use_peak"] > 0


def test_bench_races_onnxruntime(record, lenet):
    answer = record("bench", lenet.model, "--against=onnxruntime", "--planning", "--runs=6", "--compiler=none")
    assert answer["runs"] == 6
    assert answer["threads"] == 1
    assert set(answer["ratio"]) == {"onnxruntime", "onnxruntime_run", "mini_infer_unplanned"}
    for name in ("mini_infer", *answer["ratio"]):
        assert 0 < answer[name]["min_us"] <= answer[name]["median_us"]


def test_bench_alone_needs_no_peer(command, lenet):
    engine = lenet.folder / "net.engine"
    command("compile", lenet.model, "-o", engine, "--compiler=none")
    answer = command("bench", engine, "--runs=5", "--compiler=none")
    assert answer.status == 0
    assert "5 alternating turns" in answer.out
    refused = command("bench", engine, "--against=onnxruntime")
    assert refused.status == 2


def test_bench_counts_from_one(command, lenet):
    assert command("bench", lenet.model, "--runs=0").status == 2


def test_bench_profiles_the_steps(record, command, lenet):
    if find() is None:
        pytest.skip("the peak is measured by compiled code")
    profile = record("bench", lenet.model, "--steps", "--runs=5")["profile"]
    assert profile["peak_gflops"] > 0
    assert [step["kernels"] for step in profile["steps"][:2]] == [["TiledContraction"], ["TiledContraction"]]
    for step in profile["steps"]:
        assert step["peak_share"] is None or 0 < step["peak_share"] <= 1
        assert step["us"] > 0
        assert step["threads"] == 1
    assert "of peak" in command("bench", lenet.model, "--steps", "--runs=5").out


def test_a_peer_that_is_not_installed_is_named(command, lenet, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    refused = command("bench", lenet.model, "--against=openvino", "--runs=5", "--compiler=none")
    assert refused.status == 2
    assert "pip install openvino" in refused.errors[0]
