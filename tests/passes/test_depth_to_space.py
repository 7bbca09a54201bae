import pytest
from pass_checks import apply, graph_of, operators

from mini_infer.passes.layout.depth_to_space import DepthToSpace


@pytest.mark.parametrize(
    ("node", "given", "made"),
    [
        ('DepthToSpace <blocksize = 2, mode = "DCR">', "2,12,3,5", "2,3,6,10"),
        ('DepthToSpace <blocksize = 2, mode = "CRD">', "2,12,3,5", "2,3,6,10"),
        ("DepthToSpace <blocksize = 3>", "1,9,4,2", "1,1,12,6"),
        ("DepthToSpace <blocksize = 1>", "1,9,4,2", "1,9,4,2"),
        ("SpaceToDepth <blocksize = 2>", "2,3,6,10", "2,12,3,5"),
    ],
)
def test_a_transpose_between_reshapes(node, given, made):
    graph, _ = apply(
        DepthToSpace(), graph_of(f"g (float[{given}] x) => (float[{made}] y) {{ y = {node} (x) }}"), exact=True
    )
    assert operators(graph) == ["Reshape", "Transpose", "Reshape"]


def test_nothing_without_elements():
    text = "g (float[0,4,3,5] x) => (float[0,1,6,10] y) { y = DepthToSpace <blocksize = 2> (x) }"
    graph, _ = apply(DepthToSpace(), graph_of(text))
    assert operators(graph) == ["DepthToSpace"]
