import numpy as np
import pytest
from driver import FEW, SEEDS, Case, check, run
from hypothesis import given


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
