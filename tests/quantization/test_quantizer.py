import logging
import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import mini_infer as mi
from mini_infer.errors import InputError, ModelError, UnsupportedError
from mini_infer.quantization import Settings, quantized

pytest.importorskip("onnxruntime")

RNG = np.random.default_rng(11)


def constants(model):
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def operators(model):
    return [node.op_type for node in model.graph.node]


def outputs(model, samples):
    context = mi.compile(model, compiler="none").create_context()
    return np.stack([next(iter(context.run(sample).values())) for sample in samples])


def test_weights_are_symmetric_int8_per_channel_and_use_all_of_it(lenet):
    found = constants(mi.quantize(lenet.model, lenet.samples))
    weights = {name: array for name, array in found.items() if array.dtype == np.int8 and array.ndim > 1}
    assert len(weights) == 5
    for name, array in weights.items():
        stem = name.removesuffix("_quantized")
        channels = array.shape[0]
        assert np.abs(array.astype(int)).reshape(channels, -1).max(axis=1).tolist() == [127] * channels
        assert found[f"{stem}_scale"].shape == (channels,)
        assert not found[f"{stem}_zero_point"].any()


def test_one_scale_for_all_channels(lenet):
    found = constants(mi.quantize(lenet.model, lenet.samples, per_channel=False))
    assert all(array.size == 1 for name, array in found.items() if name.endswith("_scale"))


def test_uint8_and_int8_activations_say_the_same_numbers(lenet):
    found = {kind: constants(mi.quantize(lenet.model, lenet.samples, activations=kind)) for kind in ("uint8", "int8")}
    zeros = [name for name, array in found["uint8"].items() if array.dtype == np.uint8]
    assert zeros
    for name, array in found["uint8"].items():
        other = found["int8"][name]
        if name in zeros:
            assert other.dtype == np.int8
            assert int(array) == int(other) + 128
        else:
            np.testing.assert_array_equal(array, other)


@pytest.mark.parametrize(
    ("settings", "operator"),
    [
        ({}, "DequantizeLinear"),
        ({"format": "qoperator"}, "QLinearConv"),
        ({"dynamic": True}, "MatMulInteger"),
        ({"ranges": "percentile"}, "DequantizeLinear"),
        ({"ranges": "entropy", "activations": "int8"}, "DequantizeLinear"),
    ],
    ids=str,
)
def test_every_form_answers_as_the_float_model(lenet, settings, operator):
    model = mi.quantize(lenet.model, () if "dynamic" in settings else lenet.samples, **settings)
    assert operator in operators(model)
    expected, found = (outputs(each, lenet.samples[:20]) for each in (lenet.model, model))
    assert (found.argmax(axis=-1) == expected.argmax(axis=-1)).all()
    assert {opset.domain for opset in model.opset_import} <= {"", "com.microsoft"}


def test_it_prints_and_logs_nothing(lenet, capfd, monkeypatch):
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    mi.quantize(lenet.model, lenet.samples[:2], ranges="entropy")
    assert tuple(capfd.readouterr()) == ("", "")


def test_nodes_that_are_kept_stay_float(lenet):
    made = quantized(lenet.model, lenet.samples[:2], Settings(keep=("/conv1/Conv",)))
    (kept,) = (node for node in made.model.graph.node if node.name == "/conv1/Conv")
    assert kept.input[1] == next(node for node in made.prepared.graph.node if node.name == kept.name).input[1]
    assert constants(made.model)[kept.input[1]].dtype == np.float32
    with pytest.raises(InputError, match=r"no node is called '/conv1/Cov'; did you mean /conv1/Conv\?"):
        mi.quantize(lenet.model, lenet.samples[:2], keep=("/conv1/Cov",))


def conv_and_norm(make, opset=18):
    weights = {"w": RNG.standard_normal((4, 3, 3, 3)).astype(np.float32)}
    weights |= {name: RNG.uniform(0.5, 1.5, 4).astype(np.float32) for name in ("scale", "bias", "mean", "variance")}
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], "conv"),
        helper.make_node("BatchNormalization", ["a", "scale", "bias", "mean", "variance"], ["b"], "norm"),
        helper.make_node("Relu", ["b"], ["c"]),
        helper.make_node("Conv", ["c", "v"], ["y"], "last"),
    ]
    weights["v"] = RNG.standard_normal((2, 4, 1, 1)).astype(np.float32)
    return make(nodes, weights, [1, 3, 8, 8], [1, 2, 6, 6], opset=opset)


def test_normalization_is_in_the_weights_and_keeping_it_keeps_these(make, samples):
    model = conv_and_norm(make)
    given = samples(1, 3, 8, 8)
    assert "BatchNormalization" not in operators(mi.quantize(model, given))
    for name in ("norm", "conv"):
        made = quantized(model, given, Settings(keep=(name,)))
        assert made.settings.keep == ("conv",)
        assert operators(made.model).count("QuantizeLinear") == 2


def test_a_node_without_a_name_has_the_one_that_its_engine_gives_it(make, samples):
    model = conv_and_norm(make)
    made = quantized(model, samples(1, 3, 8, 8), Settings())
    names = {step.name for step in made.prepared.graph.node}
    assert names == {"conv", "last", "Relu_2"}


def test_without_sympy_shapes_are_those_that_onnx_infers(make, samples, monkeypatch):
    model, given = conv_and_norm(make), samples(1, 3, 8, 8)
    expected = mi.quantize(model, given)
    monkeypatch.setitem(sys.modules, "onnxruntime.tools.symbolic_shape_infer", None)
    assert constants(mi.quantize(model, given)).keys() == constants(expected).keys()


@pytest.mark.parametrize("opset", [9, 11, 12])
def test_an_old_opset_is_upgraded(make, samples, opset):
    model = conv_and_norm(make, opset=opset)
    given = samples(1, 3, 8, 8)
    made = mi.quantize(model, given)
    assert next(each.version for each in made.opset_import if not each.domain) >= 13
    model.opset_import[0].version = 13  # in which its operators mean the same
    np.testing.assert_array_equal(outputs(made, given), outputs(mi.quantize(model, given), given))


def test_weights_that_are_inputs_too_are_weights(make, samples):
    model = conv_and_norm(make)
    model.graph.input.append(helper.make_tensor_value_info("w", TensorProto.FLOAT, [4, 3, 3, 3]))
    made = mi.quantize(model, samples(1, 3, 8, 8))
    assert [info.name for info in made.graph.input] == ["x"]
    assert operators(made).count("Conv") == 2


def test_weights_beside_the_model(make, samples, tmp_path):
    model = conv_and_norm(make)
    expected = mi.quantize(model, samples(1, 3, 8, 8))
    onnx.save(model, tmp_path / "net.onnx", save_as_external_data=True, location="net.data", size_threshold=0)
    assert mi.quantize(tmp_path / "net.onnx", samples(1, 3, 8, 8)) == expected
    (tmp_path / "net.data").unlink()
    with pytest.raises(ModelError, match="external data cannot be read"):
        mi.quantize(tmp_path / "net.onnx", samples(1, 3, 8, 8))


def test_more_weights_than_a_file_holds(make, samples, monkeypatch):
    model = conv_and_norm(make)
    expected = mi.quantize(model, samples(1, 3, 8, 8))
    monkeypatch.setattr("mini_infer.quantization.prepare._IN_ONE_FILE", 100)
    assert mi.quantize(model, samples(1, 3, 8, 8)) == expected


@pytest.mark.parametrize("settings", [{}, {"format": "qoperator"}, {"per_channel": False}, {"dynamic": True}], ids=str)
def test_a_bias_that_others_read_too(make, samples, settings):
    weights = {
        "w": RNG.standard_normal((4, 4, 3, 3)).astype(np.float32),
        "v": RNG.standard_normal((4, 4, 1, 1)).astype(np.float32) * 40,
        "bias": RNG.standard_normal(4).astype(np.float32) * 100,
        "axes": np.array([2, 3]),
    }
    nodes = [
        helper.make_node("Conv", ["x", "w", "bias"], ["a"], "first"),
        helper.make_node("Conv", ["a", "v", "bias"], ["b"], "second"),
        helper.make_node("ReduceMean", ["b", "axes"], ["m"], "mean", keepdims=0),
        helper.make_node("Add", ["m", "bias"], ["y"], "add"),
    ]
    model, given = make(nodes, weights, [1, 4, 8, 8], [1, 4]), samples(1, 4, 8, 8)
    made = mi.quantize(model, () if "dynamic" in settings else given, **settings)
    expected, found = (outputs(each, given) for each in (model, made))
    np.testing.assert_allclose(found, expected, atol=0.02 * np.abs(expected).max())
    if "dynamic" not in settings:
        biases = {name: array for name, array in constants(made).items() if array.dtype == np.int32 and array.ndim}
        scaled = {tuple(array) for array in biases.values() if array.any()}
        assert len(scaled) == 2  # each in the scale of its own products


def test_an_open_batch(make, samples):
    nodes = [helper.make_node("MatMul", ["x", "w"], ["a"], "product"), helper.make_node("Relu", ["a"], ["y"], "relu")]
    model = make(nodes, {"w": RNG.standard_normal((5, 3)).astype(np.float32)}, ["N", 5], ["N", 3])
    made = mi.quantize(model, [*samples(1, 5), *samples(7, 5)])
    assert made.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "N"
    assert "DequantizeLinear" in operators(made)


def test_samples_are_needed(lenet):
    with pytest.raises(InputError, match="needs samples of the model's inputs"):
        mi.quantize(lenet.model)


def test_a_quantized_model(lenet):
    once = mi.quantize(lenet.model, lenet.samples[:1])
    with pytest.raises(InputError, match="the model is quantized already: it has a DequantizeLinear"):
        mi.quantize(once, lenet.samples[:1])


def test_nothing_to_quantize(make, samples):
    model = make([helper.make_node("Erf", ["x"], ["y"], "erf")], {}, [2, 3], [2, 3])
    for settings in (Settings(keep=("erf",)), Settings(dynamic=True)):
        with pytest.raises(UnsupportedError, match="nothing was quantized"):
            quantized(model, samples(2, 3), settings)


def test_samples_that_do_not_fit(lenet):
    with pytest.raises(UnsupportedError, match=r"onnxruntime does not quantize the model: .*input"):
        mi.quantize(lenet.model, [{"input": np.zeros((1, 1, 5, 5), np.float32)}])
