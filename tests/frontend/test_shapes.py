"""Fixing the shapes of inputs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper
from tiny_models import model, node, read, shapes_of, tensor

from mini_infer.errors import ModelError, UsageError
from mini_infer.ir.ranges import parse_shape

ADD = [node("Add", "a b", "y")]


@given(st.text(min_size=1), st.lists(st.integers(0, 10**6), max_size=5))
def test_parse_shape_takes_apart_what_is_put_together(name, dims):
    assert parse_shape(f"{name}:{'x'.join(map(str, dims))}") == (name, tuple(dims))


@pytest.mark.parametrize("text", ["", "x", ":1x2", "x:1x", "x:x1", "x:1,2", "x:-1x2", "x:1.5", "x:Nx3", "x: 1x2"])
def test_what_is_no_shape_is_a_usage_error(text):
    with pytest.raises(UsageError, match=r"write NAME:DIMxDIM"):
        parse_shape(text)


def test_open_dimensions_are_named_with_the_flag():
    proto = model(ADD, [tensor("a", ["batch", 3, None]), tensor("b", [1, 3, 1])], ["y"])
    with pytest.raises(ModelError) as caught:
        read(proto)
    assert str(caught.value) == "open dimensions: batch, a.2; give them: --dim batch=1 --dim a.2=1..512"


def test_all_open_inputs_are_named():
    proto = model(ADD, [tensor("a", ["batch", 3]), tensor("b", None)], ["y"])
    with pytest.raises(ModelError) as caught:
        read(proto)
    assert str(caught.value) == "open dimensions: batch, b; give them: --dim batch=1 --shapes b:DIMxDIM..."


def test_given_shapes_fill_in():
    proto = model(ADD, [tensor("a", ["batch", 3]), tensor("b", None)], ["y"])
    graph = read(proto, shapes={"a": (5, 3), "b": (3,)})
    assert shapes_of(graph) == {"a": "float32[5x3]", "b": "float32[3]", "y": "float32[5x3]"}


def test_a_symbol_shared_by_two_inputs_is_given_once():
    proto = model(ADD, [tensor("a", ["batch", 3]), tensor("b", ["batch", 1])], ["y"])
    assert shapes_of(read(proto, shapes={"a": (5, 3)}))["b"] == "float32[5x1]"


def test_a_symbol_given_two_sizes_says_nothing_of_others():
    inputs = [tensor("a", ["n"]), tensor("b", ["n"]), tensor("c", ["n"])]
    proto = model([node("Sum", "a b c", "y")], inputs, ["y"])
    with pytest.raises(ModelError, match="open dimensions: n;"):
        read(proto, shapes={"a": (5,), "b": (1,)})


@pytest.mark.parametrize("symbol", ["?", "-1", ""])
def test_nameless_symbols_have_nothing_in_common(symbol):
    proto = model(ADD, [tensor("a", [symbol, 3]), tensor("b", [symbol, 1])], ["y"])
    with pytest.raises(ModelError, match=r"open dimensions: b\.0;"):
        read(proto, shapes={"a": (5, 3)})


def test_negative_dimensions_are_open():
    proto = model([node("Relu", "x", "y")], [tensor("x", [-1, 3])], ["y"])
    with pytest.raises(ModelError, match=r"--dim x\.0=1"):
        read(proto)
    assert shapes_of(read(proto, shapes={"x": (2, 3)}))["y"] == "float32[2x3]"


@pytest.mark.parametrize(
    ("shapes", "text"),
    [
        ({"z": (1, 3)}, "no input 'z' to give a shape; its inputs are a, b"),
        ({"a": (1, 3, 1)}, r"'a' has 2 dimensions \(a:Nx3\), but 3 are given \(1x3x1\)"),
        ({"a": (1, 4)}, r"fixes dimension 1 at 3 \(a:Nx3\), but 4 is given \(1x4\)"),
        ({"a": (-1, 3)}, r"\(-1, 3\) is not a shape"),
    ],
)
def test_shapes_that_do_not_fit(shapes, text):
    proto = model(ADD, [tensor("a", ["batch", 3]), tensor("b", [3])], ["y"])
    with pytest.raises(ModelError, match=text):
        read(proto, shapes=shapes)


def test_sequences_and_strings_need_no_shape():
    words = tensor("words", [None], TensorProto.STRING)
    sequence = helper.make_tensor_sequence_value_info("s", TensorProto.FLOAT, None)
    proto = model([node("Identity", "words", "w"), node("SequenceLength", "s", "n")], [words, sequence], ["w", "n"])
    assert shapes_of(read(proto)) == {
        "words": "string[?]",
        "s": "sequence of float32",
        "w": "string[?]",
        "n": "int64[]",
    }
    with pytest.raises(ModelError, match="'s' is not a tensor"):
        read(proto, shapes={"s": (1,)})


def test_empty_tensors_and_scalars_have_shapes():
    proto = model([node("Relu", "x", "y")], [tensor("x", [0, 4])], ["y"])
    assert shapes_of(read(proto))["y"] == "float32[0x4]"
    proto = model([node("Relu", "x", "y")], [tensor("x", None)], ["y"])
    assert shapes_of(read(proto, shapes={"x": ()}))["y"] == "float32[]"
