"""Packed weights come back exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mini_infer.program import Packing


@given(
    st.integers(1, 3),
    st.integers(1, 5),
    st.integers(1, 3),
    st.integers(1, 20),
    st.sampled_from([1, 4, 8, 16]),
    st.data(),
)
def test_unpack_undoes_pack(groups, inner, taps, columns, block, data):
    axes = {"g": groups, "c": inner, "k": taps, "o": columns}
    names = data.draw(st.permutations("gcko"))
    shape = tuple(axes[name] for name in names)
    permutation = tuple(names.index(name) for name in "gkco")
    packing = Packing(shape, permutation, groups, taps * inner, columns, block)
    tensor = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    packed = packing.pack(tensor)
    assert packed.shape == packing.packed_shape == (groups, packing.blocks, taps * inner, block)
    assert np.array_equal(packing.unpack(packed), tensor)


def test_a_block_of_columns_is_contiguous_and_padded_with_zeros():
    packing = Packing((3, 2), (1, 0), 1, 2, 3, 2)
    packed = packing.pack(np.array([[1, 2], [3, 4], [5, 6]], np.float32))
    assert packed.ravel().tolist() == [1, 3, 2, 4, 5, 0, 6, 0]


def test_a_packing_that_does_not_fit_its_tensor_is_refused():
    with pytest.raises(ValueError, match="no permutation"):
        Packing((2, 3), (0, 0), 1, 2, 3, 4)
    with pytest.raises(ValueError, match="elements are not those"):
        Packing((2, 3), (0, 1), 1, 2, 4, 4)
