"""A stream as the page's scripts read it: a plan in the plan, whose buffers are rings and whose steps are calls."""

from typing import Any

from mini_infer.program import Call, Program, Space, Step, Stream
from mini_infer.report.facts import RINGS, SHARED, TENSOR, WORKSPACE
from mini_infer.report.plan.columns import plan_columns, problem_columns
from mini_infer.report.streams import stream_record

RING_TEXTS = {TENSOR: "all rows of a value", SHARED: "", WORKSPACE: "workspace", RINGS: "some rows of a value"}
"""Kinds of rings as the page colors them → its legend; in the order of the kinds of buffers."""


def rings_data(program: Program, index: int) -> dict[str, Any]:
    """What the page shows when a step that streams is opened; like `html.page_data`, and `rows` of each ring."""
    step = program.steps[index]
    stream, record = step.stream, stream_record(program, step)
    if stream is None or record is None:
        raise ValueError(f"step {index} does not stream")
    plan = program.plan_of_rings(stream)
    users = {ring: step.users(ring) for ring in range(len(stream.rings))}
    kinds = list(RING_TEXTS)
    return {
        "title": f"Step {index}: {step.node.name}",
        "unit": "call",
        "main": "rings",
        "sizesShown": {
            "whole": record["whole_bytes"],
            "unplanned": plan.unplanned,
            "rings": plan.size,
            "lower bound": plan.lower_bound,
        },
        "about": [],
        "facts": [f"{record['calls']:,} calls in {record['bands']:,} bands", f"{record['runs']:,} runs"],
        "kindTexts": RING_TEXTS,
        **problem_columns(plan.problem),
        "kinds": [kinds.index(_kind(stream, ring, users[ring])) for ring in users],
        "types": [-1] * len(users),
        "strings": [],
        "aliases": {},
        "uses": users,
        "rows": [[ring.apron + ring.revolution, ring.rows, ring.apron, ring.row, ring.size] for ring in stream.rings],
        "nodes": [_call_text(program, step, call) for call in step.calls],
        "first": 0,
        "last": len(step.calls),
        "plans": [plan_columns("rings", plan)],
        "streams": {},
    }


def _kind(stream: Stream, ring: int, users: tuple[int, ...]) -> str:
    if len(users) == 1:
        return WORKSPACE
    return TENSOR if stream.rings[ring].revolution >= stream.rings[ring].rows else RINGS


def _call_text(program: Program, step: Step, call: Call) -> str:
    """The kernel, and the first thing that it writes."""
    name = type(call.kernel).__name__
    for view, operand in zip(call.operands, call.kernel.operands(), strict=True):
        if operand.written and view.space is not Space.CONSTANT:
            return f"{name} {_home(program, step, view.space, view.index)}"
    return name


def _home(program: Program, step: Step, space: Space, index: int) -> str:
    """What a view lies in."""
    if space is Space.RING and step.stream is not None:
        return step.stream.rings[index].id
    if space is Space.ARENA:
        return program.problem.buffers[index].id
    return (program.inputs if space is Space.INPUT else program.outputs)[index].name
