"""Importing the planner is cheap, and a small network is planned before anything heavy is loaded."""

import subprocess
import sys
from pathlib import Path

import pytest

import mini_infer.memory

SCRIPT = """
import sys
from mini_infer.memory import Buffer, Problem, solve
sizes = [3456, 1024, 640, 480, 336, 40]
plan = solve(Problem(tuple(Buffer(str(i), size, i, i + 2, alignment=64) for i, size in enumerate(sizes))))
assert plan.optimal
print(sorted({name.partition(".")[0] for name in sys.modules} & {"numpy", "numba", "onnx", "csv", "json", "tempfile"}))
"""

LONG = """
import sys
from mini_infer.memory import Buffer, Problem, solve
plan = solve(Problem(tuple(Buffer(str(i), 64 * (1 + i % 2), i, i + 2, alignment=64) for i in range(700))))
assert plan.optimal
print(plan.strategy, sorted({"numpy", "numba"} & set(sys.modules)))
"""


def test_neither_numpy_nor_numba_is_loaded_for_a_small_network():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(mini_infer.memory.__file__).parents[2],
    )
    assert done.stdout == "[]\n"


def test_every_public_name_is_there():
    assert all(getattr(mini_infer.memory, name) is not None for name in mini_infer.memory.__all__)
    with pytest.raises(AttributeError):
        _ = mini_infer.memory.nothing


def test_a_long_network_with_few_buffers_at_once_is_planned_by_the_rules():
    done = subprocess.run(
        [sys.executable, "-c", LONG],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(mini_infer.memory.__file__).parents[2],
    )
    assert done.stdout == "greedy-by-size []\n"
