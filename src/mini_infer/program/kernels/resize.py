"""Tensors sampled at other positions than their own: resized images and signals."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel


@dataclass(frozen=True, slots=True)
class SampleNearest(Kernel):
    """Elements picked along several axes at once.

    Operands: the tensor; the indices, int32, those of one axis behind those of another; the output.

    Parameters
    ----------
    shape
        Of the output; no dimension is empty.
    strides, target
        Of the tensor, and of the output: along the axes behind the last picked one, neighbours without gaps.
    picked
        The axes with indices, in order; elsewhere each element keeps its place.
    dtype
        Element type.
    fill
        What is written where an index is negative, which stands for outside; none if no index is.
    """

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    target: tuple[int, ...]
    picked: tuple[int, ...]
    dtype: DType
    fill: float | None = None


@dataclass(frozen=True, slots=True)
class SampleWeighted(Kernel):
    """Along one axis, each element a weighted sum of a few: y[o, j, i] = sum over t of w[j, t] x[o, index[j, t], i].

    Operands: the tensor `[outer, size, inner]`; the indices, int32, and the weights, both `[samples, taps]`; the output
    `[outer, samples, inner]`. The sum is computed in the weights' type: float32, or float64 for such tensors.

    Parameters
    ----------
    outer, size, inner, samples, taps
        Sizes.
    source, target
        Element types of the tensor and of the output. An integer output is rounded to the nearest and saturated.
    fill
        What is written where a sample's first index is negative, which stands for outside; none if no index is.
    """

    outer: int
    size: int
    inner: int
    samples: int
    taps: int
    source: DType
    target: DType
    fill: float | None = None
