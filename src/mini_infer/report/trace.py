"""A run as a trace that Perfetto and Chrome (chrome://tracing) open: the time of each step, and the bytes alive.

The format is the Trace Event Format: complete events (``X``) for the steps, a counter (``C``) for the bytes; times in
microseconds. A view, which is no work, takes no time but is there: there are as many events as steps.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from mini_infer.memory import Plan, alive_bytes
from mini_infer.program import Program
from mini_infer.report.steps import kernels
from mini_infer.verify.steps import Timed

TRACE_SCHEMA = "mini-infer/trace/1"

PROCESS, THREAD = 1, 1


def trace_record(model: str, program: Program, plan: Plan, times: Sequence[Timed]) -> dict[str, Any]:
    """The trace of one run.

    Parameters
    ----------
    model
        The file's name.
    program, plan
        What ran.
    times
        Of its steps, in the order in which they ran.
    """
    alive = alive_bytes(plan.problem.buffers, len(program.steps), plan.problem.overlaps)
    events: list[dict[str, Any]] = [
        {"ph": "M", "pid": PROCESS, "tid": THREAD, "name": "process_name", "args": {"name": f"mini-infer {model}"}},
        {"ph": "M", "pid": PROCESS, "tid": THREAD, "name": "thread_name", "args": {"name": "steps"}},
    ]
    for timed in _with_views(program, times):
        events.append(_counter(timed.began, max(alive[timed.start : timed.end])))
        events.append(_complete(program, timed))
    if times:
        events.append(_counter(times[-1].began + times[-1].took, 0))
    return {
        "schema": TRACE_SCHEMA,
        "displayTimeUnit": "ns",
        "otherData": {"arena_bytes": plan.size, "lower_bound_bytes": plan.lower_bound, "steps": len(program.steps)},
        "traceEvents": events,
    }


def _with_views(program: Program, times: Sequence[Timed]) -> Iterator[Timed]:
    """The times, and the views that nothing had to run: at the end of the step before, or readers nest them."""
    end = now = 0
    for timed in times:
        yield from _views(program, range(end, timed.start), now)
        yield timed
        end, now = timed.end, timed.began + timed.took
    yield from _views(program, range(end, len(program.steps)), now)


def _views(program: Program, steps: range, when: int) -> Iterator[Timed]:
    return (Timed(step, step + 1, when, 0) for step in steps if program.steps[step].is_view)


def _complete(program: Program, timed: Timed) -> dict[str, Any]:
    steps = program.steps[timed.start : timed.end]
    first = steps[0]
    return {
        "ph": "X",
        "pid": PROCESS,
        "tid": THREAD,
        "name": first.node.name,
        "cat": "view" if first.is_view else "native" if first.native else "interpreted",
        "ts": timed.began / 1000,
        "dur": timed.took / 1000,
        "args": {
            "steps": [timed.start, timed.end],
            "operators": [inner.op for step in steps for inner in step.node.primitives],
            "kernels": [kernel for step in steps for kernel in kernels(step)],
        },
    }


def _counter(when: int, size: int) -> dict[str, Any]:
    return {"ph": "C", "pid": PROCESS, "name": "bytes alive", "ts": when / 1000, "args": {"bytes": size}}
