"""Nodes in an order in which they can run: some tools leave them out of order, and some runtimes sort them silently."""

import heapq

import onnx


def sort_nodes(graph: onnx.GraphProto) -> None:
    """Put a graph's nodes, and those of its nested graphs, after what they read, in place.

    Nodes in order stay as they are; others move no further than they must. A graph with a cycle is left to the checker.
    """
    made, early = {""}, set[str]()
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                sort_nodes(attribute.g)
        early.update([name for name in _reads(node) if name not in made])
        made.update(node.output)
    if early.isdisjoint(made):
        return
    producers = {name: index for index, node in enumerate(graph.node) for name in node.output if name}
    waits = [
        {producers[name] for name in _reads(node) if name in producers and producers[name] != index}
        for index, node in enumerate(graph.node)
    ]
    readers: list[list[int]] = [[] for _ in waits]
    for index, needed in enumerate(waits):
        for other in needed:
            readers[other].append(index)
    missing = [len(needed) for needed in waits]
    ready = [index for index, count in enumerate(missing) if not count]
    order = []
    while ready:
        order.append(heapq.heappop(ready))
        for reader in readers[order[-1]]:
            missing[reader] -= 1
            if not missing[reader]:
                heapq.heappush(ready, reader)
    if len(order) == len(waits):
        nodes = [onnx.NodeProto.FromString(graph.node[index].SerializeToString()) for index in order]
        del graph.node[:]
        graph.node.extend(nodes)


def _reads(node: onnx.NodeProto) -> list[str]:
    """Names that a node reads, also those that its nested graphs may take from outside."""
    names = list(node.input)
    for attribute in node.attribute:
        if attribute.HasField("g"):
            names += (output.name for output in attribute.g.output)
            for inner in attribute.g.node:
                names += _reads(inner)
    return names
