"""Products of bytes without vectors, as cores with the DSP extension compute them: its instructions, written in C."""

import subprocess

import numpy as np
import pytest
from exports import compiler

from mini_infer.codegen.vectors.singles import SingleNeighbors, SingleQuads
from mini_infer.ir import DType
from mini_infer.machine import MACHINES

_ACLE = """\
#include <stdint.h>
static inline int32_t half(int32_t pair, int high) { return (int16_t)((uint32_t)pair >> (high ? 16 : 0)); }
static inline int32_t pair(int32_t low, int32_t high) { return (int32_t)((uint32_t)high << 16 | (uint16_t)low); }
static inline int32_t __smlad(int32_t a, int32_t b, int32_t sum) {
  return sum + half(a, 0) * half(b, 0) + half(a, 1) * half(b, 1);
}
static inline int32_t __sxtb16(int32_t word) { return pair((int8_t)word, (int8_t)(word >> 16)); }
static inline int32_t __uxtb16(uint32_t word) { return pair((uint8_t)word, (uint8_t)(word >> 16)); }
"""
"""What Arm's specification of the C extensions says of these functions."""

_PROGRAM = """\
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#define MI_INLINE static inline
DEFINITIONS
int main(void) {
  TYPE a[4]; int8_t w[4]; int32_t numbers[2];
  while (fread(a, 1, 4, stdin) == 4 && fread(w, 1, 4, stdin) == 4 && fread(numbers, 4, 2, stdin) == 2) {
    int32_t found[5];
    const mi_columns w0 = mi_columns_of(w);
    { WHOLE found[0] = mi_add_products(numbers[0], s, w0); }
    { ONE found[1] = mi_add_products(numbers[0], s, w0); }
    { TWO found[2] = mi_add_products(numbers[0], s, w0); }
    { THREE found[3] = mi_add_products(numbers[0], s, w0); }
    { SAME found[4] = mi_add_products(numbers[0], s, w0); }
    fwrite(found, 4, 5, stdout);
  }
  return 0;
}
"""


@pytest.mark.parametrize("edition", ["C", "DSP"])
@pytest.mark.parametrize("dtype", [DType.INT8, DType.UINT8])
def test_four_products_are_exact(tmp_path, dtype, edition):
    quads = SingleQuads(1, dtype)
    words = {
        "DEFINITIONS": "".join(quads.definitions(MACHINES["cortex-m4"])).replace("__builtin_", ""),
        "TYPE": quads.element,
        "WHOLE": quads.broadcast("a[0]"),
        "SAME": quads.constant(0).replace("(0)", "(numbers[1])"),
        **{name: quads.first("a[0]", count) for name, count in (("ONE", 1), ("TWO", 2), ("THREE", 3))},
    }
    text = _PROGRAM
    for word, meaning in words.items():
        text = text.replace(word, meaning)
    (tmp_path / "program.c").write_text(text)
    (tmp_path / "arm_acle.h").write_text(_ACLE)
    command = [compiler(), "-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", "-fsanitize=undefined", f"-I{tmp_path}"]
    command += ["-D__ARM_FEATURE_SIMD32"] * (edition == "DSP")
    subprocess.run([*command, str(tmp_path / "program.c"), "-o", str(tmp_path / "program")], check=True)
    random, ends, count = np.random.default_rng(0), np.iinfo(dtype.numpy), 5_000
    a = random.integers(ends.min, ends.max + 1, (count, 4)).astype(dtype.numpy)
    w = random.integers(-128, 128, (count, 4)).astype(np.int8)
    a[:2], w[:2] = [[ends.min], [ends.max]], -128
    sums = random.integers(-(2**30), 2**30, (count, 1)).astype(np.int32)
    same = random.integers(ends.min, ends.max + 1, (count, 1)).astype(np.int32)
    rows = np.concatenate([a.view(np.uint8), w.view(np.uint8), np.hstack([sums, same]).view(np.uint8)], axis=1)
    run = subprocess.run([str(tmp_path / "program")], input=rows.tobytes(), capture_output=True, check=True)
    found = np.frombuffer(run.stdout, np.int32).reshape(count, 5)
    products = a.astype(np.int64) * w
    expected = [products[:, :taken].sum(axis=1) for taken in (4, 1, 2, 3)] + [(same * w.astype(np.int64)).sum(axis=1)]
    np.testing.assert_array_equal(found, sums + np.stack(expected, axis=1))


def test_neighbors_need_no_vectors():
    text = "".join(SingleNeighbors(1, DType.UINT8).definitions(MACHINES["cortex-m0plus"]))
    assert "vector" not in text
    assert "__builtin" not in text
