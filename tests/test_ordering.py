"""Orders of programs: what is said to be the best is, among all orders, everything counted that shares bytes."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from mini_infer import lowering, ordering, schedule
from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.program import Program, Space


def random_graph(rng: np.random.Generator, nodes: int) -> Graph:
    """Elementwise work, concatenations and splits of a few channels, and reductions that let branches die."""
    types = {"x": TensorType(DType.FLOAT32, (1, 16, int(rng.integers(1, 6))))}
    made: list[Node] = []
    for index in range(nodes):
        first, second = (str(name) for name in rng.choice(list(types)[-4:], 2))
        channels = types[first].shape[-1]
        name = f"v{index}"
        op = str(rng.choice(["Relu", "Softmax", "Concat", "Concat", "ReduceMax", "Slice", "Tile"]))
        inputs: tuple[str, ...] = (first,)
        attributes = {}
        if op == "Concat" and first != second:
            inputs, channels, attributes = (first, second), channels + types[second].shape[-1], {"axis": 2}
        elif op == "ReduceMax":
            inputs, channels = (first, "axis"), 1
        elif op == "Slice" and channels > 1:
            inputs, channels = (first, "zero", "one", "axis"), 1
        elif op == "Tile":
            inputs, channels = (first, "twice"), 2 * channels
        else:
            op = "Softmax" if op != "Relu" else op
        types[name] = TensorType(DType.FLOAT32, (1, 16, channels))
        made.append(Node(name, op, inputs, (name,), attributes, version=18))
    constants = {"axis": np.array([2]), "zero": np.array([0]), "one": np.array([1]), "twice": np.array([1, 1, 2])}
    used = {name for node in made for name in node.inputs}
    ends = tuple(node.name for node in made if node.name not in used)
    result = "y"
    types[result] = TensorType(DType.FLOAT32, (1, 16, sum(types[name].shape[-1] for name in ends)))
    made.append(Node(result, "Concat", ends, (result,), {"axis": 2}, version=18))
    kinds = {**types, **{name: TensorType(DType.of(array.dtype), array.shape) for name, array in constants.items()}}
    return Graph("random", tuple(made), ("x",), (result,), kinds, constants)


def orders(program: Program) -> Iterator[list[int]]:
    """Every order in which each step comes after those whose values it reads."""
    writer = {name: index for index, step in enumerate(program.steps) for name in step.node.writes}
    needs = [{writer[name] for name in step.node.reads if name in writer} for step in program.steps]

    def extend(order: list[int]) -> Iterator[list[int]]:
        if len(order) == len(needs):
            yield order
        for index in range(len(needs)):
            if index not in order and needs[index] <= set(order):
                yield from extend([*order, index])

    return extend([])


def peak(program: Program, order: list[int]) -> int:
    """Bytes of the largest step, when every buffer lives from the first step that uses it to the last."""
    time = {index: position for position, index in enumerate(order)}
    users: dict[int, set[int]] = {}
    for index, step in enumerate(program.steps):
        for name in (*step.node.reads, *step.node.writes):
            view = program.values.get(name)
            if view is not None and view.space is Space.ARENA:
                users.setdefault(view.index, set()).add(time[index])
    alive = [0] * len(order)
    for number, buffer in enumerate(program.problem.buffers):
        steps = users.get(number, {time[buffer.start]})
        for position in range(min(steps), max(steps) + 1):
            alive[position] += buffer.size
    return max(alive)


@examples(60)
@given(seed=st.integers(0, 2**32 - 1), nodes=st.integers(3, 6))
def test_no_order_beats_the_bound_and_what_is_proved_is_true(seed, nodes):
    program = lowering.place(lowering.select(random_graph(np.random.default_rng(seed), nodes)))
    problem = ordering.of_program(program)
    assert problem is not None
    smallest = min(peak(program, order) for order in orders(program))
    assert schedule.solve(problem, "exact").lower_bound <= smallest
    assert ordering.needed(program) == peak(program, list(range(len(program.steps))))
    if ordering.is_optimal(program, time_limit=1):
        assert ordering.needed(program) == smallest
    assert ordering.is_forced(program) == (len(list(itertools.islice(orders(program), 2))) == 1)


def test_a_chain_has_one_order():
    kind = TensorType(DType.FLOAT32, (4, 4))
    nodes = [Node(f"v{k + 1}", "Softmax", (f"v{k}",), (f"v{k + 1}",), version=13) for k in range(5)]
    graph = Graph("chain", tuple(nodes), ("v0",), ("v5",), {f"v{k}": kind for k in range(6)})
    program = lowering.place(lowering.select(graph))
    assert ordering.is_forced(program)
    assert ordering.is_optimal(program)
    assert not list(ordering.proposals(program, graph, 0, ordering.STRATEGIES, schedule.solve))


def test_a_better_order_is_proposed():
    """Two wide values are made before either is reduced: one after the other, only one is alive."""
    nodes = [
        Node("a", "Tile", ("x", "many"), ("a",), version=13),
        Node("b", "Tile", ("x", "many"), ("b",), version=13),
        Node("c", "ReduceMax", ("a", "axis"), ("c",), version=18),
        Node("d", "ReduceMax", ("b", "axis"), ("d",), version=18),
        Node("y", "Sub", ("c", "d"), ("y",), version=14),
    ]
    wide, narrow = TensorType(DType.FLOAT32, (4, 80)), TensorType(DType.FLOAT32, (4, 1))
    constants = {"many": np.array([1, 20]), "axis": np.array([1])}
    types = {"x": TensorType(DType.FLOAT32, (4, 4)), "a": wide, "b": wide, "c": narrow, "d": narrow, "y": narrow}
    types |= {name: TensorType(DType.INT64, array.shape) for name, array in constants.items()}
    graph = Graph("wide", tuple(nodes), ("x",), ("y",), types, constants)
    program = lowering.place(lowering.select(graph))
    assert not ordering.is_optimal(program, time_limit=1)
    (order, *_) = ordering.proposals(program, graph, ordering.needed(program), ("auto",), schedule.solve)
    better = lowering.place(lowering.select(graph), order)
    assert ordering.needed(better) < ordering.needed(program)
    assert ordering.is_optimal(better, time_limit=1)


@pytest.mark.parametrize("strategy", ordering.STRATEGIES)
def test_strategies_are_schedules(strategy):
    assert strategy in schedule.STRATEGIES
