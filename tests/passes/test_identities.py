import numpy as np
import pytest
from pass_checks import apply, graph_of, operators, reasons

from mini_infer.passes import Remarks
from mini_infer.passes.cleanup.identities import Identities


def remove(text, opset=18):
    graph = graph_of(text, opset)
    return apply(Identities(), graph, exact=True)


@pytest.mark.parametrize(
    "line",
    [
        "b = Identity (a)",
        "b = Dropout (a)",
        "b = Cast <to = 1> (a)",
        "b = Transpose <perm = [0, 1]> (a)",
        "b = Concat <axis = 0> (a)",
        "b = Sum (a)",
        "b = Mul (a, one)",
        "b = Mul (one, a)",
        "b = Div (a, one)",
        "b = Sub (a, zero)",
        "b = Add (minus_zero, a)",
        "b = Reshape (a, shape)",
        "b = Expand (a, shape)",
        "b = Tile (a, ones)",
        "b = Slice (a, zeros, shape)",
        "b = Pad (a, no_pads)",
        "b = Split <axis = 0, num_outputs = 1> (a)",
    ],
)
def test_operators_that_return_their_input_go(line):
    graph, remarks = remove(
        f"""g (float[2,3] x) => (float[2,3] y)
        <float one = {{1}}, float zero = {{0}}, float minus_zero = {{-0.0}}, int64[2] shape = {{2, 3}},
         int64[2] ones = {{1, 1}}, int64[2] zeros = {{0, 0}}, int64[4] no_pads = {{0, 0, 0, 0}}>
        {{ a = Relu (x) {line} y = Neg (b) }}"""
    )
    assert operators(graph) == ["Relu", "Neg"]
    assert "returns 'a' as it is" in remarks.entries[0].text


@pytest.mark.parametrize(
    "line",
    [
        "b = Add (a, zero)",  # -0.0 + 0.0 is 0.0
        "b = Sub (a, minus_zero)",
        "b = Mul (a, zero)",  # keeps NaN
        "b = Sub (zero, a)",
        "b = Div (one, a)",
        "b = Slice (a, ends, starts, axes, back)",
        "b = Transpose <perm = [1, 0]> (a)",
    ],
)
def test_operators_that_only_look_neutral_stay(line):
    graph, _ = remove(
        f"""g (float[2,2] x) => (float[2,2] y)
        <float one = {{1}}, float zero = {{0}}, float minus_zero = {{-0.0}}, int64[1] ends = {{-1}},
         int64[1] starts = {{-9}}, int64[1] axes = {{0}}, int64[1] back = {{-1}}>
        {{ a = Tanh (x) {line} y = Neg (b) }}"""
    )
    assert len(graph.nodes) == 3


def test_a_pad_that_shifts_stays():
    graph = graph_of(
        "g (float[2,2] x) => (float[2,2] y) <int64[4] shift = {1, 0, -1, 0}> { a = Pad (x, shift) y = Neg (a) }"
    )
    assert Identities()(graph, Remarks()) is graph


def test_a_neutral_constant_that_broadcasts_stays():
    graph, _ = remove(
        "g (float[3] x) => (float[2,3] y) <float[2,1] one = {1, 1}> { a = Relu (x) b = Mul (a, one) y = Neg (b) }"
    )
    assert operators(graph) == ["Relu", "Mul", "Neg"]


def test_adding_zero_to_integers_goes():
    graph, _ = remove("g (int64[3] x) => (int64[3] y) <int64 zero = {0}> { a = Neg (x) b = Add (a, zero) y = Abs (b) }")
    assert operators(graph) == ["Neg", "Abs"]


def test_a_pool_over_single_elements_goes():
    graph, _ = remove(
        """g (float[1,2,3,3] x) => (float[1,2,3,3] y)
        { a = Relu (x) b = MaxPool <kernel_shape = [1, 1]> (a) y = Neg (b) }"""
    )
    assert operators(graph) == ["Relu", "Neg"]


def test_dropout_in_training_mode_stays():
    graph = graph_of(
        """g (float[3] x, bool t) => (float[3] y) <float ratio = {0.0}> { a = Dropout (x, ratio, t) y = Neg (a) }"""
    )
    assert Identities()(graph, Remarks()) is graph


def test_the_producer_takes_the_name_of_an_output_that_copies_its_result():
    graph, _ = remove("g (float[3] x) => (float[3] y, float[3] z) { a = Relu (x) y = Identity (a) z = Neg (a) }")
    assert operators(graph) == ["Relu", "Neg"]
    assert graph.nodes[0].outputs == ("y",)
    assert graph.nodes[1].inputs == ("y",)


def test_outputs_that_copy_inputs_or_other_outputs_stay():
    graph, remarks = remove(
        """g (float[3] x) => (float[3] copy, float[3] y, float[3] z)
        { copy = Identity (x) a = Relu (x) y = Identity (a) z = Identity (a) }"""
    )
    assert operators(graph) == ["Identity", "Relu", "Identity"]
    assert "output 'copy' is a copy of 'x', which stays" in reasons(remarks)


def test_a_result_that_a_nested_graph_reads_stays():
    graph, remarks = remove(
        """g (float[3] x, bool c) => (float[3] y) {
            a = Identity (x)
            y = If (c) <then_branch = t () => (float[3] p) { p = Neg (a) },
                        else_branch = e () => (float[3] q) { q = Abs (a) }>
        }"""
    )
    assert operators(graph) == ["Identity", "If"]
    assert "a nested graph reads 'a' by name" in reasons(remarks)


def test_views_of_views_become_one():
    graph, _ = remove(
        """g (float[2,3,4] x) => (float[1,24] y) <int64[2] shape = {6, 4}, int64[1] axes = {0}>
        { a = Reshape (x, shape) b = Flatten <axis = 2> (a) c = Unsqueeze (b, axes) d = Squeeze (c)
        y = Flatten <axis = 0> (d) }"""
    )
    assert graph.nodes[-1].op == "Reshape"
    assert graph.nodes[-1].inputs[0] == "x"
    assert np.array_equal(graph.constants[graph.nodes[-1].inputs[1]], [1, 24])


def test_views_that_return_to_the_first_shape_go():
    graph, _ = remove(
        """g (float[2,3] x) => (float[2,3] y) <int64[1] flat = {6}, int64[2] shape = {2, 3}>
        { a = Relu (x) b = Reshape (a, flat) c = Reshape (b, shape) y = Neg (c) }"""
    )
    assert graph.nodes[-1].inputs == ("a",)


def test_nothing_to_remove_returns_the_same_graph():
    graph = graph_of("g (float[3] x) => (float[3] y) { a = Relu (x) y = Neg (a) }")
    assert Identities()(graph, Remarks()) is graph
