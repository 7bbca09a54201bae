"""The memory of one model, by strategy and by peer, as JSON and as text."""

from collections.abc import Mapping
from typing import Any

from mini_infer.memory import Plan
from mini_infer.report.plan.text import sizes_lines
from mini_infer.report.sizes import exact_bytes, percent, short_bytes
from mini_infer.report.table import format_table
from mini_infer.runtime import Variant
from mini_infer.verify.peers import PeerMemory

MEMORY_SCHEMA = "mini-infer/compare/1"


def memory_record(
    model: str, variant: Variant, weights: int, strategies: Mapping[str, Plan], peers: Mapping[str, PeerMemory]
) -> dict[str, Any]:
    """What `compare` found; all sizes in bytes.

    Parameters
    ----------
    model
        The file's name.
    variant
        What runs, and the plan it runs with.
    weights
        Bytes of its constants.
    strategies
        Plans of the same problem, by the strategy's name.
    peers
        By name.
    """
    plan = variant.plan
    return {
        "schema": MEMORY_SCHEMA,
        "model": model,
        "exported_bytes": variant.program.exported_bytes,
        "unplanned_bytes": plan.unplanned,
        "arena_bytes": plan.size,
        "lower_bound_bytes": plan.lower_bound,
        "strategy": plan.strategy,
        "weight_bytes": weights,
        "strategies": {name: other.size for name, other in strategies.items()},
        "peers": {
            name: {"in_use_peak": peer.in_use_peak, "arena_held": peer.arena_held} for name, peer in peers.items()
        },
    }


def memory_text(
    model: str, variant: Variant, weights: int, strategies: Mapping[str, Plan], peers: Mapping[str, PeerMemory]
) -> str:
    """What `compare` found. Parameters are those of `memory_record`."""
    plan = variant.plan
    rows = [("strategy", "bytes", "", "above bound", "pools")]
    for name, other in sorted(strategies.items(), key=lambda item: item[1].size):
        pools = str(len(other.pools)) if other.pools else ""
        rows.append((name, exact_bytes(other.size), short_bytes(other.size), percent(other.gap), pools))
    sizes = sizes_lines(plan, variant.program.exported_bytes, variant.program)
    lines = [model, "", *sizes, "", *format_table(rows, "<>>>>", indent="")]
    if peers:
        ours = plan.size + weights
        figures = [("mini-infer: arena and weights", ours), ("mini-infer: arena", plan.size)]
        for name, peer in peers.items():
            figures += [(f"{name}: in use at its peak", peer.in_use_peak), (f"{name}: held", peer.arena_held)]
        table = [("memory, weights included where they lie in it", "bytes", "", "")]
        table += [
            (what, exact_bytes(size), short_bytes(size), f"{size / ours:.2f} x" if ours else "")
            for what, size in figures
        ]
        lines += ["", *format_table(table, "<>>>", indent="")]
    return "\n".join(lines) + "\n"
