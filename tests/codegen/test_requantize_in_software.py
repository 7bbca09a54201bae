"""Sums times scales on cores without floating point: the same bytes, from whole numbers."""

import subprocess

import numpy as np
import pytest
from exports import compiler

from mini_infer.codegen.vectors.whole_numbers import requantize
from mini_infer.ir import DType

_PROGRAM = """\
#include <stdint.h>
#include <stdio.h>
HELPERS
int main(void) {
  struct { int32_t sum; float scale, zero; } x;
  while (fread(&x, sizeof x, 1, stdin) == 1) {
    const KIND found = mi_requantize_KIND(x.sum, x.scale, (int32_t)x.zero);
    fwrite(&found, 1, 1, stdout);
  }
  return 0;
}
"""


def _cases(rng, count):
    """Sums and scales of every size, products near the middle of two whole numbers, and what is no ordinary number."""
    sums = (rng.integers(-(2**31), 2**31, count) >> rng.integers(0, 31, count)).astype(np.int32)
    scales = np.ldexp(rng.uniform(0.5, 1, count), rng.integers(-40, 12, count)).astype(np.float32)
    middles = rng.integers(-300, 300, count) + 0.5
    near = sums[: count // 2].astype(np.float64)
    scales[: count // 2] = np.abs(middles[: count // 2] / np.where(near == 0, 1, near)).astype(np.float32)
    nudge = rng.integers(-2, 3, count // 2).astype(np.int32)
    scales[: count // 2] = (scales[: count // 2].view(np.int32) + nudge).view(np.float32)
    powers = np.ldexp(1.0, rng.integers(-20, 0, count // 8)).astype(np.float32)
    scales[-count // 8 :], sums[-count // 8 :] = powers, rng.integers(-(2**18), 2**18, count // 8)
    for scale in (0.0, -0.0, -0.25, np.inf, np.nan, 1e-45, 1e-38, 3e38, 2.0**-31, 2.0**-30, 1.0, 2.0**30):
        chosen = rng.integers(0, count, 200)
        scales[chosen] = np.float32(scale)
    ends = [0, 1, -1, 2**24 - 1, 2**24, 2**24 + 1, -(2**24), 2**31 - 1, -(2**31)]
    sums[: 40 * len(ends)] = np.tile(ends, 40)
    return sums, scales


@pytest.mark.parametrize("words", [[], ["-D__SOFTFP__"]], ids=["float", "whole numbers"])
@pytest.mark.parametrize("dtype", [DType.INT8, DType.UINT8])
def test_every_byte_is_that_of_floats(tmp_path, dtype, words):
    _, helpers = requantize("sum", "scale", "zero", dtype)
    text = _PROGRAM.replace("HELPERS", "".join(helpers)).replace("KIND", f"{dtype.value}_t")
    (tmp_path / "program.c").write_text(text)
    command = [compiler(), "-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", "-fsanitize=undefined", *words]
    command.append("-fno-sanitize-recover=all")
    subprocess.run([*command, str(tmp_path / "program.c"), "-o", str(tmp_path / "program")], check=True)
    ends = np.iinfo(dtype.numpy)
    sums, scales = _cases(rng := np.random.default_rng(0), 400_000)
    zeros = rng.choice([ends.min, ends.max, 0, 3], len(sums)).astype(np.float32)
    given = np.rec.fromarrays([sums, scales, zeros], names="sum,scale,zero")
    run = subprocess.run([str(tmp_path / "program")], input=given.tobytes(), capture_output=True, check=True)
    with np.errstate(all="ignore"):
        product = sums.astype(np.float32) * scales
        rounded = np.rint(np.clip(product, ends.min - zeros, ends.max - zeros)) + zeros
    expected = np.where(np.isnan(product), 0, rounded).astype(dtype.numpy)
    np.testing.assert_array_equal(np.frombuffer(run.stdout, dtype.numpy), expected)
