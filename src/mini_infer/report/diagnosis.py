"""What `doctor` found, as JSON and as text."""

from typing import Any

from mini_infer.frontend.model.dims import dim_flags
from mini_infer.program import Program
from mini_infer.report.plan.text import steps_lines, total_lines
from mini_infer.report.sizes import counted, exact_bytes
from mini_infer.verify.doctor import Diagnosis
from mini_infer.verify.open_sizes import Detour

DOCTOR_SCHEMA = "mini-infer/doctor/1"


def diagnosis_record(
    model: str, diagnosis: Diagnosis, memory_limit: int | None, compiler: str | None
) -> dict[str, Any]:
    """Everything found. `compiler` is the C compiler's version, `memory_limit` in bytes."""
    program, plan = diagnosis.program, diagnosis.plan
    return {
        "schema": DOCTOR_SCHEMA,
        "model": model,
        "runs": diagnosis.runs,
        "unknown_operators": [
            {
                "node": unknown.node,
                "operator": unknown.op,
                "domain": unknown.domain or "ai.onnx",
                "opset": unknown.version,
            }
            for unknown in diagnosis.unknown_operators
        ],
        "open_inputs": diagnosis.open_inputs or None,
        "obstacles": list(diagnosis.obstacles),
        "remarks": list(diagnosis.remarks),
        "native_steps": None if program is None else program.native_steps,
        "interpreted": [] if program is None else _interpreted(program, diagnosis.detour),
        "instead": None if diagnosis.detour is None else dim_flags(diagnosis.detour.dims),
        "arena_bytes": None if plan is None else plan.size,
        "total_bytes": None if diagnosis.memory is None else diagnosis.memory.total,
        "memory_limit_bytes": memory_limit,
        "compiler": compiler,
    }


def diagnosis_text(model: str, diagnosis: Diagnosis, memory_limit: int | None, compiler: str | None) -> str:
    """Everything found: first what is in the way, then what the model will be like."""
    lines = [
        *(f"  unknown operator: {unknown}" for unknown in diagnosis.unknown_operators),
        *([f"  {diagnosis.open_inputs}"] if diagnosis.open_inputs else []),
        *(f"  {obstacle}" for obstacle in diagnosis.obstacles),
    ]
    lines = [f"{model}: {'nothing' if diagnosis.runs else len(lines)} in the way", *lines]
    lines += [f"  note: {remark}" for remark in diagnosis.remarks]
    if diagnosis.program is not None:
        program, around = diagnosis.program, diagnosis.detour
        ranges = ", ".join(f"{symbol.name} {symbol.said}" for symbol in program.symbols)
        assumed = ", as the line above says" if diagnosis.open_inputs else f", {ranges}" if ranges else ""
        summary, *reasons = steps_lines(program)
        if compiler is None:
            native = f"with a C compiler {program.native_steps} native"
            summary = f"{counted(len(program.steps), 'step')}: all interpreted, {native}"
        lines += ["", summary + assumed, *reasons]
        lines += [
            f"    step {entry['step']}: {entry['operator']} {entry['node']}"
            + (", because a size is open" if entry["open"] else "")
            for entry in _interpreted(program, around)
        ]
        if around is not None:
            count, sizes = len(around.steps), dim_flags(around.dims)
            whose = (
                f"{count} of them are so because sizes are open" if count > 1 else "one is so because sizes are open"
            )
            lines.append(f"  {whose}, and native with {sizes}")
    if diagnosis.plan is not None:
        symbols = () if diagnosis.program is None else diagnosis.program.symbols
        largest = ", ".join(f"{symbol.name}={symbol.high}" for symbol in symbols)
        limit = f", within the limit of {exact_bytes(memory_limit)}" if memory_limit is not None else ""
        arena = f"arena {exact_bytes(diagnosis.plan.size)} bytes"
        lines.append(f"{arena}{limit}{f' at {largest}' if largest else ''}")
    if diagnosis.memory is not None:
        lines += ["", *total_lines(diagnosis.memory), ""]
    lines.append(f"C compiler: {compiler or 'none'}")
    return "\n".join(lines) + "\n"


def _interpreted(program: Program, around: Detour | None) -> list[dict[str, Any]]:
    because_open = () if around is None else around.steps
    return [
        {
            "step": index,
            "node": step.node.name,
            "operator": step.node.op,
            "because": step.interpreted_because,
            "open": index in because_open,
        }
        for index, step in enumerate(program.steps)
        if not step.native
    ]
