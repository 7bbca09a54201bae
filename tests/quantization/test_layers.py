import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from mini_infer.quantization import Settings, layer_losses, layers, quantized

pytest.importorskip("onnxruntime")

RNG = np.random.default_rng(7)


def relative(value, reference):
    difference = np.concatenate([(a - b).ravel() for a, b in zip(value, reference, strict=True)])
    whole = np.concatenate([each.ravel() for each in reference])
    return np.linalg.norm(difference) / np.linalg.norm(whole)


def two_products(make):
    weights = {name: RNG.standard_normal((6, 6)).astype(np.float32) for name in ("v", "w")}
    nodes = [
        helper.make_node("MatMul", ["x", "v"], ["a"], "first"),
        helper.make_node("Relu", ["a"], ["b"], "relu"),
        helper.make_node("MatMul", ["b", "w"], ["y"], "second"),
    ]
    return make(nodes, weights, [4, 6], [4, 6]), weights


def test_errors_are_those_of_their_definition(make, samples):
    model, weights = two_products(make)
    given = samples(4, 6)
    made = quantized(model, given, Settings())
    found = {loss.name: loss for loss in layer_losses(made, given)}
    assert list(found) == sorted(found, key=lambda name: -found[name].own_error)
    assert {name: (loss.operator, loss.value) for name, loss in found.items()} == {
        "first": ("MatMul", "b"),
        "second": ("MatMul", "y"),
    }

    constants = {each.name: numpy_helper.to_array(each).astype(np.float64) for each in made.model.graph.initializer}

    def rounded(value, name):
        scale, zero = constants[f"{name}_scale"], constants[f"{name}_zero_point"]
        return (np.clip(np.rint(value / scale) + zero, 0, 255) - zero) * scale

    v, w = ((constants[f"{name}_quantized"] * constants[f"{name}_scale"]) for name in ("v", "w"))
    x = [sample["x"].astype(np.float64) for sample in given]
    b = [np.maximum(each @ weights["v"], 0) for each in x]
    y = [each @ weights["w"] for each in b]
    b1 = [rounded(rounded(each, "x") @ v, "b") for each in x]
    y1 = [rounded(rounded(each, "b") @ w, "y") for each in b]
    y2 = [rounded(each @ w, "y") for each in b1]
    expected = {"first": (relative(b1, b),) * 2, "second": (relative(y1, y), relative(y2, y))}
    for name, (own, total) in expected.items():
        assert found[name].own_error == pytest.approx(own, rel=1e-3)
        assert found[name].total_error == pytest.approx(total, rel=1e-3)


def test_the_layer_that_loses_most_is_first_and_not_there_when_it_is_kept(make, samples):
    model, weights = two_products(make)
    weights["v"][:, 0] = 0.0
    weights["w"][0, 0] = 100.0  # which meets zeros alone, and takes the only scale from the others
    for tensor in model.graph.initializer:
        tensor.CopyFrom(numpy_helper.from_array(weights[tensor.name], tensor.name))
    given = samples(4, 6)
    losses = layer_losses(quantized(model, given, Settings(per_channel=False)), given)
    assert [loss.name for loss in losses] == ["second", "first"]
    kept = layer_losses(quantized(model, given, Settings(per_channel=False, keep=("second",))), given)
    assert [loss.name for loss in kept] == ["first"]
    assert kept[0].own_error == losses[1].own_error


LAYERS = {"/conv1/Conv", "/conv2/Conv", "/fc1/Gemm", "/fc2/Gemm", "/fc3/Gemm"}


@pytest.mark.parametrize("settings", [{}, {"format": "qoperator"}, {"dynamic": True}, {"activations": "int8"}], ids=str)
def test_every_form_has_the_layers_that_compute(lenet, settings):
    made = quantized(lenet.model, () if "dynamic" in settings else lenet.samples, Settings(**settings))
    losses = layer_losses(made, lenet.samples[:20], lenet.samples)
    assert {loss.name for loss in losses} == LAYERS
    first = next(loss for loss in losses if loss.name == "/conv1/Conv")
    assert first.own_error == first.total_error  # nothing comes before it
    assert all(0.001 < loss.own_error <= 0.02 for loss in losses)


def test_what_is_run_has_no_products_of_bytes(lenet, monkeypatch):
    """onnxruntime's saturate on processors without VNNI."""
    run = []
    session = layers._session
    monkeypatch.setattr(layers, "_session", lambda path: run.append(onnx.load(path)) or session(path))
    made = quantized(lenet.model, (), Settings(dynamic=True))
    products = {"ConvInteger", "MatMulInteger"}
    assert products <= {node.op_type for node in made.model.graph.node}
    assert layer_losses(made, lenet.samples[:2])
    (together,) = run
    assert not products & {node.op_type for node in together.graph.node}


def test_both_formats_lose_the_same(lenet):
    losses = [
        layer_losses(quantized(lenet.model, lenet.samples, Settings(format=each)), lenet.samples, lenet.samples)
        for each in ("qdq", "qoperator")
    ]
    assert losses[0] == losses[1]


def test_what_an_if_reads_from_around_it(make, samples):
    branch = [
        helper.make_graph([helper.make_node(op, ["a"], ["z"], op)], op, [], [helper.make_empty_tensor_value_info("z")])
        for op in ("Relu", "Neg")
    ]
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"], "product"),
        helper.make_node("ReduceSum", ["x"], ["s"], "sum", keepdims=0),
        helper.make_node("Greater", ["s", "zero"], ["c"], "compare"),
        helper.make_node("If", ["c"], ["b"], "choose", then_branch=branch[0], else_branch=branch[1]),
        helper.make_node("MatMul", ["b", "w"], ["y"], "last"),
    ]
    weights = {"w": RNG.standard_normal((6, 6)).astype(np.float32), "zero": np.float32(0)}
    model = make(nodes, weights, [4, 6], [4, 6])
    given = samples(4, 6)
    losses = layer_losses(quantized(model, given, Settings()), given)
    assert {loss.name for loss in losses} == {"product", "last"}
    assert all(0 < loss.own_error < 0.05 for loss in losses)
