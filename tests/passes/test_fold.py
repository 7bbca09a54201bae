import weakref

import numpy as np
from pass_checks import apply, graph_of, operators, reasons

from mini_infer.errors import UnsupportedError
from mini_infer.interpreter import evaluate
from mini_infer.ir import Graph, Node, TensorType
from mini_infer.ir.types import DType, OpaqueType
from mini_infer.passes import Remarks, run
from mini_infer.passes.cleanup.fold import FoldConstants

FLOATS = TensorType(DType.FLOAT32, (2,))
PARTS = {"a": DType.INT8, "b": DType.FLOAT32}


def fold(graph, **options):
    return apply(FoldConstants(evaluate, **options), graph, exact=True)


def test_shape_arithmetic_becomes_a_constant():
    text = """g (float[2,3,4] x) => (float[2,12] y) {
        two = Constant <value = int64[1] {-1}> ()
        shape = Shape <start = 0, end = 1> (x)
        target = Concat <axis = 0> (shape, two)
        y = Reshape (x, target)
    }"""
    graph, remarks = fold(graph_of(text))
    assert operators(graph) == ["Reshape"]
    assert graph.constants["target"].tolist() == [2, -1]
    assert [rewrite.text for rewrite in remarks.entries] == ["Shape is known: int64[1]", "Concat is known: int64[2]"]


def test_what_a_part_was_computed_from_goes_before_the_next_part():
    """Eight results of 1 KiB, two at a time: what six of them were made of is gone when the last is."""
    sources = [np.full(256, k, np.int8) for k in range(8)]
    alive = list(map(weakref.ref, sources))
    left = []

    def computed(node, inputs):
        left.append(sum(each() is not None for each in alive))
        return evaluate(node, inputs)

    types = {f"{letter}{k}": TensorType(kind, (256,)) for k in range(8) for letter, kind in PARTS.items()}
    nodes = tuple(Node(f"n{k}", "Cast", (f"a{k}",), (f"b{k}",), {"to": 1}, version=13) for k in range(8))
    outputs = tuple(f"b{k}" for k in range(8))
    graphs = [Graph("g", nodes, (), outputs, types, {f"a{k}": array for k, array in enumerate(sources)})]
    del sources
    remarks = Remarks()
    after = run(graphs.pop(), [FoldConstants(computed, part=2048)], remarks)
    assert left == [8, 8, 6, 6, 4, 4, 2, 2]
    assert not after.nodes
    assert [remark.node for remark in remarks.entries] == [node.name for node in nodes]


def test_one_value_many_times_counts_as_one():
    kind = TensorType(DType.FLOAT32, (1 << 20,))
    nodes = tuple(Node(f"n{k}", "ConstantOfShape", ("shape",), (f"y{k}",), version=9) for k in range(4))
    types = {"shape": TensorType(DType.INT64, (1,)), **{f"y{k}": kind for k in range(4)}}
    graph = Graph("g", nodes, (), tuple(f"y{k}" for k in range(4)), types, {"shape": np.int64([1 << 20])})
    assert not FoldConstants(evaluate, part=16)(graph, Remarks()).nodes


def test_what_is_refused_is_refused_once_however_many_parts_there_are():
    constants = {"a": np.float32([1, 2]), "shape": np.int64([1 << 20, 2]), "b": np.float32([1]), "c": np.float32([2])}
    nodes = (
        Node("n", "Expand", ("a", "shape"), ("y",), version=13),
        *(Node(f"of {name}", "Neg", (name,), (f"{name}_",), version=13) for name in "bc"),
    )
    types = {name: TensorType(DType.of(array.dtype), array.shape) for name, array in constants.items()}
    types |= {"y": TensorType(DType.FLOAT32, (1 << 20, 2)), "b_": types["b"], "c_": types["c"]}
    remarks = Remarks()
    graph = Graph("g", nodes, (), ("y", "b_", "c_"), types, constants)
    after = run(graph, [FoldConstants(evaluate, part=4)], remarks)
    assert operators(after) == ["Expand"]
    assert [remark.node for remark in remarks.entries] == ["of b", "of c", "n"]


def test_size_of_a_static_tensor():
    text = "g (float[2,3] x) => (int64 y) { y = Size (x) }"
    graph, _ = fold(graph_of(text))
    assert graph.constants["y"] == 6
    assert not graph.nodes


def constant_graph(node, kinds, constants):
    types = {**kinds, **{name: TensorType(DType.of(array.dtype), array.shape) for name, array in constants.items()}}
    return Graph("g", (node,), (), node.outputs, types, constants)


def test_a_constant_of_strings_folds():
    graph = Graph(
        "g",
        (Node("n", "Cast", ("s",), ("y",), {"to": 1}, version=13), Node("m", "Identity", ("s",), ("z",), version=13)),
        (),
        ("y", "z"),
        {"s": OpaqueType("string[2]"), "y": FLOATS, "z": OpaqueType("string[2]")},
        {"s": np.array(["1.5", "-2"], object)},
    )
    graph, _ = fold(graph)
    assert graph.constants["y"].tolist() == [1.5, -2]
    assert operators(graph) == ["Identity"]


def test_large_results_of_small_constants_stay():
    node = Node("n", "Expand", ("a", "shape"), ("y",), version=13)
    constants = {"a": np.float32([1, 2]), "shape": np.int64([8, 2])}
    kinds = {"y": TensorType(DType.FLOAT32, (8, 2))}
    graph, remarks = fold(constant_graph(node, kinds, constants), limit=32)
    assert operators(graph) == ["Expand"]
    assert "makes 64 bytes from 24: more than the limit of 32" in reasons(remarks)
    assert operators(fold(constant_graph(node, kinds, constants), limit=64)[0]) == []


def test_results_no_larger_than_their_constants_fold_whatever_the_limit():
    node = Node("n", "Neg", ("a",), ("y",), version=13)
    graph, _ = fold(constant_graph(node, {"y": FLOATS}, {"a": np.float32([1, 2])}), limit=0)
    assert operators(graph) == []


def test_random_operators_stay():
    node = Node("n", "RandomNormalLike", ("a",), ("y",), version=1)
    graph = constant_graph(node, {"y": FLOATS}, {"a": np.float32([1, 2])})
    assert FoldConstants(evaluate)(graph, Remarks()) is graph


def test_dropout_that_may_be_in_training_mode_stays():
    node = Node("n", "Dropout", ("a", "ratio", "training"), ("y",), version=13)
    constants = {"a": np.float32([1, 2]), "ratio": np.float32(0.5), "training": np.bool_(True)}
    constants = {name: np.asarray(array) for name, array in constants.items()}
    graph = constant_graph(node, {"y": FLOATS}, constants)
    assert FoldConstants(evaluate)(graph, Remarks()) is graph


def test_what_nested_graphs_compute_stays():
    graph = graph_of(
        """g (float[2] x, bool c) => (float[2] y) {
            y = If (c) <then_branch = t () => (float[2] p) { p = Neg (x) },
                        else_branch = e () => (float[2] q) { q = Abs (x) }>
        }"""
    )
    assert FoldConstants(evaluate)(graph, Remarks()) is graph


def test_results_without_static_shape_stay():
    node = Node("n", "NonZero", ("a",), ("y",), version=13)
    graph = constant_graph(node, {"y": OpaqueType("int64[1x?]")}, {"a": np.float32([1, 0])})
    remarks = Remarks()
    assert FoldConstants(evaluate)(graph, remarks) is graph
    assert "no static size" in reasons(remarks)


def test_operators_that_cannot_be_evaluated_stay():
    def refuse(node, inputs):
        raise UnsupportedError(f"nobody knows {node.op} of {len(inputs)}")

    node = Node("n", "Neg", ("a",), ("y",), version=13)
    graph = constant_graph(node, {"y": FLOATS}, {"a": np.float32([1, 2])})
    remarks = Remarks()
    assert FoldConstants(refuse)(graph, remarks) is graph
    assert "nobody knows Neg of 1" in reasons(remarks)


def test_what_depends_on_an_input_stays():
    graph = graph_of("g (float[2] x) => (float[2] y) { y = Neg (x) }")
    assert FoldConstants(evaluate)(graph, Remarks()) is graph
