"""Erf and Mean against onnxruntime."""

import numpy as np
from against_onnxruntime import agree


def test_erf_is_exact_to_single_precision():
    x = np.concatenate([np.linspace(-7, 7, 4001), [0.46875, 4, -4, np.inf, -np.inf, np.nan, 0.0]]).astype(np.float32)
    agree("Erf", [x], rtol=3e-7, atol=3e-7)


def test_mean_broadcasts_both_ways():
    random = np.random.default_rng(0)
    agree("Mean", [random.standard_normal(shape, np.float32) for shape in ((3, 1), (1, 4), (2, 1, 1))])
