import json
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mini_infer.memory import Buffer, Problem, solve
from mini_infer.report.samples import memory_stats, probabilities, sample_record, samples_report
from mini_infer.runtime.interface import Interface

LOGITS = st.lists(st.floats(-80, 80, width=32), min_size=2, max_size=12).map(lambda row: np.array(row, np.float32))


@given(LOGITS)
def test_probabilities_are_the_softmax(logits):
    assume(logits.min() < 0 or abs(logits.sum() - 1) > 1e-3)  # a distribution stays as it is: the next test but one
    got = probabilities(logits)
    assert got.dtype == np.float64
    expected = [math.exp(x) / math.fsum(math.exp(float(y)) for y in logits) for x in logits.tolist()]
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_huge_logits_do_not_overflow():
    np.testing.assert_allclose(probabilities(np.array([[1e30, 0], [-1e30, -1e30]], np.float32)), [[1, 0], [0.5, 0.5]])


def test_a_distribution_stays_as_it_is():
    row = np.array([[0.25, 0.75], [1.0, 0.0]], np.float32)
    np.testing.assert_array_equal(probabilities(row), row)


def test_classifier_record():
    record = sample_record(3, {"logits": np.array([[0.0, math.log(3)]])}, label=1, time_us=12.5)
    assert list(record) == ["index", "label", "prediction", "logits", "probabilities", "time_us"]
    assert record == {
        "index": 3,
        "label": 1,
        "prediction": 1,
        "logits": [0.0, math.log(3)],
        "probabilities": pytest.approx([0.25, 0.75]),
        "time_us": 12.5,
    }
    assert sample_record(3, {"logits": np.zeros((1, 2))}).keys() == {"index", "prediction", "logits", "probabilities"}


@pytest.mark.parametrize(
    "outputs",
    [
        {"a": np.zeros((1, 2), np.float32), "b": np.zeros((1, 2), np.float32)},
        {"a": np.zeros((2, 2), np.float32)},
        {"a": np.zeros((1, 2), np.int64)},
        {"a": np.zeros((1, 1), np.float32)},
        {"a": np.array(0.5, np.float32)},
        {"a": np.array(["x", "y"])},
    ],
)
def test_other_models_give_their_tensors(outputs):
    record = json.loads(json.dumps(sample_record(0, outputs, time_us=1.0)))
    assert record.keys() == {"index", "outputs", "time_us"}
    assert {name: tensor["values"] for name, tensor in record["outputs"].items()} == {
        name: array.tolist() for name, array in outputs.items()
    }
    assert all(record["outputs"][name]["shape"] == list(array.shape) for name, array in outputs.items())


def test_what_is_not_finite_is_null():
    classifier = sample_record(0, {"y": np.array([math.inf, math.nan, 1.0])}, time_us=1.0)
    assert classifier["logits"] == [None, None, 1.0]
    assert classifier["probabilities"] == [None, None, None]
    tensor = sample_record(0, {"y": np.array([[[1.0, -math.inf]]])}, time_us=1.0)
    assert tensor["outputs"]["y"]["values"] == [[[1.0, None]]]
    complex_ = sample_record(0, {"y": np.array([1 + 2j])}, time_us=1.0)
    assert complex_["outputs"]["y"]["values"] == [[1.0, 2.0]]


def chain():
    return Problem((Buffer("a", 600, 0, 2), Buffer("b", 400, 1, 3), Buffer("c", 600, 2, 4)))


def interface(plan, exported_bytes, unplanned_bytes):
    return Interface(
        title="net",
        inputs=(),
        outputs=(),
        symbols=(),
        images=1,
        states=(),
        steps=3,
        native_steps=3,
        copied=False,
        exported_bytes=exported_bytes,
        arena_bytes=plan.size,
        lower_bound=plan.lower_bound,
        strategy=plan.strategy,
        unplanned_bytes=unplanned_bytes,
        pools=len(plan.pools) or 1,
    )


def test_memory_stats_keep_three_sizes_apart():
    plan = solve(chain(), strategy="coloring")
    assert memory_stats(interface(plan, 4000, 1600)) == {
        "original_memory_kb": 4.0,
        "unplanned_memory_kb": 1.6,
        "optimized_memory_kb": 1.0,
        "saving_ratio": 0.75,
        "num_pools": 2,
        "lower_bound_kb": 1.0,
        "strategy": "coloring",
    }


def test_memory_stats_of_nothing():
    stats = memory_stats(interface(solve(Problem(()), strategy="naive"), 0, 0))
    assert (stats["saving_ratio"], stats["num_pools"]) == (0.0, 1)


def test_report_has_a_schema_and_survives_json():
    record = sample_record(0, {"y": np.zeros((1, 3), np.float32)}, time_us=2.0)
    stats = memory_stats(interface(solve(chain()), 4000, 1600))
    report = samples_report("net.onnx", [record], stats)
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert report["schema"] == "mini-infer/samples/1"
    assert report["samples"] == [record]
    assert "memory_stats" not in samples_report("net.onnx", [record], None)
