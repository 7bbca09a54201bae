"""Passes inside branches and bodies."""

import numpy as np
import onnx
from all_passes import pipeline

from mini_infer import frontend
from mini_infer.interpreter import evaluate, run_graph
from mini_infer.ir import Graph
from mini_infer.passes import Remarks, run

BRANCHES = """
<ir_version: 10, opset_import: ["" : 21]>
branch (float[2,6] x, bool flag) => (float[3,4] y) {
    y = If(flag) <
        then_branch = then_graph () => (float[3,4] a) {
            shape = Shape(x)
            total = ReduceProd<keepdims = 1>(shape)
            four = Constant<value_ints = [4]>()
            rows = Div(total, four)
            target = Concat<axis = 0>(rows, four)
            same = Identity(x)
            a = Reshape(same, target)
        },
        else_branch = else_graph () => (float[3,4] b) {
            zeros = Constant<value_ints = [3, 4]>()
            b = ConstantOfShape(zeros)
        }
    >
}
"""

UNUSABLE = BRANCHES.replace("b = ConstantOfShape(zeros)", "c = ConstantOfShape(zeros)  b = MatMul(c, x)")


def read(text: str) -> Graph:
    return frontend.read(onnx.parser.parse_model(text), evaluate=evaluate)


def branches(graph: Graph) -> dict[str, Graph]:
    node = next(node for node in graph.nodes if node.op == "If")
    return {key: value for key, value in node.attributes.items() if isinstance(value, Graph)}


def test_shape_arithmetic_in_a_branch_folds_and_the_meaning_stays():
    graph = read(BRANCHES)
    remarks = Remarks()
    rewritten = run(graph, pipeline(), remarks)
    inside = branches(rewritten)
    assert [node.op for node in inside["then_branch"].nodes] == ["Reshape"]
    assert inside["else_branch"].nodes == ()
    assert any(rewrite.applied and rewrite.text.startswith("Shape is known") for rewrite in remarks.entries)
    x = np.arange(12, dtype=np.float32).reshape(2, 6)
    for flag in (True, False):
        inputs = {"x": x, "flag": np.array(flag)}
        assert np.array_equal(run_graph(rewritten, inputs)["y"], run_graph(graph, inputs)["y"])


def test_a_branch_that_cannot_run_is_left_alone():
    graph = read(UNUSABLE)
    assert branches(graph)["else_branch"].unusable
    rewritten = run(graph, pipeline(), Remarks())
    assert branches(rewritten)["else_branch"] is branches(graph)["else_branch"]
    assert [node.op for node in branches(rewritten)["then_branch"].nodes] == ["Reshape"]


def test_nothing_is_rebuilt_where_nothing_changes():
    graph = run(read(BRANCHES), pipeline(), Remarks())
    assert run(graph, pipeline()[:1], Remarks()) is graph
