"""The steps of a program as JSON and as text: what each runs, reads, writes and weighs."""

from collections.abc import Iterable
from typing import Any

from mini_infer.memory import Plan
from mini_infer.program import Program, Space, Step
from mini_infer.report.facts import WORKSPACE, aliases, buffer_kinds, operators_text
from mini_infer.report.sizes import exact_bytes, short_bytes
from mini_infer.report.table import format_table, shorten
from mini_infer.report.text import steps_lines

STEPS_SCHEMA = "mini-infer/inspect/1"


def steps_record(model: str, program: Program, plan: Plan, target: str, weights: int) -> dict[str, Any]:
    """Everything about the steps of an engine. Sizes are bytes; `weights` is that of the engine's constant block."""
    workspaces = _workspace_bytes(program)
    return {
        "schema": STEPS_SCHEMA,
        "model": model,
        "target": target,
        "arena_bytes": plan.size,
        "weight_bytes": weights,
        "native_steps": program.native_steps,
        "interpreted_steps": len(program.steps) - program.native_steps,
        "inputs": [{"name": port.name, "type": str(port.type)} for port in program.inputs],
        "outputs": [{"name": port.name, "type": str(port.type)} for port in program.outputs],
        "steps": [
            {
                "step": index,
                "node": step.node.name,
                "operators": [inner.op for inner in step.node.meaning],
                "kernels": kernels(step),
                "interpreted_because": step.interpreted_because or None,
                "reads": _values(program, step.node.reads),
                "writes": _values(program, step.node.writes),
                "workspace_bytes": workspaces[index],
                "weight_bytes": weight_bytes(program, step),
            }
            for index, step in enumerate(program.steps)
        ],
        "aliases": [{"value": alias.value, "of": alias.of, "offset": alias.offset} for alias in aliases(program)],
    }


def steps_text(model: str, program: Program, plan: Plan, target: str, weights: int, *, width: int) -> str:
    """One line per step, and what the engine takes and gives."""
    workspaces = _workspace_bytes(program)
    rows: list[tuple[str, ...]] = [("step", "runs", "in", "out", "workspace", "weights", "operators", "node")]
    for index, step in enumerate(program.steps):
        sizes = (
            _bytes(program, step.node.reads),
            _bytes(program, step.node.writes),
            workspaces[index],
            weight_bytes(program, step),
        )
        operators = shorten(operators_text(step.node), 40)
        cells = [exact_bytes(size) if size else "" for size in sizes]
        rows.append((str(index), ", ".join(kernels(step)) or _how(step), *cells, operators, step.node.name))
    lines = [
        f"{model}: for {target}, arena {short_bytes(plan.size)}, weights {short_bytes(weights)}",
        *steps_lines(program),
        "",
        *(f"input  {port.name}: {port.type}" for port in program.inputs),
        *(f"output {port.name}: {port.type}" for port in program.outputs),
        "",
        *format_table(rows, "><>>>><<", width=width),
    ]
    return "\n".join(lines) + "\n"


def kernels(step: Step) -> list[str]:
    """The kernels that a step calls, in order."""
    return [type(call.kernel).__name__ for call in step.calls]


def weight_bytes(program: Program, step: Step) -> int:
    """Bytes of the constants that a step reads; packed, where its kernels packed them."""
    views = [view for call in step.calls for view in call.operands] or [
        program.values[name] for name in step.node.reads if name in program.values
    ]
    indices = {view.index for view in views if view.space is Space.CONSTANT}
    return sum(program.constants[index].data.nbytes for index in indices)


def _how(step: Step) -> str:
    if step.control is not None:
        return step.control.kind.value
    return "view" if step.native else "interpreted"


def _values(program: Program, names: Iterable[str]) -> list[dict[str, Any]]:
    views = {name: program.values[name] for name in names if name in program.values}
    return [
        {"value": name, "type": str(view.type), "bytes": view.type.bytes, "in": view.space.value}
        for name, view in views.items()
    ]


def _bytes(program: Program, names: Iterable[str]) -> int:
    views = (program.values[name] for name in names if name in program.values)
    return sum(view.type.bytes for view in views if view.space is not Space.CONSTANT)


def _workspace_bytes(program: Program) -> list[int]:
    """For each step, the bytes of its kernels' workspaces."""
    found = [0] * len(program.steps)
    for buffer, kind in zip(program.problem.buffers, buffer_kinds(program), strict=True):
        if kind == WORKSPACE:
            found[buffer.start] += buffer.size
    return found
