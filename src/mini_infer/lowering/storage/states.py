"""Where what a model carries from run to run lies, and which of it is appended there.

A state that grows is *appended* where its output is a Concat of its input and new rows, or a cache of Attention: these
are written behind what is there, and nothing moves. Any other state is written whole: a copy at the graph's end, after
all that reads it.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass

from mini_infer.ir import Graph
from mini_infer.ir.attributes import integer
from mini_infer.ir.dims import greatest
from mini_infer.ir.states import SAME, grown_axis
from mini_infer.program import Space, State

_CACHES = ((4, 1), (5, 2))
"""Inputs of Attention that are keys and values of the past, and the outputs that have them and new ones."""

Home = tuple[Space, int]
"""A kind of memory, and the number of one of these."""


@dataclass(frozen=True, slots=True)
class Homes:
    """Where values lie that live longer than a run, or come from or go to the caller.

    Parameters
    ----------
    inputs
        Of each of the graph's inputs; those in the arena have no number yet.
    outputs
        Of each of the graph's outputs, likewise.
    states
        In the order in which they are numbered.
    strides
        Of values that lie in a state with gaps between their rows.
    appended
        Outputs that grow in place.
    """

    inputs: tuple[Home, ...]
    outputs: tuple[Home, ...]
    states: tuple[State, ...]
    strides: Mapping[str, tuple[int, ...]]
    appended: frozenset[str]

    @classmethod
    def of(cls, source: Graph, graph: Graph, whole: Container[str] = (), *, in_arena: bool = False) -> "Homes":
        """Those of a graph.

        Parameters
        ----------
        source, graph
            The graph, and the same with a value of its own for each output (`outputs.separate`).
        whole
            Values that must have no gaps between their rows.
        in_arena
            Whether what comes from the caller and goes there lies in the arena.
        """
        states, strides, appended = [], {}, []
        numbers: dict[int, int] = {}
        for number, (position, output) in enumerate(graph.states):
            name, result, last = graph.inputs[position], source.outputs[output], graph.outputs[output]
            before, after = graph.tensor(name), graph.tensor(result)
            axis = grown_axis(before, after)
            grows = axis is not None and axis != SAME
            in_place = grows and whole_free(whole, name, result) and _is_appended(graph, name, result, axis or 0)
            axis = SAME if axis is None else axis
            rows = greatest(after.shape[axis]) if in_place else 0
            state = State(name, result, before, after, axis, in_place, rows, after.most_bytes)
            states.append(state)
            numbers[output] = number
            if in_place:
                appended.append(result)
                if state.strides:
                    strides.update(dict.fromkeys((name, result, last), state.strides))
        given, taken = (Space.ARENA, Space.ARENA) if in_arena else (Space.INPUT, Space.OUTPUT)
        inputs = _numbered(len(graph.inputs), given, {each: k for k, (each, _) in enumerate(graph.states)})
        outputs = _numbered(len(graph.outputs), taken, numbers)
        return cls(inputs, outputs, tuple(states), strides, frozenset(appended))


def whole_free(whole: Container[str], *names: str) -> bool:
    """Whether none of these must have bytes of its own."""
    return not any(name in whole for name in names)


def _is_appended(graph: Graph, name: str, result: str, axis: int) -> bool:
    """Whether a result is what was there, and then something else, along an axis."""
    node = graph.producers.get(result)
    if node is None or node.domain or node.op not in ("Attention", "Concat"):
        return False
    if node.op == "Attention":
        places = [(node.inputs[past : past + 1], node.outputs[made : made + 1]) for past, made in _CACHES]
        return ((name,), (result,)) in places and node.inputs.count(name) == 1
    first, *others = node.inputs
    return first == name and name not in others and integer(node, "axis", 1) % len(graph.tensor(name).shape) == axis


def _numbered(count: int, space: Space, states: Mapping[int, int]) -> tuple[Home, ...]:
    """The homes of so many ports, some of which are states; the others are numbered on."""
    found: list[Home] = []
    for position in range(count):
        known = states.get(position)
        found.append(
            (space, position - sum(each < position for each in states)) if known is None else (Space.STATE, known)
        )
    return tuple(found)
