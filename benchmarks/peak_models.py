"""The arena of models, by what brings it down, and against onnxruntime's: ``python benchmarks/peak.py MODEL.onnx ...``.

Columns, in bytes: the sum of all tensors of the exported model; what the exported graph needs with perfect packing; the
same after fusion; with values in each other's bytes besides (``--optimize speed``); with blocks where these cost little
(``balanced``); with blocks everywhere (``memory``). A figure is the planned arena, but for the second and third: these
are the lower bounds of their plans.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mini_infer import compiler, lowering, memory, ordering
from mini_infer.cli.models import tensors
from mini_infer.compiler import Options
from mini_infer.objective import OBJECTIVES
from mini_infer.verify.peers import PeerMemory, memory_of
from mini_infer.verify.samples import random_samples

STAGES = ("all", "exported", "fused", "speed", "balanced", "memory")
SMALL = 1_000_000
"""Bytes up to which onnxruntime's smallest arena chunk decides, and no ratio is taken."""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model's bytes: by stage, and of onnxruntime's arena where it was measured."""

    name: str
    stages: Mapping[str, int]
    lower_bound: int
    optimal: bool
    order_optimal: bool
    in_use_peak: int | None = None
    arena_held: int | None = None

    def ratio(self, peer: int | None) -> float | None:
        """Our arena with the default goal over a figure of the peer's."""
        return self.stages["balanced"] / peer if peer and self.stages["balanced"] > SMALL else None


def measure_model(path: Path, shapes: Mapping[str, tuple[int, ...]], *, peer: bool) -> ModelRow:
    """Plan a model for each goal, and run it in onnxruntime if that is wanted."""
    plain = compiler.lower(path, Options(shapes=shapes, rewrite=False))
    found = {goal: compiler.lower(path, Options(shapes=shapes, optimize=goal)) for goal in OBJECTIVES}
    plans = {goal: compiler.plan_program(lowered.program, Options()) for goal, lowered in found.items()}
    apart = lowering.place(lowering.select(found["speed"].graph), in_place=False)
    balanced = found["balanced"].program
    theirs: PeerMemory | None = None
    if peer:
        (sample,) = random_samples(tensors(balanced.inputs))
        theirs = memory_of(path, sample)
    return ModelRow(
        path.stem,
        {
            "all": plain.program.exported_bytes,
            "exported": memory.lower_bound(plain.program.problem),
            "fused": memory.lower_bound(apart.problem),
            **{goal: plans[goal].size for goal in ("speed", "balanced", "memory")},
        },
        plans["balanced"].lower_bound,
        plans["balanced"].optimal,
        ordering.is_optimal(balanced),
        theirs and theirs.in_use_peak,
        theirs and theirs.arena_held,
    )


def records(rows: Sequence[ModelRow]) -> list[dict[str, Any]]:
    """The rows as JSON."""
    return [
        {**asdict(row), "of_in_use": row.ratio(row.in_use_peak), "of_held": row.ratio(row.arena_held)} for row in rows
    ]


def table(rows: Sequence[ModelRow]) -> str:
    """The rows as a Markdown table in MB, the geometric mean of each ratio below."""
    head = ["model", *STAGES, "bound", "proved", "in use", "held", "of in use", "of held"]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for row in rows:
        proved = " and ".join(word for word, true in (("plan", row.optimal), ("order", row.order_optimal)) if true)
        sizes = [*(row.stages[stage] for stage in STAGES), row.lower_bound]
        cells = [row.name, *map(_megabytes, sizes), proved, _megabytes(row.in_use_peak), _megabytes(row.arena_held)]
        cells += [_times(row.ratio(peer)) for peer in (row.in_use_peak, row.arena_held)]
        lines.append(f"| {' | '.join(cells)} |")
    for what in ("in_use_peak", "arena_held"):
        ratios = [ratio for row in rows if (ratio := row.ratio(getattr(row, what))) is not None]
        if ratios:
            mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
            lines.append(f"\nbalanced over {what}: geometric mean {mean:.3f}, largest {max(ratios):.3f}")
    return "\n".join(lines)


def _megabytes(size: int | None) -> str:
    return "" if size is None else f"{size / 1e6:.2f}"


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"
