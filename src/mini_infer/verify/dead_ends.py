"""Branches that a run may take but that cannot run, and what to give so that none does."""

from collections.abc import Iterator

from mini_infer.ir import Graph, Node


def dead_ends(graph: Graph) -> Iterator[str]:
    """A line for each branch of `If` nodes, nested ones included, that cannot run with the shapes around it."""
    for node in graph.nodes:
        branches = {name: value for name, value in node.attributes.items() if isinstance(value, Graph)}
        for name, branch in branches.items():
            if branch.unusable:
                way_out = _way_out(graph, node, wanted=name == "else_branch")
                yield f"{node.op} {node.name!r} cannot take its {name}: {branch.unusable}; {way_out}"
            else:
                yield from dead_ends(branch)


def _way_out(graph: Graph, node: Node, *, wanted: bool) -> str:
    """Which flags make the condition known, so that the other branch is taken for good."""
    condition = node.inputs[0]
    compared = _compared(graph, condition) if wanted else None
    if condition in graph.inputs:
        return f"give --fix {condition}={str(wanted).lower()}, or other --shapes"
    if compared is not None:
        return f"give --fix {compared}, or other --shapes"
    inputs = " ".join(f"--fix {name}=VALUE" for name in _inputs_behind(graph, condition))
    return f"give {inputs}, or other --shapes" if inputs else "give other --shapes"


def _compared(graph: Graph, condition: str) -> str | None:
    """`input=number` where the condition is that they are equal."""
    node = graph.producers.get(condition)
    if node is None or node.domain or node.op != "Equal":
        return None
    for name, other in (node.inputs, node.inputs[::-1]):
        if name in graph.inputs and other in graph.constants and graph.constants[other].size == 1:
            return f"{name}={graph.constants[other].item()}"
    return None


def _inputs_behind(graph: Graph, name: str) -> list[str]:
    """The graph's inputs that a value depends on, in the graph's order."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        if (value := waiting.pop()) not in seen:
            seen.add(value)
            waiting += graph.producers[value].reads if value in graph.producers else ()
    return [each for each in graph.inputs if each in seen]
