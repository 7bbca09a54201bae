import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from mini_infer.errors import InputError
from mini_infer.verify import compare

FLOATS = npst.arrays(
    np.float32, npst.array_shapes(max_dims=3, max_side=4), elements=st.floats(-1e3, 1e3, width=32, allow_nan=False)
)


def test_figures_of_one_output():
    reference = np.array([[1.0, -4.0, 2.0], [0.0, 3.0, 1.0]], np.float32)
    output = np.array([[1.0, -4.5, 2.0], [0.0, 3.0, 3.25]], np.float32)
    comparison = compare({"y": output}, {"y": reference}, atol=1.0, rtol=0.25)
    (error,) = comparison.outputs
    assert error.name == "y"
    assert error.max_abs_error == 2.25
    assert error.where == (1, 2)
    assert (error.output, error.reference) == (3.25, 1.0)
    assert error.mean_abs_error == pytest.approx(2.75 / 6)
    assert error.p99_abs_error == 2.25
    assert error.max_rel_error == 2.25 / 4
    assert error.argmax_agreement == 0.5
    assert not comparison.passed
    assert compare({"y": output}, {"y": reference}, atol=1.25, rtol=0.25).passed


def test_aggregates_take_the_worst_output():
    outputs = {"a": np.array([1.0, 2.0]), "b": np.array([10.0, 20.5]), "c": np.array([0.5])}
    reference = {"b": np.array([10.0, 20.0]), "a": np.array([1.0, 1.75]), "c": np.array([0.5])}
    comparison = compare(outputs, reference, atol=0.3)
    assert [output.name for output in comparison.outputs] == ["b", "a", "c"]
    assert [output.passed for output in comparison.outputs] == [False, True, True]
    assert comparison.worst.name == "b"
    assert comparison.max_abs_error == 0.5
    assert comparison.max_rel_error == 0.25 / 1.75
    assert comparison.argmax_agreement == 1.0
    assert not comparison.passed


def test_p99_leaves_the_worst_hundredth_out():
    output = np.zeros(1000)
    output[:5] = 7.0
    (error,) = compare({"y": output}, {"y": np.zeros(1000)}).outputs
    assert (error.max_abs_error, error.p99_abs_error) == (7.0, 0.0)
    assert error.max_rel_error == math.inf


@given(FLOATS)
def test_an_array_is_at_no_distance_from_itself(array):
    comparison = compare({"y": array}, {"y": array.copy()}, atol=0.0)
    assert comparison.passed
    assert comparison.max_abs_error == comparison.max_rel_error == 0.0
    assert comparison.argmax_agreement in {None, 1.0}


@given(FLOATS, st.data())
def test_passing_is_the_documented_inequality(reference, data):
    output = data.draw(npst.arrays(np.float32, reference.shape, elements=st.floats(-1e3, 1e3, width=32)))
    atol = data.draw(st.floats(0, 100))
    rtol = data.draw(st.floats(0, 1))
    error = np.abs(output.astype(np.float64) - reference.astype(np.float64))
    expected = bool((error <= atol + rtol * np.abs(reference).astype(np.float64).max()).all())
    assert compare({"y": output}, {"y": reference}, atol=atol, rtol=rtol).passed is expected


@pytest.mark.parametrize(
    ("output", "reference", "error"),
    [
        (math.nan, math.nan, 0.0),
        (math.inf, math.inf, 0.0),
        (math.inf, -math.inf, math.inf),
        (math.nan, 1.0, math.inf),
        (1.0, math.nan, math.inf),
        (1.0, math.inf, math.inf),
    ],
)
def test_what_is_not_finite_agrees_only_with_itself(output, reference, error):
    comparison = compare({"y": np.array([output, 0.0])}, {"y": np.array([reference, 0.0])}, atol=1e9, rtol=1e9)
    assert comparison.max_abs_error == error
    assert comparison.passed is (error == 0.0)


def test_integers_beyond_float64_still_differ():
    comparison = compare({"y": np.array([2**53 + 1])}, {"y": np.array([2**53])})
    assert comparison.max_abs_error == 1.0
    assert not comparison.passed


def test_unsigned_integers_do_not_wrap():
    assert compare({"y": np.array([1], np.uint8)}, {"y": np.array([3], np.uint8)}).max_abs_error == 2.0


def test_booleans_compare():
    comparison = compare({"y": np.array([True, False])}, {"y": np.array([True, True])})
    assert (comparison.max_abs_error, comparison.argmax_agreement) == (1.0, None)


def test_empty_and_scalar_outputs():
    comparison = compare({"e": np.zeros((0, 3)), "s": np.array(2.0)}, {"e": np.zeros((0, 3)), "s": np.array(2.5)})
    empty, scalar = comparison.outputs
    assert (empty.passed, empty.where, empty.argmax_agreement) == (True, (), None)
    assert (scalar.max_abs_error, scalar.where, scalar.argmax_agreement) == (0.5, (), None)


@pytest.mark.parametrize(
    ("outputs", "reference", "message"),
    [
        ({"y": np.zeros(2)}, {"z": np.zeros(2)}, "different tensors: y against z"),
        ({"y": np.zeros(2)}, {}, "y against none"),
        ({"y": np.zeros(2)}, {"y": np.zeros(3)}, r"'y' has shape \(2,\), its reference has \(3,\)"),
        ({"y": np.zeros(1)}, {"y": np.array(["a"])}, "reference 'y' holds <U1"),
        ({"y": np.zeros(1, complex)}, {"y": np.zeros(1)}, "output 'y' holds complex128"),
    ],
)
def test_what_cannot_be_compared_is_an_input_error(outputs, reference, message):
    with pytest.raises(InputError, match=message):
        compare(outputs, reference)
