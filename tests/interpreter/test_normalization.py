"""Normalization against onnxruntime."""

import numpy as np
import pytest
from against_onnxruntime import agree


@pytest.mark.parametrize("opset", [7, 9, 14])
@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 4), (2, 3, 4, 5), (1, 3, 2, 2, 2)])
def test_batch_normalization(opset, shape):
    random = np.random.default_rng(0)
    statistics = [random.uniform(0.5, 2, 3).astype(np.float32) for _ in range(4)]
    agree(
        "BatchNormalization", [random.standard_normal(shape, np.float32), *statistics], {"epsilon": 1e-3}, opset=opset
    )


def test_batch_normalization_in_training():
    random = np.random.default_rng(0)
    statistics = [random.uniform(0.5, 2, 3).astype(np.float32) for _ in range(4)]
    inputs = [random.standard_normal((2, 3, 4, 5), np.float32), *statistics]
    agree("BatchNormalization", inputs, {"training_mode": 1, "momentum": 0.8}, opset=15, outputs=3)


@pytest.mark.parametrize("size", [1, 3, 5])
def test_lrn(size):
    x = np.random.default_rng(0).standard_normal((2, 7, 3, 4), np.float32)
    agree("LRN", [x], {"size": size, "alpha": 0.1, "beta": 0.6, "bias": 1.5})


@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("axis", [0, -1])
def test_lp_normalization(p, axis):
    x = np.random.default_rng(0).standard_normal((2, 3, 4), np.float32)
    agree("LpNormalization", [x], {"p": p, "axis": axis})


def test_mean_variance_normalization():
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5), np.float32)
    agree("MeanVarianceNormalization", [x])
    agree("MeanVarianceNormalization", [x], {"axes": [0, 1, 2, 3]})
