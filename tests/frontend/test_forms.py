"""Nodes that are alike are looked at once: nothing but their form may count."""

import numpy as np
import pytest
from tiny_models import model, node, read, shapes_of, tensor

from mini_infer.errors import ModelError
from mini_infer.frontend.inference import forms
from mini_infer.ir import format_graph


def ints(*values):
    return np.array(values, np.int64)


CASES = {
    "attributes": [
        *(node("Flatten", "x", f"flat_{k}", axis=axis) for k, axis in enumerate([1, 2, 1])),
        node("Flatten", "x", "flat"),
    ],
    "types": [node("Relu", "x", "a"), node("Relu", "m", "b"), node("Relu", "x", "c"), node("Not", "flags", "d")],
    "constants": [
        node("Reshape", "x six_four", "a"),
        node("Reshape", "x four_six", "b"),
        node("Reshape", "x all", "c"),
    ],
    "values that are computed": [
        node("Shape", "x", "size"),
        node("Gather", "size zero", "first"),
        node("Gather", "size one", "second"),
        node("Mul", "first second", "both"),
        node("Concat", "both second", "ab", axis=0),
        node("Concat", "second both", "ba", axis=0),
        node("Expand", "unit ab", "b"),
        node("Expand", "unit ba", "c"),
    ],
    "omitted inputs and outputs": [
        *(node("Clip", f"x {bounds}", f"clip{k}") for k, bounds in enumerate(["low", "low high", "low"])),
        node("MaxPool", "x", "p q", kernel_shape=[1]),
        node("MaxPool", "x", "r", kernel_shape=[1]),
        node("MaxPool", "x", "s t", kernel_shape=[1]),
    ],
    "sizes that follow from data": [
        node("NonZero", "m", "places"),
        node("Relu", "m", "a"),
        node("Cast", "places", "b", to=1),
        node("Cast", "places", "c", to=1),
    ],
    "sequences": [
        node("SequenceConstruct", "x m", "s1"),
        node("SequenceConstruct", "m x", "s2"),
        node("SequenceAt", "s1 zero_", "a"),
        node("SequenceAt", "s2 zero_", "b"),
    ],
}
CONSTANTS = {
    "six_four": ints(6, 4),
    "four_six": ints(4, 6),
    "all": ints(-1),
    "zero": ints(0),
    "one": ints(1),
    "zero_": np.int64(0),
    "unit": np.ones((1, 1), np.float32),
    "low": np.float32(-1),
    "high": np.float32(1),
}


def case(name):
    nodes = CASES[name]
    inputs = [tensor("x", [2, 3, 4]), tensor("m", [3, 5]), tensor("flags", [2], 9)]
    outputs = [output for each in nodes for output in each.output]
    return model(nodes, inputs, outputs, CONSTANTS)


@pytest.mark.parametrize("name", CASES)
def test_what_a_model_means_does_not_depend_on_what_is_remembered(name, monkeypatch):
    remembered = read(case(name))
    monkeypatch.setattr(forms.Forms, "note", lambda *_: None)
    assert format_graph(remembered) == format_graph(read(case(name)))


def test_values_that_are_asked_for_are_asked_for_each_time():
    """Both reshapes read a shape of the same type, and the second one does not fit."""
    nodes = [node("Reshape", "x six_four", "a"), node("Reshape", "x wrong", "b")]
    wrong = model(nodes, [tensor("x", [2, 3, 4])], ["a", "b"], {**CONSTANTS, "wrong": ints(7, 4)})
    with pytest.raises(ModelError, match="'b'"):
        read(wrong)


def test_constants_are_found_behind_nodes_that_are_alike():
    nodes = [node("Neg", "one", "a"), node("Neg", "a", "b"), node("Neg", "b", "c"), node("Reshape", "x c", "y")]
    graph = read(model(nodes, [tensor("x", [2, 3, 4])], ["y"], {"one": ints(1)}))
    assert shapes_of(graph)["y"] == "float32[24]"
