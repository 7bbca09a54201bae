"""Values at the edges: compiled and interpreted give the one answer that ONNX's text gives."""

import numpy as np
import pytest
from onnx import TensorProto, ValueInfoProto, helper, numpy_helper

import mini_infer

F, D, H = np.float32, np.float64, np.float16
INF, NAN = np.inf, np.nan
INT32, INT64 = np.iinfo(np.int32), np.iinfo(np.int64)
ENDS32, ENDS64 = (INT32.min, INT32.max), (INT64.min, INT64.max)

WIDE = [
    0,
    -0.5,
    1.9,
    -1.9,
    127.5,
    128,
    255.9,
    256,
    65536,
    2.0**31,
    -(2.0**31),
    2.0**63,
    2.0**64,
    1e30,
    -1e30,
    INF,
    -INF,
]
"""To cast to integers; where they do not fit: clamped to int32, or int64 for wider types, then wrapped around."""

CASTS = {
    np.int8: [0, 0, 1, -1, 127, -128, -1, 0, 0, -1, 0, -1, -1, -1, 0, -1, 0],
    np.uint8: [0, 0, 1, 255, 127, 128, 255, 0, 0, 255, 0, 255, 255, 255, 0, 255, 0],
    np.int32: [*(0, 0, 1, -1, 127, 128, 255, 256, 65536, INT32.max, INT32.min), *[INT32.max] * 3, *ENDS32, INT32.min],
    np.int64: [*(0, 0, 1, -1, 127, 128, 255, 256, 65536, 2**31, -(2**31)), *[INT64.max] * 3, *ENDS64, INT64.min],
}


def scales(*numbers):
    return np.array(numbers, F)


def cases():
    """Operator, inputs, attributes, expected outputs; lists among the inputs are constants."""
    far = np.array([1e10, -1e10, 3e38, INF, -INF, 2.5, 3.5, NAN], F)
    yield "QuantizeLinear", [far, F(1), np.int8(3)], {}, np.int8([127, -128, 127, 127, -128, 5, 7, 0])
    yield "QuantizeLinear", [far, F(1e-9), np.uint16(3)], {}, np.uint16([65535, 0, 65535, 65535, 0, 65535, 65535, 0])
    pairs = np.arange(12, dtype=F).reshape(2, 6)
    halves = np.int8([[0, 1, 1, 2, 1, 1], [6, 7, 4, 4, 2, 2]])
    steps = scales(1, 2, 4, 1, 2, 5).reshape(2, 3)
    yield "QuantizeLinear", [pairs, steps, np.zeros((2, 3), np.int8)], {"axis": 1, "block_size": 2}, halves
    for dtype, expected in CASTS.items():
        for real in (F, D):
            to = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
            yield "Cast", [np.array([*WIDE, NAN], real)], {"to": to}, np.array([*expected, 0]).astype(dtype)
    for depth in (np.array(3), [3]):
        hot = np.array([[2, 2, 5], [5, 2, 2], [2, 2, 2]], F)
        yield "OneHot", [np.array([-1, 0, 3]), depth, scales(2, 5)], {}, hot
        yield "OneHot", [np.array([-1, 0, 3]), depth, scales(2, 5)], {"axis": 0}, hot.T
    for low, high in ((NAN, 1), (-1, NAN), (NAN, NAN)):
        for real in (F, D, H):
            x = np.array([-3, 0, 5, NAN], real)
            yield "Clip", [x, real(low), real(high)], {}, np.full(4, NAN, real)
            yield "Clip", [x, [real(low)], [real(high)]], {}, np.full(4, NAN, real)
    yield "Clip", [scales(-9, 0, 9, NAN), [F(1)], [F(-1)]], {}, scales(-1, -1, -1, NAN)
    yield "PRelu", [scales(0, 0, -1, 2), scales(INF, NAN, 3, NAN)], {}, scales(0, 0, -3, 2)
    yield "ReduceLogSumExp", [np.full((1, 3), -INF, F), [1]], {}, np.full((1, 1), -INF, F)
    yield "ReduceLogSumExp", [scales(INF, 1, 2)[None], [1]], {}, np.full((1, 1), INF, F)
    yield "Pow", [np.array([2, -1, -1, 1, 5]), np.array([-1, -3, -2, -9, 3])], {}, np.array([0, -1, 1, 1, 125])
    data, picked = scales(1, NAN, 3)[None], np.array([[0, 1, 2]])
    for reduction, expected in (("max", [NAN, NAN, 4]), ("min", [NAN, NAN, 3])):
        attributes = {"axis": 1, "reduction": reduction}
        yield "ScatterElements", [data, picked, scales(NAN, 2, 4)[None]], attributes, np.array([expected], F)
    a, b = np.arange(6, dtype=np.uint8).reshape(2, 3), np.arange(12, dtype=np.int8).reshape(3, 4)
    zeros = np.uint8([1, 2]), np.int8([1, 2, 3, 4])
    centered = (a.astype(np.int32) - zeros[0][:, None]) @ (b.astype(np.int32) - zeros[1])
    yield "MatMulInteger", [a, b, *zeros], {}, centered
    vector = (a.astype(np.int32) - 1) @ np.arange(3, dtype=np.int32)
    yield "MatMulInteger", [a, np.arange(3, dtype=np.int8), np.uint8(1), np.int8(0)], {}, vector
    many = np.full((2, 512), 300, H)
    yield "ReduceMean", [many, [1]], {}, np.full((2, 1), 300, H)
    yield "ReduceL2", [many, [1]], {}, np.full((2, 1), 300 * np.sqrt(512), H)
    yield "ReduceLogSum", [many, [1]], {}, np.full((2, 1), np.log(300 * 512), H)
    yield "ReduceLogSum", [np.int32([[1, 2], [3, 4]]), [1]], {}, np.int32([[1], [1]])  # of 3 and 7, cut off
    yield "RMSNormalization", [many, np.ones(512, H)], {}, np.ones((2, 512), H)
    yield "Softplus", [np.array([20, 60, -20], H)], {}, np.array([20, 60, np.exp(-20)], H)


@pytest.fixture(scope="module")
def made():
    """What all cases give, in one model: compiled, and interpreted."""
    nodes, inputs, outputs, constants, given = [], [], [], [], {}
    for index, (op, operands, attributes, _) in enumerate(cases()):
        names = [f"x{index}_{position}" for position in range(len(operands))]
        for name, operand in zip(names, operands, strict=True):
            array = np.asarray(operand)
            if isinstance(operand, list):
                array = array.reshape(()) if op == "Clip" else array
                constants.append(numpy_helper.from_array(array, name))
                continue
            given[name] = array
            kind = helper.np_dtype_to_tensor_dtype(array.dtype)
            inputs.append(helper.make_tensor_value_info(name, kind, array.shape))
        nodes.append(helper.make_node(op, names, [f"y{index}"], **attributes))
        outputs.append(ValueInfoProto(name=f"y{index}"))
    graph = helper.make_graph(nodes, "g", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 23)], ir_version=10)
    return {each: mini_infer.compile(model, compiler=each).create_context().run(given) for each in (None, "none")}


@pytest.mark.parametrize("compiler", [None, "none"])
@pytest.mark.parametrize("index", range(len([*cases()])))
def test_edge(made, compiler, index):
    op, inputs, attributes, expected = [*cases()][index]
    result = made[compiler][f"y{index}"]
    message = f"{op} of {inputs} {attributes}"
    if expected.dtype == H:  # one rounding of what float32 and float64 give may differ by one unit
        np.testing.assert_allclose(result.astype(D), expected.astype(D), rtol=2.0**-10, atol=2.0**-24, err_msg=message)
    else:
        np.testing.assert_array_equal(result, expected, strict=True, err_msg=message)


def graph_of(op, inputs, attributes, opset=20):
    """A model of one node whose inputs have these values."""
    infos = [helper.make_tensor_value_info(f"x{k}", TensorProto.FLOAT, array.shape) for k, array in enumerate(inputs)]
    node = helper.make_node(op, [info.name for info in infos], ["y"], **attributes)
    graph = helper.make_graph([node], "g", infos, [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)


def both(op, inputs, attributes, opset=20):
    """The result, compiled and interpreted."""
    given = {f"x{k}": array for k, array in enumerate(inputs)}
    for compiler in (None, "none"):
        yield (
            mini_infer.compile(graph_of(op, inputs, attributes, opset), compiler=compiler)
            .create_context()
            .run(given)["y"]
        )


@pytest.mark.parametrize(
    ("attributes", "before", "shape"),
    [
        ({"output_shape": [6, 6]}, 1, (6, 6)),
        ({"output_shape": [6, 6], "auto_pad": "VALID"}, 1, (6, 6)),
        ({"output_shape": [6, 6], "auto_pad": "SAME_UPPER"}, 0, (6, 6)),
        ({"output_shape": [5, 5], "auto_pad": "SAME_LOWER"}, 1, (5, 5)),
        ({"output_shape": [6, 6], "output_padding": [1, 1], "auto_pad": "SAME_LOWER"}, 1, (6, 6)),
        ({"auto_pad": "SAME_UPPER"}, 0, (6, 6)),
        ({"auto_pad": "SAME_LOWER"}, 1, (6, 6)),
        ({"auto_pad": "SAME_UPPER", "output_padding": [1, 1]}, 1, (6, 6)),
        ({"auto_pad": "SAME_LOWER", "output_padding": [1, 0]}, 1, (6, 6)),
        ({"auto_pad": "VALID"}, 0, (7, 7)),
        ({"output_padding": [1, 1]}, 0, (8, 8)),
    ],
)
def test_where_a_transposed_convolution_is_cut(attributes, before, shape):
    """`full + output_padding - output_shape` is cut off in all, of SAME_UPPER the smaller half before the first."""
    x, w = np.arange(9, dtype=F).reshape(1, 1, 3, 3), np.arange(1, 10, dtype=F).reshape(1, 1, 3, 3)
    full = np.zeros((8, 8), F)
    for row, column in np.ndindex(3, 3):
        full[2 * row : 2 * row + 3, 2 * column : 2 * column + 3] += x[0, 0, row, column] * w[0, 0]
    expected = full[before:, before:][: shape[0], : shape[1]]
    for result in both("ConvTranspose", [x, w], {"strides": [2, 2], **attributes}):
        np.testing.assert_array_equal(result[0, 0], expected)


@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("align", [0, 1])
def test_the_nearest_element_off_the_grid(padding, align):
    """Positions in exact arithmetic, halves to even, then what the padding makes of the element there."""
    row = np.arange(1, 6, dtype=F)
    places = np.array([*np.arange(-3, 3.01, 0.125), -0.6, -0.2, 0.2, 0.6, 0.3], F)
    grid = np.stack([places, np.zeros_like(places)], -1)[None, None]
    exact = places.astype(D) + 1
    nearest = np.rint(exact / 2 * 4 if align else (exact * 5 - 1) / 2).astype(int)
    mirrored = np.pad(row, 40, "reflect" if align else "symmetric")
    clamped = row[np.clip(nearest, 0, 4)]
    outside = (nearest < 0) | (nearest > 4)
    expected = {"zeros": np.where(outside, 0, clamped), "border": clamped, "reflection": mirrored[nearest + 40]}[
        padding
    ]
    attributes = {"mode": "nearest", "padding_mode": padding, "align_corners": align}
    for result in both("GridSample", [row.reshape(1, 1, 1, 5), grid], attributes):
        np.testing.assert_array_equal(result.ravel(), expected)


def test_cubic_positions_stay_outside_a_border():
    """Each of the four elements is brought inside, not the position: as PyTorch and onnxruntime do."""
    row = np.array([1, 2, 4, 8], F)
    positions = np.array([-1.75, -0.75, -0.25, 0.5, 2.75, 3.25, 3.75, 5])
    grid = np.stack([(2 * positions + 1) / 4 - 1, np.zeros(8)], -1).astype(F)[None, None]
    expected = np.zeros(8)
    for tap in range(-8, 12):
        far = np.abs(positions - tap)
        near, wide = (1.25 * far - 2.25) * far**2 + 1, ((-0.75 * far + 3.75) * far - 6) * far + 3
        expected += row[np.clip(tap, 0, 3)] * np.where(far <= 1, near, np.where(far < 2, wide, 0))
    for result in both("GridSample", [row.reshape(1, 1, 1, 4), grid], {"mode": "cubic", "padding_mode": "border"}):
        np.testing.assert_allclose(result.ravel(), expected, rtol=2e-6)
