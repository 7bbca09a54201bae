"""Conv and ConvTranspose against exact sums."""

import exact
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from one_node import interpreted

from examples import examples

FEW = examples(30)


def assert_sums(op, inputs, attributes):
    """The interpreter sums in float64, so it is within a rounding of the exact result."""
    (got,) = interpreted(op, inputs, attributes)
    wanted = {"Conv": exact.conv, "ConvTranspose": exact.conv_transpose}[op](*inputs, **attributes)
    np.testing.assert_array_max_ulp(got, wanted.astype(got.dtype), maxulp=1)


@st.composite
def windows(draw, kernel):
    """Spatial size and attributes of a window of that kernel."""
    rank = len(kernel)
    attributes = {
        "strides": draw(st.lists(st.integers(1, 3), min_size=rank, max_size=rank)),
        "dilations": draw(st.lists(st.integers(1, 2), min_size=rank, max_size=rank)),
    }
    padding = draw(st.sampled_from(["pads", "SAME_UPPER", "SAME_LOWER", "VALID", "none"]))
    if padding == "pads":
        attributes["pads"] = draw(st.lists(st.integers(0, 2), min_size=2 * rank, max_size=2 * rank))
    elif padding != "none":
        attributes["auto_pad"] = padding
    extents = [(k - 1) * d + 1 for k, d in zip(kernel, attributes["dilations"], strict=True)]
    if padding.startswith("SAME"):
        attributes["dilations"], extents = [1] * rank, list(kernel)
    return [draw(st.integers(extent, extent + 4)) for extent in extents], attributes


@st.composite
def convolutions(draw):
    kernel = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    spatial, attributes = draw(windows(kernel))
    groups, channels, filters = (draw(st.integers(1, 3)) for _ in range(3))
    batch, has_bias = draw(st.integers(1, 2)), draw(st.booleans())
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = random.standard_normal((batch, groups * channels, *spatial), np.float32)
    w = random.standard_normal((groups * filters, channels, *kernel), np.float32)
    bias = [random.standard_normal(groups * filters, np.float32)] if has_bias else []
    return [x, w, *bias], {**attributes, "group": groups}


@FEW
@given(convolutions())
def test_conv(case):
    inputs, attributes = case
    assert_sums("Conv", inputs, attributes)


@st.composite
def transposed_convolutions(draw):
    kernel = draw(st.lists(st.integers(1, 3), min_size=1, max_size=2))
    rank = len(kernel)
    groups, channels, filters = (draw(st.integers(1, 3)) for _ in range(3))
    strides = draw(st.lists(st.integers(1, 3), min_size=rank, max_size=rank))
    attributes = {
        "group": groups,
        "strides": strides,
        "dilations": draw(st.lists(st.integers(1, 2), min_size=rank, max_size=rank)),
        "output_padding": [draw(st.integers(0, stride - 1)) for stride in strides],
    }
    spatial = draw(st.lists(st.integers(1, 5), min_size=rank, max_size=rank))
    if draw(st.booleans()):
        attributes["pads"] = [draw(st.integers(0, k - 1)) for k in kernel] * 2
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = random.standard_normal((draw(st.integers(1, 2)), groups * channels, *spatial), np.float32)
    w = random.standard_normal((groups * channels, filters, *kernel), np.float32)
    bias = [random.standard_normal(groups * filters, np.float32)] if draw(st.booleans()) else []
    sizes = [
        s * (n - 1) + o + (k - 1) * d + 1
        for s, n, o, k, d in zip(
            strides, spatial, attributes["output_padding"], kernel, attributes["dilations"], strict=True
        )
    ]
    pads = attributes.get("pads", [0] * 2 * rank)
    if any(size - pads[i] - pads[i + rank] < 1 for i, size in enumerate(sizes)):
        attributes.pop("pads")
    return [x, w, *bias], attributes


@FEW
@given(transposed_convolutions())
def test_conv_transpose(case):
    inputs, attributes = case
    assert_sums("ConvTranspose", inputs, attributes)


def test_conv_transpose_of_a_wanted_size():
    random = np.random.default_rng(0)
    inputs = [random.standard_normal((1, 2, 3, 4), np.float32), random.standard_normal((2, 3, 3, 3), np.float32)]
    for auto_pad in ("NOTSET", "SAME_UPPER", "SAME_LOWER"):
        assert_sums("ConvTranspose", inputs, {"strides": [2, 2], "output_shape": [6, 8], "auto_pad": auto_pad})
    for auto_pad in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        assert_sums("ConvTranspose", inputs, {"strides": [2, 2], "auto_pad": auto_pad})


def test_half_precision_is_summed_in_a_wider_type():
    random = np.random.default_rng(0)
    x, w = random.standard_normal((1, 64, 4, 4)), random.standard_normal((1, 64, 3, 3))
    assert_sums("Conv", [x.astype(np.float16), w.astype(np.float16)], {})


@FEW
@given(st.integers(0, 2**32 - 1), st.sampled_from([np.uint8, np.int8]))
def test_conv_integer(seed, dtype):
    random = np.random.default_rng(seed)
    limits = np.iinfo(dtype)
    x = random.integers(limits.min, limits.max, (1, 2, 4, 5), dtype, endpoint=True)
    w = random.integers(-128, 127, (3, 2, 2, 3), np.int8, endpoint=True)
    zeros, attributes = [np.array(3, dtype), np.array(-5, np.int8)], {"pads": [1, 0, 1, 0]}
    (got,) = interpreted("ConvInteger", [x, w, *zeros], attributes)
    np.testing.assert_array_equal(got, exact.conv(*map(exact.centered, (x, w), zeros), **attributes))


@FEW
@given(st.integers(0, 2**32 - 1), st.booleans(), st.booleans())
def test_qlinear_conv(seed, per_channel, has_bias):
    random = np.random.default_rng(seed)
    x = random.integers(0, 255, (1, 4, 5, 5), np.uint8, endpoint=True)
    w = random.integers(-128, 127, (6, 2, 3, 3), np.int8, endpoint=True)
    scales = random.uniform(0.001, 0.01, 6 if per_channel else ()).astype(np.float32)
    bias = [random.integers(-1000, 1000, 6, np.int32)] if has_bias else []
    zeros = np.zeros(scales.shape, np.int8)
    inputs = [x, np.float32(0.02), np.uint8(120), w, scales, zeros, np.float32(0.05), np.uint8(130), *bias]
    attributes = {"group": 2, "pads": [1, 1, 1, 1]}
    (got,) = interpreted("QLinearConv", [np.asarray(each) for each in inputs], attributes)
    sums = exact.conv(exact.centered(x, 120), exact.centered(w), *bias, **attributes)
    exact.assert_nearest_level(got, sums * (0.02 * scales.reshape(-1, 1, 1).astype(np.float64)), 0.05, 130)
