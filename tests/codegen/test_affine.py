import numpy as np
import pytest
from driver import FEW, SEEDS, Case, check
from hypothesis import given
from values import tensor


@FEW
@given(seed=SEEDS)
def test_batch_normalization(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for dtype in ("float32", "float64"):
        for shape in ((2, 3), (1, 5, 7), (2, 3, 4, 5), (1, 4, 1, 1, 20)):
            channels = [tensor(rng, dtype, shape[1:2], special=False) for _ in range(3)]
            variance = np.abs(tensor(rng, dtype, shape[1:2], special=False))
            known = frozenset({1, 2, 3, 4}) if rng.random() < 0.5 else frozenset()
            x = tensor(rng, dtype, shape, special=False)
            cases.append(Case("BatchNormalization", [x, *channels, variance], {"epsilon": 1e-3}, constants=known))
    check(cases, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
@FEW
@given(seed=SEEDS)
def test_quantize_and_dequantize_by_tensor_axis_and_block(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for dtype in ("uint8", "int8", "uint16", "int16"):
        limits = np.iinfo(dtype)
        for shape, scale_shape, attributes in (
            ((3, 8, 5), (), {}),
            ((3, 8, 5), (8,), {}),
            ((3, 8, 5), (5,), {"axis": -1}),
            ((3, 8, 5), (3, 2, 5), {"axis": 1, "block_size": 4}),
            ((6,), (), {}),
        ):
            scale = (rng.random(scale_shape) * 0.2 + 0.01).astype(np.float32)
            zero = rng.integers(limits.min, limits.max, scale_shape).astype(dtype)
            real = tensor(rng, "float32", shape, scale=20.0, special=False)
            whole = tensor(rng, dtype, shape)
            known = frozenset({1, 2}) if rng.random() < 0.5 else frozenset()
            version = 21
            cases.append(Case("QuantizeLinear", [real, scale, zero], attributes, version, known))
            cases.append(Case("DequantizeLinear", [whole, scale, zero], attributes, version, known))
            cases.append(Case("DequantizeLinear", [whole, scale], attributes, version))
    cases.append(Case("QuantizeLinear", [real, np.float32(0.1)]))
    cases.append(Case("DequantizeLinear", [tensor(rng, "int32", (4, 4), special=False), np.float32(0.1)]))
    check(cases)
