import numpy as np
import pytest

from mini_infer.ir import DType, Symbol, TensorType
from mini_infer.verify.samples import random_samples, spread


def test_the_seed_decides():
    types = {"x": TensorType(DType.FLOAT32, (2, 3)), "i": TensorType(DType.INT64, (4,))}
    one, same, other = (random_samples(types, count=2, seed=seed) for seed in (5, 5, 6))
    assert len(one) == 2
    np.testing.assert_array_equal(one[1]["x"], same[1]["x"])
    assert not np.array_equal(one[0]["x"], one[1]["x"])
    assert not np.array_equal(one[0]["x"], other[0]["x"])


@pytest.mark.parametrize(
    ("dtype", "low", "high"),
    [
        (DType.BOOL, 0, 1),
        (DType.INT64, 0, 1),
        (DType.UINT16, 0, 1),
        (DType.UINT8, 0, 255),
        (DType.INT8, -128, 127),
    ],
)
def test_integers_are_in_range_and_use_it(dtype, low, high):
    (sample,) = random_samples({"x": TensorType(dtype, (4000,))})
    assert sample["x"].dtype == dtype.numpy
    assert (int(sample["x"].min()), int(sample["x"].max())) == (low, high)


@pytest.mark.parametrize("dtype", [DType.FLOAT16, DType.BFLOAT16, DType.FLOAT32, DType.FLOAT64, DType.COMPLEX64])
def test_floats_are_standard_normal(dtype):
    (sample,) = random_samples({"x": TensorType(dtype, (50, 80))})
    assert sample["x"].dtype == dtype.numpy
    assert sample["x"].shape == (50, 80)
    assert abs(sample["x"].astype(np.complex128).std() - 1) < 0.05


@pytest.mark.parametrize(("low", "high", "step", "typical"), [(1, 8, 1, 4), (0, 10**12, 2, 8), (32, 960, 32, 320)])
def test_sizes_that_say_much_of_all(low, high, step, typical):
    symbol, other = Symbol("n", low, high, step, typical), Symbol("one", 3, 3, 1, 3)
    found = spread([symbol, other], seed=3)
    sizes = [each["n"] for each in found]
    assert len(sizes) == len(set(sizes)) == 5
    assert {low, typical, high} < set(sizes)
    assert all(size in symbol.sizes for size in sizes)
    assert {each["one"] for each in found} == {3}
    assert found == spread([symbol, other], seed=3)


def test_sizes_of_few_and_of_none():
    assert spread([]) == [{}]
    assert [each["n"] for each in spread([Symbol("n", 1, 2, 1, 2)])] == [1, 2]
    assert sorted(each["n"] for each in spread([Symbol("n", 1, 3, 1, 3)])) == [1, 2, 3]
