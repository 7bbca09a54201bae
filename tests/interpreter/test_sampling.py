"""Values between elements against onnxruntime."""

import itertools

import numpy as np
import pytest
from against_onnxruntime import agree

MODES = list(itertools.product(["linear", "nearest", "cubic"], ["zeros", "border", "reflection"], [0, 1]))


@pytest.mark.parametrize(("mode", "padding", "align"), MODES)
def test_grid_sample(mode, padding, align):
    random = np.random.default_rng(0)
    grid = random.uniform(-1.6, 1.6, (2, 5, 4, 2)).astype(np.float32)
    attributes = {"mode": mode, "padding_mode": padding, "align_corners": align}
    agree("GridSample", [random.standard_normal((2, 3, 4, 5), np.float32), grid], attributes, opset=20, atol=1e-5)


@pytest.mark.parametrize("mode", ["linear", "nearest"])
def test_grid_sample_of_volumes(mode):
    random = np.random.default_rng(0)
    grid = random.uniform(-1.3, 1.3, (1, 2, 3, 2, 3)).astype(np.float32)
    agree(
        "GridSample", [random.standard_normal((1, 2, 3, 4, 5), np.float32), grid], {"mode": mode}, opset=20, atol=1e-5
    )


@pytest.mark.parametrize("has_mask", [False, True])
def test_deform_conv(has_mask):
    random = np.random.default_rng(0)
    shapes = [(2, 4, 7, 6), (6, 2, 3, 3), (2, 36, 4, 3), (6,), (2, 18, 4, 3)]
    inputs = [random.standard_normal(shape, np.float32) for shape in shapes[: 5 if has_mask else 4]]
    attributes = {"group": 2, "offset_group": 2, "pads": [1, 1, 1, 1], "strides": [2, 2]}
    agree("DeformConv", inputs, attributes, opset=19, rtol=1e-4, atol=1e-4)
