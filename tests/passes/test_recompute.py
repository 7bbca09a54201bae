import numpy as np
import onnx.parser
import pytest
from pass_checks import assert_same_meaning, graph_of, operators

import mini_infer as mi
from mini_infer.errors import UsageError
from mini_infer.options import Options
from mini_infer.passes import Remarks
from mini_infer.passes.recompute import Recompute, sites

WEIGHTS = {"wide": (24, 4, 1, 1), "deep": (24, 1, 3, 3), "gate": (24, 24, 1, 1), "narrow": (4, 24, 1, 1)}
BLOCK = """
    e = Conv (u, wide) v = Conv <group = 24, pads = [1, 1, 1, 1]> (e, deep) m = GlobalAveragePool (v)
    h = Conv (m, gate) g = Sigmoid (h) s = Mul (v, g) y = Conv (s, narrow)
"""


def block(text=BLOCK, outputs="float[1,4,12,12] y"):
    return graph_of(f"g (float[1,4,12,12] u) => ({outputs}) {{ {text} }}", constants=WEIGHTS)


def twice(graph, count=1):
    remarks = Remarks()
    after = Recompute(count)(graph, remarks)
    assert_same_meaning(graph, after, exact=True)
    return after


def test_the_chain_before_the_gate_is_made_again():
    graph = twice(block())
    assert operators(graph).count("Conv") == 6
    (product,) = (node for node in graph.nodes if node.op == "Mul")
    assert product.inputs == ("v_again", "g")
    assert graph.nodes.index(graph.producers["e_again"]) > graph.nodes.index(graph.producers["g"])


def test_only_as_many_as_asked_for():
    before = block()
    assert Recompute(0)(before, Remarks()) is before


@pytest.mark.parametrize(
    ("text", "outputs"),
    [
        (BLOCK, "float[1,4,12,12] y, float[1,24,12,12] v"),
        (BLOCK + " z = Relu (v)", "float[1,4,12,12] y, float[1,24,12,12] z"),
        ("m = GlobalAveragePool (u) y = Mul (u, m)", "float[1,4,12,12] y"),
    ],
)
def test_what_others_read_or_nothing_makes_is_kept(text, outputs):
    assert sites(block(text, outputs)) == []


def test_a_factor_allows_it_and_the_arena_shrinks():
    text = f"g (float[1,4,12,12] u) => (float[1,4,12,12] y) {{ {BLOCK} }}"
    model = onnx.parser.parse_model(f'<ir_version: 9, opset_import: ["": 18]> {text}')
    for name, shape in WEIGHTS.items():
        array = np.random.default_rng(0).uniform(0.25, 1.25, shape).astype(np.float32)
        model.graph.initializer.append(onnx.numpy_helper.from_array(array, name))
    once, little, twice = (mi.plan(model, optimize="memory", recompute=factor).size for factor in (1, 1.01, 2))
    assert twice < once / 2
    assert little == once


@pytest.mark.parametrize("factor", [0.9, "2", float("inf"), float("nan")])
def test_factors_that_are_none(factor):
    with pytest.raises(UsageError, match="recompute"):
        Options(recompute=factor)
