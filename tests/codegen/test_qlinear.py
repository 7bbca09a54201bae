"""Operators on quantized tensors against onnxruntime's formulas in NumPy, of every number and every tail of vectors."""

import itertools

import numpy as np
import pytest
from driver import MACHINES, Case, run
from machines import SCALAR

from mini_infer.ir.graph import CONTRIB_DOMAIN, QUANTIZED_DOMAIN

EVERY = [*MACHINES, pytest.param(SCALAR, id="plain C")]
TYPES = [np.uint8, np.int8]
SIZES = [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 129]
F = np.float32


def numbers(dtype, shape, seed=0):
    ends = np.iinfo(dtype)
    return np.random.default_rng(seed).integers(ends.min, ends.max + 1, shape).astype(dtype)


def every(dtype):
    return np.arange(np.iinfo(dtype).min, np.iinfo(dtype).max + 1).astype(dtype)


def pairs(dtype):
    """Every number with every other."""
    return np.repeat(every(dtype), 256), np.tile(every(dtype), 256)


def fused(x, y, z):
    """In extended precision, of whose 64 bits the product takes 33 at most."""
    return (x.astype(np.longdouble) * np.longdouble(y) + np.asarray(z, np.longdouble)).astype(F)


def saturated(real, dtype):
    ends = np.iinfo(dtype)
    return np.clip(np.rint(real.astype(np.float64)), ends.min, ends.max).astype(dtype)


def check(cases, expected, machine, **more):
    for case, (found,), wanted in zip(
        cases, run(cases, [[y] for y in expected], machine=machine), expected, strict=True
    ):
        assert found.dtype == wanted.dtype
        np.testing.assert_array_equal(found, wanted, err_msg=str(case), **more)


def quantization(dtype, seed):
    """Scales and zero points of two operands and a result: of usual sizes, and the ends."""
    random, ends = np.random.default_rng(seed), np.iinfo(dtype)
    scales = random.uniform(0.003, 0.05, 3).astype(F)
    zeros = [ends.min, ends.max, 0] if seed % 3 == 0 else random.integers(ends.min, ends.max + 1, 3)
    return scales, np.array(zeros).astype(dtype)


def case(op, a, b, scales, zeros):
    inputs = [a, scales[0], zeros[0], b, scales[1], zeros[1], scales[2], zeros[2]]
    return Case(op, list(map(np.asarray, inputs)), {}, 1, frozenset({1, 2, 4, 5, 6, 7}), domain=CONTRIB_DOMAIN)


def added(a, b, scales, zeros):
    left, right = scales[0] / scales[2], scales[1] / scales[2]
    inner = fused(np.asarray(left), F(zeros[0]), right * F(zeros[1]))
    fixed = F(zeros[2]) - inner
    return saturated(fused(a, left, fused(b, right, fixed)), zeros.dtype)


def multiplied(a, b, scales, zeros):
    ratio = scales[0] * scales[1] / scales[2]
    product = (a.astype(np.int32) - int(zeros[0])) * (b.astype(np.int32) - int(zeros[1]))
    return saturated(product.astype(F) * ratio + F(zeros[2]), zeros.dtype)


@pytest.mark.parametrize("machine", EVERY)
@pytest.mark.parametrize(("op", "oracle"), [("QLinearAdd", added), ("QLinearMul", multiplied)])
def test_sums_and_products_of_every_pair(op, oracle, machine):
    cases, expected = [], []
    for dtype, seed in itertools.product(TYPES, range(3)):
        a, b = pairs(dtype)
        scales, zeros = quantization(dtype, seed)
        cases.append(case(op, a, b, scales, zeros))
        expected.append(oracle(a, b, scales, zeros))
    for number, size in enumerate(SIZES):
        dtype = TYPES[number % 2]
        a, b = numbers(dtype, (3, size), 1), numbers(dtype, (3, size), 2)
        scales, zeros = quantization(dtype, number)
        cases.append(case(op, a, b, scales, zeros))
        expected.append(oracle(a, b, scales, zeros))
    check(cases, expected, machine)


@pytest.mark.parametrize("machine", EVERY)
@pytest.mark.parametrize("left", [(2, 3, 4, 37), (1, 3, 1, 1), (3, 1, 1), (37,), (1, 1, 4, 1), ()])
def test_sums_broadcast_as_onnxruntime_adds_them(left, machine):
    """What has one number along the last axis is added first."""
    dtype, shape = np.uint8, (2, 3, 4, 37)
    whole, part = numbers(dtype, shape, 1), numbers(dtype, left, 2)
    scales, zeros = quantization(dtype, 5)
    swapped = scales[[1, 0, 2]], zeros[[1, 0, 2]]
    first = added(whole, part, *swapped) if left[-1:] in ((1,), ()) else added(part, whole, scales, zeros)
    cases = [case("QLinearAdd", part, whole, scales, zeros), case("QLinearAdd", whole, part, scales, zeros)]
    check(cases, [first, added(whole, part, scales, zeros)], machine)


@pytest.mark.parametrize("machine", EVERY)
def test_requantize(machine):
    cases, expected = [], []
    for dtype, (seed, shape) in itertools.product(TYPES, enumerate([(2, 5, 19), (4, 16), (1000,), (3, 1, 1)])):
        random = np.random.default_rng(seed)
        sums = random.integers(-(2**31), 2**31, shape) >> random.integers(0, 31, shape)
        sums = sums.astype(np.int32)
        for scales in ((), (shape[1], 1) if len(shape) == 3 else shape[-1:]):
            scale = (random.uniform(0.5, 2, scales) * 2.0**-12).astype(F)
            zero = numbers(dtype, (), seed)
            given = [sums, scale, zero]
            cases.append(Case("Requantize", given, {}, 1, frozenset({1, 2}), domain=QUANTIZED_DOMAIN))
            scaled = np.rint((sums.astype(F) * scale).astype(np.float64)) + float(zero)
            expected.append(saturated(scaled, dtype))
    check(cases, expected, machine)


@pytest.mark.parametrize("machine", EVERY)
def test_lookup(machine):
    cases, expected = [], []
    for dtype, result in itertools.product(TYPES, (np.uint8, np.int8, F, np.float16, np.float64)):
        table = np.random.default_rng(1).permutation(256).astype(np.uint8).view(np.int8).astype(result)
        for x in (every(dtype), *(numbers(dtype, shape, 3) for shape in ((1,), (7,), (8,), (9,), (3, 17), (5000,)))):
            cases.append(Case("Lookup", [x, table], {}, 1, frozenset({1}), domain=QUANTIZED_DOMAIN))
            expected.append(table[x.astype(int) - np.iinfo(dtype).min])
    check(cases, expected, machine)
