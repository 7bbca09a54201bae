"""What to do next, at the end of a plan: the flag that would lower the peak, and what it would bring."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mini_infer import compiler, stages
from mini_infer.compiler import Options
from mini_infer.errors import MiniInferError
from mini_infer.memory import Plan
from mini_infer.report.sizes import percent, short_bytes

_MOST_STEPS = 100
"""Of larger models a second plan takes seconds: the flag is named, and not tried."""

_LITTLE = 0.95
"""The share of the arena that a flag has to leave at most, or the next one is tried too."""

_NOTHING = 0.99
"""The share that it has to leave at most, to be named at all."""

_LEVERS: tuple[Mapping[str, Any], ...] = ({"optimize": "memory"}, {"optimize": "memory", "recompute": 1.25})
"""What lowers arenas, from what costs least time on."""


def next_line(model: Path, plan: Plan, steps: int, chosen: Options) -> str:
    """The flags that would lower the arena, tried quickly; or else what to do with the plan."""
    best, wins = plan.size, ""
    for lever in _levers(chosen):
        flags = " ".join(f"--{name} {value}" for name, value in lever.items())
        if steps > _MOST_STEPS:
            return f"next: {flags} may take fewer bytes, and more time"
        try:
            with stages.stage(f"trying {flags}"):
                smaller = compiler.plan(model, options=replace(chosen, **lever, memory_limit=None, time_limit=0)).size
        except MiniInferError:  # what it says is for whoever asks for it
            continue
        if smaller < best:
            best, wins = smaller, flags
        if best < _LITTLE * plan.size:
            break
    if best < _NOTHING * plan.size:
        saved = f"{percent(1 - best / plan.size)} less"
        return f"next: {wins} would take about {short_bytes(best)}, {saved}, and more time"
    return "next: no flag lowers it further that is known; mini-infer compile writes the engine"


def _levers(chosen: Options) -> Iterator[dict[str, Any]]:
    """The levers that are not pulled yet, each without the parts that are."""
    for lever in _LEVERS:
        if missing := {name: value for name, value in lever.items() if not _pulled(getattr(chosen, name), value)}:
            yield missing


def _pulled(now: object, value: object) -> bool:
    return now >= value if isinstance(now, float) and isinstance(value, float) else now == value
