import pytest

from mini_infer import memory

pytest.importorskip("onnxruntime")


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
