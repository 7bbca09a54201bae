"""A plan as a picture file, through matplotlib: addresses across, steps down, bytes alive beside them."""

import io

from mini_infer.errors import UsageError
from mini_infer.memory import Plan
from mini_infer.program import Program
from mini_infer.report.facts import TENSOR, WORKSPACE, alive_bytes, buffer_kinds, operators_text
from mini_infer.report.sizes import exact_bytes, percent, short_bytes
from mini_infer.report.table import shorten

FORMATS = (".png", ".svg", ".pdf")

COLORS = {TENSOR: "#3f7fc1", WORKSPACE: "#e09f3e"}
_NAMED_STEPS = 60
_INCHES_PER_STEP = 0.24


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
        raise UsageError('pictures need matplotlib: pip install "mini-infer-engine[report]"') from None
    steps = range(len(program.steps))
    height = min(max(_INCHES_PER_STEP * len(steps), 2.5), 14)
    with rc_context(
        {"svg.hashsalt": "mini-infer", "svg.fonttype": "none", "font.family": "DejaVu Sans", "font.size": 8}
    ):
        figure = Figure(figsize=(10, height + 0.8), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=[1, 4])
        alive = alive_bytes(plan, len(steps))
        left.barh([step + 0.5 for step in steps], alive, height=1, color="#9db8d6")
        left.invert_xaxis()
        left.set_xlabel("bytes alive")
        if len(steps) <= _NAMED_STEPS:
            nodes = [program.steps[step].node for step in steps]
            names = [f"{shorten(f'{operators_text(node)} {node.name}', 44)}  {i}" for i, node in enumerate(nodes)]
            left.set_yticks([step + 0.5 for step in steps], names)
        for buffer, offset, kind in zip(plan.problem.buffers, plan.offsets, buffer_kinds(program), strict=True):
            for start, end in buffer.intervals:
                bar = (offset, buffer.size)
                right.broken_barh([bar], (start, end - start), facecolor=COLORS[kind], edgecolor="white", linewidth=0.5)
        if plan.peak.live:
            right.axhspan(plan.peak.start, plan.peak.end, color="#c62828", alpha=0.15, linewidth=0, zorder=0)
        right.axvline(plan.lower_bound, color="#6a3fb5", linestyle="--", linewidth=1)
        right.set_xlim(0, max(plan.size, 1) * 1.02)
        right.set_ylim(len(steps), 0)
        right.set_xlabel("address")
        verdict = "optimal" if plan.optimal else f"{percent(plan.gap)} above the lower bound"
        figure.suptitle(
            f"{title}: {exact_bytes(plan.size)} bytes ({short_bytes(plan.size)}), {plan.strategy}, {verdict}"
        )
        stream = io.BytesIO()
        metadata = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(suffix)
        figure.savefig(stream, format=suffix[1:], dpi=120, metadata=metadata)
    return stream.getvalue()
