import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mini_infer.ir import DType, TensorType
from mini_infer.lowering.window import Window
from mini_infer.program import Space, View

SHAPES = [(2, 6, 4), (12, 4), (4, 3, 4), (48,), (2, 2, 3, 2, 2), (1, 48, 1), (6, 8)]


@given(st.sampled_from(SHAPES), st.randoms(use_true_random=False), st.sampled_from(SHAPES))
def test_a_reshaped_window_has_the_elements_of_a_reshaped_array(shape, random, target):
    order = list(range(len(shape)))
    random.shuffle(order)
    window = Window.of(View(Space.ARENA, 0, 0, TensorType(DType.FLOAT32, shape))).permute(order)
    array = np.arange(48).reshape(shape).transpose(order)
    found = window.reshape(target)
    expected = array.reshape(target)
    if found is None:
        assert not np.shares_memory(expected, array)
        return
    strided = np.lib.stride_tricks.as_strided(
        np.arange(48), found.shape, [stride * np.dtype(np.int64).itemsize for stride in found.strides]
    )
    np.testing.assert_array_equal(strided, expected)


def test_the_place_of_a_window_is_its_elements_and_no_others():
    whole = View(Space.ARENA, 0, 8, TensorType(DType.FLOAT32, (4, 3, 5)))
    last = Window.of(whole).at(1, 2).place
    assert (last.offset, last.type.shape, last.strides) == (8 + 10 * 4, (4, 5), (15, 1))
    backwards = Window.of(whole).slice(0, 3, 2, -2).place
    assert (backwards.offset, backwards.type.shape, backwards.strides) == (8 + 15 * 4, (2, 3, 5), (30, 5, 1))
