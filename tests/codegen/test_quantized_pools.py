"""Pools of 8-bit numbers, planar and with channels last, against onnxruntime's formulas in NumPy."""

import itertools

import numpy as np
import pytest
from driver import MACHINES, Case, run
from machines import SCALAR
from onnx import helper

from mini_infer.ir.graph import CONTRIB_DOMAIN

EVERY = [*MACHINES, pytest.param(SCALAR, id="plain C")]
TYPES = [np.uint8, np.int8]
CHANNELS = [1, 3, 8, 15, 16, 17, 31, 33, 64, 70, 130, 257]
F = np.float32


def numbers(dtype, shape, seed):
    ends = np.iinfo(dtype)
    return np.random.default_rng(seed).integers(ends.min, ends.max + 1, shape).astype(dtype)


def quantization(dtype, seed):
    random, ends = np.random.default_rng(seed), np.iinfo(dtype)
    scales = random.uniform(0.01, 0.02, 2).astype(F)
    zeros = [ends.min, ends.max, 0, *random.integers(ends.min, ends.max + 1, 4)]
    return [scales[0], dtype(zeros[seed % 7]), scales[1], dtype(zeros[(seed + 1) % 7])]


def saturated(real, dtype):
    ends = np.iinfo(dtype)
    return np.clip(np.rint(real.astype(np.float64)), ends.min, ends.max).astype(dtype)


def windows(x, kernel, stride, pads):
    """For each result, the places of its window's elements that exist, in order."""
    spatial = x.shape[2:]
    counts = [(s + sum(p) - k) // t + 1 for s, p, k, t in zip(spatial, pads, kernel, stride, strict=True)]
    for at in itertools.product(*map(range, counts)):
        begins = [o * t - p[0] for o, t, p in zip(at, stride, pads, strict=True)]
        taps = itertools.product(*(range(b, b + k) for b, k in zip(begins, kernel, strict=True)))
        yield at, counts, [tap for tap in taps if all(0 <= i < s for i, s in zip(tap, spatial, strict=True))]


def pooled(x, attributes, reduce):
    kernel = attributes["kernel_shape"]
    stride, pads = attributes.get("strides", [1] * len(kernel)), attributes.get("pads", [0] * 2 * len(kernel))
    y = None
    for at, counts, taps in windows(
        x, kernel, stride, list(zip(pads[: len(kernel)], pads[len(kernel) :], strict=True))
    ):
        y = np.zeros((*x.shape[:2], *counts), x.dtype) if y is None else y
        y[(..., *at)] = reduce([x[(..., *tap)] for tap in taps])
    return y


def averaged(x, meaning, attributes):
    x_scale, x_zero, y_scale, y_zero = meaning

    def mean(elements):
        total = np.zeros(x.shape[:2], F)
        for element in elements:
            total = total + x_scale * (element.astype(F) - F(x_zero))
        count = np.prod(attributes["kernel_shape"]) if attributes.get("count_include_pad") else len(elements)
        return saturated(total / F(count) / y_scale + F(y_zero), x.dtype)

    return pooled(x, attributes, mean)


def mean_of_all(x, meaning):
    x_scale, x_zero, y_scale, y_zero = meaning
    axes, count = tuple(range(2, x.ndim)), int(np.prod(x.shape[2:]))
    sums = x.astype(np.int64).sum(axis=axes, keepdims=True) - int(x_zero) * count
    scaled = sums.astype(F) * (x_scale / (y_scale * F(count)))
    return saturated(np.rint(scaled.astype(np.float64)) + float(y_zero), x.dtype)


def in_both_layouts(op, x, given, attributes, expected, domain):
    """The operator, and the same fused with transposes; with what comes out of each."""
    constants = frozenset(range(1, 1 + len(given)))
    given = list(map(np.asarray, given))
    yield Case(op, [x, *given], attributes, 1 if domain else 22, constants, domain=domain), expected
    last, planar = (0, *range(2, x.ndim), 1), (0, x.ndim - 1, *range(1, x.ndim - 1))
    names = ["p", *(f"x{k}" for k in sorted(constants))]
    body = [
        helper.make_node("Transpose", ["x0"], ["p"], perm=planar),
        helper.make_node(op, names, ["q"], domain=domain, **attributes),
        helper.make_node("Transpose", ["q"], ["y0"], perm=last),
    ]
    source, result = (np.ascontiguousarray(each.transpose(last)) for each in (x, expected))
    yield Case(op, [source, *given], {}, 1 if domain else 22, constants, body=body), result


def check(cases, machine):
    cases = list(cases)
    expected = [[wanted] for _, wanted in cases]
    for (case, wanted), (found,) in zip(
        cases, run([case for case, _ in cases], expected, machine=machine), strict=True
    ):
        assert found.dtype == wanted.dtype
        np.testing.assert_array_equal(found, wanted, err_msg=str(case))


WINDOWS = [
    {"kernel_shape": [2, 2], "strides": [2, 2]},
    {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]},
    {"kernel_shape": [3, 2], "strides": [1, 3], "pads": [0, 1, 2, 0]},
    {"kernel_shape": [5, 7]},
]


@pytest.mark.parametrize("machine", EVERY)
def test_maxima(machine):
    cases = []
    for number, channels in enumerate(CHANNELS):
        dtype, attributes = TYPES[number % 2], WINDOWS[number % 3]
        x = numbers(dtype, (1 + number % 2, channels, 5, 7), number)
        expected = pooled(x, attributes, lambda elements: np.max(elements, axis=0))
        cases += in_both_layouts("MaxPool", x, [], attributes, expected, "")
        whole = x.max(axis=(2, 3), keepdims=True)
        cases += in_both_layouts("GlobalMaxPool", x, [], {}, whole, "")
    check(cases, machine)


@pytest.mark.parametrize("machine", EVERY)
def test_averages(machine):
    cases = []
    for number, channels in enumerate(CHANNELS):
        dtype, attributes = TYPES[number % 2], WINDOWS[number % 4]
        if number % 3 == 0:
            attributes = {**attributes, "count_include_pad": 1}
        x, meaning = numbers(dtype, (1 + number % 2, channels, 5, 7), number), quantization(dtype, number)
        expected = averaged(x, meaning, attributes)
        cases += in_both_layouts("QLinearAveragePool", x, meaning, attributes, expected, CONTRIB_DOMAIN)
    check(cases, machine)


@pytest.mark.parametrize("machine", EVERY)
@pytest.mark.parametrize("batch", [1, 3])
def test_averages_of_everything(batch, machine):
    cases = []
    for number, channels in enumerate(CHANNELS):
        dtype, space = TYPES[number % 2], [(7, 7), (1, 1), (9,), (20, 13)][number % 4]
        x, meaning = numbers(dtype, (batch, channels, *space), number), quantization(dtype, number)
        if number % 3 == 0:
            x[...] = np.iinfo(dtype).max
        expected = mean_of_all(x, meaning)
        cases += in_both_layouts("QLinearGlobalAveragePool", x, meaning, {}, expected, CONTRIB_DOMAIN)
        attributes = {"kernel_shape": list(space)}
        expected = averaged(x, meaning, attributes)
        cases += in_both_layouts("QLinearAveragePool", x, meaning, attributes, expected, CONTRIB_DOMAIN)
    check(cases, machine)
