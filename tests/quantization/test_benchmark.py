import json
import subprocess
import sys
from pathlib import Path

import pytest

import mini_infer as mi

pytest.importorskip("onnxruntime")

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "benchmarks" / "quantized.py"
LENET = ROOT / "examples" / "lenet5" / "lenet5.onnx"


@pytest.mark.slow
def test_the_benchmark_says_what_8_bits_bring(tmp_path):
    command = [sys.executable, str(SCRIPT), str(LENET), "--rounds=5", f"--json={tmp_path / 'rows.json'}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "| lenet5 |" in said
    assert "Geometric means of 1" in said
    (row,) = json.loads((tmp_path / "rows.json").read_text())["rows"]
    engine = mi.build(LENET)
    assert (row["float_arena"], row["float_weights"]) == (engine.arena_bytes, engine.weight_bytes)
    assert 0 < row["error"] < 0.1
    assert row["rounds"] == 5
    assert min(row[name] for name in ("ours_ms", "by_float", "by_onnxruntime", "by_onnxruntime_float")) > 0
