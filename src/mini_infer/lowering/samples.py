"""Where the samples of a resized axis come from: coordinates, and the elements and weights around each."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mini_infer.lowering.builder import NotNativeError


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
    def changes_nothing(self) -> bool:
        """Whether every sample is the element of its own index."""
        whole = all(math.isclose(a, b) for a, b in zip(self.region, (0.0, 1.0), strict=True))
        return math.isclose(self.scale, 1.0) and self.samples == self.size and whole


@dataclass(frozen=True, slots=True, eq=False)
class Taps:
    """For each sample its elements' indices (a negative first one: outside) and weights, both `[samples, taps]`."""

    indices: np.ndarray
    weights: np.ndarray


def coordinates(axis: AxisScale, mode: str) -> tuple[np.ndarray, np.ndarray]:
    """Where each sample lies among the elements, and whether that is outside (`tf_crop_and_resize` alone asks).

    `mode` is a `coordinate_transformation_mode` of ONNX Resize.
    """
    y = np.arange(axis.samples, dtype=np.float64)
    length = axis.scale * axis.size
    nowhere = np.zeros(axis.samples, np.bool_)
    match mode:
        case "align_corners":
            return y * ((axis.size - 1) / (length - 1) if length != 1 else 0), nowhere
        case "asymmetric":
            return y / axis.scale, nowhere
        case "half_pixel" | "pytorch_half_pixel":
            if mode == "pytorch_half_pixel" and length == 1:
                return np.full(axis.samples, -0.5), nowhere
            return (y + 0.5) / axis.scale - 0.5, nowhere
        case "half_pixel_symmetric":
            return axis.size / 2 * (1 - axis.samples / length) + (y + 0.5) / axis.scale - 0.5, nowhere
        case "tf_crop_and_resize":
            start, end = axis.region
            across = (end - start) * (axis.size - 1)
            x = (y * across / (length - 1) if length != 1 else np.full(axis.samples, across / 2)) + start * (
                axis.size - 1
            )
            return x, (x < 0) | (x > axis.size - 1)
    raise NotNativeError(f"no native code for coordinates of mode {mode!r}")


_ROUNDINGS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "round_prefer_floor": lambda x: np.ceil(x - 0.5),
    "round_prefer_ceil": lambda x: np.floor(x + 0.5),
    "floor": np.floor,
    "ceil": np.ceil,
}


def nearest(axis: AxisScale, mode: str, rounding: str) -> np.ndarray:
    """The index of each sample's element; -1 outside. `rounding` is a `nearest_mode` of ONNX Resize."""
    x, outside = coordinates(axis, mode)
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
