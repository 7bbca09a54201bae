"""Why the peak is as high as it is: who is alive there, since when and for whom, and what would lower it most."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from mini_infer.memory import Plan, alive_bytes
from mini_infer.ordering import is_optimal
from mini_infer.program import Program
from mini_infer.report.facts import operators_text
from mini_infer.report.sizes import exact_bytes, percent
from mini_infer.report.table import format_table


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a buffer is alive at the peak.

    Parameters
    ----------
    id, size
        Of the buffer.
    made, last
        The step that writes it first, and the last that needs it; one more than there are steps: the caller does.
    used
        Whether the peak's step itself reads or writes it. Otherwise it only waits.
    without
        Bytes that would be alive in the largest step if this buffer were not there.
    """

    id: str
    size: int
    made: int
    last: int
    used: bool
    without: int


def reasons(program: Program, plan: Plan) -> tuple[Reason, ...]:
    """Of every buffer alive at the peak, those first without which least would be alive."""
    peak, buffers = plan.peak, plan.problem.buffers
    if not peak.live:
        return ()
    alive = alive_bytes(buffers, len(program.steps), plan.problem.overlaps)
    before = [0, *accumulate(alive, max)]
    after = [*[*accumulate(reversed(alive), max)][::-1], 0]
    node = program.steps[peak.start].node
    used = {view.index for name in (*node.reads, *node.writes) if (view := program.values.get(name)) is not None}
    found, live = [], {*peak.live}
    for index in peak.live:
        buffer = buffers[index]
        # It lives in the peak's step, and no step has more; of those that it does not live in, the largest counts.
        pairs = (each for each in plan.problem.overlaps if index in (each.lower, each.upper))
        own = buffer.size - sum(each.shared(buffers) for each in pairs if {each.lower, each.upper} <= live)
        without = max(before[buffer.start], peak.size - own, after[min(buffer.end, len(alive))])
        needed = index in used or (buffer.start, buffer.end) == (peak.start, peak.start + 1)
        found.append(Reason(buffer.id, buffer.size, buffer.start, buffer.end - 1, needed, without))
    return tuple(sorted(found, key=lambda reason: (reason.without, -reason.size)))


def reasons_record(program: Program, plan: Plan) -> list[dict[str, Any]]:
    """The reasons as JSON."""
    return [
        {
            "id": reason.id,
            "size": reason.size,
            "made_by": _name(program, reason.made),
            "last_read_by": _name(program, reason.last),
            "used": reason.used,
            "peak_without": reason.without,
        }
        for reason in reasons(program, plan)
    ]


def reasons_lines(program: Program, plan: Plan, width: int, rows: int) -> list[str]:
    """The reasons as a table, and what would lower the peak most."""
    found = reasons(program, plan)
    if not found:
        return []
    table = [("size", "made by", "last needed by", "at the peak", "buffer")]
    for reason in found[:rows]:
        steps = (_described(program, reason.made), _described(program, reason.last))
        table.append((exact_bytes(reason.size), *steps, "in use" if reason.used else "waits", reason.id))
    proved = "proved: in no order of these steps are fewer" if is_optimal(program) else "not proved to be the best"
    advice = (_advice(found, plan), f"order: {proved}")
    return [
        "why they are alive",
        *format_table(table, "><<<<", width=width, spare=(3, 1)),
        *advice,
    ]


def _advice(found: Sequence[Reason], plan: Plan) -> str:
    most = plan.peak.size
    best = found[0]
    if best.without >= most:
        return "no single buffer would lower the peak: other steps need as many bytes"
    waits = "" if best.used else ", which only waits there"
    left = f"{exact_bytes(best.without)} bytes, {percent(1 - best.without / most)} less"
    return f"{best.id!r}{waits}: without it the largest step would take {left}; nothing else would lower it more"


def _name(program: Program, step: int) -> str | None:
    return program.steps[step].node.name if step < len(program.steps) else None


def _described(program: Program, step: int) -> str:
    if step >= len(program.steps):
        return "the caller"
    return f"{step} {operators_text(program.steps[step].node)}"
