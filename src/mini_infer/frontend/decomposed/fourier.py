"""Fourier transforms as products with tables of cosines and sines: exact for any length, in one matrix product."""

from collections.abc import Sequence

import numpy as np

from mini_infer.frontend.composer import Composer

LONGEST = 2048
"""Tables of longer transforms would take more memory than they are worth: this one's take 17 MB."""

_AXIS_AS_INPUT = 20
"""The opset from which DFT has its axis as an input."""


def dft(c: Composer) -> Sequence[str]:
    """`DFT` of `[…, length, …, 1 or 2]`, along one axis, as `[…, length] · [length, 2 · bins]`; not the inverse one."""
    x = c.input(0)
    shape = c.shape(x)
    rank = len(shape)
    axis = _axis(c) % rank
    if c.attribute("inverse", 0):
        raise c.refusal("goes back from bins to samples")
    length = int(c.value(1).item()) if c.input(1) else shape[axis]
    parts = shape[-1]
    bins = length // 2 + 1 if c.attribute("onesided", 0) else length
    table = _table(c, length, bins, parts)
    x = _resized(c, x, axis, shape[axis], length)
    outer = [*range(axis), *range(axis + 1, rank - 1)]
    rows = c("Reshape", c("Transpose", x, perm=[*outer, axis, rank - 1]), c.integers(-1, length * parts))
    product = c("MatMul", rows, c("CastLike", c.constant(table), x))
    back = c("Reshape", product, c.integers(*(shape[k] for k in outer), bins, 2))
    place = [*range(axis), rank - 2, *range(axis, rank - 2), rank - 1]
    return [c("Transpose", back, perm=place)]


def _axis(c: Composer) -> int:
    if c.version < _AXIS_AS_INPUT:
        return int(c.attribute("axis", 1))
    return int(c.value(2).item()) if c.input(2) else -2


def stft(c: Composer) -> Sequence[str]:
    """`STFT` of `[batch, length, 1 or 2]`: frames, each times the window, times a table."""
    signal, window = c.input(0), c.input(2)
    batch, samples, *rest = c.shape(signal)
    parts = rest[0] if rest else 1
    step = int(c.value(1).item())
    length = int(c.value(3).item()) if c.input(3) else c.shape(window)[0]
    bins = length // 2 + 1 if c.attribute("onesided", 1) else length
    frames = (samples - length) // step + 1
    table = _table(c, length, bins, parts)
    places = np.arange(frames)[:, None] * step + np.arange(length)
    framed = c("Gather", c("Reshape", signal, c.integers(batch, samples, parts)), c.constant(places, np.int64), axis=1)
    if window:
        framed = c("Mul", framed, c("Reshape", window, c.integers(length, 1)))
    rows = c("Reshape", framed, c.integers(batch, frames, length * parts))
    product = c("MatMul", rows, c("CastLike", c.constant(table), signal))
    return [c("Reshape", product, c.integers(batch, frames, bins, 2))]


def _table(c: Composer, length: int, bins: int, parts: int) -> np.ndarray:
    """`[length * parts, bins * 2]`: what each part of a sample adds to the real and imaginary part of each bin."""
    if length > LONGEST:
        raise c.refusal(f"transforms {length} samples, for which a table would be too large")
    turns = np.outer(np.arange(length), np.arange(bins)) % length / length
    real, imaginary = np.cos(2 * np.pi * turns), -np.sin(2 * np.pi * turns)
    of_real = np.stack([real, imaginary], axis=-1)
    of_imaginary = np.stack([-imaginary, real], axis=-1)
    return np.stack([of_real, of_imaginary][:parts], axis=1).reshape(length * parts, bins * 2)


def _resized(c: Composer, x: str, axis: int, have: int, want: int) -> str:
    """The signal cut, or continued with zeros, to the length of the transform."""
    if want < have:
        return c("Slice", x, c.integers(0), c.integers(want), c.integers(axis))
    if want > have:
        return c("Pad", x, c.integers(0, want - have), "", c.integers(axis))
    return x
