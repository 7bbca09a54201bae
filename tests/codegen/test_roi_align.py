import numpy as np
import pytest
from driver import FEW, SEEDS, Case, check, check_against_onnxruntime, run
from hypothesis import given


def _regions(rng, count, size, dtype=np.float32):
    corners = rng.uniform(-2, size + 2, (count, 2))
    return np.concatenate([corners, corners + rng.uniform(0, size, (count, 2))], axis=1).astype(dtype)


def _cases(rng, mode, dtype=np.float32):
    for pixel in ("half_pixel", "output_half_pixel"):
        for samples in (0, 1, 3):
            x = rng.standard_normal((2, 3, 7, 9)).astype(dtype)
            attributes = {
                "mode": mode,
                "output_height": int(rng.integers(1, 4)),
                "output_width": int(rng.integers(1, 4)),
                "sampling_ratio": samples,
                "spatial_scale": 0.6,
                "coordinate_transformation_mode": pixel,
            }
            yield Case("RoiAlign", [x, _regions(rng, 4, 9, dtype), rng.integers(0, 2, 4)], attributes, version=16)


@pytest.mark.slow
@FEW
@given(seed=SEEDS)
def test_means_of_samples(seed):
    rng = np.random.default_rng(seed)
    check_against_onnxruntime(list(_cases(rng, "avg")), rtol=1e-4, atol=1e-5)
    check(list(_cases(rng, "avg", np.float64)), rtol=1e-9, atol=1e-9)


@FEW
@given(seed=SEEDS)
def test_largest_samples(seed):
    check(list(_cases(np.random.default_rng(seed), "max")), rtol=1e-4, atol=1e-5)


def test_regions_that_are_no_numbers_stay_inside():
    regions = np.array(
        [[np.nan] * 4, [-np.inf, 0, np.inf, 1], [3e38, 3e38, -3e38, -3e38], [0, 0, 1e30, 1e30]], np.float32
    )
    x = np.ones((1, 1, 3, 3), np.float32)
    attributes = {"output_height": 2, "output_width": 2}
    case = Case("RoiAlign", [x, regions, np.zeros(4, np.int64)], attributes, version=16)
    (got,) = run([case], [[np.zeros((4, 1, 2, 2), np.float32)]])[0]
    assert np.all((got[:3] == 0) | np.isnan(got[:3]))
