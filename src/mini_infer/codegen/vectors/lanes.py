"""Vectors of a chosen number of lanes: as wide as the target's, or a half or a quarter of it.

Kernels whose columns do not fill the target's vectors sum in narrower ones. `vL` is a vector of L lanes of float32.
"""

from mini_infer.codegen.function import C_TYPES
from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels.expression import EIGHT_BITS

_NAMES = {DType.FLOAT32: "v", DType.FLOAT64: "vd", DType.INT8: "vs", DType.UINT8: "vu"}
"""How the names of vectors begin, by the type of their elements."""

_TYPE = """\
typedef REAL vL __attribute__((vector_size(SIZE), aligned(ONE), may_alias));
typedef double vL_wide __attribute__((vector_size(WIDE)));
typedef intBITS_t vL_mask __attribute__((vector_size(SIZE), aligned(ONE), may_alias));
MI_INLINE vL vL_load(const REAL *p) { return *(const vL *)p; }
MI_INLINE void vL_store(REAL *p, vL a) { *(vL *)p = a; }
MI_INLINE vL vL_splat(REAL s) { return s - (vL){0}; }
MI_INLINE vL vL_select(vL_mask m, vL a, vL b) { return (vL)(((vL_mask)a & m) | ((vL_mask)b & ~m)); }
MI_INLINE vL vL_greatest(vL a, vL b) { return vL_select(b == b, vL_select(b > a, b, a), b); }
"""

_ONE = """\
typedef REAL vL;
MI_INLINE vL vL_load(const REAL *p) { return *p; }
MI_INLINE void vL_store(REAL *p, vL a) { *p = a; }
MI_INLINE vL vL_splat(REAL s) { return s; }
MI_INLINE vL vL_greatest(vL a, vL b) { return !(b <= a) && a == a ? b : a; }
"""
"""Where there are no vectors: numbers."""

_BYTES = """\
typedef REAL vL __attribute__((vector_size(SIZE), aligned(ONE), may_alias));
MI_INLINE vL vL_load(const REAL *p) { return *(const vL *)p; }
MI_INLINE void vL_store(REAL *p, vL a) { *(vL *)p = a; }
MI_INLINE vL vL_greatest(vL a, vL b) { const vL more = (vL)(b > a); return (b & more) | (a & ~more); }
"""

_CONVERSIONS = """\
#if defined(__clang__) || __GNUC__ >= 12
MI_INLINE vf vL_widen(vL a) { return __builtin_shufflevector(a, a, REPEATED); }
MI_INLINE vL vL_narrow(vf a) { return __builtin_shufflevector(a, a, FIRST); }
#else
MI_INLINE vf vL_widen(vL a) { vf wide = {0}; __builtin_memcpy(&wide, &a, SIZE); return wide; }
MI_INLINE vL vL_narrow(vf a) { vL part; __builtin_memcpy(&part, &a, SIZE); return part; }
#endif
"""


def vector(lanes: int, dtype: DType = DType.FLOAT32) -> str:
    """The C type of a vector."""
    return f"{_NAMES[dtype]}{lanes}"


def definitions(lanes: int, machine: Machine, dtype: DType = DType.FLOAT32) -> tuple[str, ...]:
    """The type of a vector and its functions, for a machine whose own vectors are `vf`.

    `vL_greatest(a, b)` is the greater, NaN if either is NaN; `vL_widen` and `vL_narrow` convert float32 to `vf` and
    back. Of vectors of 8-bit numbers there are loads, stores, and `vL_greatest`. On a machine without vectors they are
    numbers, in C without extensions.
    """
    size = dtype.numpy.itemsize
    words = {
        "vL": vector(lanes, dtype),
        "REAL": C_TYPES[dtype],
        "ONE": str(size),
        "BITS": str(8 * size),
        "SIZE": str(size * lanes),
        "WIDE": str(8 * lanes),
        "FIRST": ", ".join(str(lane) for lane in range(lanes)),
        "REPEATED": ", ".join(str(lane % lanes) for lane in range(machine.lanes)),
    }
    own = lanes == machine.lanes or dtype is not DType.FLOAT32
    texts = (
        [_ONE]
        if not machine.has_vectors
        else [_BYTES]
        if dtype in EIGHT_BITS
        else [_TYPE]
        if own
        else [_TYPE, _CONVERSIONS]
    )
    for word, meaning in words.items():
        texts = [text.replace(word, meaning) for text in texts]
    return tuple(texts)
