from pass_checks import apply, graph_of, operators

from mini_infer.passes import Remarks
from mini_infer.passes.cleanup.duplicates import RemoveDuplicates


def test_what_is_computed_twice_is_computed_once():
    graph, _ = apply(
        RemoveDuplicates(),
        graph_of(
            """g (float[3] x) => (float[3] y) <float one = {1}, float[1] another = {1}, float same = {1}>
            { a = Add (x, one) b = Add (x, same) c = Exp (a) d = Exp (b) e = Add (x, another) f = Mul (c, d)
            y = Mul (f, e) }"""
        ),
        exact=True,
    )
    assert operators(graph) == ["Add", "Exp", "Add", "Mul", "Mul"]
    assert list(graph.constants) == ["one", "another"]


def test_attributes_make_a_difference():
    graph = graph_of(
        """g (float[3] x) => (float[3] y)
        { a = LeakyRelu <alpha = 0.1> (x) b = LeakyRelu <alpha = 0.2> (x) y = Add (a, b) }"""
    )
    assert RemoveDuplicates()(graph, Remarks()) is graph


def test_random_operators_stay():
    graph = graph_of(
        "g (float[3] x) => (float[3] y) { a = RandomNormalLike (x) b = RandomNormalLike (x) y = Add (a, b) }"
    )
    assert RemoveDuplicates()(graph, Remarks()) is graph


def test_dropouts_that_train_stay():
    graph = graph_of(
        """g (float[3] x, bool train) => (float[3] y)
        { a = Dropout (x, , train) b = Dropout (x, , train) y = Add (a, b) }"""
    )
    assert RemoveDuplicates()(graph, Remarks()) is graph


def test_results_that_the_caller_gets_stay():
    graph = graph_of("g (float[3] x) => (float[3] y, float[3] z) { y = Relu (x) z = Relu (x) }")
    assert RemoveDuplicates()(graph, Remarks()) is graph


def test_results_that_a_nested_graph_reads_stay():
    graph = graph_of(
        """g (float[3] x, bool c) => (float[3] y) {
            a = Abs (x)
            b = Abs (x)
            d = If (c) <then_branch = t () => (float[3] p) { p = Neg (b) },
                        else_branch = e () => (float[3] q) { q = Exp (x) }>
            y = Add (a, d)
        }"""
    )
    assert RemoveDuplicates()(graph, Remarks()) is graph


def test_large_constants_are_not_compared():
    graph = graph_of(
        "g (float[2] x) => (float[2] y) <float[2] a = {1, 2}, float[2] b = {1, 2}> { c = Add (x, a) y = Add (c, b) }"
    )
    assert RemoveDuplicates(limit=7)(graph, Remarks()) is graph
    assert len(RemoveDuplicates()(graph, Remarks()).constants) == 1
