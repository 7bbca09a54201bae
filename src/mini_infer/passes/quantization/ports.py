"""Inputs and outputs of 8 bits: what is quantized first and made real last is left to the caller.

Fires on

1. an input of float32 that only `QuantizeLinear` reads, to 8 bits, with one scale and zero point, that all have: it is
   what they made;
2. an output that a `DequantizeLinear` of one scale and zero point makes of 8 bits, and that nothing else reads: it is
   what that read.

Must not fire on states, which are their own outputs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from mini_infer.errors import UsageError
from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.passes.quantization.parameters import BYTES, Quantized, parameters
from mini_infer.passes.remarks import Remarks
from mini_infer.passes.rewriter import GraphRewriter

_IDENTITY_OPSET = 21


@dataclass(frozen=True, slots=True)
class BytePorts:
    """A graph whose ports have 8 bits where they can, and for each of these what its numbers mean."""

    graph: Graph
    scales: Mapping[str, Quantized]


def byte_ports(graph: Graph) -> BytePorts:
    """The graph with inputs and outputs of 8 bits.

    Raises
    ------
    UsageError
        When there is none that could have.
    """
    rewriter = GraphRewriter(graph, "8-bit ports", Remarks())
    given = {position for position, _ in graph.states}
    kept = {position for _, position in graph.states}
    inputs = [name for position, name in enumerate(graph.inputs) if position not in given]
    outputs = [name for position, name in enumerate(graph.outputs) if position not in kept]
    changed: dict[str, Node] = {}
    scales: dict[str, Quantized] = {}
    for name in inputs:
        readers = graph.readers.get(name, ())
        found = [_bytes_of(node, node.outputs[0], "QuantizeLinear", rewriter) for node in readers]
        first = found[0] if found else None
        alike = first is not None and all(each is not None and first.is_like(each) for each in found)
        if first is None or name in graph.outputs or not alike:
            continue
        scales[name] = first
        changed |= {node.outputs[0]: _same(node) for node in readers}
    for name in outputs:
        producer = graph.producers.get(name)
        found_one = None if producer is None else _bytes_of(producer, producer.inputs[0], "DequantizeLinear", rewriter)
        if producer is None or found_one is None or graph.readers.get(name) or graph.outputs.count(name) > 1:
            continue
        scales[name] = found_one
        changed[name] = _same(producer)
    if not scales:
        raise UsageError("--int8-io: no input is quantized first, and no output is made real last: there is none")
    types = {name: TensorType(found.dtype, graph.tensor(name).shape) for name, found in scales.items()}
    nodes = [changed.get(node.outputs[0], node) if node.outputs else node for node in graph.nodes]
    return BytePorts(graph.replace(nodes=nodes, types=types), scales)


def _bytes_of(node: Node, name: str, operator: str, rewriter: GraphRewriter) -> Quantized | None:
    """The parameters of a node of this operator with a side of 8 bits, and one scale."""
    if node.domain or node.op != operator:
        return None
    kind, found = rewriter.tensor(name), parameters(node, name, rewriter)
    fits = kind is not None and kind.dtype in BYTES and found is not None and found.is_whole
    real = rewriter.tensor(node.inputs[0] if operator == "QuantizeLinear" else node.outputs[0])
    return found if fits and real is not None and real.dtype is DType.FLOAT32 else None


def _same(node: Node) -> Node:
    """A node that gives what it reads."""
    return replace(
        node, op="Identity", inputs=node.inputs[:1], outputs=node.outputs[:1], attributes={}, version=_IDENTITY_OPSET
    )


def meaning(found: Quantized) -> tuple[float, int]:
    """The scale and the zero point of a port: what its number `n` stands for is `scale * (n - zero)`."""
    return float(np.float32(found.scale)), int(found.zero)
