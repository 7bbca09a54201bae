"""A whole graph by its ONNX meaning, without program, plan or arena: the oracle for passes."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from mini_infer.errors import InputError, UnsupportedError
from mini_infer.interpreter.evaluate import BodyEvaluator
from mini_infer.interpreter.operators import Value
from mini_infer.ir import Graph, Node, TensorType, ValueType, trimmed


def run_graph(graph: Graph, inputs: Mapping[str, Value], *, also: Iterable[str] = ()) -> dict[str, Value]:
    """Evaluate a graph node by node.

    Parameters
    ----------
    graph
        Plain or optimized.
    inputs
        A value for each of the graph's inputs.
    also
        Names of further values to return.

    Returns
    -------
    dict
        Output name → value, and the values named in `also`.

    Raises
    ------
    InputError
        When an input is missing, unknown, or of another type than the graph says.
    UnsupportedError
        When a node cannot be evaluated, or a value turns out to be of another type than the graph says.
    """
    names = ", ".join(graph.inputs)
    for name in inputs:
        if name not in graph.inputs:
            raise InputError(f"the graph has no input {name!r}; its inputs are {names}")
    for name in graph.inputs:
        if name not in inputs:
            raise InputError(f"input {name!r} is missing; the graph's inputs are {names}")
        if not _fits(inputs[name], graph.types[name]):
            raise InputError(f"input {name!r} is {_describe(inputs[name])}, but the graph says {graph.types[name]}")

    def check(node: Node, outputs: Sequence[Value]) -> None:
        for name, value in zip(node.outputs, outputs, strict=False):
            if name and not _fits(value, graph.types[name]):
                says = f"but the graph says {graph.types[name]}"
                raise UnsupportedError(f"node {node.name!r} ({node.op}) makes {name!r} a {_describe(value)}, {says}")

    wanted = (*graph.outputs, *also)
    body = BodyEvaluator(graph.nodes, graph.inputs, wanted, graph.constants)
    values = body([inputs[name] for name in graph.inputs], observe=check)
    return trimmed(dict(zip(wanted, values, strict=True)), graph.bounds)


def _fits(value: Value, kind: ValueType) -> bool:
    if not isinstance(kind, TensorType):
        return True
    return isinstance(value, np.ndarray) and value.shape == kind.shape and value.dtype == kind.dtype.numpy


def _describe(value: Value) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype}[{'x'.join(map(str, value.shape))}]"
    return type(value).__name__
