"""Deformed convolutions against the specification in float64: offsets are dyadic, so every result is exact."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from driver import FEW, HOST, SEEDS, Case, check, run
from hypothesis import given

from mini_infer import lowering
from mini_infer.ir import DType, Graph, Node, TensorType


def deformed(case):
    """Element by element, as the operator is specified: a position between elements is linear in each axis."""
    x, w, offset, bias, mask = (
        None if one is None else one.astype(np.float64) for one in (*case.inputs, None, None)[:5]
    )
    options, kernel, outputs = case.attributes, w.shape[2:], offset.shape[2:]
    rank, groups, parts = len(kernel), options.get("group", 1), options.get("offset_group", 1)
    strides, dilations = (options.get(name, [1] * rank) for name in ("strides", "dilations"))
    pads, taps = options.get("pads", [0] * 2 * rank), math.prod(kernel)
    moved = offset.reshape(len(x), parts, *kernel, rank, *outputs)
    shares = (
        np.ones((len(x), parts, *kernel, *outputs)) if mask is None else mask.reshape(len(x), parts, *kernel, *outputs)
    )
    columns = np.zeros((len(x), x.shape[1], *kernel, *outputs))
    each = x.shape[1] // parts
    for n, part, tap, at in itertools.product(range(len(x)), range(parts), np.ndindex(*kernel), np.ndindex(*outputs)):
        place = [
            at[i] * strides[i] - pads[i] + tap[i] * dilations[i] + moved[(n, part, *tap, i, *at)] for i in range(rank)
        ]
        lowest = [math.floor(p) for p in place]
        for side in itertools.product(range(2), repeat=rank):
            corner = [low + s for low, s in zip(lowest, side, strict=True)]
            if all(0 <= c < size for c, size in zip(corner, x.shape[2:], strict=True)):
                weight = math.prod(1 - abs(p - c) for p, c in zip(place, corner, strict=True))
                channels = slice(part * each, (part + 1) * each)
                columns[(n, channels, *tap, *at)] += weight * shares[(n, part, *tap, *at)] * x[(n, channels, *corner)]
    weights = w.reshape(groups, len(w) // groups, -1)
    y = np.matmul(weights, columns.reshape(len(x), groups, -1, math.prod(outputs))).reshape(len(x), len(w), *outputs)
    assert taps * w.shape[1] == weights.shape[2]
    return (y if bias is None else y + bias.reshape(-1, *[1] * rank)).astype(case.inputs[0].dtype)


def exact_case(rng, sizes, kernel, dtype=np.float32, **options):
    """Integers, and offsets and factors of a few bits."""
    rank = len(sizes)
    groups, parts = options.get("group", 1), options.get("offset_group", 1)
    channels = math.lcm(groups, parts) * int(rng.integers(1, 4))
    out_channels, batch = groups * int(rng.integers(1, 4)), int(rng.integers(1, 3))
    strides, dilations = (options.get(name, [1] * rank) for name in ("strides", "dilations"))
    pads = options.get("pads", [0] * 2 * rank)
    outputs = [
        (size + pads[i] + pads[rank + i] - (kernel[i] - 1) * dilations[i] - 1) // strides[i] + 1
        for i, size in enumerate(sizes)
    ]
    taps = math.prod(kernel)
    inputs = [
        rng.integers(-3, 4, (batch, channels, *sizes)),
        rng.integers(-2, 3, (out_channels, channels // groups, *kernel)),
        rng.integers(-12, 13, (batch, parts * taps * rank, *outputs)) / 4,
        rng.integers(-5, 6, out_channels) if rng.random() < 0.5 else None,
        rng.integers(0, 3, (batch, parts * taps, *outputs)) / 2 if rng.random() < 0.5 else None,
    ]
    while inputs[-1] is None:
        inputs.pop()
    given = [None if one is None else one.astype(dtype) for one in inputs]
    return Case("DeformConv", given, {"kernel_shape": list(kernel), **options}, version=int(rng.choice([19, 22])))


def strip(case, machine):
    """Outputs of a strip."""
    x, w, offset = (TensorType(DType.FLOAT32, one.shape) for one in case.inputs)
    y = TensorType(DType.FLOAT32, (*x.shape[:1], *w.shape[:1], *offset.shape[2:]))
    node = Node("n", "DeformConv", ("x", "w", "offset"), ("y",), version=22)
    graph = Graph("g", (node,), ("x", "w", "offset"), ("y",), {"x": x, "w": w, "offset": offset, "y": y})
    program = lowering.place(lowering.select(graph, lowering.Selector(machine)))
    (call,) = program.steps[0].calls
    return call.kernel.strip


def agree(cases, **keywords):
    expected = [[deformed(case)] for case in cases]
    for case, want, got in zip(cases, expected, run(cases, expected, **keywords), strict=True):
        np.testing.assert_array_equal(got, want, err_msg=str(case))


@FEW
@given(seed=SEEDS)
def test_windows_of_every_form(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for dtype in (np.float32, np.float64, np.float16):
        cases += [
            exact_case(rng, (6, 7), (3, 3), dtype, pads=[1, 1, 1, 1]),
            exact_case(rng, (7, 5), (3, 2), dtype, pads=[0, 2, 1, 0], strides=[2, 1], dilations=[1, 2]),
            exact_case(rng, (5, 5), (1, 1), dtype, group=2, offset_group=3),
            exact_case(rng, (9,), (3,), dtype, offset_group=2, strides=[2]),
            exact_case(rng, (3, 4, 3), (2, 2, 1), dtype, group=3, pads=[1, 0, 0, 0, 0, 1]),
            exact_case(rng, (3, 2, 3, 2), (2, 1, 2, 2), dtype, pads=[0, 1, 0, 0, 1, 0, 0, 1]),
        ]
    agree(cases)


@pytest.mark.parametrize(("cache", "longest"), [(1 << 20, 64), (800, 33), (1, 8)])
def test_strips_of_outputs_fit_the_cache_and_end_anywhere(cache, longest):
    """As many outputs as fit half of the cache, but 8 to 64 of them, and what is left of a row."""
    machine = replace(HOST, caches=(cache,) * len(HOST.caches))
    rng = np.random.default_rng(1)
    x, w = rng.integers(-3, 4, (1, 3, 1, 130)), rng.integers(-2, 3, (2, 3, 1, 1))
    for width in (1, longest - 1, longest, longest + 1, 2 * longest):
        offset = rng.integers(-9, 10, (1, 2, 1, width)) / 4
        inputs = [one.astype(np.float32) for one in (x[..., :width], w, offset)]
        case = Case("DeformConv", inputs, version=22)
        assert strip(case, machine) == min(width, longest)
        agree([case], machine=machine)


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.float64])
def test_long_sums(dtype):
    """2,304 products of one sum in parts, and their samples too many for the cache."""
    rng = np.random.default_rng(2)
    x = rng.integers(-1, 2, (1, 256, 5, 6)).astype(dtype)
    w = rng.integers(-1, 2, (2, 256, 3, 3)).astype(dtype)
    offset = (rng.integers(-2, 3, (1, 18, 5, 6)) / 2).astype(dtype)
    agree([Case("DeformConv", [x, w, offset], {"pads": [1, 1, 1, 1]}, version=22)])


def test_the_reference_is_a_witness():
    rng = np.random.default_rng(3)
    case = exact_case(rng, (6, 5), (3, 3), group=2, offset_group=2, pads=[1, 1, 1, 1], strides=[2, 1])
    check([case], rtol=1e-5, atol=1e-5)


def test_positions_that_are_no_numbers_or_far_away_weigh_nothing():
    x, w = np.ones((1, 1, 3, 3), np.float32), np.ones((1, 1, 1, 1), np.float32)
    offset = np.zeros((1, 2, 3, 3), np.float32)
    offset[0, 0, 0] = [np.nan, np.inf, -np.inf]
    offset[0, 1, 1] = [3e38, -3e38, 1e18]
    want = np.ones((1, 1, 3, 3), np.float32)
    want[0, 0, :2] = 0
    (got,) = run([Case("DeformConv", [x, w, offset], version=22)], [[want]])[0]
    np.testing.assert_array_equal(got, want)


def test_nothing_outside_is_an_infinity():
    """An element that weighs nothing is not read: 0 times an infinity is no number."""
    x = np.full((1, 1, 2, 2), np.inf, np.float32)
    x[0, 0, 0] = [1, 2]
    w, offset = np.ones((1, 1, 1, 1), np.float32), np.zeros((1, 2, 2, 2), np.float32)
    (got,) = run([Case("DeformConv", [x, w, offset], version=22)], [[x]])[0]
    np.testing.assert_array_equal(got, x)
