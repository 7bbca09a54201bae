"""Operators on boxes against onnxruntime."""

import numpy as np
import pytest
from against_onnxruntime import FEW, agree
from hypothesis import given
from hypothesis import strategies as st


@FEW
@given(st.integers(0, 2**32 - 1), st.integers(0, 5), st.floats(0, 1), st.floats(0, 1), st.integers(0, 1))
def test_non_max_suppression(seed, most, overlap, least, centered):
    random = np.random.default_rng(seed)
    boxes = random.uniform(0, 1, (2, 9, 4)).astype(np.float32)
    scores = random.uniform(0, 1, (2, 3, 9)).astype(np.float32)
    limits = [np.array([most]), np.float32([overlap]), np.float32([least])]
    agree("NonMaxSuppression", [boxes, scores, *limits], {"center_point_box": centered})


@pytest.mark.parametrize("given_limits", [0, 1, 2])
def test_limits_may_be_omitted_or_scalars(given_limits):
    random = np.random.default_rng(0)
    boxes, scores = (
        random.uniform(0, 1, (1, 9, 4)).astype(np.float32),
        random.uniform(0, 1, (1, 1, 9)).astype(np.float32),
    )
    limits = [np.array(4), np.array(0.5, np.float32)]
    agree("NonMaxSuppression", [boxes, scores, *limits[:given_limits]])


def test_max_roi_pool():
    rois = np.array([[0, 0, 0, 4, 5], [0, 2, 1, 7, 7], [0, 6, 6, 12, 12]], np.float32)
    x = np.random.default_rng(0).standard_normal((1, 2, 8, 8), np.float32)
    agree("MaxRoiPool", [x, rois], {"pooled_shape": [2, 3], "spatial_scale": 0.9})
