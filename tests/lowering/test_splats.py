"""Constants that are one value many times: one element in the engine, whatever reads them."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

import mini_infer as mi

ROWS, COLUMNS = 300, 200
SIZE = ROWS * COLUMNS * 4


def splat_model(nodes, output=(ROWS, COLUMNS)):
    """`ones` is 1.5 everywhere; `x` has its shape, too."""
    shape = numpy_helper.from_array(np.array([ROWS, COLUMNS], np.int64), "shape")
    value = numpy_helper.from_array(np.array([1.5], np.float32))
    turned = numpy_helper.from_array(np.array([COLUMNS, ROWS], np.int64), "turned")
    graph = helper.make_graph(
        [helper.make_node("ConstantOfShape", ["shape"], ["ones"], value=value), *nodes],
        "splat",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [ROWS, COLUMNS])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, output)],
        [shape, turned],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


X = np.arange(ROWS * COLUMNS, dtype=np.float32).reshape(ROWS, COLUMNS) % 31
ONES = np.full((ROWS, COLUMNS), 1.5, np.float32)
CASES = {
    "elementwise": ([helper.make_node("Add", ["x", "ones"], ["y"])], X + ONES),
    "alone": ([helper.make_node("Neg", ["ones"], ["y"])], -ONES),
    "two of them": (
        [helper.make_node("Mul", ["ones", "ones"], ["m"]), helper.make_node("Sub", ["x", "m"], ["y"])],
        X - 2.25,
    ),
    "moved": (
        [
            helper.make_node("Reshape", ["ones", "turned"], ["r"]),
            helper.make_node("Transpose", ["r"], ["t"]),
            helper.make_node("Add", ["t", "x"], ["y"]),
        ],
        X + ONES,
    ),
    "joined": ([helper.make_node("Concat", ["x", "ones"], ["y"], axis=0)], np.concatenate([X, ONES])),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("compiler", [None, "none"])
def test_one_element_is_kept_of_one_value_many_times(name, compiler, tmp_path):
    nodes, wanted = CASES[name]
    engine = mi.compile(splat_model(nodes, wanted.shape), compiler=compiler)
    assert engine.weight_bytes <= 3 * 64
    engine.save(tmp_path / "splat.engine")
    loaded = mi.Engine.load(tmp_path / "splat.engine", compiler=compiler)
    for each in (engine, loaded):
        np.testing.assert_array_equal(each.create_context(poison=True).run({"x": X})["y"], wanted)


@pytest.mark.parametrize("compiler", [None, "none"])
def test_kernels_without_strides_get_the_value_written_out(compiler):
    nodes = [helper.make_node("ReduceSum", ["ones"], ["y"], keepdims=0)]
    engine = mi.compile(splat_model(nodes, ()), compiler=compiler)
    assert engine.create_context().run({"x": X})["y"] == 1.5 * ROWS * COLUMNS
    product = splat_model([helper.make_node("MatMul", ["x", "t"], ["y"])], (ROWS, ROWS))
    product.graph.node.insert(1, helper.make_node("Transpose", ["ones"], ["t"]))
    engine = mi.compile(product, compiler=compiler)
    np.testing.assert_array_equal(engine.create_context().run({"x": X})["y"], X @ ONES.T)
