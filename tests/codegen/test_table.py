"""Bytes looked up in registers: by the instructions of every x86-64 machine that has them."""

import ctypes
from dataclasses import replace

import numpy as np
import pytest
from machines import WIDTHS

from mini_infer.codegen.vectors.table import definitions, in_registers
from mini_infer.codegen.vectors.vector import prelude
from mini_infer.toolchain import Target, build, load

SOURCE = """
MI_EXPORT void look_up(const uint8_t *table, const uint8_t *x, uint8_t *y);
void look_up(const uint8_t *table, const uint8_t *x, uint8_t *y) {
  const mi_table all = mi_table_of(table);
  *(mi_bytes *)y = mi_look_up(&all, *(const mi_bytes *)x);
}
MI_EXPORT void look_up_n(const uint8_t *table, const uint8_t *x, uint8_t *y, int n);
void look_up_n(const uint8_t *table, const uint8_t *x, uint8_t *y, int n) {
  const mi_table all = mi_table_of(table);
  const mi_bytes found = mi_look_up_n(&all, x, n, 0x80);
  __builtin_memcpy(y, &found, (uint32_t)n);
}
"""
HOST = Target.host()
RUN_HERE = [
    width
    for width, machine in WIDTHS.items()
    if in_registers(machine) and HOST.arch == "x86_64" and width <= HOST.machine.vector_bytes
]


def pointer(array):
    return ctypes.c_void_p(array.ctypes.data)


def test_vectors_of_sixteen_bytes_hold_too_little():
    assert not in_registers(WIDTHS[16])
    assert in_registers(WIDTHS[32])
    assert not in_registers(replace(WIDTHS[32], arch="aarch64"))


@pytest.mark.parametrize("without", ["", "avx512vbmi"])
@pytest.mark.parametrize("width", RUN_HERE)
def test_every_byte(compiler, width, without, tmp_path):
    features = tuple(feature for feature in HOST.features if feature != without)
    target = replace(HOST, machine=WIDTHS[width], features=features)
    sources = {"vector.h": prelude(WIDTHS[width])}
    sources["test.c"] = "\n".join(['#include "vector.h"', *definitions(WIDTHS[width]), SOURCE])
    library = load(build(sources, compiler, target, cache=tmp_path, warnings=True))
    random = np.random.default_rng(0)
    table = random.permutation(256).astype(np.uint8)
    for _ in range(20):
        x = random.integers(0, 256, 256).astype(np.uint8)
        y = np.zeros_like(x)
        for at in range(0, 256, width):
            library["look_up"](pointer(table), pointer(x[at:]), pointer(y[at:]))
        np.testing.assert_array_equal(y, table[x])
        n = int(random.integers(0, width + 1))
        y[:] = 77
        library["look_up_n"](pointer(table), pointer(x), pointer(y), n)
        np.testing.assert_array_equal(y[:n], table[x[:n] ^ 0x80])
        assert (y[n:] == 77).all()
