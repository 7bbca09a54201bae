"""Maps and categories of `ai.onnx.ml`."""

import numpy as np

from mini_infer.interpreter import evaluate
from mini_infer.ir import Node


def run(op, value, **attributes):
    return evaluate(Node(op, op, ("x",), ("y",), attributes, "ai.onnx.ml", 1), [value])[0]


def test_zip_map():
    x = np.array([[0.25, 0.75], [1.0, 0.0]], np.float32)
    assert run("ZipMap", x, classlabels_strings=("a", "b")) == [{"a": 0.25, "b": 0.75}, {"a": 1.0, "b": 0.0}]
    assert run("ZipMap", x[0], classlabels_int64s=(3, 5)) == [{3: 0.25, 5: 0.75}]


def test_cast_map():
    assert run("CastMap", {2: 1.5, 0: 3.0}).tolist() == [[3.0, 1.5]]
    assert run("CastMap", {2: "7"}, map_form="SPARSE", max_map=4, cast_to="TO_INT64").tolist() == [[0, 0, 7, 0]]
    assert run("CastMap", {1: "a"}, cast_to="TO_STRING").tolist() == [["a"]]


def test_category_mapper():
    cats = {"cats_strings": ("cat", "dog"), "cats_int64s": (1, 2)}
    assert run("CategoryMapper", np.array([["dog", "cow"]], object), default_int64=9, **cats).tolist() == [[2, 9]]
    assert run("CategoryMapper", np.array([1, 3]), **cats).tolist() == ["cat", "_Unused"]
