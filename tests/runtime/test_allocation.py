"""Nothing is allocated while a native engine runs between the caller's arrays."""

import ctypes.util
import os
import shutil
import subprocess
import sys

import pytest
from machines import shared_target

import mini_infer as mi

COUNTER = r"""
#define _GNU_SOURCE
#include <stddef.h>
#include <stdatomic.h>
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
static atomic_long calls;
long allocations(void) { return atomic_load(&calls); }
void *malloc(size_t n) { atomic_fetch_add(&calls, 1); return __libc_malloc(n); }
void *calloc(size_t n, size_t m) { atomic_fetch_add(&calls, 1); return __libc_calloc(n, m); }
void *realloc(void *p, size_t n) { atomic_fetch_add(&calls, 1); return __libc_realloc(p, n); }
"""

RUNS = r"""
import ctypes, gc, itertools, sys, tracemalloc
import numpy as np
import mini_infer as mi

count = ctypes.CDLL(None).allocations
count.restype = ctypes.c_long
engine = mi.Engine.load(sys.argv[1])
context = engine.create_context()
inputs = {"x": np.ones((1, 2, 4, 4), np.float32)}
outputs = {"y": np.empty((1, 5), np.float32), "p": np.empty((1, 5), np.float32)}
bound = context.bind(inputs, outputs)
gc.disable()

def measure(run):
    for _ in range(100):
        run()
    before = count()
    for _ in range(1000):
        run()
    return count() - before

print(measure(bound), measure(lambda: context.run_into(inputs, outputs)), measure(lambda: np.empty(10**5)))

def growth(runs):
    before = tracemalloc.get_traced_memory()[0]
    for _ in itertools.repeat(None, runs):
        bound()
    return tracemalloc.get_traced_memory()[0] - before

tracemalloc.start()
growth(10)
print(growth(1000) - growth(1), engine.library.parallel)
"""


@pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("gcc") is None or "c" not in (ctypes.util.find_library("c") or ""),
    reason="counting calls of malloc needs Linux, glibc and gcc",
)
@pytest.mark.parametrize("threads", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_a_thousand_runs_call_malloc_zero_times(model, threads, tmp_path):
    mi.compile(model, target=shared_target(), threads=threads).save(tmp_path / "small.engine")
    (tmp_path / "counter.c").write_text(COUNTER)
    library = tmp_path / "counter.so"
    command = ["gcc", "-O1", "-shared", "-fPIC", "-o", str(library), str(tmp_path / "counter.c")]
    subprocess.run(command, check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-c", RUNS, str(tmp_path / "small.engine")],
        env={**os.environ, "LD_PRELOAD": str(library)},
        capture_output=True,
        text=True,
        check=True,
    )
    counts, growth = done.stdout.splitlines()
    bound, run_into, counter_works = map(int, counts.split())
    assert (bound, run_into) == (0, 0)
    assert counter_works == 1000
    assert growth == f"0 {threads > 1}"


def test_generated_code_calls_no_allocator(model):
    source = "".join(mi.compile(model).library.source.files.values())
    assert not {"malloc", "calloc", "realloc", "alloca", "free"} & set(source.replace("(", " ").split())
