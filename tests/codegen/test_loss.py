import numpy as np
import pytest
from driver import FEW, SEEDS, Case, check, run
from hypothesis import given
from onnx import TensorProto, helper

import mini_infer as mi


def some_case(rng, op, reduction, *, weighted, ignored, dtype="float32"):
    batch, classes = (int(n) for n in rng.integers(1, 7, 2))
    places = [int(n) for n in rng.integers(1, 5, int(rng.integers(0, 4)))]
    scores = rng.standard_normal((batch, classes, *places)).astype(dtype)
    target = rng.integers(0, classes, (batch, *places)).astype(rng.choice(["int32", "int64"]))
    weights = [rng.uniform(0.2, 1, classes).astype(dtype)] if weighted else []
    attributes = {"reduction": reduction}
    if ignored:
        attributes["ignore_index"] = int(rng.choice([-1, 0]))
        target[rng.random(target.shape) < 0.3] = attributes["ignore_index"]
        target.flat[0] = classes - 1 if classes > 1 else attributes["ignore_index"]
    outputs = 2 if op == "SoftmaxCrossEntropyLoss" and rng.random() < 0.5 else 1
    return Case(op, [scores, target, *weights], attributes, outputs=outputs)


@FEW
@given(seed=SEEDS)
@pytest.mark.parametrize("op", ["NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"])
def test_losses_weighted_reduced_and_ignoring(op, seed):
    rng = np.random.default_rng(seed)
    cases = [
        some_case(rng, op, reduction, weighted=weighted, ignored=ignored)
        for reduction in ("none", "sum", "mean")
        for weighted in (False, True)
        for ignored in (False, weighted)
    ]
    cases.append(some_case(rng, op, "mean", weighted=True, ignored=False, dtype="float64"))
    check(cases, rtol=1e-4, atol=1e-5)


def test_a_class_that_does_not_exist_is_an_error():
    case = Case("NegativeLogLikelihoodLoss", [np.zeros((2, 3), np.float32), np.array([0, 3])])
    with pytest.raises(AssertionError, match="failed with code 1"):
        run([case], [[np.zeros((), np.float32)]])


@pytest.mark.parametrize("ignored", [2**63 - 1, -(2**63)])
def test_the_farthest_classes_are_ignored_too(ignored):
    x, target = np.log(np.array([[0.25, 0.75], [0.5, 0.5]], np.float32)), np.array([1, ignored])
    proto = helper.make_model(
        helper.make_graph(
            [helper.make_node("NegativeLogLikelihoodLoss", ["x", "t"], ["y"], ignore_index=ignored, reduction="sum")],
            "loss",
            [
                helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 2]),
                helper.make_tensor_value_info("t", TensorProto.INT64, [2]),
            ],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        ),
        opset_imports=[helper.make_opsetid("", 13)],
        ir_version=8,
    )
    got = mi.compile(proto, compiler="none").create_context().run({"x": x, "t": target})["y"]
    np.testing.assert_array_equal(got, -x[0, 1])
