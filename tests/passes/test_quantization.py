"""What lies between DequantizeLinear and QuantizeLinear, on integers: exact sums, and bytes as onnxruntime has them."""

import numpy as np
import onnxruntime
import pytest
from quantized_models import CONTRIB, Quantized

from mini_infer import frontend
from mini_infer.interpreter import evaluate, run_graph
from mini_infer.ir import format_graph
from mini_infer.passes import Remarks, run
from mini_infer.passes.quantization import Quantization

onnxruntime.set_default_logger_severity(4)
F = np.float32
MOVES = {
    "Reshape": lambda m, x: m.op("Reshape", x, np.int64([2, 6, 80])),
    "Transpose": lambda m, x: m.op("Transpose", x, perm=[0, 2, 3, 1]),
    "Slice": lambda m, x: m.op("Slice", x, np.int64([1]), np.int64([5]), np.int64([1])),
    "Flatten": lambda m, x: m.op("Flatten", x),
    "Squeeze": lambda m, x: m.op("Squeeze", m.op("Unsqueeze", x, np.int64([1])), np.int64([1])),
    "Gather": lambda m, x: m.op("Gather", x, np.int64([2, 0]), axis=1),
    "Resize": lambda m, x: m.op("Resize", x, "", F([1, 1, 2, 2]), mode="nearest"),
    "MaxPool": lambda m, x: m.op("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4),
    "Tile": lambda m, x: m.op("Tile", x, np.int64([1, 1, 2, 1])),
}
FUNCTIONS = {
    "Relu": lambda m, x: m.op("Relu", x),
    "Clip": lambda m, x: m.op("Clip", x, F(-1), F(1)),
    "LeakyRelu": lambda m, x: m.op("LeakyRelu", x, alpha=0.1),
    "Sigmoid": lambda m, x: m.op("Sigmoid", x),
    "HardSwish": lambda m, x: m.op("HardSwish", x),
    "Silu": lambda m, x: m.op("Mul", x, m.op("Sigmoid", x)),
    "Tanh": lambda m, x: m.op("Tanh", x),
    "Erf": lambda m, x: m.op("Mul", m.op("Add", m.op("Erf", m.op("Div", x, F(1.4142135))), F(1)), x),
}


def rewritten(made):
    """The model's graph as it is read, and with its operators on integers."""
    graph = frontend.read(made.model(), evaluate=evaluate)
    after = run(graph, (Quantization(evaluate),), Remarks())
    assert format_graph(run(after, (Quantization(evaluate),), Remarks())) == format_graph(after)
    return graph, after


def operators(graph):
    return {node.op for node in graph.nodes} - {"QuantizeLinear", "DequantizeLinear"}


def same_as_onnxruntime(made):
    """Assert that onnxruntime has the same bytes; the graph on integers. It must not multiply bytes and sum them."""
    _, after = rewritten(made)
    session = onnxruntime.InferenceSession(made.model().SerializeToString(), providers=["CPUExecutionProvider"])
    for sample in made.samples():
        ours = run_graph(after, sample)
        for name, theirs in zip(made.outputs, session.run(None, sample), strict=True):
            np.testing.assert_array_equal(ours[name], theirs, strict=True)
    return after


def centered(array, scale, zero):
    """Real numbers, quantized, less their zero point."""
    limits = np.iinfo(zero.dtype)
    whole = np.rint(array / scale).astype(np.int64) + int(zero)
    return np.clip(whole, limits.min, limits.max) - int(zero)


def requantized(sums, scale, zero):
    whole = np.rint(sums.astype(F) * F(scale)).astype(np.int64) + int(zero)
    limits = np.iinfo(zero.dtype)
    return np.clip(whole, limits.min, limits.max).astype(zero.dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8])
@pytest.mark.parametrize(
    ("op", "bias"),
    [("Gemm", "none"), ("Gemm", "integers"), ("Gemm", "real"), ("MatMul", "none"), ("MatMul", "real")],
)
def test_products_are_integer_sums(dtype, bias, op):
    made = Quantized(dtype, seed=3)
    q, x_scale, x_zero = made.quantize(made.input(5, 24))
    weights, scale = made.weights(24, 7, axis=1)
    array = made.constants[made.nodes[-1].input[0]]
    unit = x_scale * scale
    added = np.zeros(7, np.int64)
    inputs = [made.op("DequantizeLinear", q, x_scale, x_zero), weights]
    if bias == "integers":
        added = made.generator.integers(-999, 999, 7)
        inputs.append(made.op("DequantizeLinear", added.astype(np.int32), unit, np.zeros(7, np.int32), axis=0))
    elif bias == "real":
        numbers = made.generator.standard_normal(7).astype(F)
        added = np.rint(numbers / unit).astype(np.int64)
        inputs.append(made.constant(numbers))
    product = made.op("Gemm", *inputs) if op == "Gemm" else made.op("MatMul", *inputs[:2])
    if op == "MatMul" and len(inputs) > 2:
        product = made.op("Add", product, inputs[2])
    result, y_scale, y_zero = made.quantize(product, 0.3)
    made.output(result)
    _, after = rewritten(made)
    assert operators(after) == {"MatMulInteger", "Requantize"} | ({"Add"} if bias != "none" else set())
    for sample in made.samples():
        sums = centered(sample["x0"], x_scale, x_zero) @ array.astype(np.int64) + added
        factor = (x_scale * scale / y_scale).astype(F)
        np.testing.assert_array_equal(run_graph(after, sample)[result], requantized(sums, factor, y_zero), strict=True)


def test_a_convolution_is_one_of_integers():
    made = Quantized(seed=4)
    weights, _ = made.weights(6, 3, 3, 3, axis=0)
    x = made.pair(made.input(1, 3, 8, 8))
    made.output(made.pair(made.op("Relu", made.op("Conv", x, weights, pads=[1] * 4)), 0.1, 0))
    _, after = rewritten(made)
    assert operators(after) == {"ConvInteger", "Requantize"}


def test_a_product_that_nobody_quantizes_is_scaled():
    made = Quantized(seed=5)
    weights, _ = made.weights(24, 7)
    made.output(made.op("MatMul", made.pair(made.input(5, 24)), weights))
    before, after = rewritten(made)
    assert operators(after) == {"MatMulInteger", "Cast", "Mul"}
    for sample in made.samples():
        expected, got = run_graph(before, sample), run_graph(after, sample)
        np.testing.assert_allclose(got[made.outputs[0]], expected[made.outputs[0]], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_one_tensor_are_tables(name, dtype):
    made = Quantized(dtype, seed=6)
    made.output(made.pair(FUNCTIONS[name](made, made.pair(made.input(2, 300))), 0.02))
    assert operators(same_as_onnxruntime(made)) == {"Lookup"}


@pytest.mark.parametrize("alike", [True, False])
@pytest.mark.parametrize("name", MOVES)
def test_what_moves_elements_moves_integers(name, alike):
    made = Quantized(seed=7)
    x = made.pair(made.input(2, 6, 8, 10), 0.02, 100)
    made.output(made.pair(MOVES[name](made, x), *(0.02, 100) if alike else (0.03, 90)))
    after = same_as_onnxruntime(made)
    if alike:
        assert [node.op for node in after.nodes].count("QuantizeLinear") == 1
        assert "Lookup" not in operators(after)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8])
@pytest.mark.parametrize("op", ["Add", "Mul"])
def test_sums_and_products_of_two(op, dtype):
    made = Quantized(dtype, seed=8)
    made.output(made.pair(made.op(op, made.pair(made.input(2, 6, 5)), made.pair(made.input(2, 6, 5))), 0.04))
    assert operators(same_as_onnxruntime(made)) == {f"QLinear{op}"}


@pytest.mark.parametrize(
    ("op", "attributes", "wanted"),
    [
        ("AveragePool", {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4}, "QLinearAveragePool"),
        ("GlobalAveragePool", {}, "QLinearGlobalAveragePool"),
        ("Softmax", {"axis": -1}, "QLinearSoftmax"),
    ],
)
def test_pools_and_softmax(op, attributes, wanted):
    made = Quantized(seed=9)
    made.output(made.pair(made.op(op, made.pair(made.input(2, 6, 9, 11)), **attributes), 1 / 256))
    assert operators(same_as_onnxruntime(made)) == {wanted}


@pytest.mark.parametrize("op", ["Concat", "Where"])
def test_parts_are_brought_to_one_scale(op):
    made = Quantized(seed=10)
    parts = [made.pair(made.input(2, 6, 9)), made.pair(made.input(2, 6, 9), 0.02, 100)]
    chosen = [np.arange(9) % 2 == 0] if op == "Where" else []
    made.output(made.pair(made.op(op, *chosen, *parts, **({} if chosen else {"axis": 1})), 0.02, 100))
    assert operators(same_as_onnxruntime(made)) == {"Lookup", op}


@pytest.mark.parametrize("dtype", [np.uint8, np.int8])
@pytest.mark.parametrize("times", [2, 3])
def test_pairs_in_a_row_are_one(times, dtype):
    made = Quantized(dtype, seed=11)
    value = made.input(4, 300)
    for scale in (0.035, 0.05, 0.03)[:times]:
        value = made.pair(value, scale)
    made.output(value)
    after = same_as_onnxruntime(made)
    assert [node.op for node in after.nodes] == ["QuantizeLinear", "DequantizeLinear"]


def test_a_pair_that_is_read_on_the_way_stays():
    made = Quantized(seed=12)
    first = made.pair(made.input(4, 300))
    made.output(made.pair(first, 0.05))
    made.output(made.op("Neg", first))
    same_as_onnxruntime(made)


@pytest.mark.parametrize("op", ["Conv", "ConvTranspose", "Gemm"])
def test_real_weights_between_quantized_tensors_become_int8(op):
    made = Quantized(seed=13)
    shape, x = ((8, 20), (3, 20)) if op == "Gemm" else ((4, 4, 3, 3), (1, 4, 9, 9))
    weights = made.generator.standard_normal(shape).astype(F)
    bias = made.generator.standard_normal(shape[0]).astype(F)
    turned = {"transB": 1} if op == "Gemm" else {}
    made.output(made.pair(made.op(op, made.pair(made.input(*x)), weights, bias, **turned), 0.05))
    _, after = rewritten(made)
    bytes_ = [array for array in after.constants.values() if array.dtype == np.int8 and array.size == weights.size]
    (array,) = bytes_
    low, high = weights.min(), weights.max()
    step = (high - low) / 255
    assert array.min() == -128
    assert array.max() == 127
    found = np.sort(array.ravel().astype(np.float64)) * step
    np.testing.assert_allclose(found - found[0], np.sort(weights.ravel()) - low, atol=step)


@pytest.mark.parametrize("reason", ["real weights", "two readers", "an output", "16 bits", "axis"])
def test_what_stays_real(reason):
    made = Quantized(np.int16 if reason == "16 bits" else np.uint8, seed=14, opset=21)
    if reason == "16 bits":
        x = made.pair(made.input(5, 24), 0.01, 3)
    elif reason == "axis":
        scales, zeros = F([0.1, 0.2, 0.3, 0.1, 0.2]), np.zeros(5, np.uint8)
        q = made.op("QuantizeLinear", made.input(5, 24), scales, zeros, axis=0)
        x = made.op("DequantizeLinear", q, scales, zeros, axis=0)
    else:
        x = made.pair(made.input(5, 24))
    weights = made.weights(24, 7)[0] if reason != "real weights" else made.generator.standard_normal((24, 7)).astype(F)
    product = made.op("MatMul", x, weights)
    if reason == "two readers":
        made.output(made.op("Neg", product))
    if reason == "an output":
        made.output(product)
    made.output(made.pair(product))
    _, after = rewritten(made)
    assert "MatMul" in operators(after)


def test_weights_keep_their_integers_where_nothing_is_fused():
    made = Quantized(seed=15)
    weights, _ = made.weights(24, 7)
    made.output(made.op("MatMul", made.input(5, 24), weights))
    before, after = rewritten(made)
    sample = next(made.samples())
    np.testing.assert_array_equal(run_graph(after, sample)[made.outputs[0]], run_graph(before, sample)[made.outputs[0]])


def test_operators_of_onnxruntime_may_lie_between():
    made = Quantized(seed=16)
    made.output(made.pair(made.op("QuickGelu", made.pair(made.input(4, 300)), domain=CONTRIB, alpha=1.702), 0.02))
    assert operators(same_as_onnxruntime(made)) == {"Lookup"}
