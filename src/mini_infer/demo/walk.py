"""The six steps of the demo: reference, with planning, without, comparison, memory, report."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from itertools import repeat
from pathlib import Path
from textwrap import indent

import numpy as np
from numpy.typing import NDArray

from mini_infer import compiler as pipeline
from mini_infer import memory
from mini_infer.demo.assets import MODEL, Digits, Reference, load_digits, load_reference
from mini_infer.demo.checks import LOGIT_TOLERANCE, checks
from mini_infer.demo.memory_table import MemoryTable, Row, memory_record, memory_text
from mini_infer.demo.pytorch import reference_logits
from mini_infer.demo.runs import OUTPUT, Run, run_all, time_ratio
from mini_infer.errors import InputError
from mini_infer.report.comparison import comparison_record
from mini_infer.report.samples import Json, memory_stats, sample_record, samples_report
from mini_infer.report.write import write_json
from mini_infer.verify import Comparison, compare

WALK_SCHEMA = "mini-infer/demo/1"

REPORT = "optimized_comparison_report.json"
"""The file with the verdict."""


def walk(folder: Path, *, torch: bool, compiler: str | None, say: Callable[[str], None]) -> bool:
    """Walk the six steps, write five JSON files into `folder`, and tell whether every check passed.

    Parameters
    ----------
    folder
        Made when it does not exist; the files of an earlier walk are replaced.
    torch
        Make the reference outputs anew with the installed PyTorch instead of taking the carried ones.
    compiler
        Which C compiler to use, as `mini_infer.Options` has it.
    say
        Gets the text for the terminal, a line or a table at a time.

    Raises
    ------
    InputError
        When the folder cannot be written.
    UsageError
        When `torch` is asked for and PyTorch is not installed.
    """
    _make(folder)
    digits = load_digits()

    reference = Reference(*reference_logits(MODEL, digits.inputs)) if torch else load_reference()
    say(f"[1/6] PyTorch {reference.torch} on {len(digits.labels)} MNIST digits: {'made now' if torch else 'carried'}")
    origin = {"framework": "PyTorch", "version": reference.torch, "made_now": torch}
    answers = samples_report(MODEL.name, _records(reference.logits, digits), None)
    write_json(folder / "reference_outputs.json", {**answers, "reference": origin})

    planned = run_all(pipeline.compile(MODEL, compiler=compiler), digits.inputs)
    say(f"[2/6] with memory planning: {_run_text(planned)}")
    write_json(folder / "optimized_memory_outputs.json", _run_record(planned, digits))

    unplanned = run_all(pipeline.compile(MODEL, compiler=compiler, memory_planning=False), digits.inputs)
    say(f"[3/6] without memory planning: {_run_text(unplanned)}")
    write_json(folder / "optimized_no_memory_outputs.json", _run_record(unplanned, digits))

    comparison = compare({OUTPUT: planned.logits}, {OUTPUT: reference.logits}, atol=LOGIT_TOLERANCE)
    identical = planned.logits.tobytes() == unplanned.logits.tobytes()
    ratio = time_ratio(planned.engine, unplanned.engine, digits.inputs[0])
    say(f"[4/6] {_comparison_text(comparison, identical=identical, ratio=ratio)}")

    table = _plan_four_ways()
    say(indent(f"[5/6] {memory_text(table)}", " " * 6).lstrip())
    write_json(folder / "memory_report.json", memory_record(table, MODEL.name))

    judged = checks(comparison, table, identical=identical)
    passed = all(check.passed for check in judged)
    right = int((planned.logits.argmax(axis=1) == digits.labels).sum())
    report = {
        "schema": WALK_SCHEMA,
        "model": MODEL.name,
        "passed": passed,
        "reference": origin,
        "samples": len(digits.labels),
        "right_answers": right,
        "comparison": comparison_record(comparison),
        "planning": {"bit_identical": identical, "median_time_ratio": ratio},
        "checks": [asdict(check) for check in judged],
    }
    write_json(folder / REPORT, report)
    say(f"[6/6] {right} of {len(digits.labels)} digits right; reports in {folder}")
    for check in judged:
        say(f"      {'ok  ' if check.passed else 'FAIL'} {check.claim}: {check.figure}")
    say("[PASS]" if passed else "[FAIL]")
    return passed


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be made: {error.strerror}; name another with --output-dir") from None


def _records(
    logits: NDArray[np.float32], digits: Digits, times_us: Iterable[float | None] = repeat(None)
) -> list[Json]:
    return [
        sample_record(index, {OUTPUT: row}, label=label, time_us=time_us)
        for index, (row, label, time_us) in enumerate(zip(logits, digits.labels.tolist(), times_us, strict=False))
    ]


def _run_record(run: Run, digits: Digits) -> Json:
    engine = run.engine
    stats = memory_stats(engine.interface)
    return samples_report(MODEL.name, _records(run.logits, digits, run.times_us), stats)


def _plan_four_ways() -> MemoryTable:
    """Plan the model with fusion and planning off and on; nothing is compiled or run."""
    unfused, fused = (pipeline.lower(MODEL, pipeline.Options(rewrite=fusion)).program for fusion in (False, True))
    rows = tuple(
        Row(fusion, planning, pipeline.plan_program(program, pipeline.Options(memory_planning=planning)))
        for fusion, program in ((False, unfused), (True, fused))
        for planning in (False, True)
    )
    return MemoryTable(unfused.exported_bytes, rows, memory.solve(unfused.problem, "coloring"))


def _run_text(run: Run) -> str:
    engine, program = run.engine, run.engine.program
    how = f"{program.native_steps} of {len(program.steps)} steps native" if engine.library else "interpreted"
    return (
        f"{len(run.logits)} digits, {how}, {len(program.problem.buffers)} buffers in {engine.arena_bytes:,} bytes, "
        f"median {run.median_us:,.1f} us a digit"
    )


def _comparison_text(comparison: Comparison, *, identical: bool, ratio: float) -> str:
    worst = comparison.worst
    return (
        f"against PyTorch: largest difference {worst.max_abs_error:.2e} (relative {worst.max_rel_error:.2e}), "
        f"at digit {worst.where[0]}, logit {worst.where[1]}\n"
        f"      with and without planning: outputs {'bit-identical' if identical else 'different'}, "
        f"median time ratio {ratio:.2f}"
    )
