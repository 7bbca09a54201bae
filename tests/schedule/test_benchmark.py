import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "benchmarks" / "peak.py"
LENET = ROOT / "examples" / "lenet5" / "lenet5.onnx"


@pytest.mark.slow
def test_the_benchmark_orders_every_graph_of_a_folder(tmp_path):
    sizes = ["input", "act", "act", "output"]
    graph = {
        "name": "fork",
        "tensors": [{"bytes": 4, "kind": kind} for kind in sizes],
        "nodes": [
            {"inputs": [0], "outputs": [1]},
            {"inputs": [0, 0], "outputs": [2]},
            {"inputs": [1, 2], "outputs": [3]},
        ],
    }
    (tmp_path / "fork.json").write_text(json.dumps(graph))
    command = [sys.executable, str(SCRIPT), "--graphs", str(tmp_path)]
    (row,) = json.loads(subprocess.run([*command, "--json"], capture_output=True, text=True, check=True).stdout)
    row.pop("seconds")
    assert row == {
        "name": "fork", "nodes": 3, "exported": 12, "peak": 12, "lower_bound": 12, "optimal": True, "states": 0,
    }  # fmt: skip
    assert "fork" in subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_the_benchmark_plans_models_for_each_goal():
    command = [sys.executable, str(SCRIPT), str(LENET)]
    (row,) = json.loads(subprocess.run([*command, "--json"], capture_output=True, text=True, check=True).stdout)
    stages = row["stages"]
    assert stages["memory"] <= stages["balanced"] <= stages["speed"] <= stages["fused"] <= stages["exported"]
    assert stages["exported"] <= stages["all"]
    assert row["optimal"]
    assert row["order_optimal"]
    assert row["arena_held"] is None
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "| lenet5 |" in text


@pytest.mark.slow
def test_the_benchmark_wants_models_or_graphs():
    answer = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, check=False)
    assert "give models, or --graphs" in answer.stderr
