from pass_checks import apply, graph_of, operators, reasons

from mini_infer.passes import Remarks
from mini_infer.passes.cleanup.concats import MergeConcats


def test_nested_concatenations_become_one():
    graph, _ = apply(
        MergeConcats(),
        graph_of(
            """g (float[2,1] x, float[2,2] z) => (float[2,7] y)
            { a = Concat <axis = 1> (x, z) b = Concat <axis = -1> (a, x) y = Concat <axis = 1> (x, b, z) }"""
        ),
        exact=True,
    )
    assert operators(graph) == ["Concat"]
    assert graph.nodes[0].inputs == ("x", "x", "z", "x", "z")


def test_an_inner_result_that_others_read_stays():
    graph = graph_of(
        """g (float[2,1] x) => (float[2,3] y, float[2,2] z)
        { a = Concat <axis = 1> (x, x) y = Concat <axis = 1> (a, x) z = Neg (a) }"""
    )
    remarks = Remarks()
    assert MergeConcats()(graph, remarks) is graph
    assert "'a' is read by others too" in reasons(remarks)


def test_other_axes_and_repeated_parts_stay():
    graph = graph_of(
        """g (float[2,1] x) => (float[4,2] y, float[2,4] z)
        { a = Concat <axis = 1> (x, x) y = Concat <axis = 0> (a, a) b = Concat <axis = 1> (x, x)
        z = Concat <axis = 1> (b, b) }"""
    )
    assert MergeConcats()(graph, Remarks()) is graph
