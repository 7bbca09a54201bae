import numpy as np
import pytest

from mini_infer.demo.checks import checks
from mini_infer.demo.memory_table import MemoryTable, Row
from mini_infer.memory import Buffer, Problem, solve
from mini_infer.verify import compare

LOGITS = np.array([[1.0, 2.0], [4.0, 3.0]], np.float32)


def table(exported=20_000, *, chain=4, fused="auto"):
    """A chain of buffers that planning folds onto two, and a fused program of two."""
    unfused = Problem(tuple(Buffer(f"b{i}", 1000, i, i + 2) for i in range(chain)))
    program = Problem((Buffer("x", 600, 0, 2), Buffer("y", 300, 1, 3), Buffer("z", 600, 2, 4)))
    return MemoryTable(
        exported,
        (
            Row(fusion=False, planning=False, plan=solve(unfused, "naive")),
            Row(fusion=False, planning=True, plan=solve(unfused)),
            Row(fusion=True, planning=False, plan=solve(program, "naive")),
            Row(fusion=True, planning=True, plan=solve(program, fused)),
        ),
        solve(unfused, "coloring"),
    )


def failed(logits=LOGITS, memory=None, *, identical=True):
    judged = checks(
        compare({"y": logits}, {"y": LOGITS}, atol=1e-5), table() if memory is None else memory, identical=identical
    )
    assert len(judged) == 6
    return [check.claim for check in judged if not check.passed]


def test_all_hold():
    assert failed() == []


@pytest.mark.parametrize(
    ("case", "claims"),
    [
        ({"logits": LOGITS + np.float32(2e-5)}, ["logits within 1e-05"]),
        ({"logits": LOGITS[:, ::-1]}, ["PyTorch's answers", "logits within 1e-05"]),
        ({"identical": False}, ["same bits with and without planning"]),
        ({"memory": table(fused="naive")}, ["arena = lower bound, fusion off and on"]),
        ({"memory": table(chain=2)}, ["planning saves at least 30.0 % of the unplanned arena, fusion off"]),
        ({"memory": table(exported=5_000)}, ["fusion and planning save at least 85.0 % of the exported tensors"]),
    ],
)
def test_each_claim_can_fail_alone(case, claims):
    assert failed(**case) == claims
