"""What a compiler does once, however often it could be asked for: counted, as no clock is the same everywhere."""

import weakref
from collections import Counter
from dataclasses import replace
from unittest import mock

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import mini_infer as mi
from mini_infer import compiler, frontend, lowering, passes, schedule
from mini_infer.candidates import Candidates, selector_for
from mini_infer.compiler import Options
from mini_infer.frontend.model.weights import detach_weights
from mini_infer.interpreter import evaluate
from mini_infer.objective import OBJECTIVES
from mini_infer.program import constants


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
def test_a_graph_is_placed_once_an_order_and_again_only_where_the_goal_counts(model, differ):
    with mock.patch.object(lowering, "place", wraps=lowering.place) as place:
        compiler.lower(model, Options(optimize="memory", compiler="none"))
    orders = Counter((call.args[0].graph, tuple(call.args[1])) for call in place.call_args_list)
    asked = Counter(
        (call.args[0].graph, tuple(call.args[1]), call.kwargs["objective"].objective) for call in place.call_args_list
    )
    assert set(asked.values()) == {1}
    assert set(orders.values()) == {len(OBJECTIVES) if differ else 1}


def test_a_problem_is_ordered_once_by_each_strategy():
    with mock.patch.object(schedule, "solve", wraps=schedule.solve) as solve:
        compiler.lower(_branches(), Options(optimize="memory", compiler="none"))
    asked = Counter(call.args for call in solve.call_args_list)
    assert set(asked.values()) == {1}


def test_tables_made_of_weights_are_made_once_for_all_programs():
    """Of integers: what the zero point of the data adds to the sums of each column."""
    nodes = [helper.make_node("Cast", ["x"], ["q"], to=TensorProto.UINT8)]
    nodes += [helper.make_node("MatMulInteger", ["q", f"w{k}"], [f"m{k}"]) for k in range(2)]
    nodes += [helper.make_node("Add", ["m0", "m1"], ["y"])]
    weights = {f"w{k}": np.arange(k, k + 64, dtype=np.int8).reshape(8, 8) for k in range(2)}
    graph = frontend.read(_model(nodes, weights, [8, 8], "y"), evaluate=evaluate)
    options = Options(compiler="none")
    found = Candidates(graph, passes.Remarks(), 0, options, selector_for(options))
    first = found.candidate(OBJECTIVES["balanced"])
    second = found.in_order(replace(first, graph=graph), (0, 2, 1, 3))
    for k in range(2):
        one, other = (
            [each.value for each in lowered.program.constants if each.name.startswith(f"w{k} - 0")]
            for lowered in (first, second)
        )
        assert len(one) == len(other) == 1
        assert one[0] is other[0]


def test_weights_are_moved_into_the_block_one_by_one(monkeypatch):
    """What was folded is in memory once: each array goes before the next one is packed."""
    rng = np.random.default_rng(7)
    nodes, weights, value = [], {"scale": np.float32(0.5), "zero": np.int8(0)}, "x"
    for k in range(4):
        weights[f"q{k}"] = rng.integers(-9, 9, (64, 64), np.int8)
        nodes.append(helper.make_node("DequantizeLinear", [f"q{k}", "scale", "zero"], [f"w{k}"]))
        nodes.append(helper.make_node("MatMul", [value, f"w{k}"], [value := f"y{k}"]))
    found, dead = [], []

    def moved(constant, block, move=constants._moved):
        dead.append(sum(array() is None for array in found))
        found.append(weakref.ref(constant.value))
        return move(constant, block)

    monkeypatch.setattr(constants, "_moved", moved)
    compiler.compile(_model(nodes, weights, [8, 64], value), compiler="none")
    assert dead == list(range(len(weights) - 2))


def _function(weight: onnx.TensorProto, version: int) -> onnx.FunctionProto:
    nodes = [helper.make_node("Constant", [], ["k"], value=weight), helper.make_node("MatMul", ["a", "k"], ["b"])]
    return helper.make_function("own", "Layer", ["a"], ["b"], nodes, [helper.make_opsetid("", version)])


def _with_weight(place: str, weight: np.ndarray) -> onnx.ModelProto:
    """`x @ weight`, the weight lying in a node, a branch, or a function of the model's opset or of another."""
    tensor, functions, inputs = numpy_helper.from_array(weight, "k"), [], []
    product = helper.make_node("MatMul", ["x", "k"], ["y"])
    if place == "a node":
        nodes = [helper.make_node("Constant", [], ["k"], value=tensor), product]
    elif place == "a branch":
        result = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
        branch = helper.make_graph([product], "branch", [], [result], [tensor])
        nodes = [helper.make_node("If", ["c"], ["z"], then_branch=branch, else_branch=branch)]
        nodes.append(helper.make_node("Identity", ["z"], ["y"]))
        nodes[0].attribute[1].g.node[0].output[0] = nodes[0].attribute[1].g.output[0].name = "other"
        nodes[0].attribute[0].g.node[0].output[0] = nodes[0].attribute[0].g.output[0].name = "this"
        inputs = [helper.make_tensor_value_info("c", TensorProto.BOOL, [])]
    else:
        functions = [_function(tensor, 17 if place == "a function" else 15)]
        nodes = [helper.make_node("Layer", ["x"], ["y"], domain="own")]
    inputs.append(helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, weight.shape[0]]))
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    graph = helper.make_graph(nodes, "weighted", inputs, [output])
    return helper.make_model(graph, opset_imports=imports, functions=functions, ir_version=9)


@pytest.mark.parametrize("place", ["a node", "a branch", "a function", "a function of another opset"])
def test_large_weights_leave_the_message_wherever_they_stand(place):
    rng = np.random.default_rng(3)
    weight, x = rng.integers(-3, 4, (128, 160)).astype("f4"), rng.integers(-3, 4, (2, 128)).astype("f4")
    model = _with_weight(place, weight)
    light, _, data = detach_weights(onnx.ModelProto.FromString(model.SerializeToString()), None)
    assert light.ByteSize() < 2000
    assert all(np.array_equal(array, weight) for array in data.detached.values())
    feeds = {"x": x, **({"c": np.True_} if place == "a branch" else {})}
    (y,) = mi.compile(model, compiler="none").create_context().run(feeds).values()
    np.testing.assert_array_equal(y, x @ weight)
