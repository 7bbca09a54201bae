"""Graphs inside graphs."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from harness.draw import Draw
from harness.families.certain import Cases, family
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


def _choose(
    i: Instance, taken: list[onnx.NodeProto], other: list[onnx.NodeProto], shape: tuple[int, ...], **more: np.ndarray
) -> str:
    """An `If` of which the run takes the first graph; each ends in a value named after it."""
    condition = i.given(np.True_, "bool", constant=False)
    constants = [numpy_helper.from_array(array, name) for name, array in more.items()]
    graphs = [
        helper.make_graph(nodes, name, [], [_value(name, size)], constants * (name == "other"))
        for nodes, name, size in ((taken, "taken", shape), (other, "other", shape))
    ]
    i.append(helper.make_node("If", [condition], ["chosen"], name="if", then_branch=graphs[0], else_branch=graphs[1]))
    return "chosen"


def _products_in_branches(i: Instance) -> str:
    """Branches with work for several threads."""
    x, w = i.input((40, 24), low=-2, high=2), i.constant((24, 50), low=-2, high=2)
    taken = [helper.make_node("MatMul", [x, w], ["m"], name="t"), helper.make_node("Relu", ["m"], ["taken"], name="u")]
    other = [helper.make_node("MatMul", [x, w], ["n"], name="e"), helper.make_node("Neg", ["n"], ["other"], name="f")]
    return _choose(i, taken, other, (40, 50))


def _products_beside_what_cannot_run(i: Instance) -> str:
    """A branch with work for several threads, and one that no sizes allow."""
    x, w = i.input((40, 24), low=-2, high=2), i.constant((24, 50), low=-2, high=2)
    wrong = helper.make_node("Reshape", [w, "sizes"], ["other"], name="e")
    i.declared = True
    taken = [helper.make_node("MatMul", [x, w], ["taken"], name="t")]
    return _choose(i, taken, [wrong], (40, 50), sizes=np.array([7, 7]))


def _nothing_to_index(i: Instance) -> str:
    """A branch that could only fail: there is nothing that its indices could name."""
    none, index, x = i.input((0, 4)), i.given([0, 0, 0], "int64", constant=False), i.input((3, 4))
    wrong = helper.make_node("Gather", [none, index], ["other"], name="e")
    return _choose(i, [helper.make_node("Neg", [x], ["taken"], name="t")], [wrong], (3, 4))


def _no_images(i: Instance) -> str:
    """A branch that could only fail: there are no images of which regions could be."""
    none, regions, index = i.input((0, 2, 4, 4)), i.input((1, 4)), i.given([0], "int64", constant=False)
    wrong = helper.make_node("RoiAlign", [none, regions, index], ["other"], name="e")
    return _choose(i, [helper.make_node("Neg", [i.input((1, 2, 1, 1))], ["taken"], name="t")], [wrong], (1, 2, 1, 1))


def _repeat(
    i: Instance, nodes: list[onnx.NodeProto], states: dict[str, str], results: list[str], unwanted: int = 0
) -> list[str]:
    """A loop of three trips: state → its first value; then what the body gives for each, and of each trip.

    The first results may be unwanted.
    """
    going = helper.make_node("Identity", ["going"], ["going_on"], name="going_n")
    inputs = [_value("trip", (), TensorProto.INT64), _value("going", (), TensorProto.BOOL)]
    inputs += [_value(name, None) for name in states]
    outputs = [_value("going_on", (), TensorProto.BOOL), *(_value(name, None) for name in results)]
    body = helper.make_graph([going, *nodes], "body", inputs, outputs)
    names = [f"final{k}" * (k >= unwanted) for k in range(len(results))]
    count = i.given(3, "int64")
    i.append(helper.make_node("Loop", [count, "", *states.values()], names, name="loop", body=body))
    return names[unwanted:]


def _products_in_loop(i: Instance) -> list[str]:
    """A loop with work for several threads, whose rows are kept, and with a state that does not change."""
    x, w = i.input((40, 24), low=-1, high=1), i.constant((24, 24), low=0, high=1)
    nodes = [
        helper.make_node("MatMul", ["state", w], ["m"], name="t"),
        helper.make_node("Clip", ["m", i.given(-3.0, "float32"), i.given(3.0, "float32")], ["next"], name="u"),
        helper.make_node("MatMul", ["next", w], ["row"], name="v"),
    ]
    return _repeat(i, nodes, {"state": x, "same": i.input((3,))}, ["next", "same", "row"])


def _growing_in_loop(i: Instance) -> list[str]:
    """A state that grows with each trip, whose end nobody wants, beside one that keeps its shape."""
    nodes = [
        helper.make_node("Concat", ["long", "long"], ["longer"], name="t", axis=0),
        helper.make_node("ReduceSum", ["longer", i.ints(0)], ["row"], name="u", keepdims=0),
        helper.make_node("Add", ["state", "row"], ["next"], name="v"),
    ]
    states = {"long": i.input((2, 6)), "state": i.input((6,))}
    return _repeat(i, nodes, states, ["longer", "next"], unwanted=1)


def _first_omitted(i: Instance) -> str:
    """An `If` of two results of which only the second is wanted."""
    x, condition = i.input((3, 4)), i.given(np.True_, "bool", constant=False)
    graphs = []
    for name, op in (("taken", "Neg"), ("other", "Relu")):
        nodes = [
            helper.make_node("Abs", [x], [f"{name}0"], name=f"{name}a"),
            helper.make_node(op, [x], [name], name=name),
        ]
        graphs.append(helper.make_graph(nodes, name, [], [_value(f"{name}0", (3, 4)), _value(name, (3, 4))]))
    names = ["", "chosen"]
    i.append(helper.make_node("If", [condition], names, name="if", then_branch=graphs[0], else_branch=graphs[1]))
    return "chosen"


CASES: Cases = (
    _products_in_branches,
    _products_beside_what_cannot_run,
    _nothing_to_index,
    _no_images,
    _products_in_loop,
    _growing_in_loop,
    _first_omitted,
)

FAMILIES = {"if": branch, "loop": loop, "scan": scan, "certain-control": family(CASES)}
