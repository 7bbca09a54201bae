"""From a graph to what there is to order."""

from mini_infer.ir import Graph, TensorType
from mini_infer.ir.alias import viewed_values
from mini_infer.schedule.problem import OrderProblem


def of_graph(graph: Graph) -> OrderProblem:
    """The order problem of a graph's arena.

    The caller's inputs and outputs and the constants are not in the arena and count nothing. A view shares the bytes of
    what it views: these live until the last reader of any of their views has run. What views an input or a
    constant counts as a tensor of its own.
    """
    producer = {name: index for index, node in enumerate(graph.nodes) for name in node.writes}
    viewed = viewed_values(graph, apart={*graph.inputs, *graph.constants})
    elsewhere = {viewed.get(name, name) for name in graph.outputs}
    readers: dict[str, dict[int, None]] = {name: {} for name in producer}
    for index, node in enumerate(graph.nodes):
        for name in node.reads:
            if name in producer:
                readers[name][index] = None
                readers[viewed.get(name, name)][index] = None

    def size(name: str) -> int:
        kind = graph.types[name]
        counts = isinstance(kind, TensorType) and name not in viewed and name not in elsewhere
        return kind.most_bytes if counts and isinstance(kind, TensorType) else 0

    return OrderProblem(
        nodes=len(graph.nodes),
        sizes=tuple(size(name) for name in producer),
        producers=tuple(producer.values()),
        consumers=tuple(tuple(sorted(readers[name])) for name in producer),
        kept=(False,) * len(producer),
    )
