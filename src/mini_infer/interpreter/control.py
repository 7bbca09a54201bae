"""Operators that run nested graphs: If, Loop, Scan and SequenceMap."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from mini_infer.interpreter.operators import Value, attribute
from mini_infer.ir import Graph, Node, TensorType

Body = Callable[[Sequence[Value], Mapping[str, Value]], list[Value]]
"""A nested graph: the values of its inputs, and the values around it → the values of its outputs."""

Control = Callable[[Node, Mapping[str, Body], Sequence[Value], Mapping[str, Value]], list[Value]]


def _if(node: Node, bodies: Mapping[str, Body], inputs: Sequence[Value], outer: Mapping[str, Value]) -> list[Value]:  # noqa: ARG001
    taken = "then_branch" if np.asarray(inputs[0]).item() else "else_branch"
    return bodies[taken]((), outer)


def _loop(node: Node, bodies: Mapping[str, Body], inputs: Sequence[Value], outer: Mapping[str, Value]) -> list[Value]:
    trips = None if inputs[0] is None else int(np.asarray(inputs[0]).item())
    going = len(inputs) < 2 or inputs[1] is None or bool(np.asarray(inputs[1]).item())  # noqa: PLR2004 - trips, condition
    carried = list(inputs[2:])
    scanned: list[list[Value]] = [[] for _ in range(len(node.outputs) - len(carried))]
    iteration = 0
    while going and (trips is None or iteration < trips):
        results = bodies["body"]((np.asarray(iteration, np.int64), np.asarray(going), *carried), outer)
        going = bool(np.asarray(results[0]).item())
        carried = results[1 : 1 + len(carried)]
        for values, value in zip(scanned, results[1 + len(carried) :], strict=True):
            values.append(value)
        iteration += 1
    names = _graph(node).outputs[1 + len(carried) :]
    return [*carried, *(_stack(_graph(node), name, values) for name, values in zip(names, scanned, strict=True))]


def _scan(node: Node, bodies: Mapping[str, Body], inputs: Sequence[Value], outer: Mapping[str, Value]) -> list[Value]:
    if node.version < 9:  # noqa: PLR2004 - the first Scan had a batch axis
        return _batched_scan(node, bodies["body"], inputs, outer)
    count = attribute(node, "num_scan_inputs")
    states, sequences = list(inputs[: len(inputs) - count]), list(inputs[len(inputs) - count :])
    axes = attribute(node, "scan_input_axes", (0,) * count)
    reverse = attribute(node, "scan_input_directions", (0,) * count)
    rows = [np.moveaxis(value, axis, 0) for value, axis in zip(sequences, axes, strict=True)]
    rows = [value[::-1] if back else value for value, back in zip(rows, reverse, strict=True)]
    states, collected = _scan_rows(node, bodies["body"], states, rows, outer)
    backwards = attribute(node, "scan_output_directions", (0,) * len(collected))
    axes = attribute(node, "scan_output_axes", (0,) * len(collected))
    collected = [value[::-1] if back else value for value, back in zip(collected, backwards, strict=True)]
    return [*states, *(np.moveaxis(value, 0, axis) for value, axis in zip(collected, axes, strict=True))]


def _batched_scan(node: Node, body: Body, inputs: Sequence[Value], outer: Mapping[str, Value]) -> list[Value]:
    """Scan of opset 8: `sequence_lens`, states `[batch, ...]`, scan inputs `[batch, length, ...]`."""
    count = attribute(node, "num_scan_inputs")
    lengths, states, sequences = inputs[0], inputs[1 : len(inputs) - count], inputs[len(inputs) - count :]
    reverse = attribute(node, "directions", (0,) * count)
    batch, longest = sequences[0].shape[:2]
    results: list[list[Value]] = []
    for index in range(batch):
        length = longest if lengths is None else int(lengths[index])
        rows = [value[index, :length] for value in sequences]
        rows = [value[::-1] if back else value for value, back in zip(rows, reverse, strict=True)]
        final, collected = _scan_rows(node, body, [state[index] for state in states], rows, outer)
        padded = [np.pad(value, [(0, longest - length), *[(0, 0)] * (value.ndim - 1)]) for value in collected]
        results.append([*final, *padded])
    return [np.stack(values) for values in zip(*results, strict=True)]


def _scan_rows(
    node: Node, body: Body, states: list[Value], rows: Sequence[np.ndarray], outer: Mapping[str, Value]
) -> tuple[list[Value], list[np.ndarray]]:
    """Run the body over the first axis of `rows`; the final states and the stacked outputs."""
    names = _graph(node).outputs[len(states) :]
    collected: list[list[Value]] = [[] for _ in names]
    for row in zip(*rows, strict=True):
        results = body((*states, *map(np.asarray, row)), outer)
        states = results[: len(states)]
        for values, value in zip(collected, results[len(states) :], strict=True):
            values.append(value)
    return states, [_stack(_graph(node), name, values) for name, values in zip(names, collected, strict=True)]


def _stack(graph: Graph, name: str, values: Sequence[np.ndarray]) -> np.ndarray:
    """The values along a new first axis; of none, an empty tensor of the type known for one."""
    if values:
        return np.stack(values)
    kind = graph.types.get(name)
    if isinstance(kind, TensorType):
        return np.empty((0, *kind.shape), kind.dtype.numpy)
    return np.empty((0,), np.float32)


def _sequence_map(
    node: Node,
    bodies: Mapping[str, Body],
    inputs: Sequence[Value],
    outer: Mapping[str, Value],
) -> list[Value]:
    """The body for each element of the first sequence; other sequences in step, tensors whole."""
    results = [
        bodies["body"]([value[index] if isinstance(value, list) else value for value in inputs], outer)
        for index in range(len(inputs[0]))
    ]
    return [list(values) for values in zip(*results, strict=True)] if results else [[] for _ in node.outputs]


def _graph(node: Node) -> Graph:
    body = node.attributes["body"]
    if not isinstance(body, Graph):
        raise TypeError(f"the body of node {node.name!r} is not a graph")
    return body


CONTROL: Mapping[str, Control] = {"If": _if, "Loop": _loop, "Scan": _scan, "SequenceMap": _sequence_map}
