"""How far two models' outputs are apart over many samples, one at a time."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mini_infer.errors import InputError

Tensors = Mapping[str, np.ndarray]


@dataclass(slots=True)
class Distance:
    """The distance of values from a reference, added up over samples.

    Attributes
    ----------
    largest
        The largest `|value - reference|`.
    """

    largest: float = 0.0
    _difference: float = 0.0
    _reference: float = 0.0

    def add(self, value: np.ndarray, reference: np.ndarray) -> None:
        """Add the elements of one sample, in float64; both arrays have one shape.

        What is not finite is as far as can be from anything but itself.
        """
        expected = reference.astype(np.float64)
        with np.errstate(invalid="ignore", over="ignore"):
            difference = np.abs(value.astype(np.float64) - expected)
        same = (value == reference) | (np.isnan(value) & np.isnan(reference))
        difference = np.where(same, 0.0, np.where(np.isnan(difference), math.inf, difference))
        self.largest = max(self.largest, float(difference.max(initial=0.0)))
        self._difference += float(np.square(difference).sum())
        self._reference += float(np.square(expected[np.isfinite(expected)]).sum())

    @property
    def relative(self) -> float:
        """The root of the squared differences' sum by that of the references'; infinite where all of these are 0."""
        if not self._difference:
            return 0.0
        return math.sqrt(self._difference / self._reference) if self._reference else math.inf


@dataclass(frozen=True, slots=True)
class OutputLoss:
    """What an output lost.

    Parameters
    ----------
    name
        The output.
    relative_error
        Root of the sum of squared differences, by that of the squared values of the float model, over all samples.
    max_abs_error
        The largest difference.
    agreement
        Share of the rows along the last axis whose largest element is at the same place (top 1); None where rows have
        fewer than two elements.
    """

    name: str
    relative_error: float
    max_abs_error: float
    agreement: float | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How many of the samples that have labels each model put into the right class."""

    labels: int
    float_right: int
    quantized_right: int


@dataclass(slots=True)
class _Output:
    distance: Distance = field(default_factory=Distance)
    rows: int = 0
    agreeing: int = 0


def output_losses(
    pairs: Iterable[tuple[Tensors, Tensors]], labels: Sequence[int] | None = None
) -> tuple[tuple[OutputLoss, ...], Accuracy | None]:
    """What each output lost, and how many labels are right.

    Parameters
    ----------
    pairs
        For each sample, the outputs of the float model and of the quantized one, by name.
    labels
        The right class of each sample; the first output with a single row of scores says which class a model means.

    Raises
    ------
    InputError
        When there are labels and no output is a row of scores, or the two models' shapes differ.
    """
    found: dict[str, _Output] = {}
    float_right = quantized_right = 0
    for index, (expected, given) in enumerate(pairs):
        for name, reference in expected.items():
            if reference.dtype.kind not in "biuf":
                continue
            value = given[name]
            if value.shape != reference.shape:
                raise InputError(
                    f"output {name!r} is {value.shape} of the quantized model, {reference.shape} of the float one"
                )
            output = found.setdefault(name, _Output())
            output.distance.add(value, reference)
            if _has_rivals(reference):
                agrees = value.argmax(axis=-1) == reference.argmax(axis=-1)
                output.rows += agrees.size
                output.agreeing += int(agrees.sum())
        if labels is not None:
            scores = next((name for name, array in expected.items() if _is_row(array)), None)
            if scores is None:
                raise InputError("labels are for a model one of whose outputs is a row of scores, 1xC or C")
            float_right += int(expected[scores].argmax() == labels[index])
            quantized_right += int(given[scores].argmax() == labels[index])
    losses = tuple(
        OutputLoss(
            name,
            output.distance.relative,
            output.distance.largest,
            output.agreeing / output.rows if output.rows else None,
        )
        for name, output in found.items()
    )
    return losses, None if labels is None else Accuracy(len(labels), float_right, quantized_right)


def _has_rivals(array: np.ndarray) -> bool:
    """Whether rows along the last axis have a largest element."""
    return array.ndim > 0 and array.shape[-1] > 1 and array.size > 0 and array.dtype.kind != "b"


def _is_row(array: np.ndarray) -> bool:
    """Whether it is one row of class scores."""
    return array.dtype.kind == "f" and array.size > 1 and array.shape[-1] == array.size
