import math

import numpy as np
import pytest

from mini_infer.errors import InputError
from mini_infer.quantization import output_losses
from mini_infer.quantization.losses import Distance

RNG = np.random.default_rng(5)


def test_the_distance_of_several_samples_is_that_of_all_their_elements():
    references = [RNG.standard_normal(shape).astype(np.float32) for shape in [(3, 4), (7,), (2, 2, 2)]]
    values = [each + RNG.standard_normal(each.shape).astype(np.float32) / 8 for each in references]
    distance = Distance()
    for value, reference in zip(values, references, strict=True):
        distance.add(value, reference)
    value, reference = (np.concatenate([each.ravel() for each in many]) for many in (values, references))
    difference = value.astype(np.float64) - reference
    assert distance.relative == pytest.approx(np.linalg.norm(difference) / np.linalg.norm(reference.astype(np.float64)))
    assert distance.largest == np.abs(difference).max()


def test_what_is_the_same_has_no_distance():
    odd = np.array([np.nan, np.inf, -np.inf, 0.0], np.float32)
    distance = Distance()
    distance.add(odd, odd)
    distance.add(np.empty((0, 3), np.float32), np.empty((0, 3), np.float32))
    assert (distance.relative, distance.largest) == (0.0, 0.0)


@pytest.mark.parametrize(("value", "reference"), [(1.0, np.inf), (np.nan, 1.0), (1.0, np.nan)])
def test_what_is_finite_on_one_side_is_infinitely_far(value, reference):
    distance = Distance()
    distance.add(np.array([value, 2.0]), np.array([reference, 2.0]))
    assert (distance.relative, distance.largest) == (math.inf, math.inf)


def test_nothing_but_zeros_in_the_reference():
    distance = Distance()
    distance.add(np.array([0.5]), np.array([0.0]))
    assert distance.relative == math.inf
    assert distance.largest == 0.5


def pairs():
    scores = np.array([[[0.1, 0.9, 0.0]], [[0.5, 0.4, 0.1]], [[0.2, 0.3, 0.5]], [[0.6, 0.3, 0.1]]], np.float32)
    others = scores.copy()
    others[1, 0] = [0.4, 0.5, 0.1]
    flags = np.array([True])
    return [({"y": a, "flag": flags}, {"y": b, "flag": flags}) for a, b in zip(scores, others, strict=True)]


def test_agreement_and_labels():
    losses, accuracy = output_losses(pairs(), [1, 1, 2, 2])
    assert [(loss.name, loss.agreement) for loss in losses] == [("y", 0.75), ("flag", None)]
    assert losses[0].max_abs_error == pytest.approx(0.1)
    assert (accuracy.labels, accuracy.float_right, accuracy.quantized_right) == (4, 2, 3)
    assert output_losses(pairs())[1] is None


def test_labels_are_for_a_row_of_scores():
    maps = {"y": np.zeros((1, 3, 4), np.float32)}
    with pytest.raises(InputError, match="labels are for a model one of whose outputs is a row of scores"):
        output_losses([(maps, maps)], [0])


def test_shapes_that_differ():
    with pytest.raises(InputError, match=r"output 'y' is \(2,\) of the quantized model, \(3,\) of the float one"):
        output_losses([({"y": np.zeros(3)}, {"y": np.zeros(2)})])
