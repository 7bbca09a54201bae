"""Engines whose weights have 16 bits, in every way that they are run."""

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

import mini_infer as mi
from mini_infer.errors import UsageError
from mini_infer.ir.halves import HALVES

DEPTH, COLUMNS, WORDS = 48, 40, 50


@pytest.fixture(scope="module")
def model():
    """Rows of a table, times a matrix: of whole numbers, which any type of 16 bits holds."""
    generator = np.random.default_rng(8)
    table, matrix = (generator.integers(-9, 10, shape) for shape in ((WORDS, DEPTH), (DEPTH, COLUMNS)))
    graph = helper.make_graph(
        [helper.make_node("Gather", ["t", "i"], ["x"]), helper.make_node("MatMul", ["x", "w"], ["y"])],
        "words",
        [helper.make_tensor_value_info("i", onnx.TensorProto.INT64, [6])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [6, COLUMNS])],
        [numpy_helper.from_array(array.astype(np.float32), name) for name, array in (("t", table), ("w", matrix))],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


@pytest.mark.parametrize("half", HALVES)
def test_native_interpreted_and_loaded_engines_give_the_exact_answer(model, half, tmp_path):
    table, matrix = (numpy_helper.to_array(each).astype(np.int64) for each in model.graph.initializer)
    words = np.int64([0, 3, -1, 7, 49, 7])
    expected = (table[words] @ matrix).astype(np.float32)
    engine = mi.compile(model, weights=half.value)
    assert engine.weight_bytes < 2 * (table.size + 64 * DEPTH) + 128
    engine.save(tmp_path / "words.engine")
    loaded = [mi.Engine.load(tmp_path / "words.engine", compiler=compiler) for compiler in (None, "none")]
    for each in (engine, *loaded):
        (found,) = each.create_context().run({"i": words}).values()
        np.testing.assert_array_equal(found, expected)


def test_an_unknown_type_is_refused(model):
    with pytest.raises(UsageError, match="unknown type 'int4' of weights; choose one of float32, bfloat16, float16"):
        mi.compile(model, weights="int4")
