import numpy as np
import onnx
import pytest
from batch_models import expected, feed_of, model, save_engine
from onnx import TensorProto, helper

import mini_infer as mi
from mini_infer.batches import Batches, Source
from mini_infer.errors import InputError, UnsupportedError, UsageError

RANGES = [1, 4, mi.Range(1, 4), mi.Range(2, 5), mi.Range(2, 6, step=2)]


@pytest.mark.parametrize("rows", RANGES, ids=str)
def test_any_number_of_rows(rows):
    engine = mi.compile(model(3), dims={"batch": rows}, compiler="none")
    batches = Batches(engine)
    for count in (0, 1, 2, 3, 4, 5, 6, 7, 9, 13):
        feed = feed_of(count)
        made = batches.run(feed)
        for name, array in expected(feed).items():
            np.testing.assert_array_equal(made[name], array)
            assert made[name].shape == array.shape


def test_the_rows_are_those_of_the_engine():
    def rows(dim):
        return list(Batches(mi.compile(model(3), dims={"batch": dim}, compiler="none")).rows)

    assert rows(3) == [3]
    assert rows(mi.Range(2, 5)) == [2, 3, 4, 5]
    assert rows(mi.Range(2, 6, step=2)) == [2, 4, 6]


def test_what_is_not_given_in_rows_is_refused():
    batches = Batches(mi.compile(model(3), dims={"batch": 4}, compiler="none"))
    feed = feed_of(3)
    with pytest.raises(InputError, match="x: 3 rows, t: 2 rows"):
        batches.run({"x": feed["x"], "t": feed["t"][:2]})
    with pytest.raises(InputError, match="x: no rows"):
        batches.run({"x": np.float32(1)})
    with pytest.raises(InputError, match="given are none"):
        batches.run({})
    with pytest.raises(InputError, match="float64"):
        batches.run({**feed, "x": feed["x"].astype(np.float64)})


def test_what_has_no_rows_is_refused():
    graph = helper.make_graph(
        [helper.make_node("Transpose", ["x"], ["y"])],
        "turned",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [3, 2])],
    )
    turned = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    with pytest.raises(UnsupportedError, match="must all begin with the rows; they begin with 2, 3"):
        Batches(mi.compile(turned, compiler="none"))


def graph_of(node, inputs, outputs):
    def ports(shapes, kind):
        return [helper.make_tensor_value_info(name, kind, shape) for name, shape in shapes.items()]

    kind = TensorProto.INT64 if node.op_type == "NonZero" else TensorProto.FLOAT
    graph = helper.make_graph([node], "net", ports(inputs, TensorProto.FLOAT), ports(outputs, kind))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def test_what_rows_would_share_is_refused():
    add = helper.make_node("Add", ["x", "past"], ["present"])
    carried = graph_of(add, {"x": [2, 3], "past": [2, 3]}, {"present": [2, 3]})
    with pytest.raises(UnsupportedError, match="carries state from run to run"):
        Batches(mi.compile(carried, state={"past": "present"}, compiler="none"))
    found = graph_of(helper.make_node("NonZero", ["x"], ["y"]), {"x": [2]}, {"y": [1, "n"]})
    with pytest.raises(UnsupportedError, match="as many rows as the data say"):
        Batches(mi.compile(found, compiler="none"))
    none = graph_of(helper.make_node("Relu", ["x"], ["y"]), {"x": [0, 3]}, {"y": [0, 3]})
    with pytest.raises(UnsupportedError, match="they begin with 0, 0"):
        Batches(mi.compile(none, compiler="none"))
    joined = graph_of(helper.make_node("Concat", ["x", "x"], ["y"], axis=0), {"x": ["batch", 3]}, {"y": ["rows", 3]})
    with pytest.raises(UnsupportedError, match="must all begin with the rows"):
        Batches(mi.compile(joined, dims={"batch": mi.Range(1, 4)}, compiler="none"))


def test_profiles_are_refused():
    shapes = {"one": {"x": (1, 6), "t": (1, 3)}, "two": {"x": (2, 6), "t": (2, 3)}}
    with pytest.raises(UnsupportedError, match="2 profiles; give a range"):
        Batches(mi.compile(model(3), profiles=shapes, compiler="none"))


def test_sources(tmp_path):
    engine = save_engine(tmp_path / "net.engine", mi.Range(1, 4))
    onnx.save(model(3), tmp_path / "net.onnx")
    options = {"dims": {"batch": mi.Range(1, 4)}, "compiler": "none"}
    compiled = Source(str(tmp_path / "net.onnx"), options=options)
    assert Source(engine).sizes().arena_bytes == compiled.sizes().arena_bytes == compiled.load().arena_bytes
    with pytest.raises(UsageError, match="is compiled already; dims"):
        Source(engine, options=options)
    with pytest.raises(UsageError, match="no option 'dim'"):
        Source(str(tmp_path / "net.onnx"), options={"dim": 1})
