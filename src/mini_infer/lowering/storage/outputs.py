"""Every output of the graph becomes a value of its own, so that each can lie in the caller's memory."""

from mini_infer.ir import Graph, Node
from mini_infer.ir.alias import viewed_values

ONNX_VERSION = 21
"""The opset of the Identity nodes added here."""


def separate(graph: Graph) -> Graph:
    """Insert a copy where an output is an input, a constant, given twice, or shares its bytes with another output.

    The copies are Identity nodes at the graph's end; the outputs keep their order, and get new names where copied.
    """
    taken: set[str] = set()
    nodes = list(graph.nodes)
    types = {}
    outputs = []
    viewed = viewed_values(graph)
    for index, name in enumerate(graph.outputs):
        root = viewed.get(name, name)
        if root in graph.producers and root not in taken:
            taken.add(root)
            outputs.append(name)
            continue
        copy = f"{name}/output{index}"
        nodes.append(Node(copy, "Identity", (name,), (copy,), version=ONNX_VERSION))
        types[copy] = graph.types[name]
        outputs.append(copy)
    return graph if not types else graph.replace(nodes=nodes, types=types, outputs=tuple(outputs))
