"""Arithmetic of float32 that NumPy has no operation for."""

from typing import Any

import numpy as np

Float32 = Any
"""An array of float32, or one such number."""


def fused_multiply_add(a: Float32, b: Float32, c: Float32) -> np.ndarray:
    """`a * b + c` of float32 arrays that broadcast, rounded once, as one instruction computes it.

    The product is exact in float64. Their sum is rounded to odd there, which makes the second rounding right
    (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd", 2008).
    """
    product = np.multiply(a, b, dtype=np.float64)
    added = np.asarray(c, np.float64)
    total = np.asarray(product + added)
    back = total - product
    error = (product - (total - back)) + (added - back)
    even = (total.view(np.int64) & 1) == 0
    outward = np.where(error > 0, np.inf, -np.inf)
    return np.where((error != 0) & even, np.nextafter(total, outward), total).astype(np.float32)
