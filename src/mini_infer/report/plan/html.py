"""A plan as one self-contained page: no address in it leads anywhere, so it can be mailed and opened anywhere.

The page is drawn by the scripts in `page/` from the data that is put together here: the buffers as columns. A step that
streams can be opened: its rings are drawn by the same scripts, from data of the same form.
"""

import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from mini_infer.memory import Plan, Problem
from mini_infer.program import Program
from mini_infer.report.facts import RINGS, SHARED, TENSOR, WORKSPACE, buffer_views, drawn_kinds, operators_text
from mini_infer.report.plan.columns import plan_columns, problem_columns
from mini_infer.report.plan.rings import rings_data
from mini_infer.report.sizes import counted
from mini_infer.report.streams import streaming_steps

SCRIPTS = ("model.js", "words.js", "draw.js", "view.js")

KIND_TEXTS = {TENSOR: "one tensor", SHARED: "several in turn", WORKSPACE: "workspace", RINGS: "rings of rows"}
"""Kinds of buffers as the page colors them → its legend."""


def plan_html(title: str, plans: Mapping[str, Plan], program: Program | None = None, about: Sequence[str] = ()) -> str:
    """The page.

    Parameters
    ----------
    title
        The model's or the problem's name.
    plans
        Name → plan; all of one problem, the first is shown until others are asked for.
    program
        What runs, if the problem comes from one: it knows the steps' names, and who makes and reads what.
    about
        Lines that say where it comes from.
    """
    first = next(iter(plans.values()))
    data = page_data(title, plans, program, about)
    folder = files("mini_infer.report.plan") / "page"
    parts = {
        "title": escape(title),
        "style": (folder / "page.css").read_text(encoding="utf-8"),
        "summary": escape(
            f"{counted(len(first.problem.buffers), 'buffer')} in an arena of {first.size} bytes, by step and address"
        ),
        "data": json.dumps(data, separators=(",", ":")).replace("<", "\\u003c"),
        "script": "\n".join((folder / name).read_text(encoding="utf-8") for name in SCRIPTS),
    }
    return Template((folder / "page.html").read_text(encoding="utf-8")).substitute(parts)


def framed(page: str) -> str:
    """A page in a frame of its own, for notebooks: its styles and scripts stay in it."""
    style = "width:100%;height:640px;border:1px solid #8884;border-radius:4px"
    return f'<iframe srcdoc="{escape(page)}" style="{style}" sandbox="allow-scripts"></iframe>'


def page_data(
    title: str, plans: Mapping[str, Plan], program: Program | None = None, about: Sequence[str] = ()
) -> dict[str, Any]:
    """What the page's scripts read. Parameters are those of `plan_html`."""
    problem = next(iter(plans.values())).problem
    return {
        "title": title,
        "unit": "step",
        "main": "arena",
        "sizesShown": _sizes(next(iter(plans.values())), program),
        "facts": _facts(problem, program),
        "about": list(about),
        "kindTexts": KIND_TEXTS,
        **_buffer_columns(problem, program),
        "nodes": [] if program is None else [_node_text(program, index) for index in range(len(program.steps))],
        "first": 0 if program is not None else min((buffer.start for buffer in problem.buffers), default=0),
        "last": len(program.steps) if program is not None else max((b.end for b in problem.buffers), default=1),
        "plans": [plan_columns(name, plan) for name, plan in plans.items()],
        "streams": {}
        if program is None
        else {index: rings_data(program, index) for index, _, _ in streaming_steps(program)},
    }


def _sizes(plan: Plan, program: Program | None) -> dict[str, int]:
    exported = {} if program is None else {"exported": program.exported_bytes}
    return {**exported, "unplanned": plan.unplanned, "arena": plan.size, "lower bound": plan.lower_bound}


def _facts(problem: Problem, program: Program | None) -> list[str]:
    buffers = counted(len(problem.buffers), "buffer")
    if program is None:
        return [buffers]
    interpreted = len(program.steps) - program.native_steps
    streams = sum(1 for _ in streaming_steps(program))
    return [
        counted(len(program.steps), "step"),
        *([f"{streams:,} in bands"] if streams else []),
        f"{interpreted:,} interpreted" if interpreted else "all native",
        buffers,
        *(f"{symbol.name} {symbol.said}, drawn at {symbol.high}" for symbol in program.symbols),
    ]


def _buffer_columns(problem: Problem, program: Program | None) -> dict[str, Any]:
    """The buffers, and what they are in the program."""
    views = {} if program is None else buffer_views(program)
    kinds = [TENSOR] * len(problem.buffers) if program is None else drawn_kinds(program)
    strings: dict[str, int] = {}
    types = [
        strings.setdefault(str(views[i][0][1].type), len(strings)) if i in views else -1 for i in range(len(kinds))
    ]
    names = list(KIND_TEXTS)
    return {
        **problem_columns(problem),
        "kinds": [names.index(kind) for kind in kinds],
        "types": types,
        "strings": list(strings),
        "aliases": {
            index: [name for name, _ in found if name != problem.buffers[index].id]
            for index, found in views.items()
            if len(found) > 1
        },
        "uses": {} if program is None else _uses(program),
    }


def _uses(program: Program) -> dict[int, list[int]]:
    """Buffer index → the steps that touch its values; the first one makes them."""
    homes = {name: index for index, found in buffer_views(program).items() for name, _ in found}
    uses: dict[int, list[int]] = {}
    for step, found in enumerate(program.steps):
        touched = {homes[name] for name in (*found.node.reads, *found.node.writes) if name in homes}
        for index in touched:
            uses.setdefault(index, []).append(step)
    return uses


def _node_text(program: Program, index: int) -> str:
    step = program.steps[index]
    how = "" if step.native else " (interpreted)"
    return f"{operators_text(step.node)} {step.node.name}" + (" (in bands)" if step.stream else how)
