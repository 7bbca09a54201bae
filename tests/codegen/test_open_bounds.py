"""What is known of sizes before they are given, held against each size: bounds, windows, operands that lie apart."""

import random

import numpy as np
import pytest
from onnx import TensorProto, helper

import mini_infer
from mini_infer.errors import ModelError
from mini_infer.ir import DType, Symbol, UndecidedError
from mini_infer.ir.dims import at, bounds, every_size
from mini_infer.ir.slices import open_slice, slice_range
from mini_infer.program.footprint import apart
from mini_infer.program.kernels import Axis
from mini_infer.program.operand import reads, writes


def expression(rng, sizes, depth):
    """A random sum, product or quotient of sizes; of differences where they are never negative."""
    way = rng.random()
    if depth == 0 or way < 0.25:
        return rng.choice([*sizes, *sizes, rng.randint(0, 3)])
    one, other = (expression(rng, sizes, depth - 1) for _ in range(2))
    if way < 0.45:
        return one + other
    if way < 0.6:
        return one * other
    return (one + rng.randint(0, 3)) // rng.randint(1, 5)


def symbols_for(rng):
    found = []
    for name in "hw":
        step, low = rng.choice([1, 2, 4]), rng.randint(0, 3)
        high = low + rng.choice([4, 9, 17])
        found.append(Symbol(name, low * step, high * step, step, low * step))
    return found


def test_bounds_hold_at_every_size_and_are_reached():
    rng = random.Random(0)
    reached = several = 0
    for _ in range(400):
        symbols = symbols_for(rng)
        sizes = [symbol.dim for symbol in symbols]
        try:
            size = expression(rng, sizes, 3) - expression(rng, sizes, 3) * rng.randint(0, 2)
        except UndecidedError:  # a quotient of what may be negative
            continue
        values = [at(size, each) for each in every_size(symbols)]
        low, high = bounds(size)
        assert low <= min(values) <= max(values) <= high, size
        several += low != high
        reached += low != high and (low, high) == (min(values), max(values))
    assert reached > 0.9 * several > 100


def test_bounds_of_many_sizes_do_not_need_each():
    """What strided windows over halves of halves reach, in more sizes than are ever looked at."""
    h, w = (Symbol(name, 1, 1 << 20, 1, 224).dim for name in "hw")
    down, right = ((size + 3) // 4 for size in (h, w))
    rows, columns = ((size + 1) // 2 for size in (down, right))
    furthest = (2 * (rows - 1)) * right + 2 * (columns - 1) + 1
    assert furthest <= down * right
    with pytest.raises(UndecidedError):
        bool(furthest < down * right)


def test_windows_always_have_an_element_where_each_size_says_so():
    rng = random.Random(1)
    agreed = 0
    for _ in range(200):
        symbol = Symbol("n", rng.randint(1, 4), rng.randint(5, 30), 1, 5)
        kernel, stride, dilation, pad = rng.randint(1, 4), rng.randint(1, 3), rng.randint(1, 3), rng.randint(0, 4)
        room = symbol.dim + 2 * pad - (kernel - 1) * dilation - 1
        if bounds(room)[0] < 0:
            continue
        axis = Axis(symbol.dim, room // stride + 1, kernel, stride, dilation, pad, 1, 1)
        truth = all(at(axis, sizes).always_reads for sizes in every_size([symbol]))
        assert not axis.always_reads or truth, axis
        assert axis.clipped or not any(at(axis, sizes).clipped for sizes in every_size([symbol]))
        agreed += axis.always_reads and truth
    assert agreed > 40


def test_open_slices_are_those_of_each_size():
    rng = random.Random(2)
    taken = 0
    for _ in range(500):
        symbol = Symbol("n", rng.randint(0, 4), rng.randint(5, 12), 1, 5)
        start, end, step = (
            rng.randint(-9, 9),
            rng.choice([rng.randint(-9, 9), 2**63 - 1, -(2**63)]),
            rng.choice([1, 2, -1, -3]),
        )
        try:
            first, count = open_slice(symbol.dim, start, end, step)
        except UndecidedError:
            continue
        taken += 1
        for sizes in every_size([symbol]):
            indices = slice_range(at(symbol.dim, sizes), start, end, step)
            assert at(count, sizes) == len(indices)
            assert not indices or at(first, sizes) == indices[0]
    assert taken > 100


def test_parts_of_open_rows_are_apart():
    """Channels beside each other in rows whose number is given at run time; not where they overlap."""
    h, w = (Symbol(name, 1, 9, 1, 5).dim for name in "hw")

    def part(made, count):
        return made("part", DType.FLOAT32, (h, w * 24), (w, 24), (count, 1))

    assert apart(part(reads, 8), 0, part(writes, 16), 4 * 8)
    assert apart(part(reads, 8), 4 * 16, part(writes, 16), 0)
    assert not apart(part(reads, 9), 0, part(writes, 16), 4 * 8)
    assert not apart(part(reads, 8), 4 * 17, part(writes, 16), 0)


def test_joins_of_sizes_that_differ_at_some_sizes_are_refused():
    window = {"kernel_shape": [2, 2], "strides": [2, 2]}
    nodes = [
        helper.make_node("MaxPool", ["x"], ["p"], **window),
        helper.make_node("ConvTranspose", ["p", "w"], ["u"], **window),
        helper.make_node("Concat", ["x", "u"], ["y"], name="join", axis=1),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4, "h", 8])
    w = helper.make_tensor("w", TensorProto.FLOAT, [4, 4, 2, 2], np.ones(64, np.float32))
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "u", [x], [y], [w])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    with pytest.raises(ModelError, match=r"'join'.*same at some sizes only"):
        mini_infer.compile(model, dims={"h": mini_infer.Range(2, 9, typical=4)})
    engine = mini_infer.compile(model, dims={"h": mini_infer.Range(2, 8, 2)})
    context = engine.create_context()
    for height in range(2, 9, 2):
        given = np.full((1, 4, height, 8), 2, np.float32)
        (found,) = context.run({"x": given}).values()
        np.testing.assert_array_equal(found, np.concatenate([given, 4 * given], axis=1))
