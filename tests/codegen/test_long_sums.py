"""Sums of very many numbers, wherever a kernel has one: as exact as its longest chain of additions allows.

A sum of n positive float32 in chains of at most c additions is wrong by c units of its last place at worst (N. J.
Higham, Accuracy and Stability of Numerical Algorithms, 4.2), whatever n is; in one chain 0.1 is added a million times
with an error of one hundredth.
"""

import numpy as np
import pytest
from driver import Case, run
from onnx import helper

from mini_infer.codegen.contraction.blocked_sum import CHAIN

MOST = (2 * CHAIN + 16) * 2.0**-24
"""The largest relative error: a chain for the parts, and one for what is done with the sum."""
MANY = 1_000_001


def _tenths(*shape):
    return np.full(shape, 0.1, np.float32)


def _check(found):
    results = run([case for case, _ in found], [[np.asarray(want, np.float32)] for _, want in found])
    for (case, want), (got,) in zip(found, results, strict=True):
        error = np.abs(got.astype(np.float64) / want - 1).max()
        assert error <= MOST, f"{case}: {error}"


def test_reductions():
    found = []
    for shape, axes in (
        ((100_000, 4, 3), (0, 2)),
        ((60_000, 4, 16), (0, 2)),
        ((300_000, 3), (0,)),
        ((2, MANY), (1,)),
        ((3, 700, 900), (1, 2)),
        ((MANY, 1), (0,)),
        ((100_000, 3), (0, 1)),
    ):
        x, exact = _tenths(*shape), np.float64(np.float32(0.1))
        count = int(np.prod([shape[axis] for axis in axes]))
        kept = tuple(size for axis, size in enumerate(shape) if axis not in axes)
        for op, want in (
            ("ReduceMean", exact),
            ("ReduceSum", count * exact),
            ("ReduceSumSquare", count * exact**2),
            ("ReduceLogSumExp", exact + np.log(count)),
        ):
            case = Case(op, [x, np.array(axes)], {"keepdims": 0}, constants=frozenset({1}))
            found.append((case, np.full(kept, want)))
    _check(found)


def test_softmax():
    shares = [((2, MANY), -1), ((MANY, 3), 0), ((100_000, 2, 5), 0)]
    _check(
        [
            (Case("Softmax", [_tenths(*shape)], {"axis": axis}), np.full(shape, 1 / shape[axis]))
            for shape, axis in shares
        ]
    )


@pytest.mark.parametrize("size", [(1080, 1920), (7, 300_001)])
def test_means_of_planes(size):
    """Planes as they are, and channels last, where vectors of channels are summed."""
    exact = np.float64(np.float32(0.1))
    planar = Case("GlobalAveragePool", [_tenths(1, 2, *size)])
    body = [
        helper.make_node("Transpose", ["x0"], ["t"], perm=[0, 3, 1, 2]),
        helper.make_node("GlobalAveragePool", ["t"], ["p"]),
        helper.make_node("Transpose", ["p"], ["y0"], perm=[0, 2, 3, 1]),
    ]
    last = Case("GlobalAveragePool", [_tenths(1, *size, 5)], body=body)
    windows = {"kernel_shape": [3, 100_001], "strides": [3, 100_001]}
    pool = Case("AveragePool", [_tenths(1, 1, 3, 200_002)], windows)
    _check(
        [
            (planar, np.full((1, 2, 1, 1), exact)),
            (last, np.full((1, 1, 1, 5), exact)),
            (pool, np.full((1, 1, 1, 2), exact)),
        ]
    )


def test_running_sums():
    want = np.float64(np.float32(0.1)) * np.arange(1, MANY + 1)
    forward = Case("CumSum", [_tenths(MANY, 2), np.array(0)], constants=frozenset({1}))
    backward = Case("CumSum", [_tenths(2, MANY), np.array(1)], {"reverse": 1})
    _check([(forward, np.stack([want, want], 1)), (backward, np.stack([want[::-1]] * 2))])


def test_products_in_plain_loops():
    """A right side computed at run time and turned, weights likewise, and a product of three tensors."""
    exact, depth = np.float64(np.float32(0.1)), 300_000
    gemm = Case("Gemm", [_tenths(2, depth), np.ones((3, depth), np.float32)], {"transB": 1})
    conv = Case("Conv", [_tenths(1, 40_000, 4), np.ones((2, 40_000, 3), np.float32)], {"pads": [1, 1]})
    window = np.array([2, 3, 3, 2])
    three = Case("Einsum", [_tenths(MANY)] + [np.ones(MANY, np.float32)] * 2, {"equation": "i,i,i->"})
    _check(
        [
            (gemm, np.full((2, 3), depth * exact)),
            (conv, np.broadcast_to(40_000 * exact * window, (1, 2, 4))),
            (three, np.array(MANY * exact)),
        ]
    )


def test_attention_over_many_keys():
    """With a cap on the scores and without; all keys are alike, so that every value weighs the same."""
    keys, exact = 200_000, np.float64(np.float32(0.1))
    q, k, v = np.ones((1, 1, 2, 3), np.float32), np.ones((1, 1, keys, 3), np.float32), _tenths(1, 1, keys, 5)
    want = np.full((1, 1, 2, 5), exact)
    _check([(Case("Attention", [q, k, v], attributes, version=23), want) for attributes in ({"softcap": 2.0}, {})])


def test_norms_losses_and_samples():
    exact, channels = np.float64(np.float32(0.1)), 5_001
    response = {"size": 2 * channels - 1, "alpha": 2.0 * channels - 1, "beta": 1.0, "bias": 0.0}
    norms = [
        (
            Case("LRN", [_tenths(1, channels, size)], response),
            np.full((1, channels, size), exact / (channels * exact**2)),
        )
        for size in (1, 40)
    ]
    loss = Case("NegativeLogLikelihoodLoss", [-_tenths(300_000, 2), np.zeros(300_000, np.int64)], {"reduction": "sum"})
    regions = [_tenths(1, 1, 8, 8), np.array([[0, 0, 7, 7]], np.float32), np.zeros(1, np.int64)]
    samples = {"sampling_ratio": 500, "output_height": 1, "output_width": 1}
    align = Case("RoiAlign", regions, samples)
    small = Case(
        "Resize",
        [_tenths(1, 1, 1, 20_000), None, None, np.array([1, 1, 1, 1])],
        {"mode": "linear", "antialias": 1},
        constants=frozenset({3}),
    )
    _check(
        [
            *norms,
            (loss, np.array(300_000 * exact)),
            (align, np.full((1, 1, 1, 1), exact)),
            (small, np.full((1, 1, 1, 1), exact)),
        ]
    )


def test_recurrent_products():
    """One huge number among ones: only what is added to it in its own pass is lost."""
    hidden, huge = 1024, 1 << 24
    state = np.ones((1, 1, hidden), np.float32)
    state[0, 0, 0] = huge
    w, r = np.zeros((1, hidden, 1), np.float32), np.ones((1, hidden, hidden), np.float32)
    inputs = [np.ones((1, 1, 1), np.float32), w, r, None, None, state]
    case = Case("RNN", inputs, {"hidden_size": hidden, "activations": ["Relu"]}, constants=frozenset({1, 2}))
    ((y,),) = run([case], [[np.zeros((1, 1, 1, hidden), np.float32)]])
    lost = huge + hidden - 1 - y.astype(np.int64)
    assert np.all((lost >= 0) & (lost <= 8))


def test_sums_of_doubles():
    """In one chain the sum of a million tenths is wrong by 10,000 units of its last place."""
    x, exact = np.full((2, MANY), 0.1), MANY * np.longdouble(0.1)
    ones = np.ones((MANY, 1))
    found = [
        (Case("ReduceSum", [x, np.array([1])], {"keepdims": 0}, constants=frozenset({1})), exact),
        (Case("ReduceMean", [x.T.copy(), np.array([0])], {"keepdims": 0}, constants=frozenset({1})), exact / MANY),
        (Case("MatMul", [x, ones], constants=frozenset({1})), exact),
        (Case("Gemm", [x, ones.T.copy()], {"transB": 1}), exact),
    ]
    wanted = [
        [np.broadcast_to(want, (2,) if "Reduce" in case.op else (2, 1)).astype(np.float64)] for case, want in found
    ]
    for (case, want), (got,) in zip(found, run([case for case, _ in found], wanted), strict=True):
        assert got.dtype == np.float64
        assert np.abs(got / want - 1).max() <= MOST * 2.0**-29, case
