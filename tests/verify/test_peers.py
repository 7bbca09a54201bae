import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from mini_infer.errors import UnsupportedError, UsageError
from mini_infer.verify.peers import REFERENCES, OnnxRuntime, fixed_inputs, memory_of

BATCH = 64


@pytest.fixture
def model(tmp_path):
    """`y = x @ w + b`."""
    kinds = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [BATCH, size]) for name, size in (("x", 3), ("y", 5))
    ]
    bias = helper.make_tensor_value_info("b", TensorProto.FLOAT, [1])
    weights = onnx.numpy_helper.from_array(np.arange(15, dtype=np.float32).reshape(3, 5), "w")
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["product"]), helper.make_node("Add", ["product", "b"], ["y"])],
        "g",
        [kinds[0], bias],
        kinds[1:],
        [weights],
    )
    path = tmp_path / "net.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), path)
    return path


@pytest.fixture
def sample():
    return {"x": np.arange(3 * BATCH, dtype=np.float32).reshape(BATCH, 3), "b": np.ones(1, np.float32)}


def expected(sample):
    return sample["x"] @ np.arange(15, dtype=np.float32).reshape(3, 5) + sample["b"]


@pytest.mark.parametrize("name", REFERENCES)
def test_references_compute_what_the_model_says(model, sample, name):
    if name == "onnxruntime":
        pytest.importorskip("onnxruntime")
    one, two = REFERENCES[name](model, [sample, {**sample, "b": np.zeros(1, np.float32)}])
    np.testing.assert_allclose(one["y"], expected(sample))
    np.testing.assert_allclose(two["y"], expected(sample) - 1)


@pytest.mark.parametrize("opset", [10, 13, 19, 21])
def test_onnxs_reference_dequantizes_at_every_opset(tmp_path, opset):
    """It has that operator since opset 19 only."""
    kinds = [helper.make_tensor_value_info(name, kind, [3]) for name, kind in (("q", TensorProto.UINT8), ("y", 1))]
    constants = [
        onnx.numpy_helper.from_array(value, name) for value, name in ((np.float32(0.5), "s"), (np.uint8(3), "z"))
    ]
    graph = helper.make_graph(
        [helper.make_node("DequantizeLinear", ["q", "s", "z"], ["y"])], "g", *([each] for each in kinds), constants
    )
    path = tmp_path / "net.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8), path)
    (made,) = REFERENCES["onnx"](path, [{"q": np.uint8([0, 3, 255])}])
    np.testing.assert_array_equal(made["y"], np.float32([-1.5, 0, 126]))


def test_what_onnxs_reference_refuses_is_said_in_one_line(tmp_path):
    (tmp_path / "text.onnx").write_text("hello")
    with pytest.raises(UnsupportedError, match=r"^onnx's reference does not run .*text\.onnx: [^\n]+$"):
        REFERENCES["onnx"](tmp_path / "text.onnx", [])


def test_bound_calls_read_and_write_the_callers_arrays(model, sample):
    pytest.importorskip("onnxruntime")
    peer = OnnxRuntime(model)
    assert peer.output_names == ("y",)
    result = np.zeros((BATCH, 5), np.float32)
    call = peer.bind(sample, {"y": result})
    call()
    np.testing.assert_allclose(result, expected(sample))
    sample["x"] += 1
    call()
    np.testing.assert_allclose(result, expected(sample))
    (plain,) = peer.plain(sample)()
    np.testing.assert_array_equal(plain, result)


def test_memory_is_that_of_the_profile(model, sample):
    pytest.importorskip("onnxruntime")
    memory = memory_of(model, sample)
    assert memory.arena_held >= memory.in_use_peak >= 4 * 5 * BATCH


def test_refusals_are_one_line(model, sample, tmp_path):
    pytest.importorskip("onnxruntime")
    (tmp_path / "text.onnx").write_text("hello")
    with pytest.raises(UnsupportedError, match=r"^onnxruntime refuses .*text\.onnx: [^\n]+$"):
        OnnxRuntime(tmp_path / "text.onnx")
    with pytest.raises(UnsupportedError, match=r"^onnxruntime does not run: [^\n]+$"):
        OnnxRuntime(model).run({"x": sample["x"]})


def test_without_onnxruntime_the_way_to_get_it(monkeypatch, model):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(UsageError, match="pip install onnxruntime"):
        OnnxRuntime(model)


def test_fixed_values_take_the_models_type(model):
    values = fixed_inputs(model, {"b": np.array(3)})
    assert values["b"].dtype == np.float32
    assert values["b"].tolist() == [3.0]
    assert fixed_inputs(model, {}) == {}
