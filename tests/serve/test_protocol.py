"""Bodies of requests, right and wrong."""

import contextlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mini_infer.errors import InputError
from mini_infer.ir import DType, TensorType
from mini_infer.serve import protocol

INPUTS = {"x": TensorType(DType.FLOAT32, (2, 3)), "n": TensorType(DType.INT64, (2,))}
OUTPUTS = {"y": TensorType(DType.FLOAT32, (2,)), "z": TensorType(DType.BOOL, (1,))}
X = {"name": "x", "datatype": "FP32", "shape": [2, 3], "data": [1, 2.5, 3, 4, 5, 6]}
N = {"name": "n", "datatype": "INT64", "shape": [2], "data": [7, 2**53 + 1]}


def parse(head, binary=b"", length=None):
    body = json.dumps(head).encode() + binary
    return protocol.parse(body, length or (str(len(json.dumps(head))) if binary else None), INPUTS, OUTPUTS)


def test_json():
    request = parse({"id": "a", "inputs": [X, N]})
    assert (request.id, request.wanted) == ("a", (("y", False), ("z", False)))
    np.testing.assert_array_equal(request.feed["x"], np.array([[1, 2.5, 3], [4, 5, 6]], np.float32))
    assert request.feed["n"].tolist() == [7, 2**53 + 1]


def test_nested_data():
    request = parse({"inputs": [{**X, "data": [[1, 2, 3], [4, 5, 6]]}, N]})
    assert request.feed["x"].shape == (2, 3)


def test_binary_and_which_outputs():
    x, n = np.arange(6, dtype="<f4"), np.arange(2, dtype="<i8")
    entries = [
        {"name": "x", "datatype": "FP32", "shape": [2, 3], "parameters": {"binary_data_size": 24}},
        {"name": "n", "datatype": "INT64", "shape": [2], "parameters": {"binary_data_size": 16}},
    ]
    wanted = [{"name": "z", "parameters": {"binary_data": True}}, {"name": "y"}]
    request = parse({"inputs": entries, "outputs": wanted}, x.tobytes() + n.tobytes())
    np.testing.assert_array_equal(request.feed["x"].ravel(), x)
    assert request.wanted == (("z", True), ("y", False))
    head, binary = protocol.answer("m", request, {"y": np.array([1.5, 2], np.float32), "z": np.array([True])})
    assert binary == b"\x01"
    assert json.loads(head)["outputs"] == [
        {"name": "z", "datatype": "BOOL", "shape": [1], "parameters": {"binary_data_size": 1}},
        {"name": "y", "datatype": "FP32", "shape": [2], "data": [1.5, 2.0]},
    ]
    request = parse({"inputs": [X, N], "parameters": {"binary_data_output": True}})
    assert request.wanted == (("y", True), ("z", True))


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ([], "no JSON object"),
        ({}, "inputs are no list"),
        ({"inputs": [1]}, "inputs are no list"),
        ({"inputs": [{"name": "q"}]}, "there is no input 'q'; there are x, n"),
        ({"inputs": [X, X]}, "input 'x' is given twice"),
        ({"inputs": [X]}, "input 'n' is missing"),
        ({"inputs": [{**X, "datatype": "FP64"}, N]}, "input 'x' is FP64; the model takes float32"),
        ({"inputs": [{**X, "datatype": "BYTES"}, N]}, "has datatype 'BYTES'; known are"),
        ({"inputs": [{**X, "shape": [2, -3]}, N]}, "a shape that is no list of sizes"),
        ({"inputs": [{**X, "shape": [2, True]}, N]}, "a shape that is no list of sizes"),
        ({"inputs": [{**X, "shape": "2"}, N]}, "a shape that is no list of sizes"),
        ({"inputs": [{**X, "shape": [2**31, 2**31, 2**31]}, N]}, "a shape that is no list of sizes"),
        ({"inputs": [{**X, "shape": [1] * 65}, N]}, "a shape that is no list of sizes"),
        ({"inputs": [{**X, "data": [1]}, N]}, r"data that is not 6 numbers of float32"),
        ({"inputs": [{**X, "data": ["1"] * 6}, N]}, r"data that is not 6 numbers"),
        ({"inputs": [{**X, "data": [[1, 2], [3]]}, N]}, r"data that is not 6 numbers"),
        ({"inputs": [{**X, "data": None}, N]}, r"input 'x' has no data"),
        ({"inputs": [X, {**N, "data": [1.5, 2]}]}, r"data that is not 2 numbers of int64"),
        ({"inputs": [X, {**N, "data": [2**70, 2]}]}, r"data that is not 2 numbers of int64"),
        ({"inputs": [X, {**N, "data": [True, False]}]}, r"data that is not 2 numbers of int64"),
        ({"inputs": [{**X, "parameters": {"binary_data_size": 24}}, N]}, "has binary_data_size 24; 0 bytes are left"),
        ({"inputs": [{**X, "parameters": 3}, N]}, "the parameters of 'x' are no object"),
        ({"inputs": [X, N], "outputs": [{"name": "x"}]}, "there is no output 'x'; there are y, z"),
        ({"inputs": [X, N], "outputs": [{"name": "y", "parameters": {"classification": 3}}]}, "as a classification"),
        ({"inputs": [X, N], "id": 3}, "the request's id is no text"),
    ],
)
def test_what_is_wrong_is_said(head, message):
    with pytest.raises(InputError, match=message):
        parse(head)


def test_lengths():
    head = {"inputs": [X, N]}
    for length in ("-1", "x", "1e3", "100000", "1" * 5000, "\u0661"):
        with pytest.raises(InputError, match="Inference-Header-Content-Length is"):
            parse(head, length=length)
    with pytest.raises(InputError, match="3 bytes behind the last tensor belong to none"):
        parse(head, b"abc")
    entry = {"name": "x", "datatype": "FP32", "shape": [2, 3], "parameters": {"binary_data_size": 20}}
    with pytest.raises(InputError, match=r"has 20 bytes; \(2, 3\) of float32 takes 24"):
        parse({"inputs": [entry, N]}, bytes(20))


def test_a_bool_is_0_or_1():
    entry = {"name": "b", "datatype": "BOOL", "shape": [2], "parameters": {"binary_data_size": 2}}
    head = json.dumps({"inputs": [entry]}).encode()
    known = {"b": TensorType(DType.BOOL, (2,))}
    assert protocol.parse(head + b"\0\1", str(len(head)), known, {}).feed["b"].tolist() == [False, True]
    with pytest.raises(InputError, match="a byte that is neither 0 nor 1"):
        protocol.parse(head + b"\0\2", str(len(head)), known, {})


NAN = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))
ANYTHING = st.recursive(NAN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner))


@given(st.sampled_from(["name", "datatype", "shape", "data", "parameters"]), ANYTHING)
def test_any_value_is_taken_or_refused(key, value):
    body = json.dumps({"inputs": [{**X, key: value}, N]}).encode()
    with contextlib.suppress(InputError):
        protocol.parse(body, None, INPUTS, OUTPUTS)


@given(st.binary(max_size=200), st.one_of(st.none(), st.text(max_size=4)))
def test_any_bytes_are_refused(body, length):
    with pytest.raises(InputError):
        protocol.parse(body, length, INPUTS, OUTPUTS)
