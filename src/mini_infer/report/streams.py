"""Steps that stream: in how many runs, what their rings keep, and what that would be if it were whole."""

from collections.abc import Collection, Iterator
from typing import Any

from mini_infer.program import Program, Ring, Run, Step, Stream
from mini_infer.report.facts import operators_text
from mini_infer.report.sizes import exact_bytes, percent
from mini_infer.report.table import format_table


def streaming_steps(program: Program) -> Iterator[tuple[int, Step, Stream]]:
    """The steps that stream, with their numbers."""
    for index, step in enumerate(program.steps):
        if step.stream is not None:
            yield index, step, step.stream


def stream_record(program: Program, step: Step) -> dict[str, Any] | None:
    """A step's stream as JSON, sizes and offsets in bytes; none where it has none."""
    stream = step.stream
    if stream is None:
        return None
    plan = program.plan_of_rings(stream)
    runs = sum(isinstance(run, Run) for run in stream.runs)
    return {
        "buffer": program.problem.buffers[stream.buffer].id,
        "calls": len(step.calls),
        "bands": max(map(len, stream.bands.values()), default=0),
        "runs": runs,
        "turns": len(stream.runs) - runs,
        "bytes": program.problem.buffers[stream.buffer].size,
        "lower_bound_bytes": plan.lower_bound,
        "whole_bytes": step.whole_bytes,
        "rings": [_ring_record(ring) for ring in stream.rings],
    }


def _ring_record(ring: Ring) -> dict[str, Any]:
    return {
        "id": ring.id,
        "size": ring.bytes,
        "start": ring.start,
        "end": ring.end,
        "offset": ring.offset,
        "rows": ring.rows,
        "kept_rows": ring.apron + ring.revolution,
        "apron_rows": ring.apron,
        "row_bytes": ring.row,
        "whole_bytes": ring.size,
    }


def streams_lines(program: Program, width: int, rows: int) -> list[str]:
    """Every stream with a table of its rings, `rows` of them at most: the largest, where they lie."""
    found = list(streaming_steps(program))
    if not found:
        return []
    count = f"{len(found)} of {len(program.steps)} steps"
    lines = [f"streams: {count} run in bands of rows, with rings of what is between their calls"]
    for index, _, stream in found:
        lines.append(stream_text(program, index))
        table: list[tuple[str, ...]] = [("offset", "end", "size", "calls", "rows", "apron", "whole", "ring")]
        kept = sorted(sorted(range(len(stream.rings)), key=lambda i: -stream.rings[i].bytes)[:rows])
        for ring in (stream.rings[i] for i in kept):
            calls = f"{ring.start}-{ring.end - 1}" if ring.end > ring.start + 1 else str(ring.start)
            counts = (f"{ring.apron + ring.revolution} of {ring.rows}", str(ring.apron) if ring.apron else "")
            place = (exact_bytes(each) for each in (ring.offset, ring.offset + ring.bytes, ring.bytes))
            table.append((*place, calls, *counts, exact_bytes(ring.size), ring.id))
        lines += format_table(table, ">>>>>>><", indent="    ", width=width, spare=(6, 1))
        if len(kept) < len(stream.rings):
            lines.append(f"    and {len(stream.rings) - rows} more; --all shows them")
    return lines


def stream_text(program: Program, index: int) -> str:
    """One step's stream in a line."""
    step = program.steps[index]
    record = stream_record(program, step)
    if record is None:
        return ""
    bytes_there, whole = record["bytes"], record["whole_bytes"]
    saved = f", {percent(1 - bytes_there / whole)} less" if bytes_there < whole else ""
    runs = f"{record['calls']} calls in {record['bands']} bands, {record['runs']} runs"
    sizes = f"rings {exact_bytes(bytes_there)} bytes instead of {exact_bytes(whole)}{saved}"
    return f"  step {index} ({operators_text(step.node)} {step.node.name}): {runs}; {sizes}"


def rings_lines(program: Program, live: Collection[int]) -> list[str]:
    """What there is in those of some buffers that hold rings."""
    return [
        f"{program.problem.buffers[stream.buffer].id!r}: rows of {_values(len(stream.rings))} between the "
        f"{len(step.calls)} calls of step {index}, see streams"
        for index, step, stream in streaming_steps(program)
        if stream.buffer in live
    ]


def _values(count: int) -> str:
    return "one value" if count == 1 else f"{count} values"
