"""What must hold for the demo to pass."""

from dataclasses import dataclass

from mini_infer.demo.memory_table import MemoryTable
from mini_infer.report.sizes import percent
from mini_infer.verify import Comparison

LOGIT_TOLERANCE = 1e-5
"""Largest absolute difference from PyTorch's logits, which are below 5."""

LEAST_PLANNING_SAVING = 0.30
LEAST_SAVING = 0.85


@dataclass(frozen=True, slots=True)
class Check:
    """One claim, whether it holds, and the figure that shows it."""

    claim: str
    passed: bool
    figure: str


def checks(comparison: Comparison, table: MemoryTable, *, identical: bool) -> tuple[Check, ...]:
    """Judge the comparison with PyTorch, the memory, and whether planning left every bit of the outputs as it was."""
    agreement = comparison.argmax_agreement or 0.0
    planning = table.planning_saving(fusion=False)
    arenas = " and ".join(f"{row.plan.size:,} of {row.plan.lower_bound:,}" for row in table.rows if row.planning)
    return (
        Check("PyTorch's answers", agreement == 1, percent(agreement)),
        Check(
            f"logits within {comparison.atol:.0e}", comparison.passed, f"largest error {comparison.max_abs_error:.2e}"
        ),
        Check("same bits with and without planning", identical, "yes" if identical else "no"),
        Check("arena = lower bound, fusion off and on", table.optimal, f"{arenas} bytes"),
        Check(
            f"planning saves at least {percent(LEAST_PLANNING_SAVING)} of the unplanned arena, fusion off",
            planning >= LEAST_PLANNING_SAVING,
            f"{percent(planning)} of {table.bytes(fusion=False, planning=False):,}",
        ),
        Check(
            f"fusion and planning save at least {percent(LEAST_SAVING)} of the exported tensors",
            table.saving >= LEAST_SAVING,
            f"{percent(table.saving)} of {table.exported_bytes:,}",
        ),
    )
