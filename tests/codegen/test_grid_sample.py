import numpy as np
import pytest
from driver import FEW, SEEDS, Case, check, reference, run
from hypothesis import given

from mini_infer.interpreter.operators.sampling import grid_sample
from mini_infer.ir import Node


@pytest.mark.slow
@FEW
@given(seed=SEEDS)
def test_every_mode_padding_and_rank(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for mode in ("nearest", "linear", "cubic"):
        for padding in ("zeros", "border", "reflection"):
            for align in (0, 1):
                rank = int(rng.integers(1, 4)) if mode != "cubic" else 2
                x = rng.standard_normal((2, 2, *rng.integers(2, 6, rank))).astype(np.float32)
                grid = rng.uniform(-1.6, 1.6, (2, *rng.integers(1, 4, rank), rank)).astype(np.float32)
                cases.append(
                    Case("GridSample", [x, grid], {"mode": mode, "padding_mode": padding, "align_corners": align})
                )
    # cubic positions stay outside a border, as in PyTorch and onnxruntime, but not in onnx.reference
    at_border = [case.attributes["mode"] == "cubic" and case.attributes["padding_mode"] == "border" for case in cases]
    expected = [
        grid_sample(Node("n", case.op, (), (), case.attributes), case.inputs) if alone else reference(case)
        for case, alone in zip(cases, at_border, strict=True)
    ]
    check(cases, expected=expected, rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
def test_positions_that_are_no_numbers_stay_inside(padding):
    x = np.ones((1, 1, 3, 3), np.float32)
    grid = np.array([np.nan, np.inf, -np.inf, 3e38, -3e38, 0], np.float32).repeat(2).reshape(1, 1, 6, 2)
    modes = ("nearest", "linear", "cubic")
    cases = [Case("GridSample", [x, grid], {"mode": mode, "padding_mode": padding}) for mode in modes]
    for (got,) in run(cases, [[np.zeros((1, 1, 1, 6), np.float32)]] * 3):
        np.testing.assert_allclose(got.ravel(), [0, 0, 0, 0, 0, 1] if padding == "zeros" else [1] * 6, rtol=1e-5)
