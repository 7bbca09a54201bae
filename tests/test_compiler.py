import inspect
import math
from dataclasses import fields, replace

import numpy as np
import onnx
import pytest
from golden_files import FOLDER, TARGET, model_text, read_model
from onnx import TensorProto, helper, numpy_helper

import mini_infer
from mini_infer import compiler, schedule
from mini_infer.errors import CapacityError, ModelError, UsageError
from mini_infer.keywords import Keywords
from mini_infer.objective import OBJECTIVES
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
        compiler.Options(optimize="size")


def test_an_objective_of_ones_own_is_tried_alone(wide_in_the_middle):
    sizes = {goal: plan_of(wide_in_the_middle, optimize=goal).size for goal in OBJECTIVES}
    streams = replace(OBJECTIVES["speed"], name="speed in bands", slowdown=math.inf)
    lowered = compiler.lower(wide_in_the_middle, compiler.Options(optimize=streams))
    assert lowered.objective == streams
    assert lowered.arena < sizes["speed"]
    wasteful = replace(OBJECTIVES["memory"], name="wasteful", slowdown=0.0)
    assert plan_of(wide_in_the_middle, optimize=wasteful).size > sizes["memory"]
    assert plan_of(wide_in_the_middle, optimize=wasteful, memory_limit=sizes["memory"]).size == sizes["memory"]


def test_the_better_order_makes_a_smaller_arena_and_the_same_outputs(two_wide_branches):
    x = np.arange(256, dtype=np.float32).reshape(4, 64)
    exported, auto = (
        mini_infer.compile(two_wide_branches, order=order, compiler="none") for order in ("exported", "auto")
    )
    widest = 4 * 64 * 60 * 4
    assert exported.plan.size > 1.4 * widest
    assert widest < auto.plan.size < 1.1 * widest
    np.testing.assert_array_equal(*(engine.create_context().run({"x": x})["y"] for engine in (exported, auto)))


def test_another_order_with_no_smaller_arena_is_not_taken(two_wide_branches, monkeypatch):
    solve = schedule.solve

    def reversed_branches(graph, strategy, *, time_limit):
        """No better than the exported order: it widens all branches first, too."""
        return replace(solve(graph, strategy, time_limit=time_limit), order=(2, 1, 0, 5, 4, 3, 6, 7))

    exported = compiler.lower(two_wide_branches, compiler.Options(order="exported", rewrite=False)).program
    monkeypatch.setattr(schedule, "solve", reversed_branches)
    auto = compiler.lower(two_wide_branches, compiler.Options(order="auto", rewrite=False)).program
    assert [step.node.outputs for step in auto.steps] == [step.node.outputs for step in exported.steps]
    told = compiler.lower(two_wide_branches, compiler.Options(order="exact", rewrite=False)).program
    assert [step.node.outputs for step in told.steps] != [step.node.outputs for step in exported.steps]


def test_threads_are_the_targets_and_at_least_one():
    assert compiler.Options(threads=3).built_for == replace(Target.host(), threads=3)
    with pytest.raises(UsageError, match="0 threads"):
        compiler.Options(threads=0)


@pytest.fixture
def wide_in_the_middle():
    """A convolution to many channels, a depthwise one, a convolution back."""
    rng = np.random.default_rng(0)
    weights = {"a": (64, 8, 1, 1), "b": (64, 1, 3, 3), "c": (8, 64, 1, 1)}
    nodes = [
        helper.make_node("Conv", ["x", "a"], ["wide"]),
        helper.make_node("Conv", ["wide", "b"], ["deep"], group=64, pads=[1, 1, 1, 1], strides=[2, 2]),
        helper.make_node("Conv", ["deep", "c"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "wide",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 8, 16, 16])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 8, 8, 8])],
        [numpy_helper.from_array(rng.standard_normal(s, np.float32), name) for name, s in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def test_what_is_large_streams_unless_speed_is_the_goal(wide_in_the_middle):
    x = np.random.default_rng(1).standard_normal((1, 8, 16, 16), np.float32)
    engines = {goal: mini_infer.compile(wide_in_the_middle, optimize=goal, compiler="none") for goal in OBJECTIVES}
    sizes = {goal: engine.plan.size for goal, engine in engines.items()}
    assert sizes["memory"] < sizes["balanced"] <= sizes["speed"]
    outputs = [engine.create_context(poison=True).run({"x": x})["y"] for engine in engines.values()]
    for output in outputs[1:]:
        np.testing.assert_allclose(output, outputs[0], rtol=1e-5, atol=1e-5)


def test_a_remark_says_what_a_stream_saved(wide_in_the_middle):
    lowered = compiler.lower(wide_in_the_middle, compiler.Options(optimize="memory"))
    remark = lowered.remarks.entries[-1]
    assert (remark.pass_name, remark.node) == ("streams", "y")
    assert "bands: rings of" in remark.text


def test_a_remark_says_what_the_blocks_saved():
    model, words = read_model(model_text(FOLDER / "lowering" / "blocks_of_heads.txt"))
    lowered = compiler.lower(model, compiler.Options(**words, target=TARGET))
    assert any("bytes with blocks instead of" in remark.text for remark in lowered.remarks.entries)


def test_a_memory_limit_is_met_by_streams_whatever_the_goal(wide_in_the_middle):
    sizes = {goal: plan_of(wide_in_the_middle, optimize=goal).size for goal in OBJECTIVES}
    assert plan_of(wide_in_the_middle, optimize="speed", memory_limit=sizes["balanced"]).size == sizes["balanced"]
    assert plan_of(wide_in_the_middle, optimize="speed", memory_limit=sizes["memory"]).size == sizes["memory"]


def test_what_is_missing_where_nothing_helps(wide_in_the_middle):
    smallest = plan_of(wide_in_the_middle, optimize="memory").size
    with pytest.raises(CapacityError, match=r"1 bytes are missing in step 0 \(Stream 'y'\): 'y/rings' \([\d,]+\)"):
        plan_of(wide_in_the_middle, memory_limit=smallest - 1)


def plan_of(model, **chosen):
    options = compiler.Options(**chosen)
    return compiler.plan_program(compiler.lower(model, options).program, options)


def test_a_plan_alone_is_the_compiled_one(two_wide_branches):
    chosen = {"order": "exported", "time_limit": 0}
    plan, artifact = mini_infer.plan(two_wide_branches, **chosen), mini_infer.build(two_wide_branches, **chosen)
    assert (plan.problem, plan.offsets) == (artifact.plan.problem, artifact.plan.offsets)


@pytest.mark.parametrize("function", [mini_infer.compile, mini_infer.build, mini_infer.plan], ids=lambda f: f.__name__)
def test_signatures_list_every_option_with_its_default(function):
    parameters = inspect.signature(function).parameters
    assert list(parameters) == ["model", "options", *(each.name for each in fields(compiler.Options))]
    defaults = compiler.Options()
    for name, parameter in list(parameters.items())[2:]:
        assert parameter.kind is parameter.KEYWORD_ONLY
        assert parameter.default == getattr(defaults, name)


def test_completion_knows_every_public_name():
    assert set(mini_infer.__all__) <= set(dir(mini_infer))
    assert all(getattr(mini_infer, name) is not None for name in mini_infer.__all__)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"goal": "memory"}, {"optimize": "memory"}),
        ({"optimize": False}, {"rewrite": False}),
        ({"plan_memory": False}, {"memory_planning": False}),
    ],
)
def test_options_of_earlier_names_are_taken_with_a_warning(two_wide_branches, old, new):
    (name,), (now,) = old, new
    with pytest.warns(DeprecationWarning, match=f"'{name}' is now called '{now}'") as caught:
        plan = mini_infer.plan(two_wide_branches, **old)
    assert caught[0].filename == __file__
    assert plan.offsets == mini_infer.plan(two_wide_branches, **new).offsets


def test_an_option_that_there_is_not_is_told_which_may_be_meant(two_wide_branches):
    with pytest.raises(UsageError, match="there is no option 'shapess'; did you mean shapes"):
        mini_infer.plan(two_wide_branches, shapess={})


def test_keywords_are_the_options():
    assert list(Keywords.__annotations__) == [each.name for each in fields(compiler.Options)]


def test_a_shape_needs_no_name_where_there_is_one_input():
    text = """<ir_version: 8, opset_import: ["": 17]> g (float[n,m] x) => (float[n,m] y) { y = Relu(x) }"""
    model = onnx.parser.parse_model(text)
    for shapes in ("2x3", (2, 3), {"x": "2x3"}):
        assert mini_infer.build(model, shapes=shapes).inputs["x"].shape == (2, 3)
    text = text.replace("float[n,m] x", "float[n,m] x, float[n,m] z").replace("Relu(x)", "Add(x, z)")
    two = onnx.parser.parse_model(text)
    with pytest.raises(ModelError, match="without an input's name; say which it is of: the inputs are x, z"):
        mini_infer.build(two, shapes="2x3")
