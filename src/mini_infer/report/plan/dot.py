"""The interference graph in Graphviz' language: buffers as nodes, an edge where lifetimes overlap."""

from mini_infer.memory import Plan, interference_graph

_COLORS = 11
"""Of Graphviz' scheme set311, one for each pool in turn."""


def plan_dot(title: str, plan: Plan) -> str:
    """The graph; buffers of one pool have one color, where the plan has pools."""
    buffers = plan.problem.buffers
    pools = {index: number for number, pool in enumerate(plan.pools) for index in pool.members}
    lines = [f"graph {_quoted(title)} {{", "  node [shape=box, style=filled, colorscheme=set311, fillcolor=white];"]
    for index, (buffer, offset) in enumerate(zip(buffers, plan.offsets, strict=True)):
        label = f"{buffer.id}\n{buffer.size:,} B at {offset:,}\nsteps {buffer.start} to {buffer.end - 1}"
        color = f", fillcolor={pools[index] % _COLORS + 1}" if index in pools else ""
        lines.append(f"  b{index} [label={_quoted(label)}{color}];")
    for index, others in enumerate(interference_graph(plan.problem)):
        lines += [f"  b{index} -- b{other};" for other in others if other > index]
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
