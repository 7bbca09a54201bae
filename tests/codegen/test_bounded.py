import numpy as np
import pytest
from driver import FEW, SEEDS, Case, meaning, run
from hypothesis import given

from mini_infer.ir import BOUNDED_DOMAIN

DTYPES = (np.float32, np.float64, np.float16, np.int64, np.uint8, np.bool_)


def _same(cases):
    expected = [meaning(case) for case in cases]
    for case, got, want in zip(cases, run(cases, expected), expected, strict=True):
        for ours, theirs in zip(got, want, strict=True):
            np.testing.assert_array_equal(ours, theirs, err_msg=str(case))


@pytest.mark.slow
@FEW
@given(seed=SEEDS)
def test_best_boxes(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for centered in (0, 1):
        for limits in ([], [0.3], [0.4, 0.2], [np.inf, -np.inf]):
            for most in (1, 4, 2**40):
                batch, classes, count = rng.integers(1, 4, 3) * [1, 1, 7]
                boxes = rng.uniform(0, 9, (batch, count, 4)).astype(np.float32)
                scores = rng.integers(0, 6, (batch, classes, count)).astype(np.float32) / 5  # many are equal
                thresholds = [np.array(limit, np.float32) for limit in limits]
                attributes = {"center_point_box": centered, "size": int(batch * classes * min(count, most))}
                inputs = [boxes, scores, np.array(most), *thresholds]
                cases.append(Case("NonMaxSuppression", inputs, attributes, outputs=2, domain=BOUNDED_DOMAIN))
    _same(cases)


def test_boxes_that_are_no_numbers_stay_inside():
    boxes = np.array([[np.nan] * 4, [-np.inf, 0, np.inf, 1], [0, 0, 1, 1]], np.float32)[None]
    scores = np.array([np.nan, np.inf, np.nan], np.float32).reshape(1, 1, 3)
    case = Case("NonMaxSuppression", [boxes, scores, np.array(5)], {"size": 3}, outputs=2, domain=BOUNDED_DOMAIN)
    ((selected, count),) = run([case], [[np.zeros((3, 3), np.int64), np.zeros((), np.int64)]])
    assert 1 <= count <= 3
    assert selected.min() >= 0
    assert selected.max() <= 2


@FEW
@given(seed=SEEDS)
def test_indices_of_what_is_not_zero(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for dtype in DTYPES:
        for share in (0, 0.5, 1):
            x = (rng.random(rng.integers(1, 5, rng.integers(1, 4))) < share).astype(dtype)
            if np.dtype(dtype).kind == "f":
                x.flat[0] = rng.choice([np.nan, -0.0, np.inf])
            cases.append(Case("NonZero", [x], {"size": x.size}, outputs=2, domain=BOUNDED_DOMAIN))
    _same(cases)


@FEW
@given(seed=SEEDS)
def test_slices_whose_condition_holds(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for dtype in DTYPES:
        for axis in (None, 0, -1):
            for share in (0, 0.5, 1):
                x = rng.integers(0, 9, rng.integers(1, 5, rng.integers(1, 4))).astype(dtype)
                length = x.size if axis is None else x.shape[axis]
                conditions = rng.random(rng.integers(1, length + 1)) < share
                attributes = {"size": len(conditions), **({} if axis is None else {"axis": axis})}
                cases.append(Case("Compress", [x, conditions], attributes, outputs=2, domain=BOUNDED_DOMAIN))
    _same(cases)
