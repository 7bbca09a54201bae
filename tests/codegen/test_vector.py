"""The prelude's exact functions, compiled by every compiler that is installed, for every width."""

import ctypes
import re
from dataclasses import replace

import numpy as np
import pytest
from machines import WIDTHS

from mini_infer.codegen.vectors.vector import prelude
from mini_infer.toolchain import Target, build, load

SPECIAL = [0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 0.3, -0.7, 1e-40, 8388607.5, -8388609.0, 3e38, np.inf, -np.inf, np.nan]
ELEMENTWISE = {
    "abs": np.abs,
    "relu": lambda x: np.where(x < 0, np.float32(0), x),
    "sqrt": np.sqrt,
    "round": np.rint,
    "floor": np.floor,
    "ceil": np.ceil,
}


def source():
    text = '#include "vector.h"\n'
    for name in ELEMENTWISE:
        text += f"""
        MI_EXPORT void t_{name}(const float *x, float *y, long n);
        void t_{name}(const float *x, float *y, long n) {{
            for (long i = 0; i < n; i += VL) mi_store(y + i, mi_{name}(mi_load(x + i)));
        }}
        MI_EXPORT void t_{name}1(const float *x, float *y, long n);
        void t_{name}1(const float *x, float *y, long n) {{
            for (long i = 0; i < n; i++) y[i] = mi_{name}1(x[i]);
        }}
        """
    for name in ("max", "min", "copysign"):
        text += f"""
        MI_EXPORT void t_{name}(const float *x, const float *y, float *z, long n);
        void t_{name}(const float *x, const float *y, float *z, long n) {{
            for (long i = 0; i < n; i += VL) mi_store(z + i, mi_{name}(mi_load(x + i), mi_load(y + i)));
        }}
        """
    for name in ("sum", "highest", "lowest"):
        text += f"""
        MI_EXPORT float t_{name}(const float *x);
        float t_{name}(const float *x) {{ return mi_{name}(mi_load(x)); }}
        """
    return (
        text
        + """
        MI_EXPORT void t_clip(const float *x, float *y, long n, float low, float high);
        void t_clip(const float *x, float *y, long n, float low, float high) {
            for (long i = 0; i < n; i += VL) mi_store(y + i, mi_clip(mi_load(x + i), mi_set1(low), mi_set1(high)));
        }
        MI_EXPORT void t_copy(const float *x, float *y, int n);
        void t_copy(const float *x, float *y, int n) { mi_store_n(y, mi_load_n(x, n), n); }
        MI_EXPORT void t_first(const float *x, float *y, int n);
        void t_first(const float *x, float *y, int n) { mi_store(y, mi_load_n(x, n)); }
        MI_EXPORT void t_fill(float x, float *y);
        void t_fill(float x, float *y) { mi_store(y, mi_set1(x)); }
        MI_EXPORT int t_any_above(const float *x, float limit);
        int t_any_above(const float *x, float limit) { return mi_any(mi_load(x) > limit); }
        """
    )


@pytest.fixture(scope="module", params=[16, 32, 64])
def vector_bytes(request):
    return request.param


@pytest.fixture(scope="module")
def library(compiler, vector_bytes, tmp_path_factory):
    """The functions of `source`; wider vectors than the machine's are split by the compiler."""
    target = replace(Target.host(), machine=WIDTHS[vector_bytes])
    sources = {"vector.h": prelude(WIDTHS[vector_bytes]), "test.c": source()}
    loaded = load(build(sources, compiler, target, cache=tmp_path_factory.mktemp("cache"), warnings=True))
    for name in ("sum", "highest", "lowest"):
        getattr(loaded, f"t_{name}").restype = ctypes.c_float
    return loaded


def pointer(array):
    return ctypes.c_void_p(array.ctypes.data)


def mapped(function, *arrays, extra=()):
    out = np.empty_like(arrays[0])
    function(*map(pointer, arrays), pointer(out), ctypes.c_long(len(out)), *extra)
    return out


def same(a, b):
    """Equal as values, with NaN equal to NaN and 0 not to -0."""
    whole = ~np.isnan(a)
    return np.array_equal(a, b, equal_nan=True) and np.array_equal(np.signbit(a[whole]), np.signbit(b[whole]))


def samples():
    random = np.random.default_rng(0)
    bits = random.integers(0, 1 << 32, 4096 - len(SPECIAL), dtype=np.uint32).view(np.float32)
    return np.concatenate([np.array(SPECIAL, np.float32), bits])


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise_functions_are_exact(library, name):
    x = samples()
    with np.errstate(invalid="ignore"):
        expected = ELEMENTWISE[name](x)
    assert same(mapped(getattr(library, f"t_{name}"), x), expected)
    assert same(mapped(getattr(library, f"t_{name}1"), x), expected)


@pytest.mark.parametrize(("name", "function"), [("max", np.maximum), ("min", np.minimum)])
def test_max_and_min_pass_nan_on(library, name, function):
    x = np.repeat(np.array(SPECIAL, np.float32), 16)
    y = np.tile(np.array(SPECIAL, np.float32), 16)
    assert np.array_equal(mapped(getattr(library, f"t_{name}"), x, y), function(x, y), equal_nan=True)


def test_copysign(library):
    x, y = samples(), -samples()[::-1].copy()
    assert same(mapped(library.t_copysign, x, y), np.copysign(x, y))


def test_clip_keeps_nan(library):
    x = samples()
    clipped = mapped(library.t_clip, x, extra=(ctypes.c_float(-1), ctypes.c_float(6)))
    assert np.array_equal(clipped, np.clip(x, np.float32(-1), np.float32(6)), equal_nan=True)


def test_partial_loads_and_stores_touch_n_lanes(library, vector_bytes):
    lanes = vector_bytes // 4
    x = np.arange(1, lanes + 1, dtype=np.float32)
    for n in range(lanes + 1):
        copied, first = np.full(lanes, -1, np.float32), np.full(lanes, -1, np.float32)
        library.t_copy(pointer(x), pointer(copied), n)
        library.t_first(pointer(x), pointer(first), n)
        assert copied.tolist() == [*x[:n], *[-1] * (lanes - n)]
        assert first.tolist() == [*x[:n], *[0] * (lanes - n)]


@pytest.mark.parametrize("value", [-0.0, 1e-45, np.inf, 3.5])
def test_set1_keeps_every_value(library, vector_bytes, value):
    out = np.empty(vector_bytes // 4, np.float32)
    library.t_fill(ctypes.c_float(value), pointer(out))
    assert same(out, np.full_like(out, value))


def test_unaligned_pointers(library, vector_bytes):
    lanes = vector_bytes // 4
    x = np.arange(lanes + 3, dtype=np.float32)
    for start in range(3):
        assert library.t_sum(pointer(x[start:])) == x[start : start + lanes].sum()


def test_reductions_fold_halves(library, vector_bytes):
    lanes = vector_bytes // 4
    x = np.random.default_rng(1).normal(size=lanes).astype(np.float32)
    folded = x
    while len(folded) > 1:
        folded = folded[: len(folded) // 2] + folded[len(folded) // 2 :]
    assert library.t_sum(pointer(x)) == folded[0]
    assert library.t_highest(pointer(x)) == x.max()
    assert library.t_lowest(pointer(x)) == x.min()


def test_reductions_keep_nan_in_any_lane(library, vector_bytes):
    for lane in range(vector_bytes // 4):
        x = np.arange(vector_bytes // 4, dtype=np.float32)
        x[lane] = np.nan
        assert np.isnan([library.t_highest(pointer(x)), library.t_lowest(pointer(x)), library.t_sum(pointer(x))]).all()


def test_any(library, vector_bytes):
    for lane in range(vector_bytes // 4):
        x = np.zeros(vector_bytes // 4, np.float32)
        assert not library.t_any_above(pointer(x), ctypes.c_float(1))
        x[lane] = 2
        assert library.t_any_above(pointer(x), ctypes.c_float(1))


def test_the_prelude_can_be_included_twice_and_left_unused(compiler, tmp_path):
    sources = {"vector.h": prelude(WIDTHS[32]), "empty.c": '#include "vector.h"\n#include "vector.h"\nint empty;\n'}
    assert build(sources, compiler, Target.host(), cache=tmp_path / "cache", warnings=True).exists()


def test_every_promised_function_is_there():
    text = prelude(WIDTHS[16])
    documented = re.findall(r"``(mi_\w+)", prelude.__globals__["__doc__"])
    assert len(documented) > 20
    for name in documented:
        assert re.search(rf"\b{name}\(", text), name
