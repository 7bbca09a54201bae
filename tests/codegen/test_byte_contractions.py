"""Contractions of bytes against exact integers: every tail of depth and columns, every border, every zero point."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from driver import MACHINES, Case, run
from machines import SCALAR

NUMBERS = replace(SCALAR, dot={})
"""A machine without vectors whose instructions multiply one number by one."""
EVERY = [*MACHINES, pytest.param(SCALAR, id="plain C"), pytest.param(NUMBERS, id="plain C, number by number")]
TYPES = [np.uint8, np.int8]
DEPTHS = [1, 2, 3, 4, 5, 7, 8, 31, 64, 130]
COLUMNS = [1, 5, 16, 17, 33, 64, 65]
ROWS = [1, 2, 5, 13]


def numbers(random, dtype, *shape):
    ends = np.iinfo(dtype)
    return random.integers(ends.min, ends.max + 1, shape).astype(dtype)


def zero_points(dtype):
    """Both ends, and one in between."""
    ends = np.iinfo(dtype)
    return [np.array(zero, dtype) for zero in (ends.min, ends.max, 3)]


def check(cases, expected, machine):
    for case, (found,), wanted in zip(
        cases, run(cases, [[y] for y in expected], machine=machine), expected, strict=True
    ):
        np.testing.assert_array_equal(found, wanted, err_msg=str(case))


@pytest.mark.parametrize("machine", EVERY)
@pytest.mark.parametrize("dtype", TYPES)
def test_products(machine, dtype):
    random, zeros, cases, expected = np.random.default_rng(0), itertools.cycle(zero_points(dtype)), [], []
    sizes = [(rows, depth, 17) for rows, depth in itertools.product(ROWS, DEPTHS)]
    sizes += [(5, 13, columns) for columns in COLUMNS]
    for rows, depth, columns in sizes:
        a, b, zero = numbers(random, dtype, rows, depth), numbers(random, np.int8, depth, columns), next(zeros)
        cases.append(Case("MatMulInteger", [a, b, zero], constants=frozenset({1, 2})))
        expected.append((a.astype(np.int64) - int(zero)).dot(b.astype(np.int64)).astype(np.int32))
    check(cases, expected, machine)


@pytest.mark.parametrize("machine", EVERY)
@pytest.mark.parametrize("dtype", TYPES)
def test_zero_points_found_at_run_time(machine, dtype):
    random, cases, expected = np.random.default_rng(1), [], []
    for zero, depth in itertools.product(zero_points(dtype), (3, 64)):
        a, b = numbers(random, dtype, 5, depth), numbers(random, np.int8, depth, 33)
        cases.append(Case("MatMulInteger", [a, b, zero], constants=frozenset({1})))
        expected.append((a.astype(np.int64) - int(zero)).dot(b.astype(np.int64)).astype(np.int32))
    check(cases, expected, machine)


@pytest.mark.parametrize("machine", EVERY)
@pytest.mark.parametrize("weights", [np.uint8, np.int8])
def test_zero_points_of_weights(machine, weights):
    """For all or for each column; where the differences are no bytes, other kernels do it."""
    random, cases, expected = np.random.default_rng(2), [], []
    ends = np.iinfo(weights)
    for low, high, many in itertools.product([ends.min, ends.min + 100], [ends.min + 140, ends.max], [False, True]):
        a = numbers(random, np.uint8, 4, 21)
        b = random.integers(low, high + 1, (21, 19)).astype(weights)
        zero = random.integers(low, high + 1, (19,) if many else ()).astype(weights)
        cases.append(Case("MatMulInteger", [a, b, np.array(7, np.uint8), zero], constants=frozenset({1, 2, 3})))
        expected.append((a.astype(np.int64) - 7).dot(b.astype(np.int64) - zero).astype(np.int32))
    check(cases, expected, machine)


@pytest.mark.parametrize("machine", EVERY)
def test_matrices_found_at_run_time(machine):
    """Both sides, of many matrices or one, with an even depth or an odd one."""
    random, cases, expected = np.random.default_rng(5), [], []
    for batch, depth, columns in [((), 8, 40), ((2, 3), 6, 33), ((3,), 64, 64), ((2,), 5, 17), ((), 2, 1)]:
        for types in itertools.product(TYPES, TYPES):
            a, b = numbers(random, types[0], *batch, 7, depth), numbers(random, types[1], *batch, depth, columns)
            zeros = [zero_points(dtype)[number] for dtype, number in zip(types, (0, 1), strict=True)]
            cases.append(Case("MatMulInteger", [a, b, *zeros], constants=frozenset({2, 3})))
            centered = (side.astype(np.int64) - int(zero) for side, zero in zip((a, b), zeros, strict=True))
            expected.append(np.matmul(*centered).astype(np.int32))
    check(cases, expected, machine)


def convolved(x, w, attributes):
    """Exact sums, window element after window element; `x` is centered already."""
    groups, (down, right) = attributes.get("group", 1), attributes.get("strides", (1, 1))
    far, wide = attributes.get("dilations", (1, 1))
    top, left, bottom, end = attributes.get("pads", (0, 0, 0, 0))
    padded = np.pad(x.astype(np.int64), ((0, 0), (0, 0), (top, bottom), (left, end)))
    height = (padded.shape[2] - (w.shape[2] - 1) * far - 1) // down + 1
    width = (padded.shape[3] - (w.shape[3] - 1) * wide - 1) // right + 1
    total = np.zeros((len(x), groups, len(w) // groups, height, width), np.int64)
    parts = w.reshape(groups, -1, *w.shape[1:]).astype(np.int64)
    for i, j in itertools.product(range(w.shape[2]), range(w.shape[3])):
        seen = padded[:, :, i * far :, j * wide :][:, :, : height * down : down, : width * right : right]
        seen = seen.reshape(len(x), groups, -1, *seen.shape[2:])
        total += np.einsum("ngchw,goc->ngohw", seen, parts[..., i, j])
    return total.reshape(len(x), len(w), height, width).astype(np.int32)


WINDOWS = [
    {},
    {"pads": (1, 1, 1, 1)},
    {"pads": (2, 0, 0, 2), "strides": (2, 2)},
    {"pads": (0, 2, 2, 1), "dilations": (2, 1)},
    {"pads": (2, 2, 2, 2), "dilations": (1, 2), "strides": (1, 3)},
]


def convolutions(random, channels, kernels, *, depthwise=False):
    """Every window and kernel, in turn of each type, with one group or two, and the zero points."""
    cases, expected = [], []
    turns = itertools.cycle(itertools.product(TYPES, [1, 2], range(3)))
    for attributes, kernel in itertools.product(WINDOWS, kernels):
        dtype, groups, number = next(turns)
        groups, each, outputs = (channels, 1, channels) if depthwise else (groups, channels, groups * 9)
        x, zero = numbers(random, dtype, 2, groups * each, 7, 9), zero_points(dtype)[number]
        w, options = numbers(random, np.int8, outputs, each, *kernel), {"group": groups, **attributes}
        cases.append(Case("ConvInteger", [x, w, zero], options, constants=frozenset({1, 2})))
        expected.append(convolved(x.astype(np.int64) - int(zero), w, options))
    return cases, expected


@pytest.mark.parametrize("machine", EVERY)
@pytest.mark.parametrize("channels", [1, 3, 4, 6, 16])
def test_convolutions(machine, channels):
    check(*convolutions(np.random.default_rng(3), channels, [(3, 3), (1, 1), (2, 5)]), machine)


@pytest.mark.parametrize("machine", EVERY)
@pytest.mark.parametrize("channels", [2, 16, 33])
def test_depthwise_convolutions(machine, channels):
    check(*convolutions(np.random.default_rng(4), channels, [(3, 3), (1, 4), (5, 2)], depthwise=True), machine)


FULL = [(127, 1), (64, 64), (-128, 0), (-100, -28), (127, -128)]
"""Pairs of weights whose products with 255 and 255 are just within int16."""
OVER = [(127, 2), (65, 64), (-128, -1), (-64, -65)]
"""And just beyond."""


def paired(random, depth, columns, beyond):
    """Weights `[columns, depth]` in pairs that fit, of which some rows of four have one column with a pair beyond."""
    pairs = np.array(FULL)[random.integers(0, len(FULL), (columns, -(-depth // 2)))]
    for row in np.flatnonzero(random.random(-(-depth // 4)) < beyond):
        column, pair = random.integers(columns), min(2 * row + random.integers(2), pairs.shape[1] - 1)
        pairs[column, pair] = OVER[random.integers(len(OVER))]
    return pairs.reshape(columns, -1)[:, :depth].astype(np.int8)


@pytest.mark.parametrize("machine", EVERY)
@pytest.mark.parametrize("dtype", TYPES)
def test_pairs_that_just_fit_into_int16(machine, dtype):
    """And pairs that do not: no sum is saturated on the way. Every number of a is the largest."""
    random, cases, expected = np.random.default_rng(6), [], []
    depths = [3, 4, 8, 30, 32, 220, 224, 228, 256, 260, 300, 520]
    for (depth, beyond), zero in zip(itertools.product(depths, [0, 0.4, 1]), itertools.cycle(zero_points(dtype))):
        a = np.full((7, depth), np.iinfo(dtype).max, dtype)
        a[0] = numbers(random, dtype, depth)
        b = paired(random, depth, 21, beyond).T
        cases.append(Case("MatMulInteger", [a, b, zero], constants=frozenset({1, 2})))
        expected.append((a.astype(np.int64) - int(zero)).dot(b.astype(np.int64)).astype(np.int32))
    check(cases, expected, machine)


@pytest.mark.parametrize("machine", EVERY)
def test_windows_of_pairs_that_just_fit_into_int16(machine):
    """Borders, groups and rows of windows that are one stretch begin anywhere among the bits."""
    random, cases, expected = np.random.default_rng(7), [], []
    turns = itertools.cycle(itertools.product(TYPES, [0, 0.4, 1]))
    for attributes, channels, groups in itertools.product(WINDOWS, [3, 12, 32], [1, 2]):
        dtype, beyond = next(turns)
        zero = np.array(np.iinfo(dtype).max - 5, dtype)
        x = np.full((1, groups * channels, 9, 8), np.iinfo(dtype).max, dtype)
        w = paired(random, 9 * channels, groups * 19, beyond)
        w = w.reshape(-1, 3, 3, channels).transpose(0, 3, 1, 2)
        used = {**attributes, "group": groups}
        cases.append(Case("ConvInteger", [x, w, zero], used, constants=frozenset({1, 2})))
        expected.append(convolved(x.astype(np.int64) - int(zero), w, used))
    check(cases, expected, machine)
