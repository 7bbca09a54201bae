"""Which operators may share bytes, and when: what onnx does not say.

A *view* gives its first input another shape: the bytes stay as they are. An operator that works *in place* may write
its output over a dying input of the same size: it reads element i of that input no later than it writes element i of
the output, or reads all elements of a group before it writes the first of that group.
"""

from collections.abc import Container, Mapping

from mini_infer.ir.graph import Graph, Node
from mini_infer.ir.operators import traits


def is_view(node: Node) -> bool:
    """Whether the node's only output is its first input's bytes in another shape."""
    return traits(node).view and len(node.writes) == 1


def viewed_values(graph: Graph, apart: Container[str] = ()) -> Mapping[str, str]:
    """Every value that is a view → the value whose bytes it shows, which is no view itself.

    What views a value in `apart` is taken for no view.
    """
    viewed: dict[str, str] = {}
    for node in graph.nodes:
        if is_view(node) and (source := node.inputs[0]) not in apart:
            viewed[node.writes[0]] = viewed.get(source, source)
    return viewed


def in_place_inputs(node: Node) -> tuple[str, ...]:
    """The inputs that the node may overwrite with its only output, if they die with it and have its type.

    1. Elementwise nodes, alone or fused into a chain: every input.
    2. A fused node whose body adds a residual (an input of the node that only an elementwise body node reads, as it is
       or through a transpose that the body undoes at its end): that residual, because it is read element by element
       where the output is written.
    3. Softmax and normalizations: their first input.
    4. Attention: none, it reads its mask and its scaled operands again for other elements.
    """
    if len(node.writes) != 1 or node.op == "Attention":
        return ()
    if traits(node).grouped:
        return node.inputs[:1]
    elsewhere: set[str] = set()
    transposed: dict[str, str] = {}
    for inner in node.primitives:
        if node.body and inner.op == "Transpose":
            transposed[inner.outputs[0]] = inner.inputs[0]
        elif not traits(inner).elementwise:
            elsewhere.update(transposed.get(name, name) for name in inner.reads)
    return tuple(name for name in dict.fromkeys(node.inputs) if name and name not in elsewhere)
