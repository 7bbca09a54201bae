"""A plan as text for a terminal: what memory, why, and how close to the bound."""

from collections.abc import Sequence

from mini_infer.ir import Dim
from mini_infer.ir.dims import shown
from mini_infer.memory import Plan
from mini_infer.program import Program
from mini_infer.report.facts import aliases, buffer_kinds, buffer_views, interpreted_reasons, operators_text
from mini_infer.report.integers import integers_lines
from mini_infer.report.plan.extents import Extents, extents_lines, fits_lines
from mini_infer.report.plan.peak import reasons_lines
from mini_infer.report.samples import saving_ratio
from mini_infer.report.sizes import exact_bytes, percent, short_bytes
from mini_infer.report.streams import rings_lines, streaming_steps, streams_lines
from mini_infer.report.table import format_table, shorten
from mini_infer.runtime import Memory, Variant

ROWS = 20
"""Of a table, unless all are asked for."""


def plan_text(
    model: str, variant: Variant, memory: Memory, extents: Extents | None = None, *, width: int = 0, rows: int = ROWS
) -> str:
    """The whole report.

    Parameters
    ----------
    model
        The file's name.
    variant, memory
        What runs, where its buffers lie, and what it takes in all; of ranges, at the largest sizes.
    extents
        What it takes at other sizes, where dimensions have ranges.
    width
        Characters per line (0: any).
    rows
        Of each table: the largest are shown.
    """
    program, plan = variant.program, variant.plan
    sections = [
        [model, *steps_lines(program)],
        sizes_lines(plan, program.exported_bytes, program),
        *([] if extents is None else [extents_lines(extents), fits_lines(extents, program, width, rows)]),
        total_lines(memory),
        _peak_lines(program, plan, width, rows),
        _pool_lines(plan),
        _buffer_lines(program, plan, width, rows),
        streams_lines(program, width, rows),
        overlap_lines(plan, width, rows),
        alias_lines(program, width, rows),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def profiles_text(variants: Sequence[Variant], shown: Variant) -> str:
    """The arena of each profile, and which of them the report is about."""
    rows = [
        (variant.name, exact_bytes(variant.plan.size), "shown above" if variant is shown else "")
        for variant in variants
    ]
    return (
        "\n".join(["profiles, which share one arena", *format_table([("profile", "arena", ""), *rows], "<><")]) + "\n"
    )


def steps_lines(program: Program) -> list[str]:
    """How many steps run as native code, and why the others do not; how many stream."""
    interpreted = len(program.steps) - program.native_steps
    streams = len(list(streaming_steps(program)))
    bands = f"; {streams} in bands of rows" if streams else ""
    each = "" if program.images == 1 else f"; all of them for each of {shown(program.images)} after the other"
    lines = [f"{len(program.steps)} steps: {program.native_steps} native, {interpreted} interpreted{bands}{each}"]
    lines += [f"  {count} x {reason}" for reason, count in interpreted_reasons(program).items()]
    if interpreted:
        lines.append("  an interpreted step may use memory outside the plan")
    return [*lines, *(f"  {line}" for line in integers_lines(program))]


def sizes_lines(plan: Plan, exported: int, program: Program | None = None) -> list[str]:
    """The three sizes, kept apart, the lower bound, and what each saves; of a program with ranges the largest."""
    if plan.optimal:
        verdict = "optimal: no plan of these buffers is smaller"
    else:
        verdict = f"the arena is {percent(plan.gap)} above it"
    entries = (
        ("exported", exported, "every tensor of the exported model, a buffer each"),
        ("unplanned", plan.unplanned, "every buffer of the program, a place each"),
        ("arena", plan.size, f"planned by {plan.strategy}"),
        ("lower bound", plan.lower_bound, verdict),
    )
    largest = ", ".join(f"{symbol.name}={symbol.high}" for symbol in program.symbols) if program is not None else ""
    rows = [("memory", "bytes", "", f"at {largest}" if largest else "")]
    rows += [(name, exact_bytes(size), short_bytes(size), note) for name, size, note in entries]
    saved = (
        f"planning saves {percent(saving_ratio(plan.size, plan.unplanned))} of unplanned; "
        f"with fusion and in-place results {percent(saving_ratio(plan.size, exported))} of exported"
    )
    return [*format_table(rows, "<>><", indent=""), saved]


def total_lines(memory: Memory) -> list[str]:
    """What to reserve, added up."""
    states = [("states", memory.state, "of each context, from run to run")] if memory.state else []
    entries = (
        ("arena", memory.arena, "of each context"),
        *states,
        ("weights", memory.weights, "which all contexts share"),
        ("inputs", memory.inputs, "the caller's"),
        ("outputs", memory.outputs, "the caller's"),
        ("total", memory.total, "for one context; the code, and Python where that is used, stand beside it"),
    )
    rows = [(name, exact_bytes(size), short_bytes(size), note) for name, size, note in entries]
    return format_table([("to reserve", "bytes", "", ""), *rows], "<>><", indent="")


def alias_lines(program: Program, width: int, rows: int) -> list[str]:
    """Every value that lives in the bytes of another, `rows` of them at most."""
    found = aliases(program)
    if not found:
        return []
    lines = [f"aliases: {len(found)} in the bytes of others"]
    for alias in found[:rows]:
        at = "" if alias.offset == 0 else f" at {_offset_text(alias.offset)}"
        lines.append(_pair(alias.value, f" in {alias.of}{at}", width))
    return lines + _rest(len(found), rows)


def _offset_text(offset: int) -> str:
    return shown(offset) if isinstance(offset, Dim) else exact_bytes(offset)


def overlap_lines(plan: Plan, width: int, rows: int) -> list[str]:
    """Every pair of buffers that share bytes while both live, `rows` of them at most."""
    buffers, offsets = plan.problem.buffers, plan.offsets
    found = []
    for each in plan.problem.overlaps:
        shared = offsets[each.lower] + buffers[each.lower].size - offsets[each.upper]
        if offsets[each.upper] - offsets[each.lower] > 0 and shared > 0:
            found.append((min(shared, buffers[each.upper].size), each))
    if not found:
        return []
    lines = [f"overlaps: {len(found)} buffers grow into what a stream has read, row by row"]
    for shared, each in found[:rows]:
        shared_of = f"{exact_bytes(shared)} bytes of {buffers[each.lower].id}"
        lines.append(_pair(shared_of, f" into {buffers[each.upper].id}", width))
    return lines + _rest(len(found), rows)


def _peak_lines(program: Program, plan: Plan, width: int, rows: int) -> list[str]:
    peak = plan.peak
    if not peak.live:
        return ["no buffers: every value lies in the caller's inputs and outputs"]
    node = program.steps[peak.start].node
    last = f" to {peak.end - 1}" if peak.end > peak.start + 1 else ""
    title = (
        f"peak: {exact_bytes(peak.size)} bytes alive in step {peak.start}{last} ({operators_text(node)} {node.name})"
    )
    live = sorted(peak.live, key=lambda index: -plan.problem.buffers[index].size)
    table = _buffer_table(program, plan, live, width, rows)
    return [title, *table, *rings_lines(program, peak.live), "", *reasons_lines(program, plan, width, rows)]


def _pool_lines(plan: Plan) -> list[str]:
    if not plan.pools:
        return []
    lines = [f"pools: {len(plan.pools)}"]
    for pool in plan.pools:
        names = ", ".join(plan.problem.buffers[index].id for index in pool.members)
        what = f"{len(pool.members)} buffer{'s' if len(pool.members) > 1 else ''}: {names}"
        head = f"  {pool.name}: {exact_bytes(pool.size)} bytes at {exact_bytes(pool.offset)}, "
        lines.append(head + what)
    return lines


def _buffer_lines(program: Program, plan: Plan, width: int, rows: int) -> list[str]:
    buffers = plan.problem.buffers
    if not buffers:
        return []
    kept = sorted(sorted(range(len(buffers)), key=lambda index: -buffers[index].size)[:rows])
    return [
        f"buffers: {len(buffers)}" + (f", the {rows} largest" if len(kept) < len(buffers) else ""),
        *_buffer_table(program, plan, kept, width, rows),
    ]


def _buffer_table(program: Program, plan: Plan, indices: Sequence[int], width: int, rows: int) -> list[str]:
    """One line per buffer: its bytes, its steps, what it is."""
    views, kinds = buffer_views(program), buffer_kinds(program)
    table = [("offset", "end", "size", "steps", "type", "buffer")]
    for index in indices[:rows]:
        buffer, offset = plan.problem.buffers[index], plan.offsets[index]
        kind = str(views[index][0][1].type) if index in views else kinds[index]
        steps = f"{buffer.start}-{buffer.end - 1}" if buffer.end > buffer.start + 1 else str(buffer.start)
        place = (exact_bytes(offset), exact_bytes(offset + buffer.size), exact_bytes(buffer.size))
        table.append((*place, steps, kind, buffer.id))
    return format_table(table, ">>>><<", width=width, spare=(4, 1)) + _rest(len(indices), rows)


def _pair(one: str, other: str, width: int) -> str:
    """Two names in a line, each in half of it."""
    half = width and max((width - 2) // 2, 1)
    return f"  {shorten(one, half)}{shorten(other, half)}"


def _rest(count: int, rows: int) -> list[str]:
    return [f"  and {count - rows} more; --all shows them"] if count > rows else []
