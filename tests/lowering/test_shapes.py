import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mini_infer.lowering.builder import NotNativeError
from mini_infer.lowering.shapes import broadcast_strides, merge
from mini_infer.program.strides import dense_strides

SHAPES = st.lists(st.sampled_from([1, 1, 2, 3]), max_size=4).map(tuple)


@given(SHAPES, st.data())
def test_broadcasting_is_that_of_numpy(target, data):
    shape = tuple(data.draw(st.sampled_from([1, size])) for size in target[data.draw(st.integers(0, len(target))) :])
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    strides = [stride * array.itemsize for stride in broadcast_strides(shape, target)]
    seen = np.lib.stride_tricks.as_strided(array, target, strides)
    np.testing.assert_array_equal(seen, np.broadcast_to(array, target))


@pytest.mark.parametrize(("shape", "target"), [((2,), (3,)), ((2, 3), (3,)), ((3, 1), (2, 3))])
def test_shapes_that_do_not_broadcast_are_refused(shape, target):
    with pytest.raises(NotNativeError, match="does not broadcast"):
        broadcast_strides(shape, target)


@given(SHAPES, st.data())
def test_merging_visits_the_same_elements_in_the_same_order(target, data):
    kept = [data.draw(st.booleans()) for _ in target]
    shape = tuple(size if keep else 1 for size, keep in zip(target, kept, strict=True))
    walks = [broadcast_strides(shape, target), dense_strides(target)]
    merged, strides = merge(target, walks)
    assert len(merged) >= 1
    for before, after in zip(walks, strides, strict=True):
        assert _visited(target, before) == _visited(merged, after)


def test_a_dense_tensor_is_one_dimension():
    assert merge((2, 3, 1, 4), [dense_strides((2, 3, 1, 4))]) == ((24,), ((1,),))


def _visited(shape, strides):
    return [int(np.dot(index, strides)) for index in np.ndindex(*shape)]
