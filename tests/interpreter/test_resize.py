"""Resize against onnxruntime."""

import itertools

import numpy as np
import pytest
from against_onnxruntime import agree

from mini_infer.ir import samples

X = np.random.default_rng(0).standard_normal((1, 2, 5, 6), np.float32)
MODES = ["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"]


@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
@pytest.mark.parametrize("coordinates", MODES)
@pytest.mark.parametrize("scales", [(2, 2), (0.5, 0.7), (1.3, 2.5), (3, 0.6), (1, 2)])
def test_scales(mode, coordinates, scales):
    if coordinates == "align_corners":
        scales = np.ceil(scales)  # onnxruntime aligns the last elements of whole sizes, ONNX's test data of fractions
    rounding = ["round_prefer_floor", "floor", "ceil", "round_prefer_ceil"] if mode == "nearest" else ["floor"]
    for nearest in rounding:
        attributes = {"mode": mode, "coordinate_transformation_mode": coordinates, "nearest_mode": nearest}
        inputs = [X, None, np.array([1, 1, *scales], np.float32)]
        agree("Resize", inputs, attributes, opset=13, constant=(2,), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("mode", "coordinates"), list(itertools.product(["nearest", "linear", "cubic"], MODES)))
def test_sizes(mode, coordinates):
    attributes = {"mode": mode, "coordinate_transformation_mode": coordinates}
    for sizes in ([1, 2, 7, 4], [1, 2, 10, 12], [1, 2, 1, 3]):
        agree("Resize", [X, None, None, np.array(sizes)], attributes, opset=13, constant=(3,), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("policy", ["not_larger", "not_smaller"])
def test_keeping_the_aspect_ratio(policy):
    attributes = {"keep_aspect_ratio_policy": policy, "axes": [2, 3], "mode": "nearest"}
    agree("Resize", [X, None, None, np.array([7, 8])], attributes, opset=18, constant=(3,))


@pytest.mark.parametrize("mode", ["linear", "cubic"])
def test_antialias(mode):
    attributes = {"mode": mode, "antialias": 1}
    agree("Resize", [X, None, None, np.array([1, 2, 3, 4])], attributes, opset=18, constant=(3,), rtol=1e-4, atol=1e-5)


def test_crop_and_resize():
    roi = np.array([0, 0, 0.2, -0.3, 1, 1, 0.9, 1.2], np.float32)
    attributes = {"mode": "linear", "coordinate_transformation_mode": "tf_crop_and_resize", "extrapolation_value": 7.0}
    agree("Resize", [X, roi, None, np.array([1, 2, 4, 5])], attributes, opset=13, constant=(3,), rtol=1e-4, atol=1e-5)


def test_without_the_outside():
    attributes = {"mode": "cubic", "exclude_outside": 1, "cubic_coeff_a": -0.5}
    inputs = [X, None, np.array([1, 1, 1.6, 1.6], np.float32)]
    agree("Resize", inputs, attributes, opset=13, constant=(2,), rtol=1e-4, atol=1e-5)


def test_integers():
    x = np.arange(30, dtype=np.int32).reshape(1, 1, 5, 6)
    agree("Resize", [x, None, np.array([1, 1, 2, 2], np.float32)], {"mode": "nearest"}, opset=13, constant=(2,))


def test_a_symmetric_sample_upon_an_element_is_that_element():
    axis = samples.AxisScale(3, 4, 1.5)  # 1/6 + 3.5 / 1.5 - 1/2 is 2
    np.testing.assert_array_equal(samples.nearest(axis, "half_pixel_symmetric", "floor"), [0, 0, 1, 2])
