"""The layouts that the consumers of each value require, after whatever moves axes in between."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from mini_infer.ir import Graph, Node, TensorType
from mini_infer.ir.attributes import integers
from mini_infer.ir.operators import traits
from mini_infer.passes.layout.permutation import Permutation, identity, permute

_LIMIT = 4
"""How many layouts of one value are told apart: each costs a transpose, whichever it is."""


def is_transpose(node: Node, graph: Graph) -> bool:
    """Whether a node transposes a tensor of known rank."""
    return node.domain == "" and node.op == "Transpose" and isinstance(graph.types[node.inputs[0]], TensorType)


def order_of(node: Node, rank: int) -> Permutation:
    """The permutation of a Transpose; without one it reverses the axes."""
    return integers(node, "perm", tuple(reversed(range(rank))))


def required_layouts(graph: Graph) -> Mapping[str, set[Permutation]]:
    """Value → the layouts in which its direct and indirect consumers need it.

    A layout is the permutation that the value must be transposed by. Layouts pass backwards through operators that keep
    the axes, are composed with the permutation of a Transpose, and are the value's own for all other operators. A value
    that nobody reads has none.
    """
    required: defaultdict[str, set[Permutation]] = defaultdict(set)

    def require(name: str, layouts: Iterable[Permutation]) -> None:
        if len(required[name]) < _LIMIT:
            required[name].update(layouts)

    def rank(name: str) -> int:
        kind = graph.types.get(name)
        return len(kind.shape) if isinstance(kind, TensorType) else 0

    for name in graph.outputs:
        require(name, [identity(rank(name))])
    for node in reversed(graph.nodes):
        results = required[node.writes[0]]
        keeps_axes = traits(node).keeps_axes
        for name in node.reads:
            if is_transpose(node, graph):
                order = order_of(node, rank(name))
                require(name, [permute(order, result) for result in results])
            elif keeps_axes and rank(name) == rank(node.writes[0]):
                require(name, results)
            else:
                require(name, [identity(rank(name))])
    return required
