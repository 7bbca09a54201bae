"""Times of a model against its peers, as JSON and as text."""

from collections.abc import Mapping, Sequence
from typing import Any

from mini_infer.ir.dims import Sizes
from mini_infer.report.table import format_table
from mini_infer.verify.race import Times

BENCH_SCHEMA = "mini-infer/bench/1"

OURS = "mini_infer"
"""What our own times are called."""


def bench_record(model: str, threads: int, results: Sequence[tuple[Sizes, Mapping[str, Times]]]) -> dict[str, Any]:
    """What `bench` measured: our times, everybody else's, and the median of their paired ratios to ours.

    Of several sizes, those of the first, and of all of them in `at`.
    """
    first = {"schema": BENCH_SCHEMA, "model": model, "threads": threads, **_times(results[0][1])}
    sized = [{"sizes": dict(sizes), **_times(times)} for sizes, times in results if sizes]
    return first | ({"at": sized} if sized else {})


def _times(times: Mapping[str, Times]) -> dict[str, Any]:
    return {
        "runs": len(times[OURS].turns),
        **{name: {"median_us": taken.median_us, "min_us": taken.min_us} for name, taken in times.items()},
        "ratio": {name: taken.ratio(times[OURS]) for name, taken in times.items() if name != OURS},
    }


def bench_text(model: str, threads: int, times: Mapping[str, Times], sizes: Sizes) -> str:
    """What `bench` measured at some sizes, one line each."""
    rows = [("", "median us", "min us", "x mini_infer")]
    for name, taken in times.items():
        ratio = f"{taken.ratio(times[OURS]):.2f}"
        rows.append((name, f"{taken.median_us:,.1f}", f"{taken.min_us:,.1f}", ratio))
    where = f" at {', '.join(f'{name}={size}' for name, size in sizes.items())}" if sizes else ""
    title = f"{model}{where}: {len(times[OURS].turns)} alternating turns, {threads} thread{'s' if threads > 1 else ''}"
    return "\n".join([title, *format_table(rows, "<>>>")]) + "\n"
