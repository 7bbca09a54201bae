"""What is said of quantized models whose answers a reference has otherwise."""

import numpy as np
import onnx
import pytest
from onnx import helper
from tied import KIND, tied

import mini_infer as mi
from mini_infer import compiler
from mini_infer.verify import exact
from mini_infer.verify.bisect import onnxruntime_values
from mini_infer.verify.peers import onnx_values
from mini_infer.verify.samples import random_samples
from mini_infer.verify.steps import Stepper


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "ties.onnx"
    onnx.save(tied(), path)
    return path


@pytest.fixture
def sample():
    (found,) = random_samples({"x": mi.compile(_identity()).program.inputs[0].type}, seed=1)
    return found


def _identity():
    kinds = [helper.make_tensor_value_info(name, KIND, [48, 64]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Neg", ["x"], ["y"])], "g", kinds[:1], kinds[1:])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


def exact_answer(sample):
    """The model's answer by integers alone."""
    model_constants = np.random.default_rng(5).integers(-9, 9, (64, 32))
    q = np.clip(np.rint(sample["x"] / np.float32(0.1)) + 128, 0, 255).astype(np.int64) - 128
    sums = q @ model_constants
    scale = np.float32(0.1) * np.float32(1) / np.float32(1.6)
    whole = np.rint(sums.astype(np.float32) * scale).astype(np.int64) + 120
    return (np.clip(whole, 0, 255) - 120).astype(np.float32) * np.float32(1.6)


@pytest.mark.parametrize("chosen", [None, "none"], ids=["native", "interpreted"])
def test_what_onnx_rounds_otherwise_is_said(model, sample, chosen):
    engine = mi.compile(model, compiler=chosen)
    ours = engine.create_context().run(sample)["y"]
    np.testing.assert_array_equal(ours, exact_answer(sample))
    stepper = Stepper(engine, compiler=chosen)
    assert exact.is_quantized(engine.program)
    found = exact.exactness(stepper, sample)
    assert (found.rounded, found.wrong) == (0, None)
    said = exact.explain(model, compiler.Options(), stepper, [sample], ("onnx", onnx_values))
    assert said.startswith(f"all {found.steps} steps are exact; onnx differs first in ")
    assert "by one step: it computes the layer with real numbers" in said


def test_onnxruntime_has_the_same_integers(model, sample):
    pytest.importorskip("onnxruntime")
    values = onnxruntime_values(model, sample, ["q", "real", "nothing"])
    assert set(values) >= {"q", "real", "y"}
    first = exact.first_difference(model, compiler.Options(), sample, lambda *_: {"q": values["q"]})
    assert first is None
    values["q"][3, 4] ^= 1
    values["q"][3, 5] ^= 2
    first = exact.first_difference(model, compiler.Options(), sample, lambda *_: {"q": values["q"]})
    assert (first.node.name, first.elements, first.different, first.furthest) == ("QuantizeLinear_q", 48 * 64, 2, 2)


def test_a_step_that_is_not_exact_explains_nothing(model, sample, monkeypatch):
    stepper = Stepper(mi.compile(model, compiler="none"), compiler="none")

    def other(node, inputs):
        results = evaluate(node, inputs)
        return [each + each.dtype.type(1) for each in results]

    evaluate = exact.evaluate
    monkeypatch.setattr(exact, "evaluate", other)
    assert exact.exactness(stepper, sample).wrong is not None
    assert exact.explain(model, compiler.Options(), stepper, [sample], ("onnx", onnx_values)) == ""


def test_real_models_are_not_quantized():
    assert not exact.is_quantized(mi.compile(_identity(), compiler="none").program)


def test_what_rounds_real_numbers_may_be_one_step_away():
    node = mi.compile(_identity(), compiler="none").program.steps[0].node
    bytes_ = np.uint8([7, 8])
    assert exact._apart(node, bytes_, bytes_) == 0
    assert exact._apart(node, bytes_, bytes_ + 1) is None  # no QuantizeLinear in it
    assert exact._apart(node, np.float32([1]), np.float32([1.01])) is None
