"""Where the samples of a resized axis come from: coordinates, and the elements and weights around each.

What ONNX's text of Resize says, with two things that it leaves open decided: where a scale is given, the length of the
resized axis is its product with the size, a fraction or not, as in ONNX's own test data; and the element that is
nearest is looked for in float32, as the runtimes do: 3 / 0.6 is 5 there, not 4.9999998.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mini_infer.errors import UnsupportedError

MOST_SAMPLES = 4096
"""Of RoiAlign along one axis of a bin, where the size of the region decides."""

_ROUNDING = 1e-12
"""Relative, of a few operations in float64."""


@dataclass(frozen=True, slots=True)
class AxisScale:
    """How one axis is resized.

    Parameters
    ----------
    size, samples
        Elements before and after.
    scale
        What the model says: samples per element, which need not divide `samples` exactly.
    region
        Start and end of what is sampled (`tf_crop_and_resize`), 0 and 1 being the first and the last element.
    """

    size: int
    samples: int
    scale: float
    region: tuple[float, float] = (0.0, 1.0)

    @property
    def length(self) -> float:
        """How long the resized axis is, in its own elements: a fraction where the scale makes it one."""
        length = self.scale * self.size
        return float(self.samples) if math.isclose(length, self.samples) else length

    @property
    def changes_nothing(self) -> bool:
        """Whether every sample is the element of its own index."""
        whole = all(math.isclose(a, b) for a, b in zip(self.region, (0.0, 1.0), strict=True))
        return math.isclose(self.scale, 1.0) and self.samples == self.size and whole


@dataclass(frozen=True, slots=True, eq=False)
class Taps:
    """For each sample its elements' indices (a negative first one: outside) and weights, both `[samples, taps]`."""

    indices: np.ndarray
    weights: np.ndarray


def coordinates(axis: AxisScale, mode: str, real: type[np.floating] = np.float64) -> tuple[np.ndarray, np.ndarray]:
    """Where each sample lies among the elements, and whether that is outside (`tf_crop_and_resize` alone asks).

    `mode` is a `coordinate_transformation_mode` of ONNX Resize; `real` is the type to compute in.

    Raises
    ------
    UnsupportedError
        When there is no such mode.
    """
    y = np.arange(axis.samples, dtype=real)
    scale, half, last = real(axis.scale), real(0.5), real(axis.size - 1)
    centered = (y + half) / scale - half
    nowhere = np.zeros(axis.samples, np.bool_)
    match mode:
        case "align_corners":
            return y * last / real(axis.length - 1) if axis.length != 1 else np.zeros_like(y), nowhere
        case "asymmetric":
            return y / scale, nowhere
        case "half_pixel":
            return centered, nowhere
        case "pytorch_half_pixel":
            return centered if axis.samples > 1 else np.zeros_like(y), nowhere
        case "half_pixel_symmetric":
            return real(axis.size / 2 * (1 - axis.samples / axis.length)) + (y + half) / scale - half, nowhere
        case "tf_half_pixel_for_nn":
            return (y + half) / scale, nowhere
        case "tf_crop_and_resize":
            x = _cropped(axis)
            return x.astype(real), (x < 0) | (x > last)
    raise UnsupportedError(f"Resize has no coordinate_transformation_mode {mode!r}")


def _cropped(axis: AxisScale) -> np.ndarray:
    """Where the samples of a region lie, those that are within rounding of an element at the element."""
    start, end = (bound * (axis.size - 1) for bound in axis.region)
    y = np.arange(axis.samples, dtype=np.float64)
    middle = np.full(axis.samples, (start + end) / 2)
    x = start + y * (end - start) / (axis.length - 1) if axis.length != 1 else middle
    whole = np.rint(x)
    return np.where(np.abs(x - whole) <= _ROUNDING * np.maximum(1, np.abs(whole)), whole, x)


_ROUNDINGS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "round_prefer_floor": lambda x: np.ceil(x - np.float32(0.5)),
    "round_prefer_ceil": lambda x: np.floor(x + np.float32(0.5)),
    "floor": np.floor,
    "ceil": np.ceil,
}


def nearest(axis: AxisScale, mode: str, rounding: str) -> np.ndarray:
    """The index of each sample's element; -1 outside. `rounding` is a `nearest_mode` of ONNX Resize."""
    x, outside = coordinates(axis, mode, np.float32)
    rounded = _ROUNDINGS[rounding](x)
    return np.where(outside, -1, np.clip(rounded, 0, axis.size - 1)).astype(np.int32)


def linear(x: np.ndarray) -> np.ndarray:
    """The triangle that linear interpolation weighs a distance by."""
    return np.asarray(np.clip(1 - np.abs(x), 0, 1))


def cubic(x: np.ndarray, a: float) -> np.ndarray:
    """The cubic convolution that weighs a distance (R. G. Keys, 1981)."""
    x = np.abs(x)
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return np.where(x <= 1, near, np.where(x < 2, far, 0))  # noqa: PLR2004 - it reaches two elements far


def weighted(
    axis: AxisScale,
    mode: str,
    weigh: Callable[[np.ndarray], np.ndarray],
    *,
    reach: int,
    antialias: bool,
    exclude_outside: bool,
) -> Taps:
    """The elements around each sample, those beyond the ends being the ends.

    Parameters
    ----------
    axis, mode
        Where the samples lie.
    weigh
        Distances → weights, before they are made to sum up to 1.
    reach
        How many elements far `weigh` reaches.
    antialias
        Whether it is stretched by as much as the axis shrinks.
    exclude_outside
        Whether elements beyond the ends weigh nothing.
    """
    x, outside = coordinates(axis, mode)
    stretch = min(axis.scale, 1.0) if antialias else 1.0
    half = -math.floor(-reach / stretch)
    near = np.ceil(x).astype(np.int64)[:, None] + np.arange(-half, half)
    weights = weigh((near - x[:, None]) * stretch)
    if exclude_outside:
        weights = np.where((near < 0) | (near >= axis.size), 0, weights)
    total = weights.sum(axis=1, keepdims=True)
    weights = weights / np.where(total == 0, 1, total)
    indices = np.where(outside[:, None], -1, np.clip(near, 0, axis.size - 1))
    return Taps(indices.astype(np.int32), weights)
