"""Coordinates of Resize, against the formulas in ONNX's text, in fractions."""

from fractions import Fraction

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

import mini_infer
from mini_infer.errors import UnsupportedError
from mini_infer.ir.samples import AxisScale, coordinates, nearest

HALF = Fraction(1, 2)


def formula(mode, axis, x):
    """`x_original` of ONNX's text; `length_resized` is the size times the scale, as in ONNX's own test data."""
    scale, original = Fraction(axis.scale), axis.size
    resized = scale * original
    start, end = map(Fraction, axis.region)
    match mode:
        case "half_pixel":
            return (x + HALF) / scale - HALF
        case "half_pixel_symmetric":
            return Fraction(original, 2) * (1 - axis.samples / resized) + (x + HALF) / scale - HALF
        case "pytorch_half_pixel":
            return (x + HALF) / scale - HALF if axis.samples > 1 else Fraction(0)
        case "align_corners":
            return x * (original - 1) / (resized - 1) if resized != 1 else Fraction(0)
        case "asymmetric":
            return x / scale
        case "tf_half_pixel_for_nn":
            return (x + HALF) / scale
        case "tf_crop_and_resize":
            if resized == 1:
                return HALF * (start + end) * (original - 1)
            return start * (original - 1) + x * (end - start) * (original - 1) / (resized - 1)


MODES = [
    *("half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"),
    *("tf_half_pixel_for_nn", "tf_crop_and_resize"),
]
AXES = [
    AxisScale(size, max(1, int(np.float32(size) * np.float32(scale))), float(np.float32(scale)), region)
    for size in (1, 2, 5, 10)
    for scale in (0.3, 0.6, 0.7, 1.5, 2.0, 3.3)
    for region in ((0.0, 1.0), (0.25, 0.75), (-0.5, 1.5), (1.0, 0.0))
]


@pytest.mark.parametrize("mode", MODES)
def test_coordinates_are_those_of_the_text(mode):
    for axis in AXES:
        expected = [formula(mode, axis, x) for x in range(axis.samples)]
        made, outside = coordinates(axis, mode)
        np.testing.assert_allclose(made, [float(x) for x in expected], rtol=1e-14, atol=1e-14)
        beyond = [mode == "tf_crop_and_resize" and not 0 <= x <= axis.size - 1 for x in expected]
        np.testing.assert_array_equal(outside, beyond)


def test_a_region_to_the_last_element_ends_inside():
    """Whatever fractions the region starts at: rounding must not put its end beyond the last element."""
    for size in range(2, 40):
        for samples in range(2, 40):
            for start in (0.1, 0.3, 0.7):
                axis = AxisScale(size, samples, samples / size, (float(np.float32(start)), 1.0))
                assert not coordinates(axis, "tf_crop_and_resize")[1].any()


def test_the_nearest_element_is_looked_for_in_float32():
    """3 / float32(0.6) is 5 there, and 4.9999998 in float64."""
    axis = AxisScale(10, 6, float(np.float32(0.6)))
    assert nearest(axis, "asymmetric", "floor").tolist() == [0, 1, 3, 5, 6, 8]


def test_an_unknown_mode_is_refused():
    with pytest.raises(UnsupportedError, match="no coordinate_transformation_mode 'half'"):
        coordinates(AxisScale(2, 4, 2.0), "half")


TWICE = [
    ("tf_half_pixel_for_nn", "floor", [0, 0, 1, 1, 2, 2, 3, 3]),
    ("half_pixel", "round_prefer_floor", [0, 0, 1, 1, 2, 2, 3, 3]),
    ("half_pixel", "floor", [0, 0, 0, 1, 1, 2, 2, 3]),
    ("half_pixel", "ceil", [0, 1, 1, 2, 2, 3, 3, 3]),
    ("asymmetric", "floor", [0, 0, 1, 1, 2, 2, 3, 3]),
    ("asymmetric", "round_prefer_floor", [0, 0, 1, 1, 2, 2, 3, 3]),
    ("asymmetric", "round_prefer_ceil", [0, 1, 1, 2, 2, 3, 3, 3]),
    ("align_corners", "floor", [0, 0, 0, 1, 1, 2, 2, 3]),
]


def test_twice_the_size_of_four_elements():
    """Every mode in one model, opset 11: exact."""
    made = resized([(4, 2.0, "nearest", mode, {"nearest_mode": rounding}) for mode, rounding, _ in TWICE], opset=11)
    for (_, _, expected), (native, other) in zip(TWICE, made, strict=True):
        assert native.tolist() == other.tolist() == expected


def test_fractional_scales_mean_the_same_compiled_and_interpreted():
    cases = [
        (size, scale, method, mode, {})
        for size, scale in ((10, 0.6), (10, 0.7), (7, 1.3), (3, 3.3), (5, 0.2), (10, 0.35), (9, 2.7))
        for method in ("nearest", "linear", "cubic")
        for mode in MODES[:-1]
        if mode != "tf_half_pixel_for_nn"
    ]
    for native, other in resized(cases, opset=19):
        np.testing.assert_allclose(native, other, rtol=2e-6, atol=2e-6)


def resized(cases, opset):
    """Rows of 0, 1, … resized, all in one model, compiled and interpreted."""
    nodes, inputs, constants = [], [], [numpy_helper.from_array(np.zeros(0, np.float32), "roi")]
    for index, (size, scale, method, mode, attributes) in enumerate(cases):
        constants.append(numpy_helper.from_array(np.float32([scale]), f"s{index}"))
        inputs.append(helper.make_tensor_value_info(f"x{index}", TensorProto.FLOAT, [size]))
        options = {"mode": method, "coordinate_transformation_mode": mode, **attributes}
        nodes.append(helper.make_node("Resize", [f"x{index}", "roi", f"s{index}"], [f"y{index}"], **options))
    outputs = [helper.make_tensor_value_info(f"y{index}", TensorProto.FLOAT, None) for index in range(len(cases))]
    graph = helper.make_graph(nodes, "g", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=6)
    given = {f"x{index}": np.arange(case[0], dtype=np.float32) for index, case in enumerate(cases)}
    made = [mini_infer.compile(model, compiler=compiler).create_context().run(given) for compiler in (None, "none")]
    return [tuple(each[f"y{index}"] for each in made) for index in range(len(cases))]
