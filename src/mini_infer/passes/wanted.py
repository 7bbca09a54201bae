"""In which orders of their axes values are needed in the end."""

from collections.abc import Iterable, Mapping

from mini_infer.ir import Graph, Node, TensorType
from mini_infer.ir.operators import traits
from mini_infer.passes.attributes import integers
from mini_infer.passes.permutation import Permutation, compose, identity

_LIMIT = 4
"""How many orders of one value are told apart: each costs a transpose, whatever it is."""


def is_transpose(node: Node, graph: Graph) -> bool:
    """Whether a node transposes a tensor of known rank."""
    return node.domain == "" and node.op == "Transpose" and isinstance(graph.types[node.inputs[0]], TensorType)


def order_of(node: Node, rank: int) -> Permutation:
    """The permutation of a Transpose; without one it reverses the axes."""
    return integers(node, "perm", tuple(reversed(range(rank))))


def wanted_orders(graph: Graph) -> Mapping[str, frozenset[Permutation]]:
    """For each value the orders in which it is needed by whoever reads what becomes of it.

    An order is the permutation that the value must be transposed by. Operators that keep the axes need their inputs as
    their results are needed, a Transpose needs them transposed back, all others as they are. A value that nobody needs
    has no orders.
    """
    wanted: dict[str, set[Permutation]] = {}

    def want(name: str, orders: Iterable[Permutation]) -> None:
        found = wanted.setdefault(name, set())
        if len(found) < _LIMIT:
            found.update(orders)

    def rank(name: str) -> int:
        kind = graph.types.get(name)
        return len(kind.shape) if isinstance(kind, TensorType) else 0

    for name in graph.outputs:
        want(name, [identity(rank(name))])
    for node in reversed(graph.nodes):
        for name in node.writes:
            wanted.setdefault(name, set())
        results = wanted[node.writes[0]]
        keeps_axes = traits(node).keeps_axes
        for name in node.reads:
            if is_transpose(node, graph):
                order = order_of(node, rank(name))
                want(name, [compose(order, result) for result in results])
            elif keeps_axes and rank(name) == rank(node.writes[0]):
                want(name, results)
            else:
                want(name, [identity(rank(name))])
    return {name: frozenset(orders) for name, orders in wanted.items()}
