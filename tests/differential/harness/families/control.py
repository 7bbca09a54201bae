"""Graphs inside graphs."""

import numpy as np
from onnx import TensorProto, helper

from harness.draw import Draw
from harness.instance import Instance


def _value(name: str, shape: tuple[int, ...] | None, kind: int = TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def _work(d: Draw, nodes: list, x: str, outer: str, stem: str) -> str:
    """A few nodes of the same shape."""
    for step in range(d.integer(1, 3)):
        y = f"{stem}{step}"
        op = d.pick("Add", "Relu", "Sub", "Max", "Constant", "Cast")
        if op == "Constant":
            nodes.append(helper.make_node(op, [], [f"{y}c"], name=f"{stem}c{step}", value_float=2.0))
            nodes.append(helper.make_node("Add", [x, f"{y}c"], [y], name=f"{stem}n{step}"))
        elif op == "Cast":  # to a type without kernels and back
            nodes.append(helper.make_node(op, [x], [f"{y}c"], name=f"{stem}c{step}", to=TensorProto.BFLOAT16))
            nodes.append(helper.make_node(op, [f"{y}c"], [y], name=f"{stem}n{step}", to=TensorProto.FLOAT))
        else:
            nodes.append(helper.make_node(op, [x] if op == "Relu" else [x, outer], [y], name=f"{stem}n{step}"))
        x = y
    return x


def branch(i: Instance, d: Draw) -> None:
    """One of two graphs."""
    shape = (d.integer(1, 5), d.integer(1, 17))
    x, y = i.input(shape), i.node("Relu", i.input(shape))
    condition = i.given(bool(d.index(2)), "bool", constant=d.maybe(0.2))
    graphs = []
    for stem in ("t", "e"):
        nodes: list = []
        last = _work(d, nodes, x, y, stem)
        graphs.append(helper.make_graph(nodes, stem, [], [_value(last, shape)]))
    if "c" not in condition[:1] and d.maybe(0.3):
        # The other branch cannot run with these shapes, and need not.
        wrong = helper.make_node("Reshape", [y, "wrong"], ["u"], name="un")
        sizes = helper.make_tensor("wrong", TensorProto.INT64, [2], [shape[0] + 1, shape[1] + 1])
        other = int(i.values[condition].value.item())
        graphs[other] = helper.make_graph([wrong], "u", [], [_value("u", None)], [sizes])
        i.declared = True
    i.append(helper.make_node("If", [condition], ["chosen"], name="if", then_branch=graphs[0], else_branch=graphs[1]))
    i.give(i.node("Neg", "chosen") if d.maybe() else "chosen")


def loop(i: Instance, d: Draw) -> None:
    """So many trips, or until a condition fails; states, and rows that are collected."""
    shape = (d.integer(1, 5), d.integer(1, 17))
    trips = d.integer(1, 5)
    start, captured = i.input(shape), i.input(shape)
    nodes: list = []
    last = _work(d, nodes, "state", captured, "b")
    if last == "state":
        nodes.append(helper.make_node("Identity", ["state"], ["b"], name="bn"))
        last = "b"
    scanned = d.maybe()
    outputs = [_value("going_on", (), TensorProto.BOOL), _value(last, shape)]
    if d.maybe():
        nodes.append(helper.make_node("Identity", ["going"], ["going_on"], name="going_n"))
    else:
        i_limit = i.given(d.integer(0, trips), "int64")
        nodes.append(helper.make_node("Less", ["trip", i_limit], ["going_on"], name="going_n"))
    if scanned:
        nodes.append(helper.make_node("Neg", [last], ["row"], name="row_n"))
        outputs.append(_value("row", shape))
    inputs = [_value("trip", (), TensorProto.INT64), _value("going", (), TensorProto.BOOL), _value("state", shape)]
    body = helper.make_graph(nodes, "body", inputs, outputs)
    count = i.given(trips, "int64")
    going = i.given(np.True_, "bool") if d.maybe(0.7) else ""
    names = ["final", *(["rows"] if scanned else [])]
    i.append(helper.make_node("Loop", [count, going, start], names, name="loop", body=body))
    if scanned and i.shape("rows")[0] != trips:
        names = ["final"]
    i.give(i.node("Relu", "final"), *names[1:])


def scan(i: Instance, d: Draw) -> None:
    """A graph for each row."""
    rows, width = d.integer(1, 5), d.integer(1, 17)
    state, x = i.input((width,)), i.input((rows, width))
    nodes = [
        helper.make_node("Add", ["s", "row"], ["next"], name="a"),
        helper.make_node(d.pick("Relu", "Neg"), ["next"], ["out"], name="b"),
    ]
    body = helper.make_graph(
        nodes,
        "body",
        [_value("s", (width,)), _value("row", (width,))],
        [_value("next", (width,)), _value("out", (width,))],
    )
    i.append(helper.make_node("Scan", [state, x], ["last", "rows"], name="scan", body=body, num_scan_inputs=1))
    i.give("last", "rows")


FAMILIES = {"if": branch, "loop": loop, "scan": scan}
