"""What one run of a model says, as JSON: one record per sample, and the memory it took. Shared by `run` and `demo`."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mini_infer.runtime.interface import Interface

SAMPLES_SCHEMA = "mini-infer/samples/1"
"""The number changes when a key changes its meaning or goes."""

KILOBYTE = 1000
"""Bytes in the kilobytes of reports."""

Json = dict[str, Any]


def probabilities(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Softmax over the last axis, in float64.

    A row that already is a distribution (nothing negative, sum within 1e-4 of 1) comes back as it is: the model ends in
    a softmax of its own.
    """
    values = logits.astype(np.float64)
    if values.size and (values >= 0).all() and (np.abs(values.sum(axis=-1) - 1) <= 1e-4).all():  # noqa: PLR2004
        return values
    with np.errstate(invalid="ignore"):  # infinite logits have no softmax: NaN is the answer
        exponentials = np.exp(values - values.max(axis=-1, keepdims=True, initial=-np.inf))
        return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


def sample_record(
    index: int,
    outputs: Mapping[str, NDArray[Any]],
    time_us: float | None = None,
    label: int | None = None,
    *,
    top: int = 0,
    names: Sequence[str] = (),
) -> Json:
    """One sample's answer.

    A model with one floating-point output of a single row, 1xC or C, is a classifier: the record has `index`, `label`
    (where known), `prediction` (place of the largest logit), `logits`, `probabilities` and `time_us` (where measured).
    Any other model has `outputs` in place of the three: by name, `dtype`, `shape` and nested `values`. What is not
    finite becomes null, which JSON can hold.

    Parameters
    ----------
    index
        The sample's place in the run.
    outputs
        What the model gave, by output name.
    time_us
        Microseconds that the call took, where it was measured.
    label
        The right class.
    top, names
        How many of a classifier's likeliest classes are listed, and what the classes are called, where that is known.
    """
    record: Json = {"index": index} if label is None else {"index": index, "label": label}
    row = _single_row(outputs)
    if row is None:
        record["outputs"] = {
            name: {"dtype": str(array.dtype), "shape": list(array.shape), "values": _plain(array.tolist())}
            for name, array in outputs.items()
        }
    else:
        record["prediction"] = int(row.argmax())
        record["logits"] = _plain(row.tolist())
        shares = probabilities(row)
        record["probabilities"] = _plain(shares.tolist())
        if top:
            record["top"] = [
                {"class": place, "probability": _plain(float(shares[place]))}
                | ({"name": names[place]} if place < len(names) else {})
                for place in np.argsort(-shares, kind="stable")[:top].tolist()
            ]
    return record if time_us is None else {**record, "time_us": time_us}


def memory_stats(interface: Interface) -> Json:
    """The memory of one run, in kilobytes of 1000 bytes.

    `original_memory_kb` is the exported model's (every intermediate tensor a buffer of its own), `unplanned_memory_kb`
    that of the program's buffers with a place each, `optimized_memory_kb` the arena. `saving_ratio` is 1 - arena /
    exported. `num_pools` counts the pools of the coloring strategy or of a memory hierarchy; a plan without is one.
    """
    return {
        "original_memory_kb": interface.exported_bytes / KILOBYTE,
        "unplanned_memory_kb": interface.unplanned_bytes / KILOBYTE,
        "optimized_memory_kb": interface.arena_bytes / KILOBYTE,
        "saving_ratio": saving_ratio(interface.arena_bytes, interface.exported_bytes),
        "num_pools": interface.pools,
        "lower_bound_kb": interface.lower_bound / KILOBYTE,
        "strategy": interface.strategy,
    }


def saving_ratio(after: int, before: int) -> float:
    """1 - after / before; 0 where there was nothing to save."""
    return 1 - after / before if before else 0.0


def samples_report(model: str, samples: Sequence[Json], memory: Json | None) -> Json:
    """A whole run: `schema`, `model`, `samples`, and `memory_stats` where mini-infer ran it."""
    report: Json = {"schema": SAMPLES_SCHEMA, "model": model, "samples": list(samples)}
    return report if memory is None else {**report, "memory_stats": memory}


def _single_row(outputs: Mapping[str, NDArray[Any]]) -> NDArray[Any] | None:
    """The one row of class scores of a classifier's only output, or None."""
    if len(outputs) != 1:
        return None
    (array,) = outputs.values()
    is_row = array.dtype.kind == "f" and array.size > 1 and array.shape in {(array.size,), (1, array.size)}
    return array.reshape(-1) if is_row else None


def _plain(value: Any) -> Any:
    """The same with None for what is not finite, and complex numbers as pairs."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, complex):
        return [_plain(value.real), _plain(value.imag)]
    return None if isinstance(value, float) and not math.isfinite(value) else value
