"""Softmax of 8-bit numbers against onnxruntime's formula in NumPy, along any axis."""

import numpy as np
import pytest
from driver import MACHINES, Case, run
from machines import SCALAR

from mini_infer.ir.graph import CONTRIB_DOMAIN

EVERY = [*MACHINES, pytest.param(SCALAR, id="plain C")]
F = np.float32
SHAPES = [((1, 1), 1), ((3, 16), 1), ((9, 7), 1), ((8, 100), -1), ((17, 257), 1), ((2, 3, 513), 2), ((1, 1000), 1)]
ACROSS = [((5, 4), 0), ((2, 9, 33), 1), ((3, 100, 2), 1), ((7, 31, 70), 0)]


def softmax(x, axis, x_scale, y_scale, y_zero):
    """Entry by entry, as qlinear_softmax.cc has it."""
    size, step = x.shape[axis], np.float64(x_scale)
    room = float(np.log(np.float64(np.finfo(F).max / F(size)))) - 5
    entry = {d: F(np.exp((d + max(0.0, room) / step) * step)) for d in range(-255, 1)}
    lines = np.moveaxis(x, axis, -1)
    y = np.zeros(lines.shape, x.dtype)
    ends, parts = np.iinfo(x.dtype), np.floor(F(1) / y_scale)
    for at in np.ndindex(lines.shape[:-1]):
        line = lines[at].astype(int)
        values = [entry[d] for d in line - line.max()]
        total = F(0)
        for value in values:
            total = F(total + value)
        real = np.rint(np.array([F(F(value * parts) / total) for value in values], np.float64)) + float(y_zero)
        y[at] = np.clip(real, ends.min, ends.max)
    return np.moveaxis(y, -1, axis)


@pytest.mark.parametrize("machine", EVERY)
@pytest.mark.parametrize("shapes", [SHAPES, ACROSS], ids=["along rows", "across"])
def test_softmax(shapes, machine):
    cases, expected = [], []
    for number, (shape, axis) in enumerate(shapes):
        for dtype in (np.uint8, np.int8):
            random, ends = np.random.default_rng(number), np.iinfo(dtype)
            x = random.integers(ends.min, ends.max + 1, shape).astype(dtype)
            if number % 3 == 1:
                x[...] = ends.max  # the sums are as large as they can be
            x_scale = F(random.uniform(0.001, 0.2))
            y_scale, y_zero = (F(1 / 256), ends.min) if number % 2 else (F(0.0071), ends.min + 11)
            given = [x, x_scale, dtype(7), y_scale, dtype(y_zero)]
            attributes = {"axis": axis, "opset": 13}
            known = frozenset({1, 2, 3, 4})
            case = Case("QLinearSoftmax", list(map(np.asarray, given)), attributes, 1, known, domain=CONTRIB_DOMAIN)
            cases.append(case)
            expected.append(softmax(x, axis, x_scale, y_scale, y_zero))
    found = run(cases, [[y] for y in expected], machine=machine)
    for case, (got,), wanted in zip(cases, found, expected, strict=True):
        np.testing.assert_array_equal(got, wanted, err_msg=str(case))
