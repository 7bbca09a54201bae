"""Every frozen type of a program survives the way to JSON and back."""

import dataclasses
import json

import numpy as np
import pytest

from mini_infer.ir import DType, Graph, Node, OpaqueType, TensorType
from mini_infer.memory import Buffer, Problem
from mini_infer.program import Packing, Port, Space, Step, View
from mini_infer.program.classes import CLASSES, with_kernels
from mini_infer.program.codec import decode, encode
from mini_infer.program.kernels.contraction.plain_contraction import Loop, PlainContraction
from mini_infer.program.kernels.sampling.roi_align import RoiAlign

F = TensorType(DType.FLOAT32, (2, 3))


def round_trip(value):
    arrays: list[np.ndarray] = []
    text = json.dumps(encode(value, arrays))
    return decode(json.loads(text), arrays, CLASSES)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        2.5,
        float("inf"),
        "text",
        b"\x00\xff",
        (1, (2.0, "x"), ()),
        {"a": F, "b": OpaqueType("seq(float32)")},
        DType.BFLOAT16,
        View(Space.ARENA, 3, 64, F),
        Port("x", F, "x"),
        Packing((2, 3), (1, 0), 1, 3, 2, 8),
        Problem((Buffer("a", 10, 0, 2, alignment=64, gaps=()),), capacity=100),
    ],
)
def test_values_come_back_equal(value):
    assert round_trip(value) == value
    assert type(round_trip(value)) is type(value)


def test_nodes_come_back_with_their_attributes_bodies_and_graphs():
    inner = Graph("then", (), (), ("c",), {"c": F}, {"c": np.ones((2, 3), np.float32)})
    node = Node(
        "f",
        "Conv",
        ("x", ""),
        ("y",),
        {"pads": (1, 1), "table": np.arange(3), "words": np.array([b"a", b"b"], dtype=object)},
        domain="mini_infer",
        body=(Node("i", "If", ("x",), ("y",), {"then_branch": inner}, version=21),),
    )
    step = round_trip(Step(node, interpreted_because="no kernel"))
    assert step.interpreted_because == "no kernel"
    assert (step.node.name, step.node.inputs, step.node.attributes["pads"]) == ("f", ("x", ""), (1, 1))
    assert step.node.attributes["table"].tolist() == [0, 1, 2]
    assert step.node.attributes["words"].tolist() == [b"a", b"b"]
    branch = step.node.body[0].attributes["then_branch"]
    assert branch.constants["c"].tolist() == [[1, 1, 1], [1, 1, 1]]
    assert branch.types == {"c": F}


def test_kernels_are_read_with_the_classes_of_their_fields_and_no_others():
    kernel = PlainContraction((Loop(3, (1,), 1),), (Loop(2, (3,)),), DType.FLOAT32, DType.FLOAT32, (0,))
    text = encode(kernel, [])
    assert decode(text, [], with_kernels([PlainContraction])) == kernel
    with pytest.raises(KeyError, match="PlainContraction"):
        decode(text, [], with_kernels([RoiAlign]))


def test_a_dataclass_is_no_enumeration_and_the_other_way_round():
    with pytest.raises(ValueError, match="Port is no enumeration"):
        decode({"$enum": "Port", "value": "x"}, [], CLASSES)
    with pytest.raises(ValueError, match="DType is no dataclass"):
        decode({"$": "DType", "value": "float32"}, [], CLASSES)


def test_classes_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two classes are called Port"):
        with_kernels([dataclasses.make_dataclass("Port", [])])


def test_what_is_not_listed_cannot_be_written_or_read():
    with pytest.raises(TypeError, match="has no text form"):
        encode(object(), [])
    with pytest.raises(KeyError):
        decode({"$": "Popen", "args": ["true"]}, [], CLASSES)
    with pytest.raises(ValueError, match="means nothing"):
        decode({"x": 1}, [], CLASSES)
    with pytest.raises(ValueError, match="surrogates"):
        decode(["\ud800"], [], CLASSES)


@pytest.mark.parametrize(
    ("field", "value"),
    [("index", "0); system("), ("index", True), ("offset", 1.0), ("space", "arena"), ("type", None)],
)
def test_a_field_of_another_type_is_refused(field, value):
    data = encode(View(Space.ARENA, 3, 64, F), [])
    data[field] = value
    with pytest.raises(TypeError, match=f"View.{field} cannot be"):
        decode(data, [], CLASSES)


def test_items_of_tuples_are_checked():
    data = encode(F, [])
    data["shape"] = [2, "3"]
    with pytest.raises(TypeError, match=r"TensorType.shape cannot be"):
        decode(data, [], CLASSES)
