"""Every output of the graph becomes a value of its own, so that each can lie in the caller's memory."""

from mini_infer.ir import Graph, Node
from mini_infer.ir.alias import viewed_values

ONNX_VERSION = 21
"""The opset of the Identity nodes added here."""


def separate(graph: Graph) -> Graph:
    """Insert a copy where an output is an input, a constant, given twice, or shares its bytes with another output.

    The copies are Identity nodes at the graph's end; the outputs keep their order, and get new names where copied.
    Those that are states come last, each with a copy: what the run before has left is read until then.
    """
    viewed = viewed_values(graph)
    kept = {output: graph.inputs[position] for position, output in graph.states}
    taken = {viewed.get(graph.outputs[output], graph.outputs[output]) for output in kept}
    nodes = list(graph.nodes)
    types = {}
    outputs = []
    for index, name in enumerate(graph.outputs):
        root = viewed.get(name, name)
        if index in kept:
            outputs.append(name)
            continue
        if root in graph.producers and root not in taken:
            taken.add(root)
            outputs.append(name)
            continue
        copy = f"{name}/output{index}"
        nodes.append(Node(copy, "Identity", (name,), (copy,), version=ONNX_VERSION))
        types[copy] = graph.types[name]
        outputs.append(copy)
    last = []
    for index in kept:
        name = source = graph.outputs[index]
        if viewed.get(name, name) in kept.values():  # a state as it was, which may be written before this one
            source = f"{name}/before{index}"
            order = {"perm": tuple(range(len(graph.tensor(name).shape)))}
            nodes.append(Node(source, "Transpose", (name,), (source,), order, version=ONNX_VERSION))
            types[source] = graph.types[name]
        outputs[index] = f"{name}/state{index}"
        types[outputs[index]] = graph.types[name]
        last.append(Node(outputs[index], "Identity", (source,), (outputs[index],), version=ONNX_VERSION))
    nodes += last
    return graph if not types else graph.replace(nodes=nodes, types=types, outputs=tuple(outputs))
