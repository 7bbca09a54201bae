"""Aliases and lifetimes: which values share bytes, and for how long."""

import itertools

from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.lowering import exported_bytes
from mini_infer.lowering.storage.outputs import separate
from mini_infer.lowering.storage.places import Assigner, Places
from mini_infer.program import Space

F = TensorType(DType.FLOAT32, (4, 4))


def graph(nodes: list[Node], outputs: tuple[str, ...] = ("y",), **types: TensorType) -> Graph:
    values = {"x": F, **{name: F for node in nodes for name in node.writes}, **types}
    return Graph("test", tuple(nodes), ("x",), outputs, values)


def op(name: str, inputs: str, output: str) -> Node:
    return Node(output, name, tuple(inputs.split()), (output,))


def place(g: Graph, *, in_place: bool = True) -> Places:
    return Assigner(g, g.nodes, alignment=64, in_place=in_place).assign()


def lifetimes(places: Places) -> dict[str, tuple[int, int]]:
    return {buffer.id: (buffer.start, buffer.end) for buffer in places.buffers}


def test_a_chain_of_real_work_needs_a_buffer_for_each_intermediate():
    places = place(graph([op("Conv", "x", "a"), op("Conv", "a", "b"), op("Conv", "b", "y")]))
    assert lifetimes(places) == {"a": (0, 2), "b": (1, 3)}
    assert places.views["x"].space is Space.INPUT
    assert places.views["y"].space is Space.OUTPUT


def test_elementwise_results_replace_an_input_that_dies():
    places = place(graph([op("Conv", "x", "a"), op("Relu", "a", "b"), op("Conv", "b", "y")]))
    assert lifetimes(places) == {"a": (0, 3)}
    assert places.views["b"].index == places.views["a"].index


def test_nothing_works_in_place_when_told_not_to():
    nodes = [op("Conv", "x", "a"), op("Relu", "a", "b"), op("Conv", "b", "y")]
    assert lifetimes(place(graph(nodes), in_place=False)) == {"a": (0, 2), "b": (1, 3)}


def test_an_input_that_is_read_later_is_not_overwritten():
    nodes = [op("Conv", "x", "a"), op("Relu", "a", "b"), op("Add", "a b", "c"), op("Conv", "c", "y")]
    places = place(graph(nodes))
    assert places.views["b"].index != places.views["a"].index
    assert places.views["c"].index in {places.views["a"].index, places.views["b"].index}


def test_the_callers_memory_is_not_overwritten():
    places = place(graph([op("Relu", "x", "a"), op("Conv", "a", "y")]))
    assert lifetimes(places) == {"a": (0, 2)}


def test_a_view_keeps_its_bytes_alive():
    flat = TensorType(DType.FLOAT32, (16,))
    nodes = [op("Conv", "x", "a"), op("Flatten", "a", "v"), op("Conv", "x", "b"), op("Add", "b v", "y")]
    places = place(graph(nodes, v=flat))
    assert lifetimes(places) == {"a": (0, 4), "b": (2, 4)}
    assert places.views["v"].type == flat


def test_a_result_of_another_shape_or_width_gets_its_own_bytes():
    wide = TensorType(DType.FLOAT32, (2, 4, 4))
    nodes = [op("Conv", "x", "a"), op("Add", "a x", "b"), op("Conv", "b", "y")]
    assert len(place(graph(nodes, b=wide)).buffers) == 2


def test_two_shapes_of_one_buffer_are_not_mixed_in_place():
    row, column = TensorType(DType.FLOAT32, (1, 4)), TensorType(DType.FLOAT32, (4, 1))
    nodes = [op("Conv", "x", "a"), op("Reshape", "a", "v"), op("Add", "a v", "b"), op("Conv", "b", "y")]
    places = place(graph(nodes, a=row, v=column, b=F))
    assert places.views["b"].index != places.views["a"].index


def test_an_output_is_written_where_the_caller_wants_it_even_through_a_view():
    places = place(graph([op("Conv", "x", "a"), op("Reshape", "a", "y")]))
    assert places.buffers == ()
    assert places.views["a"].space is places.views["y"].space is Space.OUTPUT


def test_an_output_that_is_read_again_stays_in_the_callers_memory():
    places = place(graph([op("Conv", "x", "y"), op("Conv", "y", "z")], outputs=("y", "z")))
    assert {places.views["y"].index, places.views["z"].index} == {0, 1}
    assert places.buffers == ()


def test_a_result_that_nobody_reads_lives_for_its_own_step():
    assert lifetimes(place(graph([op("Conv", "x", "a"), op("Conv", "x", "y")]))) == {"a": (0, 1)}


def test_outputs_become_distinct_values():
    nodes = [op("Conv", "x", "y"), op("Flatten", "y", "v")]
    separated = separate(graph(nodes, outputs=("y", "v", "y", "x")))
    assert separated.outputs == ("y", "v/output1", "y/output2", "x/output3")
    assert [node.op for node in separated.nodes] == ["Conv", "Flatten", "Identity", "Identity", "Identity"]


def test_outputs_that_show_one_value_lie_apart():
    """Every choice of four outputs among an input, its view, what a node makes, and views of that."""
    nodes = [op("Flatten", "x", "f"), op("Relu", "f", "a"), op("Flatten", "a", "v"), op("Flatten", "v", "w")]
    for outputs in itertools.product("xfavw", repeat=4):
        separated = separate(graph(nodes, outputs))
        views = place(separated).views
        lie = [(views[name].space, views[name].index, views[name].offset) for name in separated.outputs]
        assert lie == [(Space.OUTPUT, index, 0) for index in range(4)], outputs
        assert views["f"].space is Space.INPUT or "f" in separated.outputs, outputs


def test_exported_bytes_count_every_tensor_rounded_up():
    small = TensorType(DType.INT8, (3,))
    assert exported_bytes(graph([op("Conv", "x", "a"), op("Conv", "a", "y")], y=small), 64) == 128


def test_exported_bytes_count_what_nested_graphs_make():
    branch = graph([op("Conv", "x", "a"), op("Conv", "a", "y")])
    node = Node("y", "If", ("x",), ("y",), {"then_branch": branch, "else_branch": branch})
    assert exported_bytes(graph([node]), 64) == 5 * 64
