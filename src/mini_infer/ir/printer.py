"""Graphs as text, one line a node: for people, golden files and error messages."""

import numpy as np

from mini_infer.ir.graph import Attribute, Graph, Node

_SHORT = 8


def format_graph(graph: Graph) -> str:
    """The whole graph: inputs, constants, nodes in order with their types, outputs."""
    lines = [f"graph {graph.name!r}"]
    lines += [f"  input {name}: {graph.types[name]}" for name in graph.inputs]
    lines += [f"  const {name}: {graph.types[name]}" for name in graph.constants]
    lines += [format_node(node, graph) for node in graph.nodes]
    lines.append(f"  return {', '.join(graph.outputs)}")
    return "\n".join(lines) + "\n"


def format_node(node: Node, graph: Graph | None = None, indent: str = "  ") -> str:
    """One node: `outputs: types = Op(inputs) {attributes}`, a fused node's body below it."""
    outputs = ", ".join(f"{name}: {graph.types[name]}" if graph and name else name or "_" for name in node.outputs)
    operator = f"{node.domain}.{node.op}" if node.domain else node.op
    inputs = ", ".join(name or "_" for name in node.inputs)
    attributes = ", ".join(f"{key}={_format_attribute(value)}" for key, value in sorted(node.attributes.items()))
    line = f"{indent}{outputs} = {operator}({inputs})" + (f" {{{attributes}}}" if attributes else "")
    return "\n".join([line, *(format_node(inner, indent=indent + "  | ") for inner in node.body)])


def _format_attribute(value: Attribute) -> str:
    if isinstance(value, Graph):
        return f"graph {value.name!r} of {len(value.nodes)} nodes"
    if isinstance(value, np.ndarray):
        body = np.array2string(value, threshold=_SHORT, separator=", ") if value.size <= _SHORT else "..."
        return f"{value.dtype}{list(value.shape)} {body}".replace("\n", " ")
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_format_attribute, value)) + "]"
    return repr(value)
