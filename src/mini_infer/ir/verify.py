"""The rules every graph obeys, checked after the front end and after every pass."""

from mini_infer.errors import ModelError
from mini_infer.ir.graph import Graph, Node
from mini_infer.ir.types import TensorType


def verify(graph: Graph) -> None:
    """Check that a graph is well formed.

    Every value is defined exactly once and before it is read, every value has a type, constants have the type they
    are said to have, and a fused node's body reads only its inputs and produces all its outputs.

    Raises
    ------
    ModelError
        Naming the node and the value that break a rule.
    """
    defined: set[str] = set()

    def define(name: str, by: str) -> None:
        if name in defined:
            raise ModelError(f"{by} defines {name!r}, which is defined already")
        if name not in graph.types:
            raise ModelError(f"{by} defines {name!r}, which has no type")
        defined.add(name)

    for name in graph.inputs:
        define(name, "the graph's input list")
    for name, array in graph.constants.items():
        define(name, "the constant table")
        kind = graph.types[name]
        if isinstance(kind, TensorType) and (kind.shape != array.shape or kind.dtype.numpy != array.dtype):
            raise ModelError(f"constant {name!r} is {array.dtype}{list(array.shape)}, but its type is {kind}")
    for node in graph.nodes:
        label = f"node {node.name!r} ({node.op})"
        missing = [name for name in node.reads if name not in defined]
        if missing:
            raise ModelError(f"{label} reads {missing[0]!r}, which nothing before it defines")
        for name in node.writes:
            define(name, label)
        _verify_body(node)
    missing = [name for name in graph.outputs if name not in defined]
    if missing:
        raise ModelError(f"output {missing[0]!r} is defined by nothing")


def _verify_body(node: Node) -> None:
    """Check that a fused node's body computes its outputs from its inputs."""
    if not node.body:
        return
    known = set(node.reads)
    for inner in node.body:
        missing = [name for name in inner.reads if name not in known]
        if missing:
            raise ModelError(f"fused node {node.name!r}: {inner.op} {inner.name!r} reads {missing[0]!r} from nowhere")
        known.update(inner.writes)
    missing = [name for name in node.writes if name not in known]
    if missing:
        raise ModelError(f"fused node {node.name!r}: its body does not produce {missing[0]!r}")
