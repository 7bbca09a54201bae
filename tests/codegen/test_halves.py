"""Weights of 16 bits: whole numbers, whose products and sums are exact in any order."""

import numpy as np
import pytest
from driver import MACHINES, run_graph

from mini_infer import lowering
from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.ir.halves import HALVES
from mini_infer.machine import MACHINES as KNOWN

RNG = np.random.default_rng(16)


def whole(*shape, most=8):
    return RNG.integers(-most, most, shape, endpoint=True).astype(np.float32)


def graph(node, x, weights, y):
    """One node that reads `x` and the constant `w`, or takes rows of `w` at `x`."""
    return Graph(
        "g",
        (node,),
        ("x",),
        ("y",),
        {
            "x": TensorType(DType.of(x.dtype), x.shape),
            "w": TensorType(DType.FLOAT32, weights.shape),
            "y": TensorType(DType.FLOAT32, y.shape),
        },
        {"w": weights},
    )


def check(node, x, weights, expected, machine, half):
    made = graph(node, x, weights, expected)
    program = lowering.place(lowering.select(made, lowering.Selector(machine, half=half)))
    (call,) = program.steps[0].calls
    kernel = call.kernel
    assert (kernel.types.half if hasattr(kernel, "types") else kernel.half) is half
    assert sum(constant.nbytes for constant in program.constants) < 3 * weights.size + 512
    (found,) = run_graph(made, [x], machine=machine, half=half)
    np.testing.assert_array_equal(found, expected)


BOTH = pytest.mark.parametrize("half", HALVES)
EACH = pytest.mark.parametrize("machine", MACHINES)
ROWS = [(1, 700, 640), (1, 63, 100), (5, 64, 33), (29, 70, 130), (2, 1, 1), (128, 384, 96), (7, 900, 17), (16, 768, 64)]


@BOTH
@EACH
@pytest.mark.parametrize(("rows", "depth", "columns"), ROWS)
def test_products(rows, depth, columns, machine, half):
    x, weights = whole(rows, depth), whole(depth, columns)
    node = Node("product", "MatMul", ("x", "w"), ("y",), version=13)
    check(node, x, weights, (x.astype(np.int64) @ weights.astype(np.int64)).astype(np.float32), machine, half)


@BOTH
def test_products_of_a_batch_whose_weights_are_turned(half):
    x, weights = whole(3, 9, 40), whole(3, 40, 21)
    node = Node("product", "MatMul", ("x", "w"), ("y",), version=13)
    check(node, x, weights, x @ weights, KNOWN["x86-64-v3"], half)
    x, weights = whole(9, 40), whole(21, 40)
    node = Node("product", "Gemm", ("x", "w"), ("y",), {"transB": 1}, version=13)
    check(node, x, weights, x @ weights.T, KNOWN["x86-64-v3"], half)


def convolved(x, weights, stride, group):
    """The convolution, padded by 1, from its definition."""
    count, _, height, width = x.shape
    outputs, inner, high, wide = weights.shape
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    rows, columns = (height + 2 - high) // stride + 1, (width + 2 - wide) // stride + 1
    y = np.zeros((count, outputs, rows, columns), np.float32)
    for output in range(outputs):
        first = output // (outputs // group) * inner
        for i in range(rows):
            for j in range(columns):
                rows_of, columns_of = (slice(at * stride, at * stride + size) for at, size in ((i, high), (j, wide)))
                window = padded[:, first : first + inner, rows_of, columns_of]
                y[:, output, i, j] = (window * weights[output]).sum(axis=(1, 2, 3))
    return y


@BOTH
@EACH
@pytest.mark.parametrize(
    ("channels", "outputs", "group", "size", "stride"),
    [(3, 32, 1, 3, 2), (16, 40, 1, 3, 1), (64, 24, 1, 1, 1), (8, 12, 4, 3, 1), (1, 16, 1, 5, 1), (70, 9, 1, 1, 2)],
)
def test_convolutions(channels, outputs, group, size, stride, machine, half):
    x, weights = whole(1, channels, 13, 11), whole(outputs, channels // group, size, size)
    attributes = {"pads": (1, 1, 1, 1), "strides": (stride, stride), "group": group, "kernel_shape": (size, size)}
    node = Node("convolution", "Conv", ("x", "w"), ("y",), attributes, version=11)
    check(node, x, weights, convolved(x, weights, stride, group), machine, half)


@BOTH
@EACH
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("inner", [1, 7, 64, 100])
def test_rows_of_tables(inner, axis, machine, half):
    table = whole(3, 50, inner, most=256)
    size = table.shape[axis]
    places = RNG.integers(-size, size, 20).astype(np.int64)
    node = Node("rows", "Gather", ("w", "x"), ("y",), {"axis": axis}, version=13)
    check(node, places, table, np.take(table, places, axis), machine, half)


def test_what_16_bits_do_not_hold_lies_as_it_is():
    weights = whole(5, 9) + np.float32(1 / 3)
    node = Node("product", "MatMul", ("x", "w"), ("y",), version=13)
    x = whole(4, 5)
    made = graph(node, x, weights, x @ weights)
    program = lowering.place(lowering.select(made, lowering.Selector(half=DType.BFLOAT16)))
    assert program.steps[0].calls[0].kernel.types.half is None
