"""What a compiler does once, however often it could be asked for: counted, as no clock is the same everywhere."""

from collections import Counter
from unittest import mock

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from mini_infer import compiler, lowering, schedule
from mini_infer.compiler import Options
from mini_infer.lowering import GOALS


def _model(nodes: list[onnx.NodeProto], weights: dict[str, np.ndarray], size: list[int], result: str) -> bytes:
    graph = helper.make_graph(
        nodes,
        "counted",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, size)],
        [helper.make_tensor_value_info(result, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]).SerializeToString()


def _branches() -> bytes:
    """Values that wait for each other, so that other orders are tried; no kernel is another for another goal."""
    nodes = [helper.make_node("Softmax", ["x"], [f"s{k}"], axis=k % 2) for k in range(6)]
    nodes += [helper.make_node("ReduceMax", [f"s{k}"], [f"m{k}"], axes=[k % 2]) for k in range(6)]
    nodes += [helper.make_node("Sum", [f"m{k}" for k in range(6)], ["y"])]
    return _model(nodes, {}, [8, 8], "y")


def _convolution() -> bytes:
    """A kernel that is another for each goal."""
    return _model(
        [helper.make_node("Conv", ["x", "w"], ["y"])], {"w": np.ones((64, 64, 3, 3), "f4")}, [1, 64, 58, 58], "y"
    )


@pytest.mark.parametrize(("model", "differ"), [(_branches(), False), (_convolution(), True)])
def test_a_graph_is_lowered_once_an_order_and_again_only_where_the_goal_counts(model, differ):
    with mock.patch.object(lowering, "lower", wraps=lowering.lower) as lower:
        compiler.lower(model, Options(goal="memory", compiler="none"))
    orders = Counter((call.args[0], tuple(call.args[1])) for call in lower.call_args_list)
    goals = Counter((call.args[0], tuple(call.args[1]), call.kwargs["goal"].name) for call in lower.call_args_list)
    assert set(goals.values()) == {1}
    assert set(orders.values()) == {len(GOALS) if differ else 1}


def test_a_problem_is_ordered_once_by_each_strategy():
    with mock.patch.object(schedule, "solve", wraps=schedule.solve) as solve:
        compiler.lower(_branches(), Options(goal="memory", compiler="none"))
    asked = Counter(call.args for call in solve.call_args_list)
    assert set(asked.values()) == {1}
