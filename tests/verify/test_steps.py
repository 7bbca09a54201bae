from itertools import pairwise

import numpy as np
import onnx
import pytest

import mini_infer as mi
from mini_infer.demo import assets
from mini_infer.report.trace import trace_record
from mini_infer.verify.steps import Stepper


@pytest.fixture(scope="module", params=[None, "none"], ids=["native", "interpreted"])
def compiler(request):
    return request.param


@pytest.fixture(scope="module", params=[True, False], ids=["optimized", "as-exported"])
def engine(request, compiler):
    return mi.compile(assets.MODEL, rewrite=request.param, compiler=compiler)


@pytest.fixture(scope="module")
def inputs():
    return {"input": assets.load_digits().inputs[:1]}


def test_every_step_is_walked_once_in_order(engine, compiler, inputs):
    stepper = Stepper(engine, compiler=compiler)
    stretches = list(stepper.walk(inputs))
    assert all(end == start + 1 for start, end in stretches)
    assert stretches == sorted(set(stretches))
    skipped = set(range(len(engine.program.steps))) - {start for start, _ in stretches}
    assert all(not engine.program.steps[step].calls for step in skipped)


def test_the_last_value_is_the_engines_answer_to_the_bit(engine, compiler, inputs):
    stepper = Stepper(engine, compiler=compiler)
    for _ in stepper.walk(inputs):
        pass
    expected = engine.create_context().run(inputs)["logits"]
    np.testing.assert_array_equal(stepper.read(engine.program.outputs[0].value), expected)


def test_values_can_be_read_when_they_are_made(engine, compiler, inputs):
    stepper = Stepper(engine, compiler=compiler)
    program = engine.program
    read = {
        name: stepper.read(name).copy()
        for _, end in stepper.walk(inputs)
        for name in program.steps[end - 1].node.writes
    }
    assert all(np.isfinite(value).all() for value in read.values())
    assert {name: value.shape for name, value in read.items()} == {
        name: program.values[name].type.shape for name in read
    }


def test_times_follow_each_other(engine, compiler, inputs):
    times = Stepper(engine, compiler=compiler).times(inputs)
    assert times[0].began == 0
    for before, after in pairwise(times):
        assert after.began >= before.began + before.took
        assert after.start == before.end or not engine.program.steps[before.end].calls
    assert all(timed.took > 0 for timed in times)


def test_a_trace_has_the_steps_and_the_peak(engine, compiler, inputs):
    program, plan = engine.program, engine.plan
    times = Stepper(engine, compiler=compiler).times(inputs)
    trace = trace_record("lenet5", program, plan, times)
    steps = [event for event in trace["traceEvents"] if event["ph"] == "X" and event["dur"]]
    assert [event["name"] for event in steps] == [program.steps[timed.start].node.name for timed in times]
    assert [event["dur"] * 1000 for event in steps] == pytest.approx([timed.took for timed in times])
    counters = [event["args"]["bytes"] for event in trace["traceEvents"] if event["ph"] == "C"]
    assert max(counters) == plan.peak.size
    assert counters[-1] == 0
    assert trace["otherData"]["steps"] == len(program.steps)
    assert {event["cat"] for event in steps} <= {"native", "interpreted", "view"}


DOUBLING = """
<ir_version: 10, opset_import: ["" : 21]>
doubling (float[2] x) => (float[2] y) {
    limit = Constant<value = float {20}>()
    go = Constant<value = bool {1}>()
    r = Relu(x)
    d = Loop(, go, r) <
        body = step (int64 i, bool on, float[2] v) => (bool more, float[2] w) {
            w = Add(v, v)
            top = ReduceMax<keepdims = 0>(w)
            more = Less(top, limit)
        }
    >
    y = Neg(d)
}
"""


@pytest.mark.parametrize("optimize", [True, False])
def test_control_flow_is_one_stretch(compiler, optimize):
    engine = mi.compile(onnx.parser.parse_model(DOUBLING), rewrite=optimize, compiler=compiler)
    stepper = Stepper(engine, compiler=compiler)
    given = {"x": np.array([1, -3], np.float32)}
    stretches = list(stepper.walk(given))
    np.testing.assert_array_equal(stepper.read(engine.program.outputs[0].value), [-32, 0])
    np.testing.assert_array_equal(engine.create_context().run(given)["y"], [-32, 0])
    native = compiler is None and engine.program.native_steps == len(engine.program.steps)
    assert any(end > start + 1 for start, end in stretches) == native
    assert stretches[0][0] == 0
    assert stretches[-1][1] == len(engine.program.steps)
