"""Why buffers are alive at the peak, and what would lower it."""

import numpy as np
import pytest

from mini_infer import lowering, memory
from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.report.plan.peak import reasons, reasons_lines, reasons_record


@pytest.fixture
def planned():
    """`a` waits for the end while `b` becomes `c`, which is where most is alive."""
    nodes = [
        Node("a", "ReduceMax", ("x", "axis"), ("a",), version=18),
        Node("b", "Tile", ("x", "twice"), ("b",), version=13),
        Node("c", "Tile", ("b", "twice"), ("c",), version=13),
        Node("d", "ReduceMax", ("c", "axis"), ("d",), version=18),
        Node("y", "Sub", ("a", "d"), ("y",), version=14),
    ]
    widths = {"x": 16, "a": 1, "b": 32, "c": 64, "d": 1, "y": 1}
    types = {name: TensorType(DType.FLOAT32, (4, width)) for name, width in widths.items()}
    constants = {"axis": np.array([1]), "twice": np.array([1, 2])}
    types |= {name: TensorType(DType.INT64, array.shape) for name, array in constants.items()}
    graph = Graph("g", tuple(nodes), ("x",), ("y",), types, constants)
    program = lowering.place(lowering.select(graph), alignment=16)
    return program, memory.solve(program.problem)


def test_who_is_alive_since_when_for_whom_and_whether_in_use(planned):
    found = {reason.id: (reason.made, reason.last, reason.used, reason.without) for reason in reasons(*planned)}
    a, b, c = 4 * 4, 4 * 32 * 4, 4 * 64 * 4
    assert planned[1].size == a + b + c
    assert found == {"a": (0, 4, False, b + c), "b": (1, 2, True, a + c + a), "c": (2, 3, True, a + b)}
    assert [reason.id for reason in reasons(*planned)] == ["c", "b", "a"]


def test_the_record_names_nodes(planned):
    first = reasons_record(*planned)[0]
    assert (first["id"], first["made_by"], first["last_read_by"]) == ("c", "c", "d")


def test_the_text_says_what_would_lower_it_most_and_what_is_known_of_the_order(planned):
    text = "\n".join(reasons_lines(*planned, 0, 20))
    assert "'c': without it the largest step would take 528 bytes" in text
    assert "waits" in text
    assert "order: not proved to be the best" in text  # `a` could be made last
