"""A comparison with a reference as JSON."""

import math
from dataclasses import asdict
from typing import Any

from mini_infer.verify import Comparison


def comparison_record(comparison: Comparison) -> dict[str, Any]:
    """The comparison's figures: over all outputs, and `outputs` one by one. What is not finite becomes null."""
    record = {
        "passed": comparison.passed,
        "atol": comparison.atol,
        "rtol": comparison.rtol,
        "max_abs_error": comparison.max_abs_error,
        "max_rel_error": comparison.max_rel_error,
        "argmax_agreement": comparison.argmax_agreement,
    }
    outputs = [_finite(asdict(output)) for output in comparison.outputs]
    return {**_finite(record), "outputs": outputs}


def _finite(record: dict[str, Any]) -> dict[str, Any]:
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in record.items()
    }
