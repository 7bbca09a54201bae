"""Nodes out of order are put in order, those in order stay."""

import numpy as np
import pytest
from tiny_models import body, model, node, read, tensor

from mini_infer.errors import ModelError
from mini_infer.frontend.order import sort_nodes
from mini_infer.interpreter import run_graph

X = np.array([1.0, -2.0], np.float32)


def test_nodes_are_put_behind_what_they_read():
    nodes = [node("Neg", "b", "y"), node("Abs", "x", "a"), node("Exp", "a", "b")]
    graph = read(model(nodes, [tensor("x", (2,))], ["y"]))
    assert [each.op for each in graph.nodes] == ["Abs", "Exp", "Neg"]
    np.testing.assert_allclose(run_graph(graph, {"x": X})["y"], -np.exp(np.abs(X)), rtol=1e-6)


def test_what_a_nested_graph_captures_counts():
    branches = {
        name: body([node(op, "a", "r")], [], ["r"]) for name, op in (("then_branch", "Neg"), ("else_branch", "Exp"))
    }
    nodes = [node("If", "c", "y", **branches), node("Abs", "x", "a")]
    graph = read(model(nodes, [tensor("c", (), 9), tensor("x", (2,))], ["y"]))
    assert [each.op for each in graph.nodes] == ["Abs", "If"]


def test_sorted_nodes_keep_their_order():
    nodes = [node("Abs", "x", "b"), node("Neg", "x", "a"), node("Add", "a b", "y")]
    graph = model(nodes, [tensor("x", (2,))], ["y"]).graph
    sort_nodes(graph)
    assert [each.op_type for each in graph.node] == ["Abs", "Neg", "Add"]


def test_a_cycle_is_refused():
    nodes = [node("Neg", "b", "a"), node("Exp", "a", "b"), node("Add", "a b", "y")]
    with pytest.raises(ModelError):
        read(model(nodes, [tensor("x", (2,))], ["y"]))
