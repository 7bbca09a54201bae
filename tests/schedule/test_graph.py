import pytest

from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.schedule import STRATEGIES, of_graph, solve


def graph(*nodes, outputs, inputs=("x",)):
    names = [*inputs, *(name for node in nodes for name in node.writes)]
    return Graph("g", nodes, inputs, outputs, {name: TensorType(DType.FLOAT32, (2,)) for name in names})


def node(op, reads, writes):
    return Node(writes, op, tuple(reads.split()), tuple(writes.split()))


def test_the_callers_tensors_count_nothing():
    problem = of_graph(graph(node("Relu", "x", "a"), node("Relu", "a", "y"), outputs=("y",)))
    assert problem.sizes == (8, 0)
    assert problem.peak((0, 1)) == 8


def test_a_view_takes_no_bytes_and_keeps_what_it_views_alive():
    problem = of_graph(
        graph(
            node("Relu", "x", "a"),
            node("Reshape", "a x", "b"),
            node("Identity", "b", "c"),
            node("Relu", "a", "d"),
            node("Add", "c d", "e"),
            node("Relu", "e", "y"),
            outputs=("y",),
        )
    )
    assert problem.sizes == (8, 0, 0, 8, 8, 0)
    assert problem.consumers == ((1, 2, 3, 4), (2,), (4,), (4,), (5,), ())
    assert problem.trace(range(6))[1] == [8, 8, 8, 16, 24, 8]


def test_what_an_output_views_lies_in_the_output():
    problem = of_graph(graph(node("Relu", "x", "a"), node("Reshape", "a x", "y"), outputs=("y",)))
    assert problem.sizes == (0, 0)


def test_what_views_an_input_counts_as_a_tensor_of_its_own():
    problem = of_graph(
        graph(
            node("Reshape", "x s", "a"),
            node("Identity", "a", "b"),
            node("Relu", "b", "c"),
            node("Relu", "c", "y"),
            inputs=("x", "s"),
            outputs=("y",),
        )
    )
    assert problem.sizes == (8, 0, 8, 0)
    assert problem.consumers == ((1, 2), (2,), (3,), ())


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_strategy_gives_the_order_of_a_graphs_nodes(strategy):
    model = graph(node("Relu", "x", "a"), node("Relu", "x", "b"), node("Add", "a b", "y"), outputs=("y",))
    order = STRATEGIES[strategy](model)
    assert order == solve(model, strategy).order
    assert order[-1] == 2
