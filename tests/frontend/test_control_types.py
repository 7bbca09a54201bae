"""Types around and inside Loop, Scan and SequenceMap."""

import numpy as np
import pytest
from onnx import TensorProto
from tiny_models import body, model, node, read, shapes_of, tensor

from mini_infer.ir import OpaqueType

COUNTER = [tensor("i", [], TensorProto.INT64), tensor("going", [], TensorProto.BOOL)]


def loop(steps, trips, *, carried="v", outputs="last all"):
    return node("Loop", f"{trips} true {carried}", outputs, body=steps)


def test_a_loop_of_known_length_has_static_rows():
    steps = body(
        [node("Identity", "going", "on"), node("Add", "v v", "next"), node("Neg", "v", "row")],
        [*COUNTER, tensor("v", None)],
        ["on", "next", "row"],
    )
    proto = model([loop(steps, "n")], [tensor("v", [2, 3])], ["last", "all"], {"n": np.int64(4), "true": np.True_})
    kinds = shapes_of(read(proto))
    assert (kinds["last"], kinds["all"]) == ("float32[2x3]", "float32[4x2x3]")


def test_a_loop_that_may_end_early_has_not():
    steps = body(
        [node("Less", "i limit", "on"), node("Identity", "v", "next"), node("Neg", "v", "row")],
        [*COUNTER, tensor("v", None)],
        ["on", "next", "row"],
    )
    constants = {"n": np.int64(4), "true": np.True_, "limit": np.int64(2)}
    graph = read(model([loop(steps, "n")], [tensor("v", [2, 3])], ["last", "all"], constants))
    assert str(graph.types["last"]) == "float32[2x3]"
    assert graph.types["all"] == OpaqueType("float32[?x2x3]")


def test_a_carried_value_that_grows_has_no_static_shape():
    steps = body(
        [node("Identity", "going", "on"), node("Concat", "v v", "next", axis=0)],
        [*COUNTER, tensor("v", None)],
        ["on", "next"],
    )
    proto = model(
        [loop(steps, "n", outputs="last")], [tensor("v", [2, 3])], ["last"], {"n": np.int64(4), "true": np.True_}
    )
    graph = read(proto)
    assert graph.types["last"] == OpaqueType("float32[?x3]")
    inner = graph.nodes[0].attributes["body"]
    assert inner.types["next"] == OpaqueType("float32[?x3]")


@pytest.mark.parametrize(
    ("input_axis", "output_axis", "rows"), [(0, 0, "float32[2x5]"), (0, 1, "float32[5x2]"), (1, -1, "float32[2x5]")]
)
def test_a_scan_has_as_many_rows_as_its_input(input_axis, output_axis, rows):
    steps = body(
        [node("Add", "state x", "sum"), node("Neg", "sum", "row")],
        [tensor("state", None), tensor("x", None)],
        ["sum", "row"],
    )
    axes = {"scan_input_axes": [input_axis], "scan_output_axes": [output_axis]}
    scan = node("Scan", "start xs", "last all", body=steps, num_scan_inputs=1, **axes)
    start = tensor("start", [2 if input_axis else 5])
    kinds = shapes_of(read(model([scan], [start, tensor("xs", [2, 5])], ["last", "all"])))
    assert kinds["last"] == ("float32[2]" if input_axis else "float32[5]")
    assert kinds["all"] == rows


def test_a_sequence_map_gives_sequences():
    steps = body([node("Relu", "e", "o")], [tensor("e", None)], ["o"])
    nodes = [node("SequenceConstruct", "x x", "s"), node("SequenceMap", "s", "t", body=steps)]
    graph = read(model(nodes, [tensor("x", [2])], ["t"]))
    assert graph.types["t"] == OpaqueType("sequence of float32[2]")


def test_inner_values_have_types():
    steps = body(
        [node("Identity", "going", "on"), node("Add", "v outside", "next")],
        [*COUNTER, tensor("v", None)],
        ["on", "next"],
    )
    proto = model(
        [loop(steps, "n", outputs="last")],
        [tensor("v", [2, 3]), tensor("outside", [3])],
        ["last"],
        {"n": np.int64(4), "true": np.True_},
    )
    graph = read(proto)
    inner = graph.nodes[0].attributes["body"]
    assert inner.captured == ("outside",)
    assert {name: str(kind) for name, kind in inner.types.items()} == {
        "i": "int64[]",
        "going": "bool[]",
        "v": "float32[2x3]",
        "on": "bool[]",
        "next": "float32[2x3]",
    }
