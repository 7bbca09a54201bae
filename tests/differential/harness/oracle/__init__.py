"""What each operator computes: exactly, or in float64 with a bound of what a right answer may be away."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx

from harness.ball import Ball, known
from harness.oracle import (
    attention,
    elementwise,
    few_bits,
    folds,
    indexing,
    moves,
    products,
    quantized,
    sampling,
    states,
    windows,
)
from harness.oracle.call import Call

OPERATORS: dict[str, Callable[[Call], Any]] = {
    **elementwise.OPERATORS,
    **moves.OPERATORS,
    **products.OPERATORS,
    **windows.OPERATORS,
    **folds.OPERATORS,
    **indexing.OPERATORS,
    **attention.OPERATORS,
    **quantized.OPERATORS,
    **few_bits.OPERATORS,
    **sampling.OPERATORS,
    **states.OPERATORS,
}
"""Operator → a function of one call that gives a ball, or one for each output."""


def run(nodes: list[onnx.NodeProto], values: dict[str, Ball], version: int) -> None:
    """Compute nodes into a table of values."""
    for node in nodes:
        if node.op_type in CONTROL:
            results = CONTROL[node.op_type](node, values, version)
        else:
            inputs = [values[name] if name else None for name in node.input]
            results = OPERATORS[node.op_type](Call(node, inputs, version))
        results = [results] if isinstance(results, Ball) else results
        values.update((name, ball) for name, ball in zip(node.output, results, strict=False) if name)


def _body(
    graph: onnx.GraphProto, values: Mapping[str, Ball], version: int, given: Mapping[str, Ball] | None = None
) -> list[Ball]:
    inner = {**values, **(given or {})}
    inner.update((tensor.name, known(onnx.numpy_helper.to_array(tensor))) for tensor in graph.initializer)
    run(list(graph.node), inner, version)
    return [inner[output.name] for output in graph.output]


def _if(node: onnx.NodeProto, values: Mapping[str, Ball], version: int) -> list[Ball]:
    graphs = {a.name: a.g for a in node.attribute}
    taken = "then_branch" if values[node.input[0]].value.item() else "else_branch"
    return _body(graphs[taken], values, version)


def _loop(node: onnx.NodeProto, values: Mapping[str, Ball], version: int) -> list[Ball]:
    (graph,) = (a.g for a in node.attribute if a.name == "body")
    trips = int(values[node.input[0]].value.item()) if node.input[0] else 1 << 30
    going = bool(values[node.input[1]].value.item()) if node.input[1] else True
    state = [values[name] for name in node.input[2:]]
    rows: list[list[Ball]] = []
    trip = 0
    while trip < trips and going:
        head = [known(np.array(trip, np.int64)), known(np.array(going))]
        names = [value.name for value in graph.input]
        results = _body(graph, values, version, dict(zip(names, [*head, *state], strict=True)))
        going = bool(results[0].value.item())
        state = results[1 : 1 + len(state)]
        rows.append(results[1 + len(state) :])
        trip += 1
    scans = [
        Ball(np.stack([b.value for b in column]), np.stack([b.error for b in column]), column[0].dtype)
        for column in zip(*rows, strict=True)
    ]
    return [*state, *scans]


def _scan(node: onnx.NodeProto, values: Mapping[str, Ball], version: int) -> list[Ball]:
    (graph,) = (a.g for a in node.attribute if a.name == "body")
    (count,) = (a.i for a in node.attribute if a.name == "num_scan_inputs")
    states = [values[name] for name in node.input[: len(node.input) - count]]
    scanned = [values[name] for name in node.input[len(node.input) - count :]]
    rows = []
    names = [value.name for value in graph.input]
    for at in range(scanned[0].shape[0]):
        heads = [Ball(b.value[at], b.error[at], b.dtype) for b in scanned]
        results = _body(graph, values, version, dict(zip(names, [*states, *heads], strict=True)))
        states, row = results[: len(states)], results[len(states) :]
        rows.append(row)
    scans = [
        Ball(np.stack([b.value for b in column]), np.stack([b.error for b in column]), column[0].dtype)
        for column in zip(*rows, strict=True)
    ]
    return [*states, *scans]


CONTROL = {"If": _if, "Loop": _loop, "Scan": _scan}
