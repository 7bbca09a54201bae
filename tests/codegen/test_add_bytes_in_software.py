"""Sums of bytes times scales on cores without floating point: for every pair, the byte that floats give."""

import subprocess

import numpy as np
import pytest
from exports import compiler

from mini_infer.codegen.vectors.expression import scalar_code
from mini_infer.codegen.vectors.whole_numbers import fixed_point
from mini_infer.ir import DType
from mini_infer.ir.rounding import fused_multiply_add
from mini_infer.program.kernels import Operation

_FUNCTION = """\
static TYPE add_NUMBER(TYPE x, TYPE y) { STATEMENTS return RESULT; }
"""
_PROGRAM = """\
#include <stdint.h>
#include <stdio.h>
HELPERS
FUNCTIONS
int main(void) {
  static TYPE (*const all[])(TYPE, TYPE) = {NAMES};
  for (unsigned i = 0; i < sizeof all / sizeof *all; ++i)
    for (int x = LOW; x <= HIGH; ++x)
      for (int y = LOW; y <= HIGH; ++y) {
        const TYPE found = all[i]((TYPE)x, (TYPE)y);
        fwrite(&found, 1, 1, stdout);
      }
  return 0;
}
"""


def _expression(factors, zero, dtype):
    """What `QLinearAdd` is, over x and y, with a zero point beside the constant."""
    left, right, constant = factors
    real = DType.FLOAT32
    return (
        Operation("Cast", (0,), real),
        Operation("Constant", (), real, (float(left),)),
        Operation("Cast", (1,), real),
        Operation("Constant", (), real, (float(right),)),
        Operation("Constant", (), real, (float(constant),)),
        Operation("FusedMultiplyAdd", (4, 5, 6), real),
        Operation("FusedMultiplyAdd", (2, 3, 7), real),
        Operation("Constant", (), real, (float(zero),)),
        Operation("Quantize", (8, 9), dtype),
    )


def _cases(rng, dtype):
    """Ordinary scales, sums that are the middle of two numbers or next to one, and what is very small or large."""
    ends = np.iinfo(dtype.numpy)
    for _ in range(40):
        left, right = np.exp(rng.uniform(-4, 2, 2)).astype(np.float32)
        zeros = rng.integers(ends.min, ends.max + 1, 3)
        yield left, right, np.float32(zeros[0] - left * zeros[1] - right * zeros[2]), 0
    for _ in range(40):
        left, right = rng.uniform(-3, 3, 2).astype(np.float32)
        x, y, near = rng.integers(ends.min, ends.max + 1, 3)
        exact = near + 0.5 - float(left) * float(x) - float(right) * float(y)
        constant = np.float32(exact)
        for _ in range(abs(nudge := int(rng.integers(-2, 3)))):
            constant = np.nextafter(constant, np.float32(np.copysign(np.inf, nudge)))
        yield left, right, constant, int(rng.choice([0, ends.min, ends.max]))
    for left, right, constant in [
        (0.5, 0.5, 0),
        (0.5, 1.5, 0.25),
        (1, 1, 0),
        (1, 1, 0.5),
        (1, -1, -0.5),
        (0.25, 2**-20, 3),
        (0, 0, 0.5),
        (0, 1, 2**-30),
        (1e-8, 1e-30, 100),
        (1e-45, 1e-45, -0.5),
        (2**-9, 2**-8, 2**-40),
        (60000, 3, 1e4),
        (1e6, -1e6, 0.5),
        (3e7, 0.1, 0.5),
        (1e30, 1, 0),
        (3e38, 3e38, 0),
        (0.1, 0.2, -3e38),
        (np.inf, 1, 0),
        (1, 1, np.nan),
    ]:
        yield np.float32(left), np.float32(right), np.float32(constant), 0


def _expected(left, right, constant, zero, dtype):
    """The definition: multiply-adds that round once, and the nearest whole number."""
    ends = np.iinfo(dtype.numpy)
    numbers = np.arange(ends.min, ends.max + 1).astype(np.float32)
    x, y = (part.reshape(-1) for part in np.meshgrid(numbers, numbers, indexing="ij"))
    with np.errstate(all="ignore"):
        inner = fused_multiply_add(y, np.full_like(y, right), np.full_like(y, constant)).astype(np.float32)
        real = fused_multiply_add(x, np.full_like(x, left), inner).astype(np.float32)
        rounded = np.clip(np.rint(real) + zero, ends.min, ends.max)
    return np.where(np.isnan(real), 0, rounded).astype(dtype.numpy)


@pytest.mark.parametrize("words", [[], ["-D__SOFTFP__"]], ids=["float", "whole numbers"])
@pytest.mark.parametrize("dtype", [DType.INT8, DType.UINT8])
def test_every_byte_is_that_of_floats(tmp_path, dtype, words):
    cases = list(_cases(np.random.default_rng(1), dtype))
    helpers, functions = {}, []
    for number, (*factors, zero) in enumerate(cases):
        code = scalar_code(_expression(factors, zero, dtype), ["x", "y"], [dtype, dtype])
        helpers.update(dict.fromkeys(code.helpers))
        assert ("mi_add" in " ".join(code.statements)) == (fixed_point(tuple(factors)) is not None)
        text = _FUNCTION.replace("NUMBER", str(number)).replace("STATEMENTS", " ".join(code.statements))
        functions.append(text.replace("RESULT", code.result))
    ends = np.iinfo(dtype.numpy)
    text = _PROGRAM.replace("HELPERS", "".join(helpers)).replace("FUNCTIONS", "".join(functions))
    text = text.replace("NAMES", ", ".join(f"add_{number}" for number in range(len(cases))))
    for name, value in (("TYPE", f"{dtype.value}_t"), ("LOW", ends.min), ("HIGH", ends.max)):
        text = text.replace(name, str(value))
    (tmp_path / "program.c").write_text(text)
    command = [compiler(), "-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", "-fsanitize=undefined", *words]
    command.append("-fno-sanitize-recover=all")
    subprocess.run([*command, str(tmp_path / "program.c"), "-o", str(tmp_path / "program"), "-lm"], check=True)
    run = subprocess.run([str(tmp_path / "program")], capture_output=True, check=True)
    found = np.frombuffer(run.stdout, dtype.numpy).reshape(len(cases), -1)
    for (left, right, constant, zero), of_case in zip(cases, found, strict=True):
        expected = _expected(left, right, constant, zero, dtype)
        np.testing.assert_array_equal(of_case, expected, err_msg=f"{left} {right} {constant} {zero}")


def test_ordinary_scales_leave_floats_few_pairs():
    *_, point, apart = fixed_point((0.5238520503, 1.4064229727, -161.7386474609))
    assert 2 * apart / 2**point < 1 / 2000


@pytest.mark.parametrize("factors", [(np.inf, 1, 0), (1, np.nan, 0), (3e7, 0.1, 0.5), (1e30, 1, 0)])
def test_what_whole_numbers_cannot_say_has_no_fixed_point(factors):
    assert fixed_point(factors) is None
