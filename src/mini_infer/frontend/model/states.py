"""Which inputs are what outputs were in the run before."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mini_infer.errors import ModelError, UsageError
from mini_infer.ir import Dim, Graph, TensorType
from mini_infer.ir.dims import at_least, shown
from mini_infer.ir.states import SAME, grown_axis


def carry(graph: Graph, state: Mapping[str, str]) -> Graph:
    """The graph with its states.

    Raises
    ------
    ModelError
        When the model has no such input or output, or they are of types that do not follow each other.
    UsageError
        When what is given is no names, names something twice, or has rows added to more than can be counted.
    """
    if not state:
        return graph
    if not isinstance(state, Mapping) or not all(isinstance(name, str) for pair in state.items() for name in pair):
        raise UsageError(f"{state!r} is no state; give input and output names, such as {{'past_k': 'present_k'}}")
    pairs = [pair for item in state.items() for pair in _matching(*item, graph)]
    for what, names in (("input", [given for given, _ in pairs]), ("output", [made for _, made in pairs])):
        if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
            raise UsageError(f"{what} {twice[0]!r} is in more than one state")
    grown: dict[str, int] = {}
    for given, made in pairs:
        _check(given, made, graph, grown)
    positions = ((graph.inputs.index(given), graph.outputs.index(made)) for given, made in pairs)
    return replace(graph, states=tuple(positions))


def _matching(given: str, made: str, graph: Graph) -> list[tuple[str, str]]:
    """The input and the output of these names; where both have a `*`, all that it stands for."""
    if given in graph.inputs or given.count("*") != 1 or made.count("*") != 1:
        _known("input", given, graph.inputs)
        _known("output", made, graph.outputs)
        return [(given, made)]
    before, after = given.split("*")
    found = []
    for name in graph.inputs:
        if len(name) >= len(before) + len(after) and name.startswith(before) and name.endswith(after):
            output = made.replace("*", name[len(before) : len(name) - len(after)])
            _known("output", output, graph.outputs)
            found.append((name, output))
    if not found:
        _known("input", given, graph.inputs)
    return found


def _known(what: str, name: str, names: Sequence[str]) -> None:
    if name not in names:
        raise ModelError(f"the model has no {what} {name!r} to be a state; its {what}s are {', '.join(names)}")


def _check(given: str, made: str, graph: Graph, grown: dict[str, int]) -> None:
    """Check one state; `grown` has the rows after a run of those before it, by the size that counts them."""
    before, after = graph.types[given], graph.types[made]
    text = f"{given}={made} is no state: {before} becomes {after}"
    if not isinstance(before, TensorType) or not isinstance(after, TensorType) or made in graph.bounds:
        raise ModelError(f"{text}, whose sizes are not known before the run")
    axis = grown_axis(before, after)
    if axis is None:
        raise ModelError(f"{text}; it must stay as large, or have rows added along one axis")
    if axis == SAME:
        return
    rows, total = before.shape[axis], after.shape[axis]
    symbol = next(iter(rows.symbols)) if isinstance(rows, Dim) else None
    if symbol is None or symbol.dim != rows:
        raise ModelError(f"{text}; the {shown(rows)} rows before must be a range of sizes, such as --dim past=0..1023")
    if symbol.low != 0:
        raise UsageError(
            f"{symbol.name}={symbol.low}..{symbol.high}: a state begins without rows: give 0..{symbol.high}"
        )
    if not at_least(total, rows):
        raise ModelError(f"{text}, which may be fewer rows")
    if grown.setdefault(symbol.name, total) != total:
        raise ModelError(f"{text}, but another state of {symbol.name} rows has {shown(grown[symbol.name])} then")
