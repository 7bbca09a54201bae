import pytest
from pass_checks import apply, graph_of, operators

from mini_infer.passes import Remarks
from mini_infer.passes.cleanup.dead import DeadCode


def test_nodes_that_nobody_reads_go_and_take_their_constants_along():
    graph, remarks = apply(
        DeadCode(),
        graph_of("g (float[3] x) => (float[3] y) <float[3] c = {1, 2, 3}> { a = Add (x, c) b = Neg (a) y = Abs (x) }"),
        exact=True,
    )
    assert operators(graph) == ["Abs"]
    assert not graph.constants
    assert remarks.entries[0].text == "Neg removed: nobody reads b"


def test_optional_outputs_that_nobody_reads_are_left_out():
    graph, _ = apply(
        DeadCode(),
        graph_of(
            """g (float[1,1,4,4] x) => (float[1,1,2,2] y)
            { y, indices = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (x) }"""
        ),
        exact=True,
    )
    assert graph.nodes[0].outputs == ("y",)


def test_keys_and_values_of_attention_that_nobody_reads_are_left_out():
    graph, _ = apply(
        DeadCode(),
        graph_of(
            """g (float[1,1,4,2] q, float[1,1,3,2] k, float[1,1,3,2] v) => (float[1,1,4,2] y)
            { y, present_k, present_v = Attention (q, k, v) }""",
            opset=23,
        ),
        exact=True,
    )
    assert graph.nodes[0].outputs == ("y",)


def test_unread_parts_of_a_split_stay():
    graph = graph_of("g (float[4] x) => (float[2] y) { y, z = Split <axis = 0, num_outputs = 2> (x) }")
    assert DeadCode()(graph, Remarks()) is graph


def test_what_a_nested_graph_reads_stays():
    graph = graph_of(
        """g (float[3] x, bool c) => (float[3] y) {
            a = Neg (x)
            y = If (c) <then_branch = t () => (float[3] p) { p = Neg (a) },
                        else_branch = e () => (float[3] q) { q = Abs (x) }>
        }"""
    )
    assert DeadCode()(graph, Remarks()) is graph


@pytest.mark.parametrize("op", ["MaxPool <kernel_shape = [2, 2], strides = [2, 2]>", "Dropout"])
def test_an_output_that_an_operator_always_has_stays(op):
    """Where only its second one is read: the operator cannot be told to leave the first out."""
    graph = graph_of(f"g (float[1,1,4,4] x) => (z) {{ y, z = {op} (x) }}")
    assert DeadCode()(graph, Remarks()) is graph
