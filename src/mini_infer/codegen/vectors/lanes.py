"""Vectors of a chosen number of float32 lanes: as wide as the target's, or a half or a quarter of it.

Kernels whose columns do not fill the target's vectors sum in narrower ones. `vL` is a vector of L lanes.
"""

from mini_infer.machine import Machine

_TYPE = """\
typedef float vL __attribute__((vector_size(SIZE), aligned(4), may_alias));
typedef double vL_wide __attribute__((vector_size(2 * SIZE)));
typedef int32_t vL_mask __attribute__((vector_size(SIZE), aligned(4), may_alias));
MI_INLINE vL vL_load(const float *p) { return *(const vL *)p; }
MI_INLINE void vL_store(float *p, vL a) { *(vL *)p = a; }
MI_INLINE vL vL_splat(float s) { return s - (vL){0}; }
MI_INLINE vL vL_select(vL_mask m, vL a, vL b) { return (vL)(((vL_mask)a & m) | ((vL_mask)b & ~m)); }
MI_INLINE vL vL_greatest(vL a, vL b) { return vL_select(b == b, vL_select(b > a, b, a), b); }
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


def definitions(lanes: int, machine: Machine) -> tuple[str, ...]:
    """The type `vL` and its functions, for a machine whose own vectors are `vf`.

    `vL_greatest(a, b)` is the greater, NaN if either is NaN; `vL_widen` and `vL_narrow` convert to `vf` and back.
    """
    words = {
        "vL": f"v{lanes}",
        "SIZE": str(4 * lanes),
        "FIRST": ", ".join(str(lane) for lane in range(lanes)),
        "REPEATED": ", ".join(str(lane % lanes) for lane in range(machine.lanes)),
    }
    texts = [_TYPE] if lanes == machine.lanes else [_TYPE, _CONVERSIONS]
    for word, meaning in words.items():
        texts = [text.replace(word, meaning) for text in texts]
    return tuple(texts)


def load(lanes: int, name: str, address: str, valid: int) -> str:
    """C that declares a vector and loads its first `valid` lanes; the others are 0."""
    if valid >= lanes:
        return f"const v{lanes} {name} = v{lanes}_load({address});"
    return f"v{lanes} {name} = {{0}}; __builtin_memcpy(&{name}, {address}, {4 * valid});"


def store(lanes: int, address: str, name: str, valid: int) -> str:
    """C that stores the first `valid` lanes of a vector."""
    if valid >= lanes:
        return f"v{lanes}_store({address}, {name});"
    return f"__builtin_memcpy({address}, &{name}, {4 * valid});"
