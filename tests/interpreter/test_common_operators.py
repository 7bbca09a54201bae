"""The operators that nearly every model has, against onnxruntime: shapes, broadcasting, ends of the number range."""

import numpy as np
import pytest
from against_onnxruntime import FEW, agree
from hypothesis import given
from hypothesis import strategies as st

SHAPES = st.lists(st.integers(1, 4), max_size=4)
EXTREMES = np.float32(
    [np.nan, np.inf, -np.inf, 0.0, -0.0, 3e38, -3e38, 0.5, 1.5, 2.5, -0.5, 88.0, -88.0, 200.0, -200.0]
)


def random_array(shape, dtype=np.float32):
    random = np.random.default_rng(len(shape))
    return random.standard_normal(shape, dtype) if dtype == np.float32 else random.integers(-9, 9, shape).astype(dtype)


@pytest.mark.parametrize(
    ("op", "attributes"),
    [
        ("Relu", {}),
        ("LeakyRelu", {"alpha": 0.2}),
        ("Sigmoid", {}),
        ("Tanh", {}),
        ("Softsign", {}),
        ("Elu", {"alpha": 0.7}),
        ("HardSigmoid", {"alpha": 0.3, "beta": 0.4}),
        ("HardSwish", {}),
        ("Identity", {}),
        ("Floor", {}),
        ("Round", {}),
        ("Exp", {}),
        ("Abs", {}),
        ("Neg", {}),
        ("Sqrt", {}),
    ],
)
def test_elementwise(op, attributes):
    for shape in ((), (3,), (2, 3, 4), (2, 0, 3)):
        agree(op, [random_array(shape)], attributes)
    agree(op, [EXTREMES], attributes)


@pytest.mark.parametrize("op", ["Add", "Sub", "Mul", "Div", "Max", "Min"])
@pytest.mark.parametrize("dtype", [np.float32, np.int32, np.int64])
@FEW
@given(SHAPES, st.data())
def test_broadcasting(op, dtype, shape, data):
    shapes = [[data.draw(st.sampled_from([1, size])) for size in shape] for _ in range(2)]
    shapes[1] = shapes[1][data.draw(st.integers(0, len(shape))) :]
    left, right = (random_array(each, dtype) for each in shapes)
    agree(op, [left, np.where(right == 0, 1, right).astype(dtype) if op == "Div" else right])


def test_integers_wrap_around_and_divide_towards_zero():
    least, most = np.iinfo(np.int32).min, np.iinfo(np.int32).max
    agree("Add", [np.int32([most, least]), np.int32([1, -1])])
    agree("Div", [np.int32([7, -7, 7, -7]), np.int32([2, 2, -2, -2])])


@pytest.mark.parametrize("limits", [(-0.5, 0.5), (None, 0.5), (-0.5, None)])
def test_clip(limits):
    agree("Clip", [random_array((3, 4)), *(None if each is None else np.float32(each) for each in limits)])
    agree("Clip", [random_array((3, 4))], {"min": -0.5, "max": 0.5}, opset=6)


@FEW
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.data())
def test_reduce_mean(shape, data):
    axes = data.draw(st.lists(st.integers(0, len(shape) - 1), min_size=1, unique=True))
    keep = data.draw(st.integers(0, 1))
    agree("ReduceMean", [random_array(shape)], {"axes": axes, "keepdims": keep})
    agree("ReduceMean", [random_array(shape), np.array(axes)], {"keepdims": keep}, opset=18, constant=(1,))


@FEW
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.data())
def test_moving_axes(shape, data):
    x = random_array(shape)
    agree("Transpose", [x], {"perm": data.draw(st.permutations(range(len(shape))))})
    agree("Flatten", [x], {"axis": data.draw(st.integers(-len(shape), len(shape)))})
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    agree("Concat", [x, x, x], {"axis": axis})
    agree("Unsqueeze", [x, np.array([axis])], constant=(1,))
    agree("Reshape", [x, np.array([0, -1])], constant=(1,))


def test_squeeze():
    agree("Squeeze", [random_array((1, 3, 1)), np.array([-1])], constant=(1,))
    agree("Squeeze", [random_array((1, 3, 1))])
    agree("Squeeze", [random_array((1, 3, 1))], {"axes": [0]}, opset=11)


def test_dropout_is_nothing_at_inference():
    agree("Dropout", [random_array((3, 4))], opset=17)
    agree("Dropout", [random_array((3, 4))], {"ratio": 0.3}, opset=10)


@pytest.mark.parametrize("target", [np.float32, np.int32, np.int64, np.uint8, np.bool_, np.float16, np.float64])
@pytest.mark.parametrize("source", [np.float32, np.int32, np.int64, np.uint8, np.bool_, np.float16, np.float64])
def test_casts(source, target):
    numbers = {np.float32: 1, np.uint8: 2, np.int32: 6, np.int64: 7, np.bool_: 9, np.float16: 10, np.float64: 11}
    agree("Cast", [np.array([0, 1, 2.6, 99.5]).astype(source)], {"to": numbers[target]})


def test_shapes_as_values():
    agree("Shape", [random_array((2, 3, 4))])
    agree("Shape", [random_array((2, 3, 4))], {"start": 1, "end": -1})
    agree("Size", [random_array((2, 3, 4))])
