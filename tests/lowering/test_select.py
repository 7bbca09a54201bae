"""Kernels that were selected before are those that would be selected now."""

from collections import Counter
from unittest import mock

import numpy as np
import pytest
from golden_files import compiled, paths

from mini_infer import lowering
from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.lowering import NotNativeError, Selector, place, registry, select
from mini_infer.lowering.site import Site
from mini_infer.objective import BALANCED, OBJECTIVES, Preference
from mini_infer.program import Call, format_program
from mini_infer.program.kernels.movement.copy import Copy

SOME = (
    "attention",
    "concat_of_convs",
    "control_loop",
    "interpreted",
    "quantized",
    "residual_block",
    "strassen",
    "stream_depthwise",
    "stream_pool",
    "stream_skip",
    "winograd_shared",
)


def graph(*nodes: Node, outputs: tuple[str, ...] = ("y",), wide: str = "", **constants: np.ndarray) -> Graph:
    """Values of 4 x 6, but the `wide` ones of 4 x 12."""
    names = ("x", *(name for node in nodes for name in node.writes))
    types = {name: TensorType(DType.FLOAT32, (4, 12 if name in wide else 6)) for name in names}
    types |= {name: TensorType(DType.of(array.dtype), array.shape) for name, array in constants.items()}
    return Graph("g", nodes, ("x",), outputs, types, constants)


def op(kind: str, inputs: str, result: str, **attributes: object) -> Node:
    return Node(result, kind, tuple(inputs.split()), (result,), attributes, version=18)


def counted(seen: Counter[str]):
    """Every lowering function, counting its calls by the node's operator."""

    def counting(lower):
        def count(node, build):
            seen[node.op] += 1
            return lower(node, build)

        return count

    return mock.patch.dict(registry.LOWERINGS, {key: counting(lower) for key, lower in registry.LOWERINGS.items()})


@pytest.mark.parametrize("path", [path for path in paths("lowering") if path.stem in SOME], ids=lambda path: path.stem)
def test_each_candidate_is_what_it_is_alone(path):
    with mock.patch.object(lowering, "place", side_effect=place) as placed:
        compiled(path)
    assert placed.call_args_list
    for call in placed.call_args_list:
        (selection, *order), words = call
        chosen, preference = selection.selector, Preference(words["objective"].objective)
        fresh = select(selection.source, Selector(chosen.machine, chosen.threads, chosen.tiles))
        again = format_program(place(selection, *order, **words))
        assert again == format_program(place(fresh, *order, **{**words, "objective": preference}))


def test_another_order_asks_no_lowering():
    selection = select(
        graph(op("Exp", "x", "a"), op("Sin", "x", "b"), op("Softmax", "a", "c"), op("Add", "b c", "y")), Selector()
    )
    place(selection)
    with counted(seen := Counter()):
        program = place(selection, [1, 0, 2, 3])
    assert not seen
    assert [step.node.op for step in program.steps] == ["Sin", "Exp", "Softmax", "Add"]


def test_another_graph_asks_for_what_is_new_in_it():
    nodes = (op("Exp", "x", "a"), op("Sin", "a", "b"), op("Cos", "b", "y"))
    selector = Selector()
    place(select(graph(*nodes), selector))
    other = (Node("a", "Exp", ("x",), ("a",), version=18), *nodes[1:2], op("Tan", "b", "y"))
    with counted(seen := Counter()):
        place(select(graph(*other), selector))
    assert seen == {"Tan": 1}


@pytest.mark.parametrize("first", [np.float32([2]), np.float32([0.5])])
def test_constants_are_told_apart_by_what_they_are(first):
    node = op("Pow", "x p", "y")
    selector, exponents = Selector(), {"p": np.float32([2]), "q": first}
    programs = [place(select(graph(node, p=array), selector)) for array in exponents.values()]
    alone = [place(select(graph(node, p=array), Selector())) for array in exponents.values()]
    assert [*map(format_program, programs)] == [*map(format_program, alone)]
    for program, array in zip(programs, exponents.values(), strict=True):
        assert all(constant.value == array for constant in program.constants)


def test_floats_of_attributes_are_told_apart_by_their_bits():
    selector = Selector()
    texts = []
    for alpha in (0.0, -0.0):
        program = place(select(graph(op("LeakyRelu", "x", "y", alpha=alpha)), selector))
        texts.append(format_program(program))
    assert texts[0] != texts[1]


def test_working_in_place_is_another_kernel():
    selection = select(graph(op("Exp", "x", "a"), op("Sin", "a", "b"), op("Cos", "b", "y")), Selector())
    sine = [place(selection, in_place=in_place).steps[1].calls[0].kernel for in_place in (True, False, True)]
    assert [kernel.in_place for kernel in sine] == [(0,), (), (0,)]
    assert sine[0] is sine[2]


def test_a_part_with_gaps_is_another_kernel_than_the_whole():
    nodes = (op("Exp", "x", "a"), op("Sin", "x", "b"))
    selector = Selector()
    inside = place(select(graph(*nodes, op("Concat", "a b", "y", axis=1), wide="y"), selector))
    apart = place(select(graph(*nodes, outputs=("a", "b")), selector))
    assert {inside.values[name].strides for name in "ab"} == {(12, 1)}
    assert {apart.values[name].strides for name in "ab"} == {()}
    assert inside.steps[0].calls[0].kernel != apart.steps[0].calls[0].kernel


def test_kernels_and_constants_are_the_same_objects_in_each_order():
    weights = np.random.default_rng(0).random((6, 6), np.float32)
    nodes = (op("Exp", "x", "a"), op("MatMul", "a w", "b"), op("Sin", "x", "c"), op("Add", "b c", "y"))
    selection = select(graph(*nodes, w=weights), Selector())
    one, other = place(selection), place(selection, [2, 0, 1, 3])
    kernels = {step.node.name: [call.kernel for call in step.calls] for step in one.steps}
    assert all(call.kernel is kernels[step.node.name][i] for step in other.steps for i, call in enumerate(step.calls))
    assert [*map(id, one.constants)] == [*map(id, other.constants)]


class _Asking:
    """A lowering that asks, and needs workspace where it fits."""

    def __init__(self, sizes=(), *, objective=False):
        self.sizes, self.objective, self.asked = sizes, objective, 0

    def __call__(self, node, build):
        self.asked += 1
        fits = [build.fits(size) for size in self.sizes]
        if self.objective and not build.objective.strassen:
            raise NotNativeError("the objective says so")
        space = [build.workspace(TensorType(DType.FLOAT32, (max(self.sizes) // 4,)))] if any(fits) else []
        x, places = build.view(node.inputs[0]), (*space, build.view(node.outputs[0]))
        return [Call(Copy((place.type.elements,), (1,), (1,), 4), (x, place)) for place in places]


def _chosen(asking, told):
    """The selected kernels of a node, for each objective and room that it is told of."""
    nodes = graph(op("Exp", "x", "y"))
    selection = select(nodes, Selector())
    site = Site.of(nodes.nodes[0], place(selection).values)
    with mock.patch.dict(registry.LOWERINGS, {("", "Exp"): asking}):
        fresh = Selector()
        return [
            fresh.choose(nodes.nodes[0], 0, nodes, site, frozenset(), Preference(OBJECTIVES[goal]), room)
            for goal, room in told
        ]


def test_a_refusal_leaves_no_table():
    def refusing(_node, build):
        build.literal("a table", np.zeros(3, np.float32))
        raise NotNativeError("no kernel fits")

    with mock.patch.dict(registry.LOWERINGS, {("", "Exp"): refusing}):
        program = place(select(graph(op("Exp", "x", "y"))))
    assert program.steps[0].interpreted_because == "no kernel fits"
    assert not program.constants


def test_room_counts_where_an_answer_would_be_another():
    asking = _Asking((96, 200))
    rooms = (50, 95, 96, 150, 199, 200, 10**9, 50)
    found = _chosen(asking, [("balanced", room) for room in rooms])
    assert asking.asked == 3
    assert [len(each.workspaces) for each in found] == [0, 0, 1, 1, 1, 1, 1, 0]
    assert found[0] is found[1] is found[7]
    assert found[2] is found[3] is found[4]


def test_the_objective_counts_where_it_was_asked_for():
    told = [("memory", 0), ("balanced", 0), ("speed", 0), ("memory", 0)]
    never, always = _Asking(), _Asking(objective=True)
    assert len({id(each) for each in _chosen(never, told)}) == never.asked == 1
    found = _chosen(always, told)
    assert always.asked == 3
    assert [bool(each.interpreted_because) for each in found] == [True, True, False, True]


def test_who_takes_what_was_selected_by_the_objective_asks_for_it_too():
    asking = _Asking(objective=True)
    with mock.patch.dict(registry.LOWERINGS, {("", "Exp"): asking}):
        selection = select(graph(op("Exp", "x", "y")), Selector())
        preferences = [Preference(BALANCED), Preference(BALANCED)]
        for preference in preferences:
            place(selection, objective=preference)
    assert asking.asked == 1
    assert [preference.was_asked for preference in preferences] == [True, True]


def test_workspace_is_numbered_after_the_buffers_of_each_order():
    asking = _Asking((24,))
    nodes = (
        op("Exp", "x", "a"),
        op("Sin", "x", "b"),
        op("Exp", "b", "c"),
        op("Softmax", "a", "d"),
        op("Sum", "c d", "y"),
    )
    selection = select(graph(*nodes), Selector())
    texts = []
    with mock.patch.dict(registry.LOWERINGS, {("", "Exp"): asking}):
        for order in ([0, 1, 2, 3, 4], [1, 2, 0, 3, 4]):
            program = place(selection, order, in_place=False)
            texts.append(format_program(program))
            assert texts[-1] == format_program(place(select(graph(*nodes), Selector()), order, in_place=False))
            workspaces = [buffer for buffer in program.problem.buffers if "workspace" in buffer.id]
            steps = sorted((order.index(0), order.index(2)))
            assert [(each.size, each.start) for each in workspaces] == [(24, step) for step in steps]
    assert texts[0] != texts[1]
    assert asking.asked == 2 * 3
