"""What a plan takes at several sizes, and which sizes fit a limit, where dimensions have ranges."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mini_infer.ir import Symbol
from mini_infer.ir.dims import Sizes, greatest, up_to
from mini_infer.ir.types import TensorType
from mini_infer.memory import Plan
from mini_infer.program import Port, Program
from mini_infer.report.facts import operators_text
from mini_infer.report.sizes import exact_bytes, short_bytes
from mini_infer.report.table import format_table
from mini_infer.runtime import Variant
from mini_infer.runtime.fits import Fit, largest_that_fit

LEAST, TYPICAL, LARGEST, ASKED = "least", "typical", "largest", "asked for"


@dataclass(frozen=True, slots=True)
class Extent:
    """The bytes at one set of sizes; `note` says which it is."""

    sizes: Sizes
    note: str
    plan: Plan
    inputs: int
    outputs: int


@dataclass(frozen=True, slots=True)
class Extents:
    """What a program with ranges takes at several sizes, and the largest that fit `limit` bytes, where there is one."""

    symbols: tuple[Symbol, ...]
    at: tuple[Extent, ...]
    limit: int | None
    fits: tuple[Fit, ...]


def extents_of(variant: Variant, *, asked: Iterable[Sizes] = (), limit: int | None = None) -> Extents:
    """The bytes at both ends and the typical sizes, at those of each dimension alone, and at what is asked for."""
    symbols = variant.program.symbols
    if not symbols:
        return Extents((), (), limit, ())
    ends = {
        LEAST: {each.name: each.low for each in symbols},
        TYPICAL: {each.name: each.typical for each in symbols},
        LARGEST: {each.name: each.high for each in symbols},
    }
    wanted: dict[tuple[int, ...], tuple[Sizes, str]] = {}

    def want(sizes: Sizes, note: str) -> None:
        key = tuple(sizes[each.name] for each in symbols)
        known = wanted.get(key)
        wanted[key] = (sizes, note if known is None else f"{known[1]}, {note}")

    for note, end in ends.items():
        want(end, note)
    for each in symbols if len(symbols) > 1 else ():
        for note in (LEAST, TYPICAL):
            alone = {**ends[LARGEST], each.name: ends[note][each.name]}
            if tuple(alone.values()) not in wanted:
                want(alone, f"{note} {each.name}")
    for sizes in asked:
        want({**ends[LARGEST], **sizes}, ASKED)
    fits = tuple(largest_that_fit(variant, limit)) if limit is not None else ()
    return Extents(symbols, tuple(_extent(variant, sizes, note) for sizes, note in wanted.values()), limit, fits)


def _extent(variant: Variant, sizes: Sizes, note: str) -> Extent:
    program = variant.program
    whole = all(symbol.high == sizes[symbol.name] for symbol in program.symbols)
    plan = variant.plan if whole else variant.plan_up_to(sizes)
    return Extent(sizes, note, plan, _bytes(program.inputs, sizes), _bytes(program.outputs, sizes))


def _bytes(ports: Sequence[Port], sizes: Sizes) -> int:
    types = (port.type for port in ports)
    return sum(greatest(up_to(kind.bytes, sizes)) for kind in types if isinstance(kind, TensorType))


def dims_record(symbols: Iterable[Symbol]) -> list[dict[str, Any]]:
    """The dimensions that have a size at run time, and the range of each."""
    return [
        {"name": each.name, "low": each.low, "high": each.high, "step": each.step, "typical": each.typical}
        for each in symbols
    ]


def extents_record(extents: Extents, program: Program, weights: int) -> dict[str, Any]:
    """All of it as JSON: keys of `plan_record`. Sizes are bytes."""
    return {
        "dims": dims_record(extents.symbols),
        "bytes_at": [
            {
                "sizes": dict(extent.sizes),
                "note": extent.note,
                "arena_bytes": extent.plan.size,
                "lower_bound_bytes": extent.plan.lower_bound,
                "input_bytes": extent.inputs,
                "output_bytes": extent.outputs,
                "total_bytes": extent.plan.size + weights + extent.inputs + extent.outputs,
            }
            for extent in extents.at
        ],
        "memory_limit_bytes": extents.limit,
        "largest_that_fit": [
            {
                "dims": list(fit.dims),
                "fits": fit.fits,
                "sizes": dict(fit.sizes),
                "arena_bytes": fit.plan.size,
                "lower_bound_bytes": fit.plan.lower_bound,
                "peak": {
                    "step": fit.plan.peak.start,
                    "node": program.steps[fit.plan.peak.start].node.name if fit.plan.peak.live else None,
                    "bytes": fit.plan.peak.size,
                    "live": [
                        {"id": fit.plan.problem.buffers[index].id, "size": fit.plan.problem.buffers[index].size}
                        for index in fit.plan.peak.live
                    ],
                },
            }
            for fit in extents.fits
        ],
    }


def extents_lines(extents: Extents) -> list[str]:
    """The bytes at each of the sizes."""
    names = [symbol.name for symbol in extents.symbols]
    if not names:
        return []
    rows = [(*names, "arena", "", "")]
    for extent in sorted(extents.at, key=lambda each: each.plan.size):
        sizes = (str(extent.sizes[name]) for name in names)
        rows.append((*sizes, exact_bytes(extent.plan.size), short_bytes(extent.plan.size), extent.note))
    said = ", ".join(f"{symbol.name} {symbol.said}" for symbol in extents.symbols)
    return [f"bytes at ({said})", *format_table(rows, ">" * (len(names) + 2) + "<")]


def fits_lines(extents: Extents, program: Program, width: int, rows: int) -> list[str]:
    """The largest sizes that fit, and what is alive at the peak of each."""
    if extents.limit is None or not extents.fits:
        return []
    lines = [f"largest that these steps fit into {exact_bytes(extents.limit)} bytes ({short_bytes(extents.limit)})"]
    greatest_sizes = {symbol.name: symbol.high for symbol in extents.symbols}
    if all(fit.fits and fit.sizes == greatest_sizes for fit in extents.fits):
        return [*lines, "  every size of the ranges"]
    for fit in extents.fits:
        lines += _fit_lines(fit, program, width, rows)
    return lines


def _fit_lines(fit: Fit, program: Program, width: int, rows: int) -> list[str]:
    grown = ", ".join(f"{name} {'up to ' if fit.fits else ''}{fit.sizes[name]}" for name in fit.dims)
    others = ", ".join(f"{name}={size}" for name, size in fit.sizes.items() if name not in fit.dims)
    beside = f" beside {others}" if others else ""
    arena = f"arena {exact_bytes(fit.plan.size)} bytes"
    if not fit.fits:
        return [f"  {grown}{beside}: NOT met, the least takes {arena}"]
    peak, buffers = fit.plan.peak, fit.plan.problem.buffers
    lines = [f"  {grown}{beside}: {arena}"]
    if not peak.live:
        return lines
    node = program.steps[peak.start].node
    alive = f"    {exact_bytes(peak.size)} alive in step {peak.start} ({operators_text(node)} {node.name})"
    live = sorted(peak.live, key=lambda index: -buffers[index].size)
    table = [(exact_bytes(buffers[index].size), buffers[index].id) for index in live[:rows]]
    more = [f"      and {len(live) - rows} more; --all shows them"] if len(live) > rows else []
    return [*lines, alive, *format_table(table, "><", indent="      ", width=width), *more]
