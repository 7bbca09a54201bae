"""How far outputs are from a reference, and whether that is within tolerance."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mini_infer.errors import InputError


@dataclass(frozen=True, slots=True)
class OutputError:
    """How far one output is from its reference.

    Attributes
    ----------
    name
        The output.
    max_abs_error, mean_abs_error, p99_abs_error
        Largest, mean and 99th percentile of `|output - reference|` over its elements; 0 for an empty tensor. Infinite
        where one side is not finite and the other differs.
    max_rel_error, mean_rel_error, p99_rel_error
        The same over the largest finite `|reference|` of this output: relative to the tensor, since relative to an
        element that happens to be near zero says nothing.
    where
        Index of the largest error, one number per dimension; empty for an empty tensor.
    output, reference
        The two values there (None for an empty tensor).
    argmax_agreement
        Share of the rows along the last axis whose largest element is at the same place; None where rows have fewer
        than two elements or are not numbers.
    passed
        Whether every element is within tolerance.
    """

    name: str
    max_abs_error: float
    mean_abs_error: float
    p99_abs_error: float
    max_rel_error: float
    mean_rel_error: float
    p99_rel_error: float
    where: tuple[int, ...]
    output: float | None
    reference: float | None
    argmax_agreement: float | None
    passed: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every output compared with its reference, in the reference's order, under one tolerance.

    An element is within tolerance when `|output - reference| <= atol + rtol * max |reference|`, the maximum over the
    output it belongs to. Where outputs are not, but exact, `because` says why the reference's are others; else it is
    empty.
    """

    outputs: tuple[OutputError, ...]
    atol: float
    rtol: float
    because: str = ""

    @property
    def agrees(self) -> bool:
        """Whether every output is within tolerance."""
        return all(output.passed for output in self.outputs)

    @property
    def passed(self) -> bool:
        """Whether every output is within tolerance, or exact where the reference has others."""
        return self.agrees or bool(self.because)

    @property
    def worst(self) -> OutputError:
        """The output with the largest absolute error (the first of several)."""
        return max(self.outputs, key=lambda output: output.max_abs_error)

    @property
    def max_abs_error(self) -> float:
        """Largest absolute error over all outputs."""
        return self.worst.max_abs_error

    @property
    def max_rel_error(self) -> float:
        """Largest relative error over all outputs, each relative to its own largest magnitude."""
        return max(output.max_rel_error for output in self.outputs)

    @property
    def argmax_agreement(self) -> float | None:
        """Smallest agreement over the outputs that have one."""
        return min(
            (output.argmax_agreement for output in self.outputs if output.argmax_agreement is not None), default=None
        )


def compare(
    outputs: Mapping[str, NDArray[Any]], reference: Mapping[str, NDArray[Any]], *, atol: float = 1e-5, rtol: float = 0.0
) -> Comparison:
    """Compare outputs with a reference, tensor by tensor.

    Parameters
    ----------
    outputs, reference
        Arrays by output name. Both must have the same names and, name by name, the same shape.
    atol
        Absolute tolerance.
    rtol
        Tolerance relative to the largest magnitude of each reference tensor.

    Raises
    ------
    InputError
        When there is nothing to compare, or names, shapes or kinds of elements do not match.
    """
    if not reference or set(outputs) != set(reference):
        raise InputError(
            f"outputs and reference name different tensors: {_names(outputs)} against {_names(reference)}; "
            "a reference needs one array for every output"
        )
    return Comparison(
        tuple(_compare_one(name, outputs[name], expected, atol, rtol) for name, expected in reference.items()),
        atol,
        rtol,
    )


def _names(tensors: Mapping[str, NDArray[Any]]) -> str:
    return ", ".join(sorted(tensors)) or "none"


def _compare_one(name: str, output: NDArray[Any], reference: NDArray[Any], atol: float, rtol: float) -> OutputError:
    if output.shape != reference.shape:
        raise InputError(f"output {name!r} has shape {output.shape}, its reference has {reference.shape}")
    for side, array in (("output", output), ("reference", reference)):
        if array.dtype.kind in "OSUMmc":
            raise InputError(f"{side} {name!r} holds {array.dtype}, which cannot be compared; only real numbers can")
    error = _distance(output, reference)
    if error.size == 0:
        return OutputError(name, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, (), None, None, None, passed=True)
    index = np.unravel_index(int(error.argmax()), error.shape)
    finite = np.abs(reference[np.isfinite(reference)].astype(np.float64))
    scale = float(finite.max()) if finite.size else 0.0
    worst, mean, p99 = float(error[index]), float(error.mean()), float(np.quantile(error, 0.99, method="higher"))
    return OutputError(
        name=name,
        max_abs_error=worst,
        mean_abs_error=mean,
        p99_abs_error=p99,
        max_rel_error=_ratio(worst, scale),
        mean_rel_error=_ratio(mean, scale),
        p99_rel_error=_ratio(p99, scale),
        where=tuple(int(i) for i in index),
        output=float(output[index]),
        reference=float(reference[index]),
        argmax_agreement=_argmax_agreement(output, reference),
        passed=worst <= atol + rtol * scale,
    )


def _distance(output: NDArray[Any], reference: NDArray[Any]) -> NDArray[np.float64]:
    """`|output - reference|` in float64: 0 where both are the same, NaN included; infinite where only one is finite."""
    with np.errstate(invalid="ignore", over="ignore"):
        distance = np.abs(output.astype(np.float64) - reference.astype(np.float64))
    if output.dtype.kind in "biu" and reference.dtype.kind in "biu":
        # Integers that differ are at least 1 apart, also beyond 2**53 where float64 sees no difference.
        return np.where(output == reference, 0.0, np.maximum(distance, 1.0))
    same = (output == reference) | (np.isnan(output) & np.isnan(reference))
    return np.where(same, 0.0, np.where(np.isnan(distance), math.inf, distance))


def _ratio(error: float, scale: float) -> float:
    if error == 0:
        return 0.0
    return error / scale if scale else math.inf


def _argmax_agreement(output: NDArray[Any], reference: NDArray[Any]) -> float | None:
    if output.ndim == 0 or output.shape[-1] < 2 or output.dtype.kind == "b":  # noqa: PLR2004  one element has no rival
        return None
    return float((output.argmax(axis=-1) == reference.argmax(axis=-1)).mean())
