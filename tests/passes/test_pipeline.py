import sys

import numpy as np
import pytest
from all_passes import pipeline
from hypothesis import given
from hypothesis import strategies as st
from pass_checks import assert_same_meaning, graph_of, operators

from examples import examples
from mini_infer.errors import ModelError
from mini_infer.ir import DType, Graph, Node, TensorType, format_graph
from mini_infer.passes import Pass, Remarks, run

PASSES = pipeline()


def test_without_optimization_only_constants_fold_and_dead_code_goes():
    graph = graph_of(
        """g (float[2,3] x) => (float[6] y) <int64[1] minus = {-1}> {
            shape = Shape (x)
            size = ReduceProd (shape)
            a = Identity (x)
            b = Dropout (a)
            dead = Neg (b)
            c = Relu (b)
            d = Exp (c)
            y = Reshape (d, size)
        }"""
    )
    after = run(graph, pipeline(optimize=False), Remarks())
    assert operators(after) == ["Identity", "Dropout", "Relu", "Exp", "Reshape"]
    assert_same_meaning(graph, after, exact=True)


def test_a_pass_that_breaks_the_graph_is_caught():
    class Breaks(Pass):
        name = "breaks"

        def __call__(self, graph, remarks):
            remarks.applied(self.name, "y", "everything removed")
            return graph.replace(nodes=())

    with pytest.raises(ModelError, match="output 'y' is defined by nothing"):
        run(graph_of("g (float[3] x) => (float[3] y) { y = Relu (x) }"), (Breaks(),), Remarks())


def test_every_pass_says_its_name_and_when_it_fires():
    for rewrite in PASSES:
        text = sys.modules[type(rewrite).__module__].__doc__
        assert rewrite.name
        assert "Fires on" in text
        assert "Must not fire on" in text


class Network:
    """A graph that grows node by node, all values of rank 4; hypothesis decides what comes next."""

    def __init__(self, draw):
        self.draw = draw
        self.types = {"x": TensorType(DType.FLOAT32, draw(st.sampled_from([(1, 4, 6, 6), (2, 4, 3, 1), (1, 1, 5, 5)])))}
        self.values = ["x"]
        self.nodes = []
        self.constants = {}
        self.generator = np.random.default_rng(draw(st.integers(0, 1000)))

    def grow(self):
        value = self.pick(self.values[-4:])
        shape = self.types[value].shape
        step = self.pick([self.unary, self.convolve, self.scale, self.combine, self.transpose, self.concatenate])
        step = self.pick([step, self.pool, self.reshape, self.normalize, self.reduce])
        step(value, shape)

    def pick(self, items):
        return self.draw(st.sampled_from(items))

    def constant(self, array):
        name = f"k{len(self.constants)}"
        self.constants[name] = array
        self.types[name] = TensorType(DType.of(array.dtype), array.shape)
        return name

    def random(self, shape, low=0.5, high=1.5):
        return self.constant(self.generator.uniform(low, high, shape).astype(np.float32))

    def add(self, op, inputs, shape, **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(Node(name, op, tuple(inputs), (name,), attributes, version=17))
        self.types[name] = TensorType(DType.FLOAT32, shape)
        self.values.append(name)

    def unary(self, value, shape):
        self.add(self.pick(["Relu", "Sigmoid", "Neg", "Identity", "HardSwish"]), [value], shape)

    def convolve(self, value, shape):
        self.add("Conv", [value, self.random((shape[1], shape[1], 1, 1), -0.5, 0.5)], shape)

    def scale(self, value, shape):
        factor = self.random(self.pick([(), (shape[1], 1, 1), (1, 1, 1, shape[3]), shape[3:], shape]))
        operands = [value, factor] if self.draw(st.booleans()) else [factor, value]
        self.add(self.pick(["Mul", "Add", "Sub"]), operands, shape)

    def combine(self, value, shape):
        other = self.pick([name for name in self.values if self.types[name].shape == shape])
        self.add(self.pick(["Add", "Mul", "Max"]), [value, other], shape)

    def transpose(self, value, shape):
        order = tuple(self.draw(st.permutations(range(4))))
        self.add("Transpose", [value], tuple(shape[axis] for axis in order), perm=order)

    def concatenate(self, value, shape):
        other = self.pick([name for name in self.values if self.types[name].shape == shape])
        axis = self.draw(st.integers(0, 3))
        if np.prod(shape) < 1000:
            made = tuple(size * 2 if place == axis else size for place, size in enumerate(shape))
            self.add("Concat", [value, other], made, axis=axis)

    def pool(self, value, shape):
        if shape[2] % 2 == shape[3] % 2 == 0:
            made = (*shape[:2], shape[2] // 2, shape[3] // 2)
            self.add(self.pick(["MaxPool", "AveragePool"]), [value], made, kernel_shape=(2, 2), strides=(2, 2))

    def reshape(self, value, shape):
        merged = (shape[0], 1, shape[1], shape[2] * shape[3])
        made = self.pick([shape[::-1], merged, (1, shape[0] * shape[1], *shape[2:])])
        self.add("Reshape", [value, self.constant(np.int64(made))], made)

    def normalize(self, value, shape):
        self.add("BatchNormalization", [value, *(self.random(shape[1]) for _ in range(4))], shape)

    def reduce(self, value, shape):
        axis = self.draw(st.integers(0, 3))
        made = tuple(1 if place == axis else size for place, size in enumerate(shape))
        self.add("ReduceMax", [value], made, axes=(axis,))


@st.composite
def networks(draw):
    """Random graphs of the operators that passes know."""
    network = Network(draw)
    for _ in range(draw(st.integers(1, 12))):
        network.grow()
    if not network.nodes:
        network.unary("x", network.types["x"].shape)
    made = network.values[1:]
    outputs = tuple(dict.fromkeys([*draw(st.lists(st.sampled_from(made), max_size=2)), made[-1]]))
    return Graph("random", tuple(network.nodes), ("x",), outputs, network.types, network.constants).replace()


@examples(150)
@given(networks())
def test_random_networks_keep_their_meaning(graph):
    after = run(graph, PASSES, Remarks())
    assert_same_meaning(graph, after)


@examples(40)
@given(networks())
def test_every_pass_keeps_the_meaning_and_has_nothing_left_to_do(graph):
    for rewrite in PASSES:
        after = rewrite(graph, Remarks())
        assert_same_meaning(graph, after)
        assert format_graph(rewrite(after, Remarks())) == format_graph(after)
        graph = after


@examples(150)
@given(networks())
def test_a_pass_whose_operators_are_missing_does_nothing_and_says_nothing(graph):
    """So `run` may leave it out. Small random graphs lack operators of most passes."""
    for rewrite in pipeline(size_threshold=64):
        remarks = Remarks()
        after = rewrite(graph, remarks)
        if any(graph.operators.isdisjoint(needed) for needed in rewrite.needs):
            assert after is graph
            assert not remarks.entries
        graph = after


def test_passes_whose_operators_are_missing_are_left_out():
    class Never(Pass):
        name = "never"
        needs = (frozenset({"Relu", "Exp"}), frozenset({"Conv"}))

        def __call__(self, _graph, _remarks):
            raise AssertionError

    graph = graph_of("g (float[3] x) => (float[3] y) { y = Relu (x) }")
    assert run(graph, (Never(),), Remarks()) is graph


CHAINS = {
    "elementwise": ["Relu", "Exp"],
    "views": ["Identity", "Flatten"],
    "transposes": ["Transpose", "Relu", "Transpose", "Neg"],
    "convolutions": ["Conv", "BatchNormalization", "Relu"],
    "activations": ["Sigmoid", "Mul"],
}


def chain(operators_in_turn, length):
    """Nodes one after the other; a Mul also reads what the node before it reads."""
    kind = TensorType(DType.FLOAT32, (2, 2, 1, 1) if "Conv" in operators_in_turn else (2, 2))
    constants = {"w": np.ones((2, 2, 1, 1), np.float32), "p": np.ones(2, np.float32)}
    extra = {"Conv": ("w",), "BatchNormalization": ("p",) * 4}
    nodes = []
    for index in range(length):
        op = operators_in_turn[index % len(operators_in_turn)]
        inputs = (f"v{index}", f"v{index - 1}") if op == "Mul" else (f"v{index}", *extra.get(op, ()))
        nodes.append(Node(f"n{index}", op, inputs, (f"v{index + 1}",), version=17))
    types = {f"v{index}": kind for index in range(length + 1)}
    types |= {name: TensorType(DType.FLOAT32, array.shape) for name, array in constants.items()}
    return Graph("chain", tuple(nodes), ("v0",), (f"v{length}",), types, constants).replace()


def steps(function):
    """How many steps the Python interpreter makes while it runs."""
    count = 0

    def observe(frame, event, argument):
        nonlocal count
        del argument
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        count += event == "opcode"
        return observe

    previous = sys.gettrace()
    sys.settrace(observe)
    try:
        function()
    finally:
        sys.settrace(previous)
    return count


LONG = ("convolutions", "activations")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in LONG else []) for name in CHAINS]
)
def test_work_grows_with_the_number_of_nodes(name):
    short, long = chain(CHAINS[name], 60), chain(CHAINS[name], 600)
    first, second = (steps(lambda graph=graph: run(graph, PASSES, Remarks())) for graph in (short, long))
    assert second < 11 * first
