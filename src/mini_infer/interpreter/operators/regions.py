"""RoiAlign: samples between the pixels of regions (`onnx.reference` takes them one by one)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mini_infer.errors import InputError
from mini_infer.interpreter.operators.values import Value, accumulator, attribute
from mini_infer.ir import Node
from mini_infer.ir.samples import MOST_SAMPLES


def roi_align(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`x [N, C, H, W]`, `rois [R, 4]` (left, top, right, bottom), an image each → `[R, C, height, width]`.

    A sample's weights are those of its row times those of its column, and every row of a bin meets every column: both
    axes are done by themselves. A maximum is over weighted pixels, as in ONNX's text and unlike in Detectron.
    """
    x, rois, images = inputs
    if images.size and (images.min() < 0 or images.max() >= len(x)):
        raise InputError(f"node {node.name!r} ({node.op}): an index is outside [0, {len(x)})")
    bins = [attribute(node, "output_height", 1), attribute(node, "output_width", 1)]
    half_pixel = attribute(node, "coordinate_transformation_mode", "half_pixel") == "half_pixel"
    offset = rois.dtype.type(0.5 if half_pixel else 0)
    edges = rois * rois.dtype.type(attribute(node, "spatial_scale", 1.0)) - offset
    ratio = attribute(node, "sampling_ratio", 0)
    wide = x.astype(accumulator(x.dtype))
    pool = _largest if attribute(node, "mode", "avg") == "max" else _mean
    y = np.zeros((len(rois), x.shape[1], *bins), wide.dtype)
    with np.errstate(all="ignore"):
        for index, (image, (left, top, right, bottom)) in enumerate(zip(images, edges, strict=True)):
            spans = [(top, bottom - top), (left, right - left)]
            if not half_pixel:
                spans = [(start, length if length >= 1 else type(length)(1)) for start, length in spans]
            rows, columns = (
                _Taps.of(start, length / type(length)(count), count, size, ratio)
                for (start, length), count, size in zip(spans, bins, x.shape[2:], strict=True)
            )
            if rows.where.size and columns.where.size:
                y[index] = pool(wide[image], rows, columns)
    return [y.astype(x.dtype)]


@dataclass(frozen=True, slots=True)
class _Taps:
    """Along one axis, the two pixels around each sample of each bin `[bins, 2 * samples]`, and their weights."""

    where: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, start: np.floating, cell: np.floating, bins: int, size: int, ratio: int) -> "_Taps":
        """The taps of bins that are `cell` long; a sample outside `[-1, size]` weighs nothing."""
        wanted = np.ceil(cell)
        samples = ratio or (int(min(wanted, MOST_SAMPLES)) if wanted > 0 else 0)
        shares = (np.arange(samples) + 0.5) / max(samples, 1)
        positions = float(start) + (shares + np.arange(bins)[:, None]) * float(cell)
        inside = (positions >= -1) & (positions <= size)
        positions = np.where(inside, positions, 0).clip(0)
        low = np.minimum(positions.astype(np.int64), size - 1)
        high = np.minimum(low + 1, size - 1)
        part = np.where(high > low, positions - low, 0)
        return cls(np.hstack([low, high]), np.hstack([inside * (1 - part), inside * part]))

    @property
    def samples(self) -> int:
        """Of a bin."""
        return int(self.where.shape[1] // 2)


def _mean(x: np.ndarray, rows: _Taps, columns: _Taps) -> np.ndarray:
    """The mean of samples: `[C, H, W]` → `[C, bins, bins]`."""
    matrices = []
    for taps, size in zip((rows, columns), x.shape[1:], strict=True):
        matrix = np.zeros((len(taps.where), size))
        np.add.at(matrix, (np.arange(len(matrix))[:, None], taps.where), taps.weights / taps.samples)
        matrices.append(matrix)
    return np.asarray(matrices[0] @ x @ matrices[1].T)


def _largest(x: np.ndarray, rows: _Taps, columns: _Taps) -> np.ndarray:
    """The largest weighted pixel: `[C, H, W]` → `[C, bins, bins]`.

    Of a pixel that is not negative it is the one with the largest weights, else the one with the smallest.
    """
    made = np.empty((len(x), len(rows.where), len(columns.where)), x.dtype)
    for row, column in np.ndindex(made.shape[1:]):
        (r, low_r, high_r), (c, low_c, high_c) = (_extremes(rows, row), _extremes(columns, column))
        pixels = x[:, r[:, None], c]
        made[:, row, column] = (pixels * np.where(pixels < 0, np.outer(low_r, low_c), np.outer(high_r, high_c))).max(
            axis=(1, 2)
        )
    return made


def _extremes(taps: _Taps, position: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The pixels of a bin along one axis, with the smallest and the largest weight of each."""
    pixels, index = np.unique(taps.where[position], return_inverse=True)
    low, high = np.full(len(pixels), np.inf), np.zeros(len(pixels))
    np.minimum.at(low, index, taps.weights[position])
    np.maximum.at(high, index, taps.weights[position])
    return pixels, low, high
