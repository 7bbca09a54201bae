"""Numbers with what they may be wrong by: the values of the oracle, which computes in float64 or exactly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

UNIT = {"bfloat16": 2.0**-8, "float16": 2.0**-11, "float32": 2.0**-24, "float64": 2.0**-53}
"""Half a unit in the last place of 1."""
DIGITS = {"bfloat16": 8, "float16": 11, "float32": 24, "float64": 53}
_TINY = {"bfloat16": 2.0**-133, "float16": 2.0**-24, "float32": 2.0**-149, "float64": 2.0**-1074}
"""The smallest number: rounding to it, or around it, errs by less."""
_NORMAL = {"bfloat16": 2.0**-125, "float16": 2.0**-24, "float32": 2.0**-125, "float64": 2.0**-1020}
"""What a function may lose where its result is below the smallest normal number."""

_LARGEST = {"bfloat16": 3.38e38, "float16": 65504.0, "float32": 3.4028235e38, "float64": 1.7976931348623157e308}
"""The largest number."""

PROMISED = 512
"""Additions in the longest chain of a sum that is cut into parts; the parts are added up in another."""


@dataclass(frozen=True)
class Ball:
    """A tensor and, for each element, how far a right answer may be away; 0: it must be this very number.

    Parameters
    ----------
    value
        float64 where the model has floats, else in the model's type.
    error
        0, or an array of the same shape. Infinite: any answer is right.
    dtype
        The model's element type.
    size
        What roundings are relative to, where terms cancelled; the value's own size when absent.
    """

    value: np.ndarray
    error: np.ndarray
    dtype: str
    size: np.ndarray | None = None

    @property
    def real(self) -> bool:
        return self.dtype in UNIT

    @property
    def exact(self) -> bool:
        return not np.any(self.error)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    @property
    def scale(self) -> np.ndarray:
        return np.abs(self.value) if self.size is None else self.size


def known(array: np.ndarray) -> Ball:
    """A value without any error."""
    dtype = str(array.dtype)
    return Ball(array.astype(np.float64) if dtype in UNIT else array, np.zeros(array.shape), dtype)


def move(ball: Ball, function: Callable[[np.ndarray], np.ndarray]) -> Ball:
    """What only moves elements, does so with their errors."""
    return Ball(np.asarray(function(ball.value)), np.asarray(function(ball.error)), ball.dtype)


def representable(value: np.ndarray, dtype: str) -> np.ndarray:
    with np.errstate(all="ignore"):
        return (value == value.astype(dtype)) | np.isnan(value)


def rounded(
    value: np.ndarray, error: np.ndarray, dtype: str, roundings: float = 1, size: np.ndarray | None = None
) -> Ball:
    """A result, with what so many roundings of numbers of a size add; nothing where it is exact and representable."""
    size = np.abs(value) if size is None else np.maximum(size, np.abs(value))
    added = (roundings * UNIT[dtype] * size + (_NORMAL if roundings > 1 else _TINY)[dtype]) * 1.0001
    exact = (error == 0) & representable(value, dtype) & (roundings <= 1)
    with np.errstate(all="ignore"):
        over = np.abs(value) * (1 + 8 * UNIT[dtype]) >= _LARGEST[dtype]
    total = np.where(exact, error, error + added)
    total = np.where(over & np.isfinite(value), np.inf, total)
    return Ball(value, np.where(np.isnan(total), 0, total), dtype, size)


def mapped(
    function: Callable[..., np.ndarray],
    balls: Sequence[Ball],
    dtype: str,
    roundings: float = 1,
    *,
    scaled: Callable[..., np.ndarray] | None = None,
) -> Ball:
    """A function of each element, with its errors those at the corners of what the arguments may be."""
    with np.errstate(all="ignore"):
        value = np.asarray(function(*(ball.value for ball in balls)))
        error = np.zeros(value.shape)
        vague = [ball for ball in balls if not ball.exact]
        for signs in product((-1, 1), repeat=len(vague)) if vague else ():
            sign = iter(signs)
            moved = [b.value + next(sign) * b.error if not b.exact else b.value for b in balls]
            other = np.asarray(function(*moved))
            far = np.abs(other.astype(np.float64) - value)
            error = np.maximum(
                error, np.where(np.isnan(far), np.where(np.isnan(value) & np.isnan(other), 0, np.inf), far)
            )
        if dtype not in UNIT:
            return Ball(value.astype(dtype), np.where(error > 0, np.inf, 0), dtype)
        size = np.asarray(scaled(*(ball.scale for ball in balls))) if scaled else None
    return rounded(value.astype(np.float64), error, dtype, roundings, size)


def grid(value: np.ndarray) -> float:
    """The largest power of two of which all numbers are multiples, as far as it is worth looking; 0: none."""
    finite = value[np.isfinite(value)]
    for power in (4, 0, -1, -2, -3, -4, -6, -8, -10, -12, -16):
        step = 2.0**power
        if np.all(np.mod(finite, step) == 0):
            return step
    return 0.0


def chain(count: int) -> float:
    """Roundings in the longest chain of additions of a sum of so many terms."""
    return min(count, PROMISED + 2 * count / 256) + 2


def bilinear(
    function: Callable[[np.ndarray, np.ndarray], np.ndarray],
    a: Ball,
    b: Ball,
    count: int,
    *,
    dtype: str = "",
    amplified: float = 0,
    headroom: float = 1,
) -> Ball:
    """A sum of `count` products, summed in float32 (or float64), rounded to the type at the end.

    Parameters
    ----------
    function
        Linear in both arguments.
    amplified
        A method that computes other sums instead (Winograd's): how many units of the largest sum of sizes it may lose;
        0: the plain one, exact where all partial sums are.
    headroom
        How much larger partial sums may be than the sum of sizes.
    """
    dtype = dtype or a.dtype
    if dtype not in UNIT:
        value = function(a.value.astype(np.int64), b.value.astype(np.int64)).astype(dtype)
        unknown = np.zeros(value.shape) if a.exact and b.exact else np.full(value.shape, np.inf)
        return Ball(value, unknown, dtype)
    work = "float64" if dtype == "float64" else "float32"
    value, size = function(a.value, b.value), function(np.abs(a.value), np.abs(b.value))
    step = grid(a.value) * grid(b.value)
    exact = a.exact and b.exact and step and size.max(initial=0) * headroom < step * 2.0 ** DIGITS[work]
    error = np.zeros(value.shape)
    if not (a.exact and b.exact):
        error = function(np.abs(a.value), b.error) + function(a.error, np.abs(b.value)) + function(a.error, b.error)
        error = np.where(np.isnan(error), np.inf, error)
    if amplified:
        error = error + amplified * UNIT[work] * size.max(initial=0)
    elif not exact:
        error = error + chain(count) * UNIT[work] * size
    if amplified or not exact:
        return rounded(value, error + 1e-300, dtype, 1 if dtype in {"float16", "bfloat16"} else 0.5, size)
    return rounded(value, error, dtype, 1, size)
