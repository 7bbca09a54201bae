import numpy as np
import pytest
from driver import FEW, HOST, SEEDS, Case, check, reference, run
from hypothesis import given
from machines import with_cache
from values import tensor

MODES = "half_pixel half_pixel_symmetric pytorch_half_pixel align_corners asymmetric tf_crop_and_resize".split()
BY_LENGTH = {"align_corners", "half_pixel_symmetric", "pytorch_half_pixel", "tf_crop_and_resize"}
"""Modes that ask for the length of the result, which is size times scale: whole ones keep coordinates off the edges."""
NEAREST = "round_prefer_floor round_prefer_ceil floor ceil".split()


def shape(rng, most, *, whole):
    """Of a tensor; `whole`: with sizes that all scales make other whole sizes."""
    if whole:
        return 8, 8, 8, 8
    return 2, 3, int(rng.integers(1, most + 1)), int(rng.integers(1, most + 1))


def resize(rng, x, mode, attributes, *, by_sizes=False):
    """A case that resizes two axes of a tensor.

    The scales are short binary fractions: where rounding moves a coordinate off an integer, onnx.reference takes the
    elements of one side and the weights of the other. Regions are float64, because it computes in their type.
    """
    rank = x.ndim
    axes = sorted(int(a) for a in rng.choice(rank, 2, replace=False))
    scales = np.ones(rank, np.float32)
    scales[axes] = rng.choice([0.375, 0.5, 0.75, 1.0, 1.25, 2.0, 3.0], 2)
    sizes = np.maximum(1, (scales * x.shape).astype(np.int64))
    scales = np.maximum(scales, 1 / np.array(x.shape, np.float32))  # no axis becomes empty
    attributes = {"mode": mode, **attributes}
    roi = None
    if attributes.get("coordinate_transformation_mode") == "tf_crop_and_resize":
        roi = np.concatenate([np.zeros(rank), np.ones(rank)])
        for axis in axes:
            roi[axis], roi[axis + rank] = np.sort(rng.uniform(-0.3, 1.3, 2))
        attributes["extrapolation_value"] = 2.5
    inputs = [x, roi, None, sizes] if by_sizes else [x, roi, scales]
    return Case("Resize", inputs, attributes, constants=frozenset({1, 2, 3}))


@FEW
@given(seed=SEEDS)
def test_nearest_in_every_coordinate_mode_and_type(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for mode in MODES:
        for nearest in NEAREST:
            dtype = str(rng.choice(["float32", "float64", "float16", "int8", "uint8", "int32", "int64"]))
            by_sizes = rng.random() < 0.5
            x = tensor(rng, dtype, shape(rng, 8, whole=by_sizes or mode in BY_LENGTH), special=False)
            attributes = {"coordinate_transformation_mode": mode, "nearest_mode": nearest}
            if mode == "tf_crop_and_resize":
                x = x.astype(np.float32)
            cases.append(resize(rng, x, "nearest", attributes, by_sizes=by_sizes))
    check(cases)


@pytest.mark.slow
@FEW
@given(seed=SEEDS)
def test_linear_and_cubic_in_every_coordinate_mode(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for mode in MODES:
        for method in ("linear", "cubic"):
            for antialias in (0, 1):
                x = tensor(rng, "float32", shape(rng, 19, whole=mode in BY_LENGTH), special=False)
                attributes = {"coordinate_transformation_mode": mode, "antialias": antialias}
                if method == "cubic":
                    attributes["cubic_coeff_a"] = float(rng.choice([-0.5, -0.75]))
                    attributes["exclude_outside"] = int(rng.integers(0, 2)) if mode != "tf_crop_and_resize" else 0
                cases.append(resize(rng, x, method, attributes))
    check(cases, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
@FEW
@given(seed=SEEDS)
def test_linear_in_other_types_and_ranks(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for dtype in ("float64", "float16", "int8", "uint8", "int32"):
        for shape in ((1, 5, 6, 7), (4, 9), (2, 3, 4, 5, 6)):
            x = tensor(rng, dtype, shape, special=False)
            cases.append(resize(rng, x, "linear", {}))
    check([case for case in cases if case.inputs[0].dtype.kind == "f"], rtol=1e-4, atol=1e-5)
    whole = [case for case in cases if case.inputs[0].dtype.kind != "f"]
    expected = [reference(case) for case in whole]
    for case, (got,), (want,) in zip(whole, run(whole, expected), expected, strict=True):
        # a sum of float32 may lie on the other side of a half
        assert np.abs(got.astype(np.int64) - want).max() <= 1, str(case)


def test_keeping_the_aspect_ratio_and_naming_axes():
    x = np.arange(2 * 3 * 6 * 4, dtype=np.float32).reshape(2, 3, 6, 4)
    cases = [
        Case(
            "Resize",
            [x, None, None, np.array([9, 8])],
            {"axes": axes, "keep_aspect_ratio_policy": policy, "mode": mode},
            constants=frozenset({3}),
        )
        for policy in ("not_larger", "not_smaller", "stretch")
        for mode in ("nearest", "linear", "cubic")
        for axes in ([2, 3], [3, 2])
    ]
    check(cases, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
@FEW
@given(seed=SEEDS)
def test_rows_and_columns_in_bands(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for method in ("linear", "cubic"):
        for scales in ([2.0, 3.0, 1.0], [1.25, 2.0, 1.0], [0.5, 0.75, 1.0]):
            x = tensor(rng, "float32", (*rng.integers(1, 5, 2) * 4, 3), special=False)
            attributes = {"mode": method, "coordinate_transformation_mode": "half_pixel"}
            inputs = [x, None, np.array(scales, np.float32)]
            cases.append(Case("Resize", inputs, attributes, constants=frozenset({2})))
    check(cases, rtol=1e-4, atol=1e-5, machine=with_cache(HOST, 3200))
