"""Means of many rows: as exact where double would be computed in software as where it is not."""

import numpy as np
import pytest
from machines import SCALAR
from native_kernels import NativeKernels

from mini_infer.codegen.reduction.mean_of_rows import emit_mean_of_rows
from mini_infer.program.kernels.reduction.mean_of_rows import MeanOfRows
from mini_infer.toolchain import Target

ROWS, CHANNELS = 160_004, 35


@pytest.mark.parametrize("machine", [SCALAR, Target.host().machine], ids=["plain C", "vectors"])
def test_long_means_lose_nothing(machine):
    """Numbers around 1e4, and of the size of 1e8 that go away again; in one piece and in three."""
    rng = np.random.default_rng(0)
    x = (1e4 + rng.standard_normal((ROWS, CHANNELS))).astype(np.float32)
    x[40] += np.float32(1e8)
    x[80_000] -= np.float32(1e8)
    expected = (x.astype(np.float64).sum(axis=0) / ROWS).astype(np.float32)
    whole = MeanOfRows(ROWS, CHANNELS, CHANNELS, ROWS)
    bands = [whole.band(0, 80), whole.band(80, 120_000), whole.band(120_080, ROWS - 120_080)]
    natives = NativeKernels([whole, *bands], machine)
    for pieces in ([(0, whole)], [(0, bands[0]), (80, bands[1]), (120_080, bands[2])]):
        y, sums = np.zeros(CHANNELS, np.float32), np.zeros(CHANNELS, np.float64)
        for first, kernel in pieces:
            natives.run(kernel, [x[first:].ctypes.data, y.ctypes.data, sums.ctypes.data])
        assert np.all(np.abs(y - expected) <= 2 * np.spacing(expected))


def test_where_double_is_software_there_is_none():
    body = emit_mean_of_rows(MeanOfRows(8, 5, 5, 8), SCALAR)
    assert "double" not in body.text
