"""RoiAlign against its samples one by one, as `onnx.reference` takes them."""

import numpy as np
import pytest
from one_node import interpret, interpreted, one_node
from onnx.reference import ReferenceEvaluator

from mini_infer.errors import InputError


@pytest.mark.parametrize("mode", ["avg", "max"])
@pytest.mark.parametrize("pixel", ["half_pixel", "output_half_pixel"])
@pytest.mark.parametrize("ratio", [0, 1, 3])
def test_samples(mode, pixel, ratio):
    random = np.random.default_rng(ratio)
    corners = random.uniform(-3, 12, (9, 2))
    regions = np.hstack([corners, corners + random.uniform(-1, 9, (9, 2))]).astype(np.float32)
    attributes = {
        "mode": mode,
        "output_height": 2,
        "output_width": 3,
        "sampling_ratio": ratio,
        "spatial_scale": 0.75,
        "coordinate_transformation_mode": pixel,
    }
    x = random.standard_normal((2, 3, 7, 9), np.float32)
    model, given = one_node("RoiAlign", [x, regions, random.integers(0, 2, 9)], attributes, opset=22)
    (want,) = ReferenceEvaluator(model).run(None, given)
    np.testing.assert_allclose(interpret(model, given)[0], want, atol=1e-5)


def test_a_large_region_has_many_samples():
    """25 million of them: the mean of what lies inside the image is that of its share."""
    region = np.array([[0, 0, 5000, 5000]], np.float32)
    (got,) = interpreted(
        "RoiAlign", [np.ones((1, 1, 50, 50), np.float32), region, [0]], {"output_height": 1, "output_width": 1}
    )
    assert abs(got.item() - 0.01**2) < 1e-5


def test_an_image_that_is_not_there():
    with pytest.raises(InputError, match="outside"):
        interpreted("RoiAlign", [np.ones((1, 1, 4, 4), np.float32), np.ones((1, 4), np.float32), [1]])
