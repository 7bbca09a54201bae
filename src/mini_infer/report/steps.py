"""The steps of a program as JSON and as text: what each runs, reads, writes and weighs, and how long it should take."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mini_infer.ir.dims import Sizes
from mini_infer.machine import Machine
from mini_infer.memory import Plan
from mini_infer.program import Port, Program, Space, Step
from mini_infer.report.facts import RINGS, WORKSPACE, aliases, buffer_kinds, counted, listed, operators_text
from mini_infer.report.plan.text import alias_lines, steps_lines
from mini_infer.report.sizes import exact_bytes, short_bytes
from mini_infer.report.streams import stream_record, stream_text, streaming_steps
from mini_infer.report.table import format_table, shorten
from mini_infer.report.work import layout_text, tile_texts, work
from mini_infer.toolchain import Target

STEPS_SCHEMA = "mini-infer/inspect/1"


@dataclass(frozen=True, slots=True)
class Listing:
    """What is listed of an engine.

    Parameters
    ----------
    model
        The file's name.
    program, plan, target
        What runs, where its buffers lie, and what machine it is for.
    weights
        Bytes of the engine's constant block.
    times
        Step → the microseconds it was measured to take; absent where nothing ran.
    sizes
        Those at which bytes and times are given, where dimensions have ranges; the arena is that of the largest.
    """

    model: str
    program: Program
    plan: Plan
    target: Target
    weights: int
    times: Mapping[int, float] | None = None
    sizes: Sizes = field(default_factory=dict)

    @property
    def sized(self) -> Program:
        """The program at those sizes."""
        return self.program.at(self.sizes)


def steps_record(listing: Listing) -> dict[str, Any]:
    """Everything about the steps of an engine. Sizes are bytes."""
    opened, program, plan, times = listing.program, listing.sized, listing.plan, listing.times
    workspaces = _bytes_of(program, WORKSPACE)
    return {
        "schema": STEPS_SCHEMA,
        "model": listing.model,
        "target": str(listing.target),
        "arena_bytes": plan.size,
        "weight_bytes": listing.weights,
        "native_steps": program.native_steps,
        "interpreted_steps": len(program.steps) - program.native_steps,
        "sizes": dict(listing.sizes),
        "inputs": [{"name": port.name, "type": str(port.type)} for port in opened.inputs],
        "outputs": [{"name": port.name, "type": str(port.type)} for port in opened.outputs],
        "steps": [
            {
                "step": index,
                "node": step.node.name,
                "operators": [inner.op for inner in step.node.primitives],
                "kernels": kernels(step),
                "tile": ", ".join(tile_texts(step.calls)) or None,
                "layout": layout_text(step) or None,
                **_work_record(step, listing.target.machine, None if times is None else times.get(index)),
                "interpreted_because": step.interpreted_because or None,
                "reads": _values(program, step.node.reads),
                "writes": _values(program, step.node.writes),
                "workspace_bytes": workspaces[index],
                "stream": stream_record(program, step),
                "weight_bytes": weight_bytes(program, step),
            }
            for index, step in enumerate(program.steps)
        ],
        "aliases": [{"value": alias.value, "of": alias.of, "offset": alias.offset} for alias in aliases(program)],
    }


def steps_text(listing: Listing, *, width: int, rows: int) -> str:
    """One line per step, and what the engine takes and gives; of the aliases `rows`."""
    opened, program, times, machine = listing.program, listing.sized, listing.times, listing.target.machine
    streams = [stream_text(program, index) for index, _, _ in streaming_steps(program)]
    timing = ("guess us",) if times is None else ("guess us", "took us")
    inner = {"workspace": _bytes_of(program, WORKSPACE)} | ({"rings": _bytes_of(program, RINGS)} if streams else {})
    table: list[tuple[str, ...]] = [
        ("step", "runs", "tile", "layout", *timing, "in", "out", *inner, "weights", "operators", "node")
    ]
    for index, step in enumerate(program.steps):
        tiles = tile_texts(step.calls)
        moved = (
            _bytes(program, step.node.reads),
            _bytes(program, step.node.writes),
            *(sizes[index] for sizes in inner.values()),
            weight_bytes(program, step),
        )
        took = [
            work(step, machine).microseconds if step.calls else None,
            *([] if times is None else [times.get(index)]),
        ]
        table.append(
            (
                str(index),
                _runs(step),
                ", ".join(dict.fromkeys(tiles) if step.stream else tiles),
                layout_text(step),
                *("" if value is None else f"{value:,.1f}" for value in took),
                *(exact_bytes(size) if size else "" for size in moved),
                shorten(operators_text(step.node), 40),
                step.node.name,
            )
        )
    total = sum(work(step, machine).microseconds for step in program.steps)
    measured = "" if times is None else f", measured {sum(times.values()):,.0f} us"
    sizes = f"arena {short_bytes(listing.plan.size)}, weights {short_bytes(listing.weights)}"
    ranges = ", ".join(f"{symbol.name} {symbol.said}" for symbol in opened.symbols)
    shown = ", ".join(f"{name}={size}" for name, size in listing.sizes.items())
    columns = "><<<" + ">" * (len(timing) + 3 + len(inner)) + "<<"
    lines = [
        f"{listing.model}: for {listing.target}",
        f"{sizes}, guessed {total:,.0f} us{measured}",
        *(
            [f"{ranges}; bytes and times of the steps are those at {shown}, the arena is that of the largest"]
            if ranges
            else []
        ),
        *steps_lines(program),
        "",
        *(f"input  {port.name}: {port.type}" for port in opened.inputs),
        *(f"output {port.name}: {port.type}{_bound(port)}" for port in opened.outputs),
        "",
        *format_table(table, columns, width=width, spare=(len(columns) - 2, 3, len(columns) - 4, len(columns) - 5, 2)),
    ]
    if streams:
        lines += ["", "streams, which run in bands of rows", *streams]
    alike = alias_lines(program, width, rows)
    return "\n".join([*lines, "", *alike] if alike else lines) + "\n"


def kernels(step: Step) -> list[str]:
    """The kernels that a step calls, in order."""
    return [type(call.kernel).__name__ for call in step.calls]


def weight_bytes(program: Program, step: Step) -> int:
    """Bytes of the constants that a step reads; packed, where its kernels packed them."""
    views = [view for call in step.calls for view in call.operands] or [
        program.values[name] for name in step.node.reads if name in program.values
    ]
    indices = {view.index for view in views if view.space is Space.CONSTANT}
    return sum(program.constants[index].nbytes for index in indices)


def _work_record(step: Step, machine: Machine, took: float | None) -> dict[str, Any]:
    found = work(step, machine) if step.calls else None
    return {
        "operations": None if found is None else found.operations,
        "estimated_us": None if found is None else found.microseconds,
        "measured_us": took,
    }


def _runs(step: Step) -> str:
    """The kernels of a step, and in how many bands they run; or how it runs without."""
    if step.stream is not None:
        return f"{counted(kernels(step), ', ')} in {max(map(len, step.stream.bands.values()), default=0)} bands"
    return listed(kernels(step), ", ") or _how(step)


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


def _bound(port: Port) -> str:
    """What is to be said of an output whose true size is known only at run time."""
    return "" if port.bound is None else f", at most: {port.bound.count} says how much along axis {port.bound.axis}"


def _bytes(program: Program, names: Iterable[str]) -> int:
    views = (program.values[name] for name in names if name in program.values)
    return sum(view.type.bytes for view in views if view.space is not Space.CONSTANT)


def _bytes_of(program: Program, wanted: str) -> list[int]:
    """For each step, the bytes of its buffers of one kind, which live in it alone."""
    found = [0] * len(program.steps)
    for buffer, kind in zip(program.problem.buffers, buffer_kinds(program), strict=True):
        if kind == wanted:
            found[buffer.start] += buffer.size
    return found
