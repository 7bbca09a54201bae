from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import mini_infer
from mini_infer import compiler, schedule
from mini_infer.errors import UsageError
from mini_infer.toolchain import Target


@pytest.fixture
def two_wide_branches():
    """Both branches are widened before either is narrowed again: one after the other takes half the bytes."""
    wide, narrow, constants = [], [], []
    for repeats in (40, 50, 60):
        constants.append(numpy_helper.from_array(np.array([1, repeats], np.int64), f"by{repeats}"))
        wide.append(helper.make_node("Tile", ["x", f"by{repeats}"], [f"wide{repeats}"]))
        narrow.append(helper.make_node("ReduceL2", [f"wide{repeats}"], [f"narrow{repeats}"], keepdims=1))
    ends = [
        helper.make_node("Add", ["narrow40", "narrow50"], ["sum"]),
        helper.make_node("Add", ["sum", "narrow60"], ["y"]),
    ]
    graph = helper.make_graph(
        [*wide, *narrow, *ends],
        "branches",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4, 64])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def test_a_goal_is_one_of_three():
    with pytest.raises(UsageError, match="unknown goal 'size'; choose one of memory, balanced, speed"):
        compiler.Options(goal="size")


def test_the_better_order_makes_a_smaller_arena_and_the_same_outputs(two_wide_branches):
    x = np.arange(256, dtype=np.float32).reshape(4, 64)
    exported, auto = (
        mini_infer.compile(two_wide_branches, order=order, compiler="none") for order in ("exported", "auto")
    )
    widest = 4 * 64 * 60 * 4
    assert exported.plan.size > 2 * widest
    assert widest < auto.plan.size < 1.1 * widest
    np.testing.assert_array_equal(*(engine.create_context().run({"x": x})["y"] for engine in (exported, auto)))


def test_another_order_with_no_smaller_arena_is_not_taken(two_wide_branches, monkeypatch):
    solve = schedule.solve

    def reversed_branches(graph, strategy, *, time_limit):
        """No better than the exported order: it widens all branches first, too."""
        return replace(solve(graph, strategy, time_limit=time_limit), order=(2, 1, 0, 5, 4, 3, 6, 7))

    exported = compiler.lower(two_wide_branches, compiler.Options(order="exported", optimize=False)).program
    monkeypatch.setattr(schedule, "solve", reversed_branches)
    auto = compiler.lower(two_wide_branches, compiler.Options(order="auto", optimize=False)).program
    assert [step.node.outputs for step in auto.steps] == [step.node.outputs for step in exported.steps]
    told = compiler.lower(two_wide_branches, compiler.Options(order="exact", optimize=False)).program
    assert [step.node.outputs for step in told.steps] != [step.node.outputs for step in exported.steps]


def test_threads_are_the_targets_and_at_least_one():
    assert compiler.Options(threads=3).machine == replace(Target.host(), threads=3)
    with pytest.raises(UsageError, match="0 threads"):
        compiler.Options(threads=0)
