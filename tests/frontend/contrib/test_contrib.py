"""onnxruntime's own operators, as ONNX nodes: the same values as onnxruntime's, or exact ones for products of bytes."""

from functools import partial

import exact
import ml_dtypes
import numpy as np
import pytest
from against_onnxruntime import agree as agree_on
from one_node import interpreted
from onnx import helper
from tiny_models import model, node, read, tensor

from mini_infer.errors import UnsupportedError
from mini_infer.frontend.contrib import DOMAIN
from mini_infer.interpreter import run_graph
from mini_infer.ir.packed import unpacked

agree = partial(agree_on, domain=DOMAIN, atol=2e-6)
ours = partial(interpreted, domain=DOMAIN)
RNG = np.random.default_rng(4)
BATCH, LENGTH, HEADS, SIZE = 2, 5, 3, 4
WIDTH = HEADS * SIZE


def real(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


def levels(*shape, dtype=np.uint8):
    info = np.iinfo(dtype)
    return RNG.integers(info.min, info.max, shape, dtype, endpoint=True)


X = real(2, 3, 8)
IMAGE = real(2, 4, 6, 7)


@pytest.mark.parametrize(
    ("op", "inputs", "attributes"),
    [
        ("Gelu", [X], {}),
        ("BiasGelu", [X, real(8)], {}),
        ("FastGelu", [X], {}),
        ("FastGelu", [X, real(8)], {}),
        ("QuickGelu", [X], {"alpha": 1.5}),
        ("FusedMatMul", [X, real(2, 8, 5)], {"alpha": 0.5}),
        ("FusedMatMul", [X, real(2, 5, 8)], {"transB": 1}),
        ("FusedMatMul", [real(2, 8, 3), real(2, 5, 8)], {"transA": 1, "transB": 1}),
        ("FusedMatMul", [real(3, 2, 4), real(2, 4, 5)], {"transBatchA": 1}),
        ("FusedMatMul", [real(3, 4, 2, 5), real(4, 2, 5, 3)], {"transA": 0, "transBatchA": 1}),
        ("FusedMatMul", [real(4, 3, 5, 2), real(3, 5, 4, 6)], {"transA": 1, "transBatchA": 1}),
        ("FusedGemm", [real(3, 4), real(5, 4), real(5)], {"transB": 1, "activation": "Relu"}),
        ("FusedGemm", [real(3, 4), real(4, 5)], {"activation": "LeakyRelu", "activation_alpha": 0.3}),
        ("FusedConv", [IMAGE, real(5, 4, 3, 3), real(5)], {"activation": "Relu", "pads": [1] * 4}),
        ("FusedConv", [IMAGE, real(5, 4, 1, 1), real(5), real(2, 5, 6, 7)], {"activation": "Sigmoid"}),
        (
            "FusedConv",
            [IMAGE, real(5, 4, 3, 3)],
            {"activation": "HardSigmoid", "activation_params": [0.3, 0.4], "strides": [2, 2]},
        ),
        ("FusedConv", [IMAGE, real(4, 1, 3, 3)], {"activation": "Clip", "activation_params": [-0.5, 0.5], "group": 4}),
    ],
)
def test_real_operators(op, inputs, attributes):
    agree(op, inputs, attributes)


@pytest.mark.parametrize("bias", [None, real(8)])
def test_normalizations_of_sums(bias):
    skip, gamma, beta = real(2, 3, 8), real(8), real(8)
    agree("SkipLayerNormalization", [X, skip, gamma, beta, bias], {"epsilon": 1e-5})
    agree("SkipLayerNormalization", [X, skip[:1], gamma, None, bias])
    agree("SkipSimplifiedLayerNormalization", [X, skip, gamma, bias], {"epsilon": 1e-5})


def test_the_sum_itself_is_an_output():
    nodes = [helper.make_node("SkipLayerNormalization", ["x", "x", "g"], ["y", "", "", "s"], domain=DOMAIN)]
    proto = model(nodes, [tensor("x", X.shape)], ["s"], {"g": real(8)}, imports=[helper.make_opsetid(DOMAIN, 1)])
    np.testing.assert_array_equal(run_graph(read(proto), {"x": X})["s"], X + X)


@pytest.mark.parametrize("op", ["LayerNormalization", "SimplifiedLayerNormalization"])
def test_normalizations_in_models_whose_opset_has_none(op):
    scales = [real(8), real(8)][: 2 if op == "LayerNormalization" else 1]
    agree(op, [X, *scales], {"axis": -1, "epsilon": 1e-5}, domain="", opset=13)


def test_embeddings():
    ids, segments, mask = levels(2, 5) % 7, levels(2, 5) % 2, np.arange(5) < [[5], [3]]
    tables = [real(7, 8), real(6, 8), real(2, 8), real(8), real(8)]
    inputs = [ids.astype(np.int32), segments.astype(np.int32), *tables, mask.astype(np.int32)]
    agree("EmbedLayerNormalization", inputs, {"epsilon": 1e-6, "mask_index_type": 1}, outputs=2)
    agree(
        "EmbedLayerNormalization", [inputs[0], None, *tables[:2], None, *tables[3:]], {"mask_index_type": 0}, outputs=2
    )


LENGTHS = np.array([5, 3], np.int32)
RAW = (np.arange(LENGTH) < LENGTHS[:, None]).astype(np.int32)
PER_QUERY = np.broadcast_to(RAW[:, None], (BATCH, LENGTH, LENGTH))


@pytest.mark.parametrize("mask", [None, LENGTHS, RAW, PER_QUERY], ids=["none", "lengths", "raw", "per query"])
@pytest.mark.parametrize("causal", [0, 1])
def test_attention(mask, causal):
    inputs = [real(BATCH, LENGTH, 6), real(6, 3 * WIDTH), real(3 * WIDTH), mask]
    agree("Attention", inputs, {"num_heads": HEADS, "unidirectional": causal})


def test_attention_with_a_past_or_a_bias():
    past, added = real(2, BATCH, HEADS, 2, SIZE), real(1, HEADS, LENGTH, LENGTH)
    inputs = [real(BATCH, LENGTH, 6), real(6, 3 * WIDTH), real(3 * WIDTH), None]
    agree("Attention", [*inputs, past], {"num_heads": HEADS, "unidirectional": 1}, outputs=2)
    agree("Attention", [*inputs, None, added], {"num_heads": HEADS, "scale": 0.3})
    inputs = [real(BATCH, LENGTH, 6), real(6, 2 * WIDTH + 6), real(2 * WIDTH + 6)]
    agree("Attention", inputs, {"num_heads": HEADS, "qkv_hidden_sizes": [WIDTH, WIDTH, 6]})


@pytest.mark.parametrize("bias", [None, real(2 * WIDTH + 6)])
@pytest.mark.parametrize("mask", [None, (np.arange(7) < [[7], [4]]).astype(np.int32)])
def test_attention_among_given_queries_keys_and_values(bias, mask):
    inputs = [real(BATCH, LENGTH, WIDTH), real(BATCH, 7, WIDTH), real(BATCH, 7, 6), bias, mask]
    agree("MultiHeadAttention", inputs, {"num_heads": HEADS})


def test_attention_among_projected_keys_and_behind_a_past():
    keys = [real(BATCH, HEADS, 7, SIZE) for _ in range(2)]
    agree("MultiHeadAttention", [real(BATCH, LENGTH, WIDTH), *keys], {"num_heads": HEADS})
    new = [real(BATCH, LENGTH, WIDTH) for _ in range(3)]
    agree("MultiHeadAttention", [*new, None, None, None, *keys], {"num_heads": HEADS, "unidirectional": 1}, outputs=3)


@pytest.mark.parametrize("interleaved", [0, 1])
@pytest.mark.parametrize("positions", [np.array([2], np.int64), np.array([[0, 1, 2, 3, 4], [4, 2, 3, 1, 0]], np.int64)])
def test_rotation(interleaved, positions):
    tables = [real(9, SIZE // 2), real(9, SIZE // 2)]
    agree("RotaryEmbedding", [real(BATCH, LENGTH, WIDTH), positions, *tables], {"interleaved": interleaved})
    agree("RotaryEmbedding", [real(BATCH, HEADS, LENGTH, SIZE), positions, *tables], {"interleaved": interleaved})


@pytest.mark.parametrize("zeros", [None, levels(3, 2)])
def test_weights_of_four_bits(zeros):
    a, packed, scales = real(2, 40), levels(3, 3, 8), real(3, 3)
    attributes = {"K": 40, "N": 3, "bits": 4, "block_size": 16}
    constant = [1, 2, 3][: 2 if zeros is None else 3]
    (got,) = ours("MatMulNBits", [a, packed, scales, zeros], attributes, constant=constant)
    subtracted = 8 if zeros is None else _nibbles(zeros)[:, :3, None].astype(int)
    weights = ((_nibbles(packed).astype(int) - subtracted) * scales[..., None].astype(np.float64)).reshape(3, 48)
    np.testing.assert_allclose(got, a @ weights[:, :40].T, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("bits", [2, 4, 8])
def test_weights_of_few_bits_with_real_zeros_and_a_bias(bits, dtype):
    a, scales, zeros, bias = (real(*shape).astype(dtype) for shape in ((2, 40), (3, 2), (3, 2), (3,)))
    packed = levels(3, 2, 4 * bits)
    attributes = {"K": 40, "N": 3, "bits": bits, "block_size": 32}
    (got,) = ours("MatMulNBits", [a, packed, scales, zeros, None, bias], attributes, constant=[1, 2, 3, 5])
    exact_numbers = unpacked(packed, bits).astype(np.float64) - zeros[..., None]
    weights = (exact_numbers * scales[..., None].astype(np.float64)).reshape(3, 64)[:, :40]
    assert got.dtype == dtype
    wanted = (a.astype(np.float64) @ weights.T + bias).astype(dtype)
    np.testing.assert_allclose(got, wanted, rtol=2e-3 if dtype == np.float16 else 1e-6)


@pytest.mark.parametrize("zeros", [None, levels(5, 2)])
@pytest.mark.parametrize("index", [np.int32, np.int64])
def test_rows_of_a_table_of_four_bits(zeros, index):
    indices = np.array([[4, 0], [-1, 2]], index)
    inputs = [levels(5, 24), indices, real(5, 3), zeros]
    agree("GatherBlockQuantized", inputs, {"block_size": 16, "bits": 4})


def test_rows_of_a_table_of_three_dimensions():
    inputs = [levels(5, 2, 16), np.array([3, 1], np.int64), real(5, 2, 2)]
    agree("GatherBlockQuantized", inputs, {"block_size": 16, "bits": 4, "quantize_axis": 2})


@pytest.mark.parametrize("kind", [ml_dtypes.int4, ml_dtypes.uint4])
@pytest.mark.parametrize(("axis", "along"), [(0, 1), (1, 0), (1, 1)])
def test_rows_of_a_table_of_numbers(kind, axis, along):
    table = RNG.integers(0, 8, (32, 32)).astype(kind)
    shape = [32, 32]
    shape[along] = 2
    attributes = {"block_size": 16, "gather_axis": axis, "quantize_axis": along}
    indices, scales = np.array([3, 30, 0], np.int64), real(*shape)
    (got,) = ours("GatherBlockQuantized", [table, indices, scales], attributes)
    exact_table = table.astype(np.float32) * scales.repeat(16, along)
    np.testing.assert_array_equal(got, exact_table.take(indices, axis))


@pytest.mark.parametrize(
    ("op", "inputs", "attributes", "constant", "says"),
    [
        ("MatMulNBits", [real(2, 32), levels(4, 1, 16), real(4, 1), None, levels(32).astype(np.int32)],
         {"K": 32, "N": 4, "bits": 4, "block_size": 32}, [1, 2, 4], "has group indices, which are not supported"),
        ("MatMulNBits", [real(2, 32), levels(4, 1, 16), real(4, 1)],
         {"K": 32, "N": 4, "bits": 4, "block_size": 32}, [2], "takes 'x1', which must be a constant"),
        ("MatMulNBits", [real(2, 32), levels(4, 1, 16), real(4, 1)],
         {"K": 32, "N": 4, "bits": 4, "block_size": 32, "weight_prepacked": 1}, [1, 2], "in an order of one processor"),
        ("GatherBlockQuantized", [levels(4, 8), np.array([0]), real(4, 1)],
         {"gather_axis": 1, "block_size": 16}, [], "gathers bytes along another axis than the first"),
    ],
)  # fmt: skip
def test_what_packed_weights_cannot_be_is_refused_in_one_line(op, inputs, attributes, constant, says):
    with pytest.raises(UnsupportedError, match=says):
        ours(op, inputs, attributes, constant=constant)


def _nibbles(packed):
    """Numbers of four bits, two in a byte, the lower first."""
    return np.stack([packed & 15, packed >> 4], axis=-1).reshape(*packed.shape[:-1], -1)


SCALE, WIDE = np.float32(0.02), np.float32(0.05)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8])
def test_quantized_operators(dtype):
    a, b, zero, other = levels(2, 4, 6, dtype=dtype), levels(2, 4, 6, dtype=dtype), dtype(7), dtype(90)
    step = partial(agree, atol=1)
    step("QLinearAdd", [a, SCALE, zero, b, WIDE, other, WIDE, zero])
    step("QLinearMul", [a, SCALE, zero, b[:1], WIDE, other, WIDE, zero])
    step("QLinearSigmoid", [a, SCALE, zero, np.float32(1 / 256), zero])
    step("QLinearLeakyRelu", [a, SCALE, zero, WIDE, other], {"alpha": 0.2})
    step("QLinearConcat", [WIDE, zero, a, SCALE, zero, b, WIDE, other], {"axis": 1})
    step("QLinearSoftmax", [a, SCALE, zero, np.float32(1 / 256), zero], {"axis": -1, "opset": 13})
    step("QLinearSoftmax", [a, SCALE, zero, np.float32(1 / 256), zero], {"axis": 1, "opset": 11})


@pytest.mark.parametrize("last", [0, 1])
def test_quantized_pooling(last):
    x, zero = levels(2, 4, 6, 8), np.uint8(100)
    attributes = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4, "channels_last": last}
    agree("QLinearAveragePool", [x, SCALE, zero, SCALE, np.uint8(90)], attributes, atol=1)
    agree("QLinearGlobalAveragePool", [x, SCALE, zero, SCALE, np.uint8(90)], {"channels_last": last}, atol=1)


@pytest.mark.parametrize("turned", [0, 1])
def test_quantized_matrices(turned):
    a, b, zero = levels(3, 6), levels(*((5, 6) if turned else (6, 5)), dtype=np.int8), np.uint8(120)
    scales, zeros = (np.abs(real(5)) + 0.5) / 100, np.zeros(5, np.int8)
    bias = levels(5).astype(np.int32)
    weights = [a, SCALE, zero, b, scales, zeros, bias]
    sums = exact.centered(a, zero) @ exact.centered(b.T if turned else b) + bias
    wanted = sums * (np.float64(SCALE) * scales)
    (got,) = ours("QGemm", [*weights, np.float32(0.1), zero], {"transB": turned}, constant=[3, 4, 5, 6])
    exact.assert_nearest_level(got, wanted, 0.1, zero)
    (got,) = ours("QGemm", weights, {"transB": turned, "alpha": 2.0}, constant=[3, 4, 5, 6])
    np.testing.assert_allclose(got, 2 * wanted, rtol=1e-5, atol=1e-4)


def test_integer_matrices_that_become_real():
    a, b, zero = levels(3, 6), levels(6, 5, dtype=np.int8), np.uint8(120)
    scales, bias = np.abs(real(5)) / 100, real(5)
    zeros = np.zeros(5, np.int8)
    (got,) = ours("MatMulIntegerToFloat", [a, b, SCALE, scales, zero, zeros, bias], constant=[1, 3, 5])
    wanted = exact.centered(a, zero) @ exact.centered(b) * (np.float64(SCALE) * scales) + bias
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)
    x = real(3, 6)
    (got,) = ours("DynamicQuantizeMatMul", [x, b, scales, None, bias], constant=[1, 2])
    np.testing.assert_allclose(got, _product(x, b, scales.astype(np.float64)) + bias, rtol=1e-5, atol=1e-6)


def _product(x, weights, scales):
    """A real matrix, quantized as a whole, times a quantized one."""
    quantized, scale, zero = exact.dynamically_quantized(np.float32(x))
    return exact.centered(quantized, zero) @ exact.centered(weights) * (scale * scales)


def test_quantized_attention():
    x, weights, bias = levels(BATCH, LENGTH, 6), levels(6, 3 * WIDTH, dtype=np.int8), real(3 * WIDTH)
    inputs = [x, weights, bias, SCALE, np.float32(0.01), RAW, np.uint8(128), np.int8(0)]
    (got,) = ours("QAttention", inputs, {"num_heads": HEADS}, constant=[1, 2, 3, 4, 6, 7])
    projected = exact.centered(x, 128) @ exact.centered(weights) * np.float64(0.02 * 0.01) + bias
    query, key, value = projected.reshape(BATCH, LENGTH, 3, HEADS, SIZE).transpose(2, 0, 3, 1, 4)
    scores = query @ key.swapaxes(-1, -2) / np.sqrt(SIZE) + np.where(RAW, 0, -np.inf)[:, None, None]
    wanted = (exact.softmax(scores) @ value).swapaxes(1, 2).reshape(BATCH, LENGTH, WIDTH)
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("per_column", [False, True])
def test_quantized_lstms(direction, per_column):
    directions, hidden = 1 + (direction == "bidirectional"), 6
    weights = levels(directions, 5, 4 * hidden, dtype=np.int8), levels(directions, hidden, 4 * hidden, dtype=np.int8)
    shape = (directions, 4 * hidden) if per_column else (directions,)
    scales, zeros = (np.abs(real(*shape)) + 0.5) / 100, np.zeros(shape, np.int8)
    inputs = [
        real(7, 1, 5),
        *weights,
        real(directions, 8 * hidden),
        None,
        None,
        None,
        None,
        scales,
        zeros,
        scales,
        zeros,
    ]
    initial = [real(directions, 1, hidden), real(directions, 1, hidden)]
    for state in ([None, None], initial):
        inputs[5:7] = state
        options = {"hidden_size": hidden, "direction": direction}
        got = ours("DynamicQuantizeLSTM", inputs, options, outputs=3, constant=[1, 2, 8, 9, 10, 11])
        runs = [_lstm(inputs, k, backwards=direction == "reverse" or k == 1) for k in range(directions)]
        for ys, wanted, axis in zip(got, zip(*runs, strict=True), (1, 0, 0), strict=True):
            np.testing.assert_allclose(ys, np.stack(wanted, axis), rtol=1e-5, atol=1e-5)


def _lstm(inputs, k, *, backwards):
    """One direction of DynamicQuantizeLSTM in float64: all outputs `[L, 1, H]`, the last and the last cell `[1, H]`."""
    x, w, r, bias, _, h, c, _, w_scale, _, r_scale, _ = inputs
    hidden = r.shape[1]
    of_input = _product(x[:, 0], w[k], w_scale[k].astype(np.float64)) + bias[k].reshape(2, -1).sum(0, np.float64)
    h, c = (np.zeros((1, hidden)) if each is None else each[k].astype(np.float64) for each in (h, c))
    outputs = np.empty((len(x), 1, hidden))
    for t in range(len(x))[:: -1 if backwards else 1]:
        gates = of_input[t] + _product(h, r[k], r_scale[k].astype(np.float64))
        i, o, f, g = np.split(gates, 4, axis=-1)
        c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        outputs[t] = h = np.tanh(c) / (1 + np.exp(-o))
    return outputs, h, c


def test_what_cannot_be_expressed_is_refused_in_one_line():
    gelu = helper.make_node("FusedGemm", ["x", "x"], ["y"], name="g", domain=DOMAIN, activation="Mystery")
    proto = model([gelu], [tensor("x", (3, 3))], ["y"], imports=[helper.make_opsetid(DOMAIN, 1)])
    with pytest.raises(
        UnsupportedError, match=r"^node 'g' \(FusedGemm of com.microsoft\) has the activation 'Mystery'"
    ):
        read(proto)
    skip = helper.make_node("SkipLayerNormalization", ["x", "x", "x"], ["y", "mean"], name="s", domain=DOMAIN)
    proto = model([skip], [tensor("x", (3,))], ["y"], imports=[helper.make_opsetid(DOMAIN, 1)])
    with pytest.raises(UnsupportedError, match="is asked for its output 'mean', which is not supported"):
        read(proto)


@pytest.mark.parametrize(
    ("made", "meaning"),
    [
        (node("Affine", "x", "y", alpha=2.0, beta=1.0), lambda x: 2 * x + 1),
        (node("Crop", "x", "y", border=[1, 2, 3, 0]), lambda x: x[:, :, 2:, 1:-3]),
        (node("Crop", "x", "y", border=[1, 2, 0, 0], scale=[2, 3]), lambda x: x[:, :, 2:4, 1:4]),
        (node("ImageScaler", "x", "y", scale=2.0, bias=[1.0, 2.0, 3.0, 4.0]), lambda x: 2 * x + np.c_[1:5][..., None]),
        (node("ParametricSoftplus", "x", "y", alpha=2.0, beta=0.5), lambda x: 2 * np.log1p(np.exp(0.5 * x))),
        (node("ScaledTanh", "x", "y", alpha=2.0, beta=0.5), lambda x: 2 * np.tanh(0.5 * x)),
        (node("ThresholdedRelu", "x", "y", alpha=0.5), lambda x: np.where(x > 0.5, x, 0)),
    ],
    ids=lambda each: each.op_type if hasattr(each, "op_type") else "",
)
def test_what_onnx_dropped(made, meaning):
    proto = model([made], [tensor("x", IMAGE.shape)], ["y"], opset=7)
    np.testing.assert_allclose(run_graph(read(proto), {"x": IMAGE})["y"], meaning(IMAGE), rtol=1e-6)


def test_group_normalization_of_opset_18_scales_groups():
    """ONNX took that operator back; torch's exporters had written it."""
    scale, bias = np.float32([1, 3]), np.float32([0.5, -2])
    proto = model(
        [node("GroupNormalization", "x s b", "y", num_groups=2, epsilon=0.01)],
        *([tensor("x", IMAGE.shape)], ["y"], {"s": scale, "b": bias}),
        opset=18,
    )
    groups = IMAGE.astype(np.float64).reshape(2, 2, -1)
    centered = groups - groups.mean(-1, keepdims=True)
    normal = centered / np.sqrt((centered**2).mean(-1, keepdims=True) + 0.01)
    expected = (normal * scale[:, None] + bias[:, None]).reshape(IMAGE.shape)
    np.testing.assert_allclose(run_graph(read(proto), {"x": IMAGE})["y"], expected, rtol=1e-5, atol=1e-5)


def test_group_normalization_of_opset_18_has_no_scale_by_channel():
    proto = model(
        [node("GroupNormalization", "x s s", "y", num_groups=2)],
        *([tensor("x", IMAGE.shape)], ["y"], {"s": np.ones(4, np.float32)}),
        opset=18,
    )
    with pytest.raises(UnsupportedError, match=r"of ai.onnx\) has 4 channels in 2 groups, and 's' of shape \[4\]"):
        read(proto)


def test_embeddings_from_quantized_tables():
    ids, segments, mask = levels(2, 5) % 7, levels(2, 5) % 2, (np.arange(5) < [[5], [3]]).astype(np.int32)
    tables = [levels(7, 8), levels(6, 8), levels(2, 8), levels(8), levels(8)]
    scales, zeros = [np.float32(k) / 64 for k in range(1, 6)], [np.uint8(120 + k) for k in range(5)]
    inputs = [ids.astype(np.int32), segments.astype(np.int32), *tables, mask, *scales, *zeros]
    agree("QEmbedLayerNormalization", inputs, {"epsilon": 1e-6}, outputs=2)


@pytest.mark.parametrize("keepdims", [0, 1])
@pytest.mark.parametrize("dtype", [np.uint8, np.int8])
def test_means_of_quantized_tensors(dtype, keepdims):
    x, zeros = levels(2, 3, 4, 5, dtype=dtype), [dtype(3), dtype(7)]
    attributes = {"axes": [2, 3], "keepdims": keepdims}
    (got,) = ours("QLinearReduceMean", [x, SCALE, zeros[0], np.float32(0.01), zeros[1]], attributes)
    wanted = exact.centered(x, 3).mean(axis=(2, 3), keepdims=bool(keepdims)) * np.float64(SCALE)
    exact.assert_nearest_level(got, wanted, 0.01, zeros[1])
