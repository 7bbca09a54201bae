"""What a goal and a memory limit promise of the arena, on networks that are drawn."""

import random

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from mini_infer import compiler
from mini_infer.compiler import Options
from mini_infer.errors import CapacityError
from mini_infer.memory import lower_bound
from mini_infer.objective import OBJECTIVES
from mini_infer.toolchain import Target

TARGET = Target.parse("x86_64-linux-gnu+avx2+fma")
"""Kernels, and so arenas, differ with the vectors."""


def drawn(seed: int) -> onnx.ModelProto:
    """Convolutions of several widths and strides, nearest neighbors of twice the size, and concatenations of these."""
    rng = random.Random(seed)
    nodes, weights, values = [], [], [("x", 8, 16)]

    def constant(array: np.ndarray) -> str:
        weights.append(numpy_helper.from_array(array, f"w{len(weights)}"))
        return weights[-1].name

    for index in range(rng.randint(4, 9)):
        source, channels, size = rng.choice(values[-3:])
        result, kind = f"v{index}", rng.choice("cccrnnt")
        others = [value for value in values if value[2] == size and value[0] != source]
        if kind == "c":
            wider, kernel = rng.choice([4, 8, 16, 32, 64]), rng.choice([1, 3])
            stride = rng.choice([1, 1, 2]) if size > 4 else 1
            weight = constant(np.full((wider, channels, kernel, kernel), 0.01, np.float32))
            pads = [kernel // 2] * 4
            nodes.append(helper.make_node("Conv", [source, weight], [result], pads=pads, strides=[stride] * 2))
            values.append((result, wider, -(-size // stride)))
        elif kind == "r" and size <= 16:
            scales = constant(np.array([1, 1, 2, 2], np.float32))
            options = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
            nodes.append(helper.make_node("Resize", [source, "", scales], [result], mode="nearest", **options))
            values.append((result, channels, 2 * size))
        elif kind == "n" and others:
            other = rng.choice(others)
            nodes.append(helper.make_node("Concat", [source, other[0]], [result], axis=1))
            values.append((result, channels + other[1], size))
        else:
            nodes.append(helper.make_node("Relu", [source], [result]))
            values.append((result, channels, size))
    read = {name for node in nodes for name in node.input}
    ends = [name for name, _, _ in values[1:] if name not in read]
    nodes += [helper.make_node("GlobalMaxPool", [name], [f"{name}_max"]) for name in ends]
    widths = {name: channels for name, channels, _ in values}
    graph = helper.make_graph(
        nodes,
        "drawn",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 8, 16, 16])],
        [helper.make_tensor_value_info(f"{name}_max", TensorProto.FLOAT, [1, widths[name], 1, 1]) for name in ends],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def plan_of(model, **chosen):
    options = Options(target=TARGET, **chosen)
    return compiler.plan_program(compiler.lower(model, options).program, options)


@pytest.fixture(scope="module", params=[24, 31, 145, 237, 269])
def planned(request):
    """A network in which one goal's first choice took more bytes than that of a goal that saves less; its plans."""
    model = drawn(request.param)
    return model, {goal: plan_of(model, optimize=goal) for goal in OBJECTIVES}


def test_no_goal_takes_more_bytes_than_one_that_saves_less(planned):
    _, plans = planned
    assert plans["memory"].size <= plans["balanced"].size <= plans["speed"].size
    for plan in plans.values():
        assert lower_bound(plan.problem) <= plan.lower_bound <= plan.size


def test_a_limit_that_some_goal_meets_is_met_with_every_goal(planned):
    model, plans = planned
    fewest = plans["memory"].size
    for goal, plan in plans.items():
        assert plan_of(model, optimize=goal, memory_limit=fewest).size <= fewest
        assert plan_of(model, optimize=goal, memory_limit=plan.size).size == plan.size
    assert plan_of(model, order="exported", strategy="naive", memory_limit=fewest).size <= fewest


def test_what_is_refused_names_the_smallest_plan_there_is(planned):
    model, plans = planned
    fewest = plans["memory"].size
    found = f"the smallest that was found takes {fewest:,}; "
    refusal = f"no plan within {fewest - 1:,} bytes was found: {found}"
    with pytest.raises(CapacityError, match=refusal):
        plan_of(model, optimize="speed", memory_limit=fewest - 1)
