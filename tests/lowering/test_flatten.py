"""Nested graphs in one timeline: what is planned, what is shared, and that both ways of running agree with onnx."""

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

import mini_infer as mi
from mini_infer.errors import InputError
from mini_infer.program import ControlKind

IF = """
<ir_version: 10, opset_import: ["" : 21]>
branch (float[4,8] x, bool flag, float[8,8] w) => (float[4,8] y) {
    h = MatMul(x, w)
    y = If(flag) <
        then_branch = then_graph () => (float[4,8] a) { r = Relu(h)  a = MatMul(r, w) },
        else_branch = else_graph () => (float[4,8] b) { n = Neg(h)  m = Exp(n)  b = MatMul(m, w) }
    >
}
"""

LOOP = """
<ir_version: 10, opset_import: ["" : 21]>
fibonacci (float[3] a0, float[3] b0) => (float[3] a, float[3] b, float[5,3] trace) {
    trips = Constant<value = int64 {5}>()
    go = Constant<value = bool {1}>()
    a, b, trace = Loop(trips, go, a0, b0) <
        body = step (int64 i, bool on, float[3] p, float[3] q)
            => (bool on_out, float[3] p_out, float[3] q_out, float[3] s) {
            on_out = Identity(on)
            p_out = Identity(q)
            q_out = Add(p, q)
            k = Cast<to = 1>(i)
            s = Mul(q_out, k)
        }
    >
}
"""

WHILE = """
<ir_version: 10, opset_import: ["" : 21]>
doubling (float[1] start, float[1] limit) => (float[1] end) {
    go = Constant<value = bool {1}>()
    end = Loop(, go, start) <
        body = step (int64 i, bool on, float[1] v) => (bool more, float[1] w) {
            w = Add(v, v)
            less = Less(w, limit)
            more = Squeeze(less)
        }
    >
}
"""

UNUSABLE = """
<ir_version: 10, opset_import: ["" : 21]>
branch (float[4,8] x, bool flag, float[8,8] w, float[5,5] v) => (float[4,8] y) {
    y = If(flag) <
        then_branch = then_graph () => (float[4,8] a) { a = MatMul(x, w) },
        else_branch = else_graph () => (float[m,n] b) { b = MatMul(x, v) }
    >
}
"""

SWAP = """
<ir_version: 10, opset_import: ["" : 21]>
swap (float[2] a0, float[2] b0) => (float[2] a, float[2] b, float[3,2] before) {
    trips = Constant<value = int64 {3}>()
    go = Constant<value = bool {1}>()
    a, b, before = Loop(trips, go, a0, b0) <
        body = step (int64 i, bool on, float[2] p, float[2] q)
            => (bool on_out, float[2] p_out, float[2] q_out, float[2] s) {
            on_out = Identity(on)
            p_out = Identity(q)
            q_out = Identity(p)
            s = Identity(p)
        }
    >
}
"""

NESTED = """
<ir_version: 10, opset_import: ["" : 21]>
nested (float[2] x, bool flag) => (float[2] y) {
    trips = Constant<value = int64 {3}>()
    y = Loop(trips, flag, x) <
        body = step (int64 i, bool on, float[2] v) => (bool on_out, float[2] w) {
            on_out = Identity(on)
            zero = Constant<value = int64 {0}>()
            first = Equal(i, zero)
            w = If(first) <
                then_branch = t () => (float[2] a) { a = Neg(v) },
                else_branch = e () => (float[2] b) { b = Add(v, v) }
            >
        }
    >
}
"""


def check(text: str, inputs: dict[str, np.ndarray]) -> mi.Engine:
    """Run natively, interpreted and poisoned; all must give what onnx says."""
    model = onnx.parser.parse_model(text)
    wanted = ReferenceEvaluator(model).run(None, inputs)
    engine = mi.compile(model)
    assert engine.program.native_steps == len(engine.program.steps)
    for context in (engine.create_context(), engine.create_context(interpret=True), engine.create_context(poison=True)):
        for _ in range(2):
            got = context.run(inputs)
            for name, array in zip(got, wanted, strict=True):
                np.testing.assert_allclose(got[name], array, rtol=1e-6, atol=1e-6)
    return engine


@pytest.mark.parametrize("flag", [True, False])
def test_either_branch_runs(flag):
    rng = np.random.default_rng(0)
    inputs = {
        "x": rng.standard_normal((4, 8)).astype(np.float32),
        "flag": np.array(flag),
        "w": rng.standard_normal((8, 8)).astype(np.float32) / 8,
    }
    engine = check(IF, inputs)
    kinds = [step.control.kind for step in engine.program.steps if step.control]
    assert kinds == [ControlKind.IF, ControlKind.ELSE, ControlKind.END_IF]


def test_the_arena_holds_the_larger_branch_not_both():
    text = IF.replace("b = MatMul(m, w)", "m2 = MatMul(m, w)  b = MatMul(m2, w)")
    inputs = {"x": np.ones((4, 8), np.float32), "flag": np.array(True), "w": np.eye(8, dtype=np.float32)}
    assert check(text, inputs).arena_bytes == check(IF, inputs).arena_bytes


def test_taking_a_branch_that_cannot_run_is_a_typed_error():
    inputs = {"x": np.ones((4, 8), np.float32), "w": np.eye(8, dtype=np.float32), "v": np.eye(5, dtype=np.float32)}
    engine = mi.compile(onnx.parser.parse_model(UNUSABLE))
    assert engine.program.native_steps == len(engine.program.steps)
    for context in (engine.create_context(), engine.create_context(poison=True)):
        assert np.array_equal(context.run({**inputs, "flag": np.array(True)})["y"], inputs["x"])
        with pytest.raises(InputError, match="cannot run with the shapes"):
            context.run({**inputs, "flag": np.array(False)})


def test_a_loop_carries_its_state_and_collects_slices():
    engine = check(LOOP, {"a0": np.array([0, 1, 2], np.float32), "b0": np.array([1, 1, 1], np.float32)})
    assert ControlKind.APPEND in {step.control.kind for step in engine.program.steps if step.control}


def test_a_trip_count_may_be_a_tensor_of_one_element():
    text = LOOP.replace("int64 {5}", "int64[1] {5}")
    check(text, {"a0": np.array([0, 1, 2], np.float32), "b0": np.array([1, 1, 1], np.float32)})


def test_carried_values_may_change_places():
    check(SWAP, {"a0": np.array([1, 2], np.float32), "b0": np.array([3, 4], np.float32)})


def test_a_loop_of_no_trips_gives_its_initial_state():
    text = LOOP.replace("int64 {5}", "int64 {0}").replace("float[5,3] trace", "float[0,3] trace")
    inputs = {"a0": np.array([0, 1, 2], np.float32), "b0": np.array([1, 1, 1], np.float32)}
    engine = mi.compile(onnx.parser.parse_model(text))
    for interpret in (False, True):
        got = engine.create_context(interpret=interpret).run(inputs)
        assert np.array_equal(got["a"], inputs["a0"])
        assert np.array_equal(got["b"], inputs["b0"])
        assert got["trace"].shape == (0, 3)


@pytest.mark.parametrize("limit", [0.0, 5.0, 1000.0])
def test_a_loop_ends_when_its_condition_fails(limit):
    check(WHILE, {"start": np.ones(1, np.float32), "limit": np.full(1, limit, np.float32)})


@pytest.mark.parametrize("flag", [True, False])
def test_control_flow_nests(flag):
    check(NESTED, {"x": np.array([1, -2], np.float32), "flag": np.array(flag)})
