"""Sums in registers around every threshold at which they are cut into parts: to the last bit, by integer arithmetic.

Every product is a small whole number other than 0, so that a missing, doubled or misplaced one shows.
"""

import numpy as np
import pytest
from driver import MACHINES, Case, run
from onnx import helper

from mini_infer.codegen.contraction import tile

HUGE = 1 << 24
"""The float32 to which adding 1 changes nothing: what follows it in its chain of additions is lost."""


def _whole(rng, shape):
    return (rng.integers(1, 5, shape) * rng.choice([-1, 1], shape)).astype(np.float32)


def _check(found, machine):
    """Compare each case with what is right."""
    results = run([case for case, _ in found], [[want.astype(np.float32)] for _, want in found], machine=machine)
    for (case, want), (got,) in zip(found, results, strict=True):
        np.testing.assert_array_equal(got, want, err_msg=str(case))


def _convolution(x, w, strides, dilations, pads, groups):
    """A convolution of integers: `pads` on both sides of each axis."""
    axes = range(2, x.ndim)
    x = np.pad(x, [(0, 0), (0, 0), *((pad, pad) for pad in pads)]).astype(np.int64)
    extents = [(size - 1) * step + 1 for size, step in zip(w.shape[2:], dilations, strict=True)]
    windows = np.lib.stride_tricks.sliding_window_view(x, extents, axis=tuple(axes))
    picked = [slice(None, None, step) for step in strides] + [slice(None, None, step) for step in dilations]
    windows = windows[(slice(None), slice(None), *picked)]
    places = windows.shape[2 : x.ndim]
    window = windows.reshape(len(x), groups, -1, *places, int(np.prod(w.shape[2:])))
    weights = w.astype(np.int64).reshape(groups, -1, *w.shape[1:2], int(np.prod(w.shape[2:])))
    y = np.einsum("ngc...k,gock->ngo...", window, weights)
    return y.reshape(len(x), len(w), *places)


def _conv(rng, channels, kernel, size, **options):
    """A case of `Conv`: `channels` are those of x and y; pads are those before and behind each axis."""
    rank, groups = len(kernel), options.get("groups", 1)
    pads = options.get("pads", [0] * rank)
    strides, dilations = (options.get(name, [1] * rank) for name in ("strides", "dilations"))
    x = _whole(rng, (options.get("batch", 1), channels[0], *size))
    w, b = _whole(rng, (channels[1], channels[0] // groups, *kernel)), _whole(rng, channels[1:])
    want = _convolution(x, w, strides, dilations, pads, groups) + b.astype(np.int64).reshape(-1, *[1] * rank)
    attributes = {"pads": [*pads, *pads], "strides": strides, "dilations": dilations, "group": groups}
    return Case("Conv", [x, w, b], attributes, constants=frozenset({1, 2})), want


@pytest.mark.slow
@pytest.mark.parametrize("machine", MACHINES)
def test_matrix_products(machine):
    """Depths around 64, where short sums are cut first, and around the parts of long ones."""
    rng = np.random.default_rng(0)
    lanes = machine.lanes
    depths = [*range(55, 66), 127, 128, 129, 255, 256, 257, 511, 512, 513, 768, 769, 1100]
    columns = [1, lanes - 1, lanes, lanes + 1, 2 * lanes, 2 * lanes + 1, 3 * lanes, 3 * lanes + 1]
    found = []
    for index, depth in enumerate(depths):
        for rows in (1, int(rng.integers(2, 30))):
            count = (
                columns[(index + rows) % len(columns)] if depth > 65 or rows > 1 else int(rng.integers(1, lanes + 1))
            )
            a, b = _whole(rng, (rows, depth)), _whole(rng, (depth, count))
            constants = frozenset({1}) if index % 3 else frozenset()
            want = a.astype(np.int64) @ b.astype(np.int64)
            found.append((Case("MatMul", [a, b], constants=constants), want))
    _check(found, machine)


@pytest.mark.slow
@pytest.mark.parametrize("machine", MACHINES)
def test_convolutions(machine):
    """Windows and channels on both sides of a part; few columns, where numbers slide; borders; tall and single rows."""
    rng = np.random.default_rng(1)
    shapes = [
        ((256, 1), [5, 5], [9, 9]),
        ((300, 4), [3], [40]),
        ((40, 1), [3], [50]),
        ((257, 3), [2, 2], [6, 7]),
        ((48, 8), [3], [3]),
        ((60, 8), [2, 2], [2, 2]),
        ((130, 5), [3, 3], [6, 6]),
        ((1, 16), [2, 300], [3, 330]),
        ((1, 5), [4, 128], [5, 140]),
        ((1, 5), [1, 1024], [1, 1100]),
        ((2, 3), [40, 9], [44, 12]),
        ((1, 1), [600], [640]),
        ((12, 20), [2, 3, 3], [3, 4, 5]),
    ]
    found = [_conv(rng, *shape) for shape in shapes]
    found += [
        _conv(rng, (70, 4), [3, 3], [6, 7], pads=[1, 1]),
        _conv(rng, (64, 9), [3, 5], [7, 9], pads=[2, 3], strides=[2, 2]),
        _conv(rng, (33, 17), [3, 3], [9, 9], pads=[2, 2], dilations=[2, 2], batch=2),
        _conv(rng, (140, 6), [3, 3], [5, 5], pads=[1, 1], groups=2),
        _conv(rng, (1, 2), [3, 70], [4, 60], pads=[1, 20]),
        _conv(rng, (1, 3), [300], [310], pads=[150]),
    ]
    _check(found, machine)


@pytest.mark.slow
@pytest.mark.parametrize("machine", MACHINES)
def test_channels_last(machine):
    """Fused convolutions, pooled ones and depthwise ones among them, as networks in channels-last layout have them."""
    rng = np.random.default_rng(2)
    found = []
    for channels, kernel, size, groups, pool in (
        ((70, 8), [3, 3], [8, 8], 1, 2),
        ((150, 4), [2, 2], [9, 9], 1, 2),
        ((1, 20), [5, 60], [10, 69], 1, 2),
        ((8, 8), [9, 33], [12, 40], 8, 1),
        ((20, 20), [200], [210], 20, 1),
        ((8, 8), [3, 257], [5, 264], 8, 1),
    ):
        (case, want), rank = _conv(rng, channels, kernel, size, groups=groups, pads=[1] * len(kernel)), len(kernel)
        order, back = [0, rank + 1, *range(1, rank + 1)], [0, *range(2, rank + 2), 1]
        body = [
            helper.make_node("Transpose", ["x0"], ["t"], perm=order),
            helper.make_node("Conv", ["t", "x1", "x2"], ["c"], **case.attributes),
        ]
        if pool > 1:
            body.append(helper.make_node("MaxPool", ["c"], ["p"], kernel_shape=[pool] * 2, strides=[pool] * 2))
            high, wide = (extent // pool for extent in want.shape[2:])
            want = want[:, :, : high * pool, : wide * pool].reshape(*want.shape[:2], high, pool, wide, pool).max((3, 5))
        body.append(helper.make_node("Transpose", [body[-1].output[0]], ["y0"], perm=back))
        x = np.ascontiguousarray(case.inputs[0].transpose(back))
        fused = Case("Conv", [x, *case.inputs[1:]], body=body, constants=case.constants)
        found.append((fused, want.transpose(back)))
    _check(found, machine)


@pytest.mark.parametrize("machine", MACHINES)
def test_transposed_convolutions(machine):
    """The last layer of a generator: a window of 4 by 4, stride 2, and the like in one dimension."""
    rng = np.random.default_rng(3)
    found = []
    for channels, kernel, stride, size in (((64, 3), 4, 2, (5, 6)), ((80, 1), 4, 2, (3, 9)), ((140, 2), 3, 1, (4, 4))):
        x, w = _whole(rng, (1, channels[0], *size)), _whole(rng, (*channels, kernel, kernel))
        high, wide = ((extent - 1) * stride + kernel for extent in size)
        want = np.zeros((1, channels[1], high, wide), np.int64)
        for i in range(kernel):
            for j in range(kernel):
                term = np.einsum("nchw,co->nohw", x.astype(np.int64), w[:, :, i, j].astype(np.int64))
                want[:, :, i : i + size[0] * stride : stride, j : j + size[1] * stride : stride] += term
        found.append((Case("ConvTranspose", [x, w], {"strides": [stride] * 2}, constants=frozenset({1})), want))
    _check(found, machine)


def test_no_chain_of_additions_is_longer_than_a_part():
    """One huge number among ones: of these are lost those that are added to it in its own chain."""
    cases, bounds = [], []
    for depth, rows, columns in ((60, 1, 3), (500, 1, 9), (1100, 12, 40), (20000, 4, 64), (200000, 6, 1)):
        a = np.ones((rows, depth), np.float32)
        a[np.arange(rows), np.linspace(0, depth // 2, rows).astype(int)] = HUGE
        cases.append(Case("MatMul", [a, np.ones((depth, columns), np.float32)], constants=frozenset({1})))
        bounds.append((depth, tile.part(depth, rows * columns, 384)))
    for channels, kernel in ((300, (3, 3)), (1, (30, 40)), (7, (25, 9)), (2000, (1, 2))):
        x = np.ones((1, channels, kernel[0], kernel[1] + 1), np.float32)
        x[0, 0, 0, kernel[1] - 1] = HUGE  # in both windows
        w = np.ones((6, channels, *kernel), np.float32)
        cases.append(Case("Conv", [x, w], {}, constants=frozenset({1})))
        depth = w[0].size
        bounds.append((depth, tile.part(depth, 6 * 2)))
    expected = [[np.zeros((len(case.inputs[0]), case.inputs[1].shape[1]), np.float32)] for case in cases[:5]]
    expected += [[np.zeros((1, 6, 1, 2), np.float32)] for _ in cases[5:]]
    for case, (got,), (depth, most) in zip(cases, run(cases, expected), bounds, strict=True):
        lost = HUGE + depth - 1 - got.astype(np.int64)
        parts = -(-depth // most)
        assert np.all(lost <= most + parts), (str(case), lost.max(), most)
        assert np.all(lost >= -most), str(case)
