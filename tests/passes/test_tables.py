import numpy as np
import pytest
from pass_checks import apply, operators

from mini_infer.interpreter import evaluate
from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.ir.quantized import contrib, lookup
from mini_infer.passes.fusion.tables import FuseTables

RANDOM = np.random.default_rng(0)
TABLES = {name: RANDOM.permutation(256).astype(np.uint8) for name in ("t", "u")}
SCALES = {"s": np.array(0.02, np.float32), "r": np.array(0.007, np.float32), "z": np.array(100, np.uint8)}
SHAPE = (3, 257)


def graph_of(nodes, outputs=("y",), inputs=("x",), shapes=None, constants=None):
    """All tensors have one shape and type, but for those given."""
    constants = {**TABLES, **SCALES, **(constants or {})}
    names = {name for node in nodes for name in (*node.inputs, *node.outputs)}
    types = {name: TensorType(DType.UINT8, (shapes or {}).get(name, SHAPE)) for name in names}
    types["scale"] = TensorType(DType.FLOAT32, ())
    types |= {name: TensorType(DType.of(array.dtype), array.shape) for name, array in constants.items()}
    used = {name: array for name, array in constants.items() if name in names}
    return Graph("g", tuple(nodes), inputs, outputs, {name: types[name] for name in names}, used)


def fused(graph):
    after, _ = apply(FuseTables(evaluate), graph, exact=True)
    return after


def binary(op, a, b, result="y", scale="s"):
    return contrib(f"{op}_{result}", op, [a, scale, "z", b, "r", "z", "r", "z"], result)


@pytest.mark.parametrize("op", ["QLinearAdd", "QLinearMul"])
@pytest.mark.parametrize("operands", [("x", "a"), ("a", "x"), ("a", "a"), ("x", "x"), ("b", "x"), ("a", "b")])
def test_what_is_computed_of_one_tensor_and_its_tables_is_a_table(op, operands):
    nodes = [lookup("a", "x", "t", "a"), lookup("b", "a", "u", "b"), binary(op, *operands)]
    (last,) = fused(graph_of(nodes)).nodes
    assert (last.op, last.inputs[0]) == ("Lookup", "x")


@pytest.mark.parametrize("op", ["QLinearAdd", "QLinearMul"])
@pytest.mark.parametrize("operands", [("x", "number"), ("number", "x")])
def test_what_is_computed_of_a_tensor_and_a_number_is_a_table(op, operands):
    number = {"number": np.array([[201]], np.uint8)}
    assert operators(fused(graph_of([binary(op, *operands)], constants=number))) == ["Lookup"]


def test_tables_of_tables_are_one():
    graph = fused(graph_of([lookup("a", "x", "t", "a"), lookup("b", "a", "u", "y")]))
    assert graph.nodes[-1].inputs[0] == "x"


def test_tables_of_what_others_read_stay():
    nodes = [lookup("a", "x", "t", "a"), lookup("b", "a", "u", "b"), Node("m", "Identity", ("a",), ("y",), version=13)]
    graph = graph_of(nodes, outputs=("y", "b"))
    assert fused(graph) is graph


@pytest.mark.parametrize(
    ("graph", "why"),
    [
        (graph_of([binary("QLinearAdd", "x", "w")], inputs=("x", "w")), "two tensors"),
        (graph_of([lookup("a", "w", "t", "a"), binary("QLinearMul", "x", "a")], inputs=("x", "w")), "of another"),
        (graph_of([binary("QLinearMul", "x", "x", scale="scale")], inputs=("x", "scale")), "a scale of the run"),
        (graph_of([binary("QLinearMul", "x", "n")], constants={"n": np.full((1, 257), 7, np.uint8)}), "a row"),
        (graph_of([binary("QLinearAdd", "x", "n")], constants={"n": np.uint8([[[7]]])}, shapes={"y": (1, 3, 257)}), ""),
        (graph_of([binary("QLinearAdd", "x", "x")], shapes={"x": (1,), "y": (1,)}), "one element"),
    ],
)
def test_others_stay(graph, why):
    assert fused(graph) is graph, why
