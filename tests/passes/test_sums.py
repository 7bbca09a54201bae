import pytest
from pass_checks import apply, graph_of, operators, reasons

from mini_infer.passes import Remarks
from mini_infer.passes.fusion.sums import SumsOfConvolutions

WEIGHTS = {"w": (4, 5, 3, 3), "b": (4,)}


def sums(body, outputs="float[1,4,6,6] y", size_threshold=0, weights=WEIGHTS):
    text = f"g (float[1,2,8,8] p, float[1,3,8,8] q) => ({outputs}) {{ c = Concat <axis = 1> (p, q) {body} }}"
    return apply(SumsOfConvolutions(size_threshold), graph_of(text, constants=weights))


def test_a_convolution_of_a_concatenation_is_a_sum():
    graph, _ = sums("y = Conv (c, w, b)")
    assert operators(graph) == ["Conv", "Conv", "Add"]
    first, second, _ = graph.nodes
    assert (first.inputs[0], second.inputs[0], second.inputs[2]) == ("p", "q", "b")
    assert len(first.inputs) == 2


def test_three_parts():
    graph, _ = apply(
        SumsOfConvolutions(0),
        graph_of(
            """g (float[1,2,8,8] p) => (float[1,4,6,6] y)
            { q = Neg (p) c = Concat <axis = 1> (p, q, p) y = Conv (c, w) }""",
            constants={"w": (4, 6, 3, 3)},
        ),
    )
    assert operators(graph) == ["Neg", "Conv", "Conv", "Add", "Conv", "Add"]


@pytest.mark.parametrize(
    ("body", "options"),
    [
        ("y = Conv (c, w)", {"size_threshold": 5 * 64 * 4}),
        ("y = Conv (c, w) z = Neg (c)", {"outputs": "float[1,4,6,6] y, float[1,5,8,8] z"}),
        ("y = Conv (c, w)", {"outputs": "float[1,4,8,8] y", "weights": {"w": (4, 5, 1, 1)}}),
        ("y = Conv <group = 5> (c, w)", {"outputs": "float[1,5,6,6] y", "weights": {"w": (5, 1, 3, 3)}}),
    ],
    ids=["small", "read by others", "windows of one element", "groups"],
)
def test_what_stays(body, options):
    graph, _ = sums(body, **options)
    assert "Concat" in operators(graph)


def test_many_parts_stay():
    graph = graph_of(
        "g (float[1,1,8,8] p) => (float[1,4,6,6] y) { c = Concat <axis = 1> (p, p, p, p, p) y = Conv (c, w) }",
        constants={"w": (4, 5, 3, 3)},
    )
    remarks = Remarks()
    assert SumsOfConvolutions(0)(graph, remarks) is graph
    assert "has 5 parts" in reasons(remarks)
