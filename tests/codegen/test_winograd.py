from unittest.mock import patch

import numpy as np
import pytest
from driver import FEW, MACHINES, SEEDS, SLOW, Case, check, reference, run
from hypothesis import given
from onnx import helper

from mini_infer.lowering.contraction import winograd

SIZES = (2, 4)
PADDED = {"pads": [1, 1, 1, 1]}


def _case(rng, x, w, attributes, *, activation="", residual=False, pool=0):
    """A convolution with channels last, and what follows it."""
    inputs = [x.transpose(0, 2, 3, 1).copy(), w, rng.standard_normal(w.shape[0]).astype(np.float32)]
    body = [
        helper.make_node("Transpose", ["x0"], ["px"], perm=(0, 3, 1, 2)),
        helper.make_node("Conv", ["px", "x1", "x2"], ["s"], **attributes),
    ]
    value = "s"
    if residual:
        (y,) = reference(Case("Conv", [x, w], attributes))
        inputs.append(rng.standard_normal(y.shape).astype(np.float32).transpose(0, 2, 3, 1).copy())
        body.insert(0, helper.make_node("Transpose", ["x3"], ["pr"], perm=(0, 3, 1, 2)))
        body.append(helper.make_node("Add", [value, "pr"], ["t"]))
        value = "t"
    if activation:
        body.append(helper.make_node(activation, [value], ["a"]))
        value = "a"
    if pool:
        body.append(helper.make_node("MaxPool", [value], ["p"], kernel_shape=[pool, pool], strides=[pool, pool]))
        value = "p"
    body.append(helper.make_node("Transpose", [value], ["y0"], perm=(0, 2, 3, 1)))
    return Case("Conv", inputs, body=body, constants=frozenset({1, 2}))


def _tensors(rng, batch, channels, outputs, high, wide):
    x = rng.standard_normal((batch, channels, high, wide)).astype(np.float32)
    w = rng.standard_normal((outputs, channels, 3, 3)).astype(np.float32)
    return x, w / np.float32(np.sqrt(9 * channels))


def _random_cases(rng, size):
    cases = []
    for number in range(5):
        batch, channels = int(rng.integers(1, 3)), int(rng.choice([1, 3, 8, 16, 20, 32]))
        outputs, high, wide = int(rng.choice([1, 4, 16, 24, 33])), *map(int, rng.integers(3, 15, 2))
        pads = [int(pad) for pad in rng.integers(0, 3, 4)]
        stride = int(rng.choice([1, 1, 2]))
        options = {"activation": str(rng.choice(["", "Relu", "Sigmoid", "Sign"])), "residual": bool(number % 2)}
        if number == 4:
            pool = int(rng.choice([count for count in (2, 4) if size % count == 0]))
            high, wide = (stride * pool * max(1, (extent + 1) // pool // stride) for extent in (high, wide))
            options, pads = {"activation": "Relu", "pool": pool}, [1, 1, 1, 1]
        attributes = {"pads": pads, "strides": [stride] * 2}
        cases.append(_case(rng, *_tensors(rng, batch, channels, outputs, high, wide), attributes, **options))
    return cases


def _any_cut(rng, size):
    """In place of the choice: any cut into tiles of this size that the pool allows."""

    def choose(shape, pool, build):
        fits = winograd.is_window_of_three(shape) and not any(size % count for count in pool)
        return rng.choice(list(winograd.cuts(shape, size, build.machine))) if fits else None

    return patch.object(winograd, "choose", choose)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("size", SIZES)
@FEW
@given(seed=SEEDS)
def test_convolution(seed, size, machine):
    rng = np.random.default_rng(seed)
    cases = _random_cases(rng, size)
    with _any_cut(rng, size):
        check(cases, rtol=1e-5, atol=2e-5, machine=machine)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "bound"), [(2, 1e-6), (4, 5e-6)])
def test_error_against_float64(size, bound):
    """Relative to the greatest result, of sums over many channels."""
    rng = np.random.default_rng(0)
    cases = [
        _case(
            rng,
            *_tensors(rng, 1, channels, 32, 8 * stride, 8 * stride),
            {"pads": [1, 1, 1, 1], "strides": [stride] * 2},
        )
        for channels, stride in ((64, 1), (256, 1), (512, 1), (64, 2), (512, 2))
    ]
    exact = [
        reference(Case("Conv", [None if x is None else x.astype(np.float64) for x in case.inputs], body=case.body))
        for case in cases
    ]
    with _any_cut(rng, size):
        got = run(cases, [[y.astype(np.float32) for y in ys] for ys in exact])
    for (ours,), (theirs,) in zip(got, exact, strict=True):
        assert np.abs(ours - theirs).max() / np.abs(theirs).max() <= bound


def test_nan_and_infinity_stay_where_windows_see_them():
    rng = np.random.default_rng(2)
    x, w = _tensors(rng, 1, 16, 16, 12, 12)
    x[0, 3, 0, 0] = np.nan
    case = _case(rng, x, w, PADDED)
    for size in SIZES:
        with _any_cut(rng, size):
            ((y,),) = run([case], [reference(case)])
        assert np.isnan(y[0, :2, :2]).all()
        assert np.isfinite(y[0, 4:, 4:]).all()


@pytest.mark.parametrize("size", [2, pytest.param(4, marks=SLOW)])
def test_chunks_change_no_bit(size):
    rng = np.random.default_rng(3)
    case = _case(rng, *_tensors(rng, 1, 71, 40, 12, 12), PADDED)
    found = []

    def choose(shape, _pool, build):
        possible = list(winograd.cuts(shape, size, build.machine))
        found.append(possible[len(found) % len(possible)])
        return found[-1]

    with patch.object(winograd, "choose", choose):
        results = run([case] * 6, [reference(case)] * 6)
    assert len({cut.tiles for cut in found}) > 1
    assert all(np.array_equal(y, results[0][0]) for (y,) in results)
