"""A plan as a picture file, through matplotlib: addresses across, steps down, bytes alive beside them."""

import io
from typing import Any

from mini_infer.errors import UsageError
from mini_infer.memory import Plan, alive_bytes
from mini_infer.program import Program
from mini_infer.report.facts import RINGS, SHARED, TENSOR, WORKSPACE, drawn_kinds, operators_text
from mini_infer.report.plan.html import KIND_TEXTS
from mini_infer.report.sizes import exact_bytes, percent, short_bytes
from mini_infer.report.table import LEAST_WIDTH, shorten

FORMATS = (".png", ".svg", ".pdf")

COLORS = {TENSOR: "#2f6fca", SHARED: "#0c857a", WORKSPACE: "#b4540a", RINGS: "#a8327a"}
"""Kind of buffer → its color; those of the page."""

TEXT, FAINT, PANEL, CURVE, MARK, BOUND = "#16202e", "#5d6b7e", "#f6f8fb", "#a9c4e8", "#d1242f", "#7440c4"

_NAMED_STEPS = 60
_INCHES_PER_STEP = 0.24
_CHARACTERS = 100
"""That fit across the panel of addresses."""


STYLE: Any = {
    "svg.hashsalt": "mini-infer",
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.facecolor": PANEL,
    "axes.edgecolor": PANEL,
    "axes.labelcolor": FAINT,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "ytick.labelcolor": TEXT,
    "ytick.major.size": 0,
    "text.color": TEXT,
}


def plan_picture(title: str, program: Program, plan: Plan, suffix: str) -> bytes:
    """The picture in the format that `suffix` (one of `FORMATS`) names; the same bytes for the same plan.

    Raises
    ------
    UsageError
        When matplotlib is not installed, or the format is none of these.
    """
    if suffix not in FORMATS:
        raise UsageError(f"pictures are {', '.join(FORMATS)}, not {suffix or 'without a suffix'!r}")
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        raise UsageError("pictures need matplotlib: pip install matplotlib") from None
    steps = range(len(program.steps))
    height = min(max(_INCHES_PER_STEP * len(steps), 2.5), 14)
    with rc_context(STYLE):
        figure = Figure(figsize=(10, height + 0.9), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=[1, 4])
        _draw_alive(left, program, plan)
        _draw_buffers(right, program, plan)
        figure.legend(loc="outside lower right", ncols=5, frameon=False)
        verdict = "optimal" if plan.optimal else f"{percent(plan.gap)} above the lower bound"
        figure.suptitle(
            f"{title}: {exact_bytes(plan.size)} bytes ({short_bytes(plan.size)}), {plan.strategy}, {verdict}",
            fontsize=10,
            fontweight="bold",
        )
        stream = io.BytesIO()
        metadata = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(suffix)
        figure.savefig(stream, format=suffix[1:], dpi=120, metadata=metadata)
    return stream.getvalue()


def _draw_alive(axes: Any, program: Program, plan: Plan) -> None:
    """The bytes alive in each step, and the steps' names."""
    steps = range(len(program.steps))
    alive = alive_bytes(plan.problem.buffers, len(steps), plan.problem.overlaps)
    colors = [MARK if size and size == plan.peak.size else CURVE for size in alive]
    axes.barh([step + 0.5 for step in steps], alive, height=1, color=colors)
    axes.invert_xaxis()
    axes.set_xlabel("bytes alive")
    axes.xaxis.set_major_formatter(_bytes_text)
    axes.locator_params(axis="x", nbins=3)
    if len(steps) <= _NAMED_STEPS:
        nodes = [program.steps[step].node for step in steps]
        names = [f"{shorten(f'{operators_text(node)} {node.name}', 44)}  {i}" for i, node in enumerate(nodes)]
        axes.set_yticks([step + 0.5 for step in steps], names)


def _draw_buffers(axes: Any, program: Program, plan: Plan) -> None:
    """The buffers by step and address, with their names where there is room; the peak and the lower bound."""
    widest = max(plan.size, 1) * 1.02
    kinds = drawn_kinds(program)
    for buffer, offset, kind in zip(plan.problem.buffers, plan.offsets, kinds, strict=True):
        for start, end in buffer.intervals:
            bar = (offset, buffer.size)
            axes.broken_barh([bar], (start, end - start), facecolor=COLORS[kind], edgecolor="white", linewidth=0.6)
        room = int(_CHARACTERS * buffer.size / widest) - 2
        start, end = buffer.intervals[0]
        if room > LEAST_WIDTH and len(program.steps) <= _NAMED_STEPS:
            name = shorten(buffer.id, room)
            axes.text(offset + 0.008 * widest, (start + end) / 2, name, color="white", va="center", clip_on=True)
    if plan.peak.live:
        axes.axhspan(plan.peak.start, plan.peak.end, color=MARK, alpha=0.15, linewidth=0, zorder=0)
    axes.axvline(plan.lower_bound, color=BOUND, linestyle="--", linewidth=1.2, label="lower bound")
    axes.set_xlim(0, widest)
    axes.set_ylim(len(program.steps), 0)
    axes.set_xlabel("address")
    axes.xaxis.set_major_formatter(_bytes_text)
    for kind in dict.fromkeys(kinds):
        axes.barh([0], [0], color=COLORS[kind], label=KIND_TEXTS[kind])


def _bytes_text(size: float, _: object) -> str:
    return short_bytes(int(size)) if size else "0"
