"""Operators on quantized tensors: by integers written out here, and byte for byte as onnxruntime has them.

None of them multiplies bytes of different tensors and sums up, so onnxruntime does not saturate on any machine; its
additions are those of AVX2.
"""

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
import onnxruntime
import pytest
from one_node import interpret, one_node

from mini_infer.interpreter import evaluate
from mini_infer.ir.graph import CONTRIB_DOMAIN
from mini_infer.ir.lookup import every_value
from mini_infer.ir.quantized import lookup, requantize
from mini_infer.ir.rounding import fused_multiply_add

onnxruntime.set_default_logger_severity(4)
RNG = np.random.default_rng(23)
BYTES = [np.uint8, np.int8]


def same(op: str, inputs: list[object], attributes: Mapping[str, object] = {}) -> np.ndarray:
    """Assert that the interpreter and onnxruntime agree in every byte; what they say."""
    model, given = one_node(op, inputs, attributes, domain=CONTRIB_DOMAIN)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    (theirs,) = session.run(None, given)
    (mine,) = interpret(model, given)
    np.testing.assert_array_equal(mine, theirs, strict=True)
    return mine


def pairs(dtype) -> tuple[np.ndarray, np.ndarray]:
    """Every pair of two values, among them what saturates at both ends."""
    return np.repeat(every_value(dtype), 256).reshape(256, 256), np.tile(every_value(dtype), 256).reshape(256, 256)


def drawn(dtype) -> tuple[list[np.float32], list[np.ndarray]]:
    """Three scales and zero points: some make ties, or what float32 rounds."""
    ties = RNG.integers(1, 32, 3).astype(np.float32) / np.float32(RNG.integers(1, 64))
    scales = ties if RNG.integers(2) else np.exp(RNG.uniform(-6, 0, 3)).astype(np.float32)
    return list(scales), [np.asarray(zero) for zero in RNG.choice(every_value(dtype), 3)]


def quantization(dtype) -> list[object]:
    """The parameters of one input and the result, as operators of one tensor take them."""
    scales, zeros = drawn(dtype)
    return [scales[0], zeros[0], scales[1], zeros[1]]


def test_a_fused_product_and_sum_is_rounded_once():
    a, b, c = (RNG.standard_normal(2000).astype(np.float32) * np.exp2(RNG.integers(-20, 20, 2000)) for _ in range(3))
    a, b, c = (each.astype(np.float32) for each in (a, b, c))
    c[:500] = -(a[:500] * b[:500])  # what is left of a product is all that counts
    for x, y, z, got in zip(a, b, c, fused_multiply_add(a, b, c), strict=True):
        exact = Fraction(float(x)) * Fraction(float(y)) + Fraction(float(z))
        near = [np.nextafter(got, np.float32(end)) for end in (-np.inf, np.inf)]
        assert all(abs(Fraction(float(got)) - exact) <= abs(Fraction(float(each)) - exact) for each in near)


@pytest.mark.parametrize("dtype", BYTES)
@pytest.mark.parametrize("per_channel", [False, True])
def test_requantization(dtype, per_channel):
    """Halves go to the even number, and what does not fit to the ends; the product is rounded to float32 first."""
    sums = RNG.integers(-(2**31), 2**31, (2, 3, 5, 40)).astype(np.int32) >> RNG.integers(0, 31, (2, 3, 5, 40))
    sums[0, 0, 0, :5] = [-3, -1, 1, 3, 5]
    scale = np.float32([[[0.5]], [[0.1]], [[0.003]]]) if per_channel else np.float32(0.5)
    zero = np.asarray(3, dtype)
    (got,) = evaluate(requantize("r", "sums", "scale", "zero", "y"), [sums, scale, zero])
    limits = np.iinfo(dtype)
    for index in np.ndindex(*sums.shape):
        product = np.float32(sums[index]) * np.broadcast_to(scale, sums.shape)[index]
        whole = round(Fraction(float(product)))  # Python rounds halves to even
        assert got[index] == min(max(whole + 3, limits.min), limits.max)
    assert got.dtype == dtype


@pytest.mark.parametrize("dtype", BYTES)
@pytest.mark.parametrize("result", [np.uint8, np.int8, np.float32])
def test_lookup(dtype, result):
    table = RNG.permutation(every_value(np.uint8)).view(result) if result != np.float32 else np.arange(256.0)
    table = table.astype(result)
    x = every_value(dtype)[::-1].reshape(16, 16)
    (got,) = evaluate(lookup("l", "x", "table", "y"), [x, table])
    assert got.tolist() == [[table[int(value) - np.iinfo(dtype).min] for value in row] for row in x]


@pytest.mark.parametrize("dtype", BYTES)
@pytest.mark.parametrize("op", ["QLinearAdd", "QLinearMul"])
def test_every_pair_of_values(op, dtype):
    a, b = pairs(dtype)
    for _ in range(8):
        (a_scale, b_scale, y_scale), (a_zero, b_zero, y_zero) = drawn(dtype)
        same(op, [a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero])


@pytest.mark.parametrize("op", ["QLinearAdd", "QLinearMul"])
def test_pairs_of_whole_numbers(op):
    """With scales of one, the sum and the product are the integers' own."""
    a, b = pairs(np.uint8)
    one, zero = np.float32(1), np.uint8(0)
    got = same(op, [a, one, np.uint8(100), b, one, np.uint8(90), one, np.uint8(7)])
    left, right = a.astype(int) - 100, b.astype(int) - 90
    np.testing.assert_array_equal(got, np.clip((left + right if op == "QLinearAdd" else left * right) + 7, 0, 255))
    assert same(op, [a, one, zero, a, one, zero, one, zero]).max() == 255


SHAPES = [
    ((2, 3, 8), (8,)),
    ((2, 3, 8), (3, 1)),
    ((3, 1), (2, 3, 8)),
    ((2, 3, 8), ()),
    ((1,), (2, 3, 8)),
    ((2, 3, 1), (1, 3, 1)),
    ((2, 3, 1), (1, 1, 1)),
    ((4, 1), (1, 5)),
    ((1, 1), (1,)),
    ((), ()),
]


@pytest.mark.parametrize("dtype", BYTES)
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("op", ["QLinearAdd", "QLinearMul"])
def test_broadcast_operands(op, shapes, dtype):
    """One side that is the same along the last axis is added to what is constant, and rounded there."""
    for _ in range(12):
        a, b = (RNG.choice(every_value(dtype), shape) for shape in shapes)
        (a_scale, b_scale, y_scale), (a_zero, b_zero, y_zero) = drawn(dtype)
        same(op, [a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero])


@pytest.mark.parametrize("op", ["QLinearAdd", "QLinearMul"])
def test_zero_points_left_out(op):
    a, b = pairs(np.uint8)
    scales, zero = (np.float32(0.5), np.float32(0.25), np.float32(0.3)), np.uint8(0)
    model, given = one_node(op, [a, scales[0], None, b, scales[1], None, scales[2]], domain=CONTRIB_DOMAIN)
    full, values = one_node(op, [a, scales[0], zero, b, scales[1], zero, scales[2], zero], domain=CONTRIB_DOMAIN)
    np.testing.assert_array_equal(interpret(model, given), interpret(full, values), strict=True)


POOLS = [
    {"kernel_shape": [2, 2]},
    {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]},
    {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 0, 1, 2], "count_include_pad": 1},
    {"kernel_shape": [3, 2], "strides": [2, 3], "ceil_mode": 1},
    {"kernel_shape": [7, 9]},
    {"kernel_shape": [3, 3], "auto_pad": "SAME_UPPER"},
]


@pytest.mark.parametrize("dtype", BYTES)
@pytest.mark.parametrize("attributes", POOLS, ids=str)
@pytest.mark.parametrize("last", [0, 1])
def test_average_pools(attributes, dtype, last):
    for _ in range(4):
        x = RNG.choice(every_value(dtype), (2, 7, 9, 5) if last else (2, 5, 7, 9))
        same("QLinearAveragePool", [x, *quantization(dtype)], {**attributes, "channels_last": last})


@pytest.mark.parametrize("dtype", BYTES)
@pytest.mark.parametrize("shape", [(2, 5, 7, 9), (1, 3, 4), (1, 2, 3, 2, 4), (2, 3, 1, 1)])
@pytest.mark.parametrize("last", [0, 1])
def test_pools_of_all(shape, dtype, last):
    for _ in range(6):
        x = RNG.choice(every_value(dtype), (shape[0], *shape[2:], shape[1]) if last else shape)
        same("QLinearGlobalAveragePool", [x, *quantization(dtype)], {"channels_last": last})


def test_the_mean_of_all_is_that_of_the_integers():
    x = np.uint8([[[10, 20, 31, 40], [255, 255, 255, 254]]])
    one = np.float32(1)
    got = same("QLinearGlobalAveragePool", [x, one, np.uint8(0), one, np.uint8(2)])
    assert got.ravel().tolist() == [27, 255]  # 25.25 + 2; 254.75 + 2, which saturates


@pytest.mark.parametrize("dtype", BYTES)
@pytest.mark.parametrize(("axis", "opset"), [(-1, 13), (1, 13), (0, 13), (1, 11), (2, 12)])
def test_softmax(dtype, axis, opset):
    for _ in range(6):
        x = RNG.choice(every_value(dtype), (3, 4, 50))
        x_scale, x_zero, _, _ = quantization(dtype)
        result = [np.float32(1 / 256), np.asarray(np.iinfo(dtype).min, dtype)]
        same("QLinearSoftmax", [x, x_scale, x_zero, *result], {"axis": axis, "opset": opset})
    same("QLinearSoftmax", [x, x_scale, x_zero, *quantization(dtype)[:2]], {"axis": axis, "opset": opset})


@pytest.mark.parametrize("dtype", BYTES)
@pytest.mark.parametrize(("op", "attributes"), [("LeakyRelu", {"alpha": 0.3}), ("LeakyRelu", {}), ("Sigmoid", {})])
@pytest.mark.parametrize("known", [True, False])
def test_tables(op, attributes, dtype, known):
    """Of what is known, a table; else the real operator, one level away at a tie."""
    x = every_value(dtype)
    for _ in range(6):
        given = [x, *quantization(dtype)]
        if op == "Sigmoid":
            given[3:] = [np.float32(1 / 256), np.asarray(np.iinfo(dtype).min, dtype)]
        model, values = one_node(
            f"QLinear{op}", given, attributes, domain=CONTRIB_DOMAIN, constant=[1, 2, 3, 4] if known else []
        )
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        (theirs,), (mine,) = session.run(None, values), interpret(model, values)
        np.testing.assert_allclose(mine.astype(int), theirs.astype(int), rtol=0, atol=0 if known else 1)


@pytest.mark.parametrize("dtype", BYTES)
def test_parts_brought_to_one_scale(dtype):
    parts = [RNG.choice(every_value(dtype), (2, size, 3)) for size in (2, 5, 1)]
    scales, zeros = drawn(dtype)
    inputs = [scales[0], zeros[0]]
    for part, scale, zero in zip(parts, scales, zeros, strict=True):
        inputs += [part, scale, zero]
    places = [place for place in range(len(inputs)) if place < 2 or place % 3 != 2]
    model, values = one_node("QLinearConcat", inputs, {"axis": 1}, domain=CONTRIB_DOMAIN, constant=places)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (theirs,), (mine,) = session.run(None, values), interpret(model, values)
    np.testing.assert_array_equal(mine, theirs, strict=True)
    np.testing.assert_array_equal(mine[:, :2], parts[0])  # which has the result's scale


@pytest.mark.parametrize("dtype", BYTES)
def test_a_choice_brought_to_one_scale(dtype):
    condition = RNG.integers(0, 2, (4, 64)).astype(bool)
    x, y = (RNG.choice(every_value(dtype), shape) for shape in ((4, 64), (1, 64)))
    scales, zeros = drawn(dtype)
    inputs = [condition, x, scales[0], zeros[0], y, scales[1], zeros[1], scales[2], zeros[2]]
    model, values = one_node("QLinearWhere", inputs, domain=CONTRIB_DOMAIN, constant=[2, 3, 5, 6, 7, 8])
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (theirs,), (mine,) = session.run(None, values), interpret(model, values)
    np.testing.assert_array_equal(mine, theirs, strict=True)
