"""Inconsistent models: each is refused, in one line that names the node and what is wrong with it."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from tiny_models import model, node, read, tensor
from wrong_models import CASES, INDEX, REAL, floats, ints

import mini_infer as mi
from mini_infer.errors import CapacityError, InputError, ModelError
from mini_infer.frontend import contrib, rules


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.op}-{case.says[:24]}")
def test_inconsistent_models_are_refused(case):
    with pytest.raises(ModelError) as caught:
        read(case.model())
    message = str(caught.value)
    assert message.startswith("node 'wrong"), message
    assert case.says in message
    assert "\n" not in message


def branch(*nodes: onnx.NodeProto, gives: str) -> onnx.GraphProto:
    return helper.make_graph(nodes, gives, [], [tensor(gives, None)])


def choosing(*, outputs="y", one=None, other=None) -> onnx.ModelProto:
    """An If whose condition comes at run time; its first branch cannot run, unless it is given."""
    shape = helper.make_node("Constant", [], ["s"], value_ints=[3, 700])
    one = one or branch(shape, node("Reshape", "x s", "a", name="inner"), gives="a")
    other = other or branch(node("Relu", "x", "b"), gives="b")
    chosen = node("If", "c", outputs, name="wrong", then_branch=one, else_branch=other)
    proto = model([chosen], [tensor("x", [2, 3]), tensor("c", [], TensorProto.BOOL)], outputs.split())
    for output in proto.graph.output:
        output.type.tensor_type.ClearField("shape")
    return proto


def looping(inputs: list[str], results: list[str]) -> onnx.ModelProto:
    names = {"i": (INDEX, []), "c": (TensorProto.BOOL, []), "h": (REAL, [2, 3])}
    body = helper.make_graph(
        [node("Identity", "c", "d"), node("Relu", "h" if "h" in inputs else "x", "k")],
        "body",
        [tensor(name, names[name][1], names[name][0]) for name in inputs],
        [tensor(name, None) for name in results],
    )
    loop = helper.make_node("Loop", ["n", "", "x"], ["y"], "wrong", body=body)
    return model([loop], [tensor("x", [2, 3])], ["y"], {"n": np.array(3)})


@pytest.mark.parametrize(
    ("proto", "says"),
    [
        (choosing(outputs="y z"), "outputs of its then_branch: 1 instead of 2"),
        (
            choosing(one=helper.make_graph([node("Relu", "h", "a")], "a", [tensor("h", [1])], [tensor("a", None)])),
            "inputs of its then_branch: 1 instead of 0",
        ),
        (looping(["i", "c"], ["d", "k"]), "inputs of its body: 2 instead of 3"),
        (looping(["i", "c", "h"], ["d"]), "outputs of its body: 1 instead of 2"),
        (looping(["i", "c", "h"], ["d", "k", "k"]), "outputs of its body: 3 instead of 2"),
    ],
)
def test_nested_graphs_that_do_not_fit_their_node(proto, says):
    with pytest.raises(ModelError, match=says) as caught:
        read(proto)
    assert "node 'wrong'" in str(caught.value)


def test_a_branch_that_cannot_run_is_an_error_only_where_it_is_taken():
    engine = mi.compile(choosing(), compiler="none")
    x = np.array([[-1, 2, -3], [4, -5, 6]], np.float32)
    context = engine.create_context()
    np.testing.assert_array_equal(context.run({"x": x, "c": np.array(0, np.bool_)})["y"], np.maximum(x, 0))
    with pytest.raises(InputError, match="this branch cannot run"):
        context.run({"x": x, "c": np.array(1, np.bool_)})


def test_a_long_list_of_wrong_indices_is_an_error_only_where_it_is_taken():
    one = branch(node("Gather", "x far", "g", name="inner"), node("ReduceMax", "g first", "a"), gives="a")
    proto = choosing(one=one, other=branch(node("ReduceMax", "x first", "b"), gives="b"))
    known = {"far": np.full((1 << 22) + 1, 9, np.int32), "first": np.array([0])}
    proto.graph.initializer.extend(onnx.numpy_helper.from_array(array, name) for name, array in known.items())
    context = mi.compile(proto, compiler="none").create_context()
    x = np.array([[-1, 2, -3], [4, -5, 6]], np.float32)
    assert context.run({"x": x, "c": np.array(0, np.bool_)})["y"].tolist() == [[4, 2, 6]]
    with pytest.raises(InputError, match="this branch cannot run"):
        context.run({"x": x, "c": np.array(1, np.bool_)})


def test_a_body_that_cannot_run_is_an_error():
    body = helper.make_graph(
        [node("MatMul", "h h", "k", name="inner"), node("Identity", "c", "d")],
        "body",
        [tensor("i", [], INDEX), tensor("c", [], TensorProto.BOOL), tensor("h", None)],
        [tensor("d", None), tensor("k", None)],
    )
    loop = helper.make_node("Loop", ["n", "", "x"], ["y"], "outer", body=body)
    with pytest.raises(ModelError, match=r"node 'inner' \(MatMul\): input A 'h' is float32\[2x3\], whose rows of 3"):
        read(model([loop], [tensor("x", [2, 3])], ["y"], {"n": np.array(3)}))


def test_tensors_of_upper_bounds_are_held_against_rules_too():
    found = [node("NonZero", "x", "n"), node("Transpose", "n", "t"), node("Cast", "t", "f", to=REAL)]
    found.append(node("MatMul", "f w", "y", name="wrong"))
    with pytest.raises(
        ModelError, match=r"node 'wrong' \(MatMul\): input A 'f/padded' is float32\[6x2\], whose rows of 2"
    ):
        read(model(found, [tensor("x", [2, 3])], ["y"], {"w": floats(5, 4)}))


@pytest.mark.parametrize("size", [2**40, 2**62, 2**63 - 1])
@pytest.mark.parametrize(
    ("made", "constants"),
    [
        (node("ConstantOfShape", "s", "y"), {}),
        (node("Expand", "one s", "y"), {"one": floats(1)}),
        (node("Tile", "one s", "y"), {"one": floats(3)}),
        (node("RandomNormal", "", "y", shape=[2]), {}),
        (node("HannWindow", "s", "y"), {}),
        (node("Pad", "one p", "y"), {"one": floats(1)}),
    ],
    ids=lambda value: value.op_type if isinstance(value, onnx.NodeProto) else "",
)
def test_sizes_that_no_memory_holds(made, constants, size):
    proto = onnx.NodeProto()
    proto.CopyFrom(made)
    if made.op_type == "RandomNormal":
        proto.ClearField("input")
        proto.attribute[0].ints[0] = size
    shape = np.array(size) if made.op_type == "HannWindow" else ints(size)
    given = {"s": shape, "p": ints(size, 0), **constants}
    with pytest.raises((CapacityError, ModelError)):
        read(model([proto], [], ["y"], given))


@pytest.mark.parametrize("shape", [[2**31, 2**31], [2**62, 4, 0]])
def test_inputs_that_no_memory_holds(shape):
    with pytest.raises(CapacityError, match=rf"'x' is float32\[{'x'.join(map(str, shape))}\]"):
        read(model([node("Relu", "x", "y")], [tensor("x", shape)], ["y"]))


def test_there_are_many():
    assert len(CASES) > 100


def test_every_operator_has_a_rule_or_a_reason_to_have_none():
    ours = {schema.name for schema in onnx.defs.get_all_schemas() if schema.domain == "" and not schema.deprecated}
    without = set().union(*rules.WITHOUT.values())
    assert set(rules.RULES) | without == ours
    assert not set(rules.RULES) & without
    theirs = set(contrib.RULES)
    assert set(rules.contrib.RULES) | rules.contrib.WITHOUT == theirs
    assert not set(rules.contrib.RULES) & rules.contrib.WITHOUT
