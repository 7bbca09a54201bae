"""What reports say of steps that stream."""

import dataclasses
import json

import numpy as np
import pytest
from cli_checks import conforms
from golden_files import hold, model_text, paths
from streams import artifact_of, streamed_program, whole_program

from mini_infer.report.comparison import bisect_text
from mini_infer.report.facts import RINGS, TENSOR, buffer_kinds, drawn_kinds, operators_text
from mini_infer.report.plan.json import plan_record
from mini_infer.report.plan.picture import plan_picture
from mini_infer.report.plan.text import plan_text
from mini_infer.report.profile import profile_record, profile_text
from mini_infer.report.steps import Listing, steps_record, steps_text
from mini_infer.report.streams import stream_record
from mini_infer.report.table import fitted
from mini_infer.report.trace import trace_record
from mini_infer.report.work import work
from mini_infer.toolchain import Target
from mini_infer.verify.bisect import bisect, engine_values
from mini_infer.verify.steps import Stepper

BANDS = 4


@pytest.fixture(scope="module")
def artifact():
    """Two of its five steps are one that streams."""
    return artifact_of(streamed_program(end=2, bands=BANDS))


@pytest.fixture(scope="module")
def native():
    """The program as it is, and with all of it in one stream, for this machine."""
    target = Target.host()
    return [artifact_of(make(target=target), target) for make in (whole_program, streamed_program)]


@pytest.fixture(scope="module")
def inputs():
    return {"x": np.random.default_rng(0).standard_normal((1, 2, 16, 12)).astype(np.float32)}


def listing(artifact):
    return Listing("net", artifact.program, artifact.plan, artifact.target, artifact.weight_bytes)


@pytest.mark.parametrize("path", paths("report"), ids=lambda path: path.stem)
def test_texts(path):
    """Of the plan and of the steps, where the first two steps of a model are one that streams."""
    artifact = artifact_of(streamed_program(model_text(path), end=2, bands=BANDS))
    plan = plan_text("net", artifact.largest, artifact.memory)
    hold(path, "\n".join([plan, steps_text(listing(artifact), width=0, rows=20)]))


def test_without_streams_nothing_is_said_of_them():
    artifact = artifact_of(whole_program())
    assert "rings" not in plan_text("net", artifact.largest, artifact.memory)
    assert "rings" not in steps_text(listing(artifact), width=0, rows=20)
    assert plan_record("net", artifact.largest, artifact.memory)["streams"] == []
    assert {step["stream"] for step in steps_record(listing(artifact))["steps"]} == {None}


def test_long_tables_of_rings_are_cut():
    artifact = artifact_of(streamed_program())
    assert "    and 2 more; --all shows them" in plan_text("net", artifact.largest, artifact.memory, rows=1)
    narrow = fitted(plan_text("net", artifact.largest, artifact.memory, width=60), 60).partition("streams: ")[2]
    assert max(map(len, narrow.splitlines()[1:])) <= 60
    assert "less" in narrow  # the end of a sentence that is longer than a line


def test_records_have_every_ring(artifact):
    plan = plan_record("net", artifact.largest, artifact.memory)
    steps = steps_record(listing(artifact))
    conforms(plan)
    conforms(steps)
    (stream,) = plan["streams"]
    assert (stream.pop("step"), stream.pop("node")) == (0, "MaxPool_3")
    assert [step["stream"] for step in steps["steps"]] == [stream, None, None, None]
    assert stream == {
        "buffer": "MaxPool_3/rings",
        "calls": 2,
        "bands": BANDS,
        "runs": 2 * BANDS,
        "turns": BANDS - 1,
        "bytes": 1152,
        "lower_bound_bytes": 1152,
        "whole_bytes": 3072,
        "rings": [
            {
                "id": "b_last",
                "size": 1152,
                "start": 0,
                "end": 2,
                "offset": 0,
                "rows": 16,
                "kept_rows": 6,
                "apron_rows": 2,
                "row_bytes": 192,
                "whole_bytes": 3072,
            }
        ],
    }
    assert [step["workspace_bytes"] for step in steps["steps"]] == [0, 0, 0, 0]
    kinds = {buffer["id"]: buffer["kind"] for buffer in plan["buffers"]}
    assert kinds == {"d_last": TENSOR, "y_last": TENSOR, "MaxPool_3/rings": RINGS}


def test_what_would_be_whole_is_what_the_steps_took_before():
    program = streamed_program()
    whole = whole_program().problem.buffers
    most = max(sum(one.size for one in whole if one.start <= step < one.end) for step in range(5))
    assert stream_record(program, program.steps[0])["whole_bytes"] == most


def test_rings_have_a_color_of_their_own(artifact):
    pytest.importorskip("matplotlib")
    program = artifact.program
    assert buffer_kinds(program)[2] == drawn_kinds(program)[2] == RINGS
    assert b"rings" in plan_picture("net", program, artifact.plan, ".svg")


def test_many_operators_are_counted():
    program = streamed_program()
    assert operators_text(program.steps[0].node) == "Conv + Relu + Conv + MaxPool + Sigmoid + Conv"
    node = program.steps[0].node
    longer = dataclasses.replace(node, body=(*node.body, *node.body))
    assert operators_text(longer) == "6 x Conv + 2 x Relu + 2 x MaxPool + 2 x Sigmoid"


def test_every_run_is_a_call():
    machine = artifact_of(whole_program()).target.machine
    whole = sum(work(step, machine).microseconds for step in whole_program().steps)
    program = streamed_program(bands=BANDS)
    (step,) = program.steps
    more = len(step.stream.runs) - len(step.calls)
    assert work(step, machine).microseconds == pytest.approx(whole + more * machine.rates.call / 1000)


@pytest.mark.parametrize("compiler", [None, "none"], ids=["native", "interpreted"])
def test_a_stream_is_one_step_of_a_run(native, inputs, compiler):
    artifact = native[1]
    program = artifact.program
    stepper = Stepper(artifact, compiler=compiler)
    assert list(stepper.walk(inputs)) == [(0, 1)]
    trace = trace_record("net", program, artifact.plan, stepper.times(inputs, warm_ups=0))
    conforms(json.loads(json.dumps(trace)))
    (event,) = [event for event in trace["traceEvents"] if event["ph"] == "X"]
    assert event["args"]["steps"] == [0, 1]
    assert len(event["args"]["kernels"]) == 5
    record = profile_record(program, stepper.fastest(inputs, runs=1), stepper.thread_counts, 10.0)
    (entry,) = record["steps"]
    assert (entry["step"], entry["threads"]) == (0, 1)
    assert entry["gflops"] > 0
    assert 0 < entry["peak_share"] <= 1
    slow = profile_record(program, {0: 1e-3}, stepper.thread_counts, 1e-9)  # faster than the peak that was measured
    assert slow["steps"][0]["peak_share"] == 1
    assert profile_text(record, width=0).count("\n") == 3


@pytest.mark.parametrize("compiler", [None, "none"], ids=["native", "interpreted"])
def test_what_is_inside_a_stream_is_not_compared(native, inputs, compiler):
    whole, streamed = (Stepper(artifact, compiler=compiler) for artifact in native)
    reference = engine_values(whole, inputs)
    found = bisect(streamed, inputs, reference, atol=1e-6, rtol=1e-6)
    assert found.error is None
    assert found.compared == len({"w", "v", "u", "y"})
    found = bisect(streamed, inputs, reference | {"y": -reference["y"]}, atol=1e-6, rtol=1e-6)
    assert (found.step, found.error.name) == (0, "y")
    text = bisect_text("net", "other", found)
    assert "first difference in step 0: Conv + Relu + Conv + MaxPool + Sigmoid + Conv y\n" in text
    assert "  which stands for Conv_0, Relu_1, Conv_2, MaxPool_3, Sigmoid_4, Conv_5\n" in text
