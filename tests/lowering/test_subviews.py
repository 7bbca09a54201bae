"""Values that are parts of others: what is found, what it saves, and what must not be."""

import numpy as np

from mini_infer.ir import DType, Graph, Node, OpaqueType, TensorType
from mini_infer.lowering import place, select
from mini_infer.lowering.storage.places import output_roots
from mini_infer.lowering.storage.states import Homes
from mini_infer.lowering.storage.subviews import Finder, Place
from mini_infer.objective import OBJECTIVES

ROW = (1, 8, 8)


def graph(lines: str, channels: dict[str, int], outputs: tuple[str, ...] = ("y",), **constants: np.ndarray) -> Graph:
    """Nodes `result = Op(a, b)` on tensors of [1, 8, 8, channels], one a line; joined and cut along the channels."""
    nodes = []
    for line in filter(None, map(str.strip, lines.splitlines())):
        results, _, call = line.partition(" = ")
        op, _, inputs = call.rstrip(")").partition("(")
        attributes = {"axis": 3} if op in {"Concat", "Split"} else {}
        names = tuple(inputs.split(", "))
        nodes.append(Node(results, op, names, tuple(results.split(", ")), attributes, version=18))
    types = {name: TensorType(DType.FLOAT32, (*ROW, count)) for name, count in channels.items()}
    types |= {name: TensorType(DType.of(array.dtype), array.shape) for name, array in constants.items()}
    return Graph("test", tuple(nodes), ("x",), outputs, types, constants)


def parts(
    g: Graph, whole: frozenset[str] = frozenset(), apart: frozenset[str] = frozenset()
) -> dict[str, tuple[str, int]]:
    """Part → the value it lies in, and at which channel."""
    found = Finder(g, g.nodes, whole.union(output_roots(g, Homes.of(g, g)))).find(apart)
    assert all(
        place.strides == (64 * place.strides[2], 8 * place.strides[2], place.strides[2], 1) for place in found.values()
    )
    return {name: (place.whole, place.offset) for name, place in found.items()}


JOINED = """
    a = Relu(x)
    b = Sigmoid(x)
    c = Concat(a, b)
    y = Tanh(c)
"""


def test_what_is_concatenated_is_made_in_its_place():
    assert parts(graph(JOINED, {"x": 3, "a": 3, "b": 3, "c": 6, "y": 6})) == {"a": ("c", 0), "b": ("c", 3)}


def test_strides_are_those_of_the_whole():
    g = graph(JOINED, {"x": 3, "a": 3, "b": 3, "c": 6, "y": 6})
    assert Finder(g, g.nodes).find()["b"] == Place("c", 3, (384, 48, 6, 1))


def test_inputs_outputs_views_and_what_comes_twice_are_copied():
    lines = """
        a = Relu(x)
        v = Identity(a)
        b = Sigmoid(x)
        c = Concat(x, v, b, b)
        y = Tanh(c)
    """
    assert parts(graph(lines, {"x": 3, "a": 3, "v": 3, "b": 3, "c": 12, "y": 12})) == {}
    assert parts(graph(JOINED, {"x": 3, "a": 3, "b": 3, "c": 6, "y": 6}, outputs=("y", "a"))) == {"b": ("c", 3)}


def test_a_concatenation_inside_another_lies_in_it():
    lines = """
        a = Relu(x)
        b = Sigmoid(x)
        c = Concat(a, b)
        d = Tanh(c)
        e = Concat(d, c)
        y = Exp(e)
    """
    sizes = {"x": 3, "a": 3, "b": 3, "c": 6, "d": 6, "e": 12, "y": 12}
    assert parts(graph(lines, sizes)) == {"d": ("e", 0), "c": ("e", 6), "a": ("e", 6), "b": ("e", 9)}


def test_the_same_neighbors_joined_again_are_the_whole_s_beginning():
    lines = """
        a = Relu(x)
        b = Sigmoid(a)
        c = Concat(a, b)
        d = Tanh(c)
        e = Concat(a, b, d)
        y = Exp(e)
    """
    sizes = {"x": 3, "a": 3, "b": 3, "c": 6, "d": 6, "e": 12, "y": 12}
    assert parts(graph(lines, sizes)) == {"a": ("e", 0), "b": ("e", 3), "c": ("e", 0), "d": ("e", 6)}


def test_a_split_reads_where_its_input_lies():
    lines = """
        a = Relu(x)
        b, c = Split(a, sizes)
        y = Mul(b, c)
    """
    g = graph(lines, {"x": 6, "a": 6, "b": 2, "c": 4, "y": 4}, sizes=np.array([2, 4]))
    assert parts(g) == {"b": ("a", 0), "c": ("a", 2)}


def test_a_split_into_parts_of_unknown_sizes_is_none():
    g = graph("a = Relu(x)\nb, y = Split(a, s)", {"x": 6, "a": 6, "b": 2, "y": 4})
    g.types["b"] = OpaqueType("float32[1x8x8x?]")
    assert parts(g) == {}


def test_what_is_split_and_joined_again_lies_in_the_whole():
    lines = """
        a = Relu(x)
        b, c = Split(a, sizes)
        d = Tanh(c)
        e = Concat(b, c, d)
        y = Exp(e)
    """
    g = graph(lines, {"x": 6, "a": 6, "b": 3, "c": 3, "d": 3, "e": 9, "y": 9}, sizes=np.array([3, 3]))
    assert parts(g) == {"a": ("e", 0), "b": ("e", 0), "c": ("e", 3), "d": ("e", 6)}


def test_slices_by_known_bounds_and_steps_of_one():
    bounds = {"start": np.array([2]), "end": np.array([-1]), "axis": np.array([3]), "step": np.array([2])}
    sizes = {"x": 6, "a": 6, "b": 3, "y": 3}
    lines = "a = Relu(x)\nb = Slice(a, start, end, axis)\ny = Exp(b)"
    assert parts(graph(lines, sizes, **bounds)) == {"b": ("a", 2)}
    assert parts(graph(lines.replace("axis)", "axis, step)"), sizes, **bounds)) == {}


def test_what_is_told_to_be_whole_or_apart():
    g = graph(JOINED, {"x": 3, "a": 3, "b": 3, "c": 6, "y": 6})
    assert parts(g, whole=frozenset({"a"})) == {"b": ("c", 3)}
    assert parts(g, apart=frozenset({"c"})) == {}


def test_a_kernel_that_takes_no_gaps_gets_none():
    lines = JOINED.replace("b = Sigmoid(x)", "b = LpNormalization(x)")
    program = place(select(graph(lines, {"x": 3, "a": 3, "b": 3, "c": 6, "y": 6})))
    assert program.values["a"].strides == (384, 48, 6, 1)
    assert program.values["b"].strides == ()
    assert all(step.native for step in program.steps)


def test_a_copy_that_lowers_the_peak_stays():
    """In place, `a` would keep the bytes of all of `c` while the wide `p` lives."""
    lines = """
        a = Relu(x)
        p = Concat(x, x, x, x, x, x, x, x)
        b = ReduceMax(p, axis)
        t = Concat(x, x, x, x)
        c = Concat(a, b, t)
        y = Softmax(c)
    """
    sizes = {"x": 32, "a": 32, "p": 256, "b": 1, "t": 128, "c": 161, "y": 161}
    g = graph(lines, sizes, axis=np.array([3]))
    values = {name: place(select(g), objective=OBJECTIVES[name]).values for name in ("speed", "balanced")}
    assert values["speed"]["a"].index == values["speed"]["c"].index
    assert values["balanced"]["a"].index != values["balanced"]["c"].index


def test_a_slice_of_a_slice_along_another_axis_is_not_copied():
    """Behind a batch of one, rows cut along the height lie densely, and columns of these do not."""
    kinds = {name: TensorType(DType.FLOAT32, shape) for name, shape in (
        ("x", (1, 10, 10, 4)), ("b", (1, 10, 10, 4)), ("rows", (1, 8, 10, 4)), ("c", (1, 8, 8, 4)), ("y", (1, 8, 8, 4)),
    )}  # fmt: skip
    bounds = {"one": [1], "nine": [9], "high": [1], "wide": [2]}
    constants = {name: np.array(value, np.int64) for name, value in bounds.items()}
    nodes = (
        Node("b", "Relu", ("x",), ("b",), version=18),
        Node("rows", "Slice", ("b", "one", "nine", "high"), ("rows",), version=13),
        Node("c", "Slice", ("rows", "one", "nine", "wide"), ("c",), version=13),
        Node("y", "Tanh", ("c",), ("y",), version=18),
    )
    types = kinds | {name: TensorType(DType.INT64, array.shape) for name, array in constants.items()}
    program = place(select(Graph("test", nodes, ("x",), ("y",), types, constants)))
    assert [len(step.calls) for step in program.steps] == [1, 0, 0, 1]
