"""Packed weights come back exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mini_infer.ir import DType
from mini_infer.ir.halves import HALVES, widened
from mini_infer.program import Packing


@given(
    st.integers(1, 3),
    st.integers(1, 5),
    st.integers(1, 3),
    st.integers(1, 20),
    st.sampled_from([1, 4, 8, 16]),
    st.tuples(st.sampled_from([1, 2, 4]), st.booleans()),
    st.data(),
)
def test_unpack_undoes_pack(groups, inner, taps, columns, block, together, data):
    axes = {"g": groups, "c": inner, "k": taps, "o": columns}
    names = data.draw(st.permutations("gcko"))
    shape = tuple(axes[name] for name in names)
    permutation = tuple(names.index(name) for name in "gkco")
    piece, stretches = together[0], taps if together[1] else 1
    packing = Packing(shape, permutation, groups, taps * inner, columns, block, piece=piece, stretches=stretches)
    tensor = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    packed = packing.pack(tensor)
    rows = stretches * -(-taps * inner // stretches // piece)
    assert packed.shape == packing.packed_shape == (groups, packing.blocks, rows, block, piece)[: 4 + (piece > 1)]
    assert np.array_equal(packing.unpack(packed), tensor)


def test_a_block_of_columns_is_contiguous_and_padded_with_zeros():
    packing = Packing((3, 2), (1, 0), 1, 2, 3, 2)
    packed = packing.pack(np.array([[1, 2], [3, 4], [5, 6]], np.float32))
    assert packed.ravel().tolist() == [1, 3, 2, 4, 5, 0, 6, 0]


def test_neighboring_rows_lie_together_and_stretches_are_filled_up():
    packing = Packing((6, 3), (0, 1), 1, 6, 3, 2, piece=2, stretches=2)  # two stretches of three rows
    packed = packing.pack(np.arange(1, 19, dtype=np.int8).reshape(6, 3))
    first, second = [[1, 4, 2, 5], [7, 0, 8, 0]], [[10, 13, 11, 14], [16, 0, 17, 0]]
    assert packed[0, 0].reshape(4, 4).tolist() == first + second
    assert packed[0, 1].reshape(4, 4).tolist() == [[3, 6, 0, 0], [9, 0, 0, 0], [12, 15, 0, 0], [18, 0, 0, 0]]


def test_a_packing_that_does_not_fit_its_tensor_is_refused():
    with pytest.raises(ValueError, match="no permutation"):
        Packing((2, 3), (0, 0), 1, 2, 3, 4)
    with pytest.raises(ValueError, match="elements are not those"):
        Packing((2, 3), (0, 1), 1, 2, 4, 4)
    with pytest.raises(ValueError, match="stretches"):
        Packing((3, 2), (0, 1), 1, 3, 2, 4, stretches=2)


@pytest.mark.parametrize("half", HALVES)
def test_numbers_of_16_bits_lie_in_16_bits(half):
    tensor = np.arange(-6, 6, dtype=np.float32).reshape(4, 3)
    packing = Packing((4, 3), (0, 1), 1, 4, 3, 2, half=half)
    packed = packing.pack(tensor)
    assert packed.dtype == np.uint16
    assert np.array_equal(widened(packed, half), Packing((4, 3), (0, 1), 1, 4, 3, 2).pack(tensor))
    assert np.array_equal(packing.unpack(packed), tensor)
    in_order = Packing.rows_of((4, 3), half).pack(tensor)
    assert np.array_equal(widened(in_order.ravel(), half), tensor.ravel())


def test_no_other_type_has_16_bits():
    with pytest.raises(ValueError, match="no type of 16 bits"):
        Packing((4, 3), (0, 1), 1, 4, 3, 2, half=DType.FLOAT32)
