"""Files that are no models, and models that are wrong: one line each."""

import re

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import body, model, node, read, tensor

from mini_infer.errors import MiniInferError, ModelError, UnsupportedError

RELU = model([node("Relu", "x", "y")], [tensor("x", [1, 2])], ["y"])


def refused(source, kind=ModelError) -> str:
    with pytest.raises(kind) as caught:
        read(source)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_a_file_its_bytes_and_its_message_are_the_same_model(tmp_path):
    path = tmp_path / "net.onnx"
    onnx.save(RELU, path)
    graphs = [read(path), read(str(path)), read(path.read_bytes()), read(RELU)]
    assert {str(graph.types["y"]) for graph in graphs} == {"float32[1x2]"}
    assert {len(graph.nodes) for graph in graphs} == {1}


def test_reading_leaves_the_message_as_it_is():
    before = RELU.SerializeToString()
    read(RELU)
    assert RELU.SerializeToString() == before


def test_missing_file(tmp_path):
    assert refused(tmp_path / "absent.onnx").endswith("absent.onnx cannot be read: No such file or directory")


def test_folder(tmp_path):
    assert "is not a file" in refused(tmp_path)


def test_empty_file(tmp_path):
    path = tmp_path / "empty.onnx"
    path.touch()
    assert refused(path).endswith("empty.onnx is empty")


@pytest.mark.parametrize("content", [b"hello, world", b"\x00" * 64, b"PK\x03\x04 a zip", b"\x89PNG\r\n\x1a\n"])
def test_not_onnx(tmp_path, content):
    path = tmp_path / "other.onnx"
    path.write_bytes(content)
    assert "other.onnx is not an ONNX model" in refused(path)


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.8, 0.99])
def test_truncated(tmp_path, kept):
    content = RELU.SerializeToString()
    path = tmp_path / "cut.onnx"
    path.write_bytes(content[: int(len(content) * kept)])
    assert "is not an ONNX model, or is truncated" in refused(path)


def test_too_large_a_file(tmp_path):
    path = tmp_path / "large.onnx"
    with path.open("wb") as file:
        file.truncate(2**31)  # sparse: takes no room
    assert "2147483648 bytes" in refused(path)
    assert "save its weights as external data" in refused(path)


def test_newer_opset():
    newest = onnx.defs.onnx_opset_version()
    text = refused(model([node("Relu", "x", "y")], [tensor("x", [1])], ["y"], opset=newest + 1), UnsupportedError)
    assert f"opset {newest + 1}" in text
    assert "upgrade onnx" in text


def test_what_the_checker_says_is_one_line():
    circle = model([node("Add", "b x", "y"), node("Relu", "y", "b")], [tensor("x", [1])], ["y"])
    assert refused(circle).startswith("the model is wrong: Nodes in a graph must be topologically sorted")


def test_what_onnx_would_think_about_for_ever():
    wrong = model([node("Einsum", "x", "y", equation="ii!->i")], [tensor("x", [2, 2])], ["y"])
    assert refused(wrong) == "node 'y' (Einsum): inputs of [2x2]: 'ii!->i' is no equation"


def test_inputs_that_do_not_fit_an_operator():
    wrong = model([node("MatMul", "a b", "y", name="product")], [tensor("a", [2, 3]), tensor("b", [4, 5])], ["y"])
    assert refused(wrong) == (
        "node 'product' (MatMul): input A 'a' is float32[2x3], whose rows of 3 do not fit columns of 4: "
        "input B 'b' is float32[4x5]"
    )


def test_a_constant_without_a_value():
    empty = node("Constant", "", "c")
    empty.ClearField("input")
    assert "constant 'c' has 0 values" in refused(model([empty, node("Add", "x c", "y")], [tensor("x", [1])], ["y"]))


@given(
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255), st.booleans()), min_size=1, max_size=4)
)
def test_damaged_files_are_refused_in_one_line_or_read(damages):
    branch = body([node("Conv", "x w", "b", pads=[1, 1])], [], ["b"])
    choice = node("If", "flag", "y", then_branch=branch, else_branch=branch, name="choice")
    whole = model([choice], [tensor("x", [1, 1, 4])], ["y"], {"w": [[[1.0, 2, 3]]], "flag": True}).SerializeToString()
    content = bytearray(whole)
    for where, byte, is_lost in damages:
        position = int(where * len(content))
        content[position : position + 1] = b"" if is_lost else bytes([byte])
    try:
        read(bytes(content))
    except MiniInferError as error:
        assert "\n" not in str(error)  # noqa: PT017 - it need not fail


NAMED = onnx.parser.parse_model(
    """<ir_version: 10, opset_import: ["" : 21, "mine~" : 1]>
    graph~ (float[dim~] input~) => (output~) <float[1] weight~ = {1}>
    { first~ = Add (input~, weight~) output~ = mine~.function~ <attribute~ = 1> (first~) }
    <domain: "mine~", opset_import: ["" : 21]> function~ <given~> (a~) => (b~)
    { b~ = LeakyRelu <alpha: float = @given~> (a~) }""".replace("~", "_zz")
).SerializeToString()


@pytest.mark.parametrize("part", sorted(set(re.findall(rb"\w+_zz", NAMED))))
def test_a_name_that_is_no_text(part):
    """Wherever it is: protobuf gives its bytes, which no code expects."""
    damaged = NAMED.replace(part, part[:-2] + b"\xff\xfe")
    assert "names that are no text" in refused(damaged)
