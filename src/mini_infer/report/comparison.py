"""Comparisons with references as JSON and as text."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from mini_infer.ir import Node
from mini_infer.ir.dims import Sizes
from mini_infer.report.facts import LAYOUT, operators_text
from mini_infer.report.table import format_table
from mini_infer.verify import Comparison, OutputError
from mini_infer.verify.bisect import Bisection

VERIFY_SCHEMA = "mini-infer/verify/1"
BISECT_SCHEMA = "mini-infer/bisect/1"

FIGURES = ("max abs", "mean abs", "p99 abs", "max rel", "mean rel", "p99 rel", "argmax", "worst")
COLUMNS = ">>>>>>><"


@dataclass(frozen=True, slots=True)
class AtSizes:
    """The comparisons of the samples of one set of sizes, by the reference's name."""

    sizes: Sizes
    samples: int
    comparisons: Mapping[str, Comparison]


def merged(found: Sequence[AtSizes]) -> tuple[dict[str, Comparison], Sequence[AtSizes]]:
    """Of each reference the worst of each output over all sizes; and the sizes, where there are any."""
    comparisons = {}
    for name, first in found[0].comparisons.items():
        others = [each.comparisons[name].outputs for each in found]
        outputs = tuple(max(errors, key=_badness) for errors in zip(*others, strict=True))
        apart = [each.comparisons[name] for each in found if not each.comparisons[name].agrees]
        because = apart[0].because if apart and all(each.because for each in apart) else ""
        comparisons[name] = replace(first, outputs=outputs, because=because)
    return comparisons, [each for each in found if each.sizes]


def _badness(error: OutputError) -> tuple[bool, float]:
    return not error.passed, error.max_abs_error


def verify_record(
    model: str, samples: int, comparisons: Mapping[str, Comparison], at: Sequence[AtSizes] = ()
) -> dict[str, Any]:
    """What `verify` found, by the reference's name; where dimensions have ranges the worst, and `at` which sizes."""
    record = {
        "schema": VERIFY_SCHEMA,
        "model": model,
        "samples": samples,
        "passed": all(comparison.passed for comparison in comparisons.values()),
        "references": _references(comparisons),
    }
    sized = [
        {"sizes": dict(each.sizes), "samples": each.samples, "references": _references(each.comparisons)} for each in at
    ]
    return record | ({"at": sized} if sized else {})


def _references(comparisons: Mapping[str, Comparison]) -> dict[str, Any]:
    return {name: comparison_record(comparison) for name, comparison in comparisons.items()}


def verify_text(model: str, samples: int, comparisons: Mapping[str, Comparison], at: Sequence[AtSizes] = ()) -> str:
    """What `verify` found: one line per reference and output, and of each of the sizes, and the verdicts."""
    names = list(at[0].sizes) if at else []
    rows: list[tuple[str, ...]] = [(*names, "reference", "output", *FIGURES)]
    for each in at or [AtSizes({}, samples, comparisons)]:
        sizes = tuple(str(each.sizes[name]) for name in names)
        for name, comparison in each.comparisons.items():
            rows += [(*sizes, name, *_cells(error)) for error in comparison.outputs]
    table = format_table(rows, ">" * len(names) + "<<" + COLUMNS)
    lines = [f"{model}: {samples} sample{'s' if samples > 1 else ''}", *table]
    for name, comparison in comparisons.items():
        tolerance = f"atol {comparison.atol:g}, rtol {comparison.rtol:g} of each output's largest magnitude"
        wrong = [each.sizes for each in at if not each.comparisons[name].passed]
        where = "".join(f" at {', '.join(f'{dim}={size}' for dim, size in sizes.items())}" for sizes in wrong[:1])
        more = f" and {len(wrong) - 1} more of {len(at)} sizes" if len(wrong) > 1 else ""
        lines.append(f"{name}: {'passed' if comparison.passed else f'FAILED{where}{more}'} ({tolerance})")
        if comparison.because:
            lines.append(f"  beyond it, and yet right: {comparison.because}")
    return "\n".join(lines) + "\n"


def bisect_record(model: str, reference: str, found: Bisection, because: str = "") -> dict[str, Any]:
    """What `compare --bisect` found: the first difference, or null where there is none."""
    difference = None
    if found.error is not None and found.node is not None:
        difference = {
            "step": found.step,
            "node": found.node.name,
            "operators": [inner.op for inner in found.node.primitives],
            "stands_for": nodes_of(found.node),
            "error": _finite(asdict(found.error)),
        }
    return {
        "schema": BISECT_SCHEMA,
        "model": model,
        "reference": reference,
        "steps": found.steps,
        "compared": found.compared,
        "difference": difference,
        "because": because or None,
    }


def bisect_text(model: str, reference: str, found: Bisection, because: str = "") -> str:
    """What `compare --bisect` found."""
    lines = [f"{model} against {reference}: {found.compared} values compared in {found.steps} steps"]
    if found.error is None or found.node is None:
        return f"{lines[0]}\nno difference beyond tolerance\n"
    lines.append(f"first difference in step {found.step}: {operators_text(found.node)} {found.node.name}")
    if nodes_of(found.node) != [found.node.name]:
        lines.append(f"  which stands for {', '.join(nodes_of(found.node))}")
    table = format_table([("value", *FIGURES), _cells(found.error)], "<" + COLUMNS)
    return "\n".join([*lines, *table, *([f"and yet right: {because}"] if because else [])]) + "\n"


def nodes_of(node: Node) -> list[str]:
    """The names of the model's nodes that a node stands for, as far as they have any."""
    return [inner.name for inner in node.primitives if inner.name and inner.op != LAYOUT] or [node.name]


def _cells(error: OutputError) -> tuple[str, ...]:
    absolute = (error.max_abs_error, error.mean_abs_error, error.p99_abs_error)
    relative = (error.max_rel_error, error.mean_rel_error, error.p99_rel_error)
    agreement = "" if error.argmax_agreement is None else f"{error.argmax_agreement:.1%}"
    worst = "" if error.output is None else f"{error.output:.7g} for {error.reference:.7g} at {list(error.where)}"
    return (error.name, *(f"{figure:.2e}" for figure in (*absolute, *relative)), agreement, worst)


def comparison_record(comparison: Comparison) -> dict[str, Any]:
    """The comparison's figures: over all outputs, and `outputs` one by one. What is not finite becomes null."""
    record = {
        "passed": comparison.passed,
        "atol": comparison.atol,
        "rtol": comparison.rtol,
        "max_abs_error": comparison.max_abs_error,
        "max_rel_error": comparison.max_rel_error,
        "argmax_agreement": comparison.argmax_agreement,
        "because": comparison.because or None,
    }
    outputs = [_finite(asdict(output)) for output in comparison.outputs]
    return {**_finite(record), "outputs": outputs}


def _finite(record: dict[str, Any]) -> dict[str, Any]:
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in record.items()
    }
