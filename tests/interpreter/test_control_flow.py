"""Loop, Scan and SequenceMap."""

import numpy as np
import pytest

from mini_infer.interpreter import evaluate
from mini_infer.ir import DType, Graph, Node, TensorType

F = TensorType(DType.FLOAT32, (2,))


def plain(op, inputs, outputs, **attributes) -> Node:
    return Node(f"{op}_{outputs}", op, tuple(inputs.split()), tuple(outputs.split()), attributes, "", 21)


def powers(limit="") -> Graph:
    """Doubles the state and gives what it was; ends before the state is over `limit`."""
    going = plain("Less", f"first {limit}", "on") if limit else plain("Identity", "going", "on")
    nodes = [plain("Add", "v v", "next"), plain("ReduceMax", "next", "first", keepdims=0), going]
    return Graph("powers", tuple(nodes), ("i", "going", "v"), ("on", "next", "v"), {"v": F})


ONES = np.ones(2, np.float32)


@pytest.mark.parametrize(
    ("trips", "going", "last"),
    [(3, None, 8), (3, np.True_, 8), (0, np.True_, 1), (3, np.False_, 1)],
)
def test_a_loop_runs_so_often(trips, going, last):
    loop = Node("loop", "Loop", ("n", "" if going is None else "c", "v"), ("last", "all"), {"body": powers()}, "", 21)
    final, rows = evaluate(loop, [np.int64(trips), going, ONES])
    assert final.tolist() == [last, last]
    count = 0 if going is np.False_ else trips
    assert rows.tolist() == [[2**i, 2**i] for i in range(count)]
    assert rows.shape == (count, 2)


def test_a_loop_ends_when_its_condition_fails():
    loop = Node("loop", "Loop", ("", "", "v"), ("last", "all"), {"body": powers("limit")}, "", 21)
    final, rows = evaluate(loop, [None, None, ONES], outer={"limit": np.float32(20)})
    assert final.tolist() == [32, 32]
    assert len(rows) == 5


def cumulative() -> Graph:
    return Graph(
        "sum", (plain("Add", "state x", "sum"), plain("Identity", "sum", "row")), ("state", "x"), ("sum", "row"), {}
    )


def test_a_scan_along_any_axis_and_direction():
    xs = np.arange(6, dtype=np.float32).reshape(2, 3)
    start = np.zeros(2, np.float32)
    for reverse_in in (0, 1):
        for reverse_out in (0, 1):
            attributes = {
                "body": cumulative(),
                "num_scan_inputs": 1,
                "scan_input_axes": (1,),
                "scan_input_directions": (reverse_in,),
                "scan_output_axes": (-1,),
                "scan_output_directions": (reverse_out,),
            }
            final, rows = evaluate(Node("scan", "Scan", ("s", "xs"), ("f", "r"), attributes, "", 21), [start, xs])
            expected = np.cumsum(xs[:, ::-1] if reverse_in else xs, axis=1)
            assert final.tolist() == xs.sum(axis=1).tolist()
            np.testing.assert_array_equal(rows, expected[:, ::-1] if reverse_out else expected)


def test_the_first_scan_had_a_batch():
    """Opset 8: each sample has a length of its own; rows behind it are zero."""
    xs = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
    scan = Node("scan", "Scan", ("n", "s", "xs"), ("f", "r"), {"body": cumulative(), "num_scan_inputs": 1}, "", 8)
    final, rows = evaluate(scan, [np.array([3, 2]), np.zeros((2, 2), np.float32), xs])
    assert final.tolist() == [[6, 9], [14, 16]]
    assert rows.tolist() == [[[0, 1], [2, 4], [6, 9]], [[6, 7], [14, 16], [0, 0]]]


def test_a_sequence_map_takes_sequences_in_step_and_tensors_whole():
    body = Graph("add", (plain("Add", "a b", "c"), plain("Mul", "c t", "d")), ("a", "b", "t"), ("d",), {})
    node = Node("map", "SequenceMap", ("p", "q", "t"), ("r",), {"body": body}, "", 21)
    (result,) = evaluate(node, [[ONES, 2 * ONES], [3 * ONES, 4 * ONES], np.float32(10)])
    assert [each.tolist() for each in result] == [[40, 40], [60, 60]]
    assert evaluate(node, [[], [], np.float32(10)]) == [[]]
