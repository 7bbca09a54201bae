"""C that makes float32 of numbers of 16 bits in memory: one, or a vector of neighbors."""

from mini_infer.codegen.function import C_TYPES
from mini_infer.codegen.vectors.lanes import vector
from mini_infer.ir import DType
from mini_infer.ir.halves import STORED
from mini_infer.machine import Machine

_ONE = {
    DType.BFLOAT16: """\
MI_INLINE float mi_of_bfloat16(uint16_t half) {
  const uint32_t bits = (uint32_t)half << 16;
  float number;
  __builtin_memcpy(&number, &bits, sizeof number);
  return number;
}
""",
    DType.FLOAT16: """\
MI_INLINE float mi_of_float16(uint16_t half) { /* finite; the exponent of a float32 begins 112 lower */
  const uint32_t digits = (uint32_t)(half & 0x7FFF) << 13, sign = (uint32_t)(half & 0x8000) << 16;
  float number;
  __builtin_memcpy(&number, &digits, sizeof number);
  number *= 0x1p112f;
  return sign ? -number : number;
}
""",
}

_SEVERAL = {
    DType.BFLOAT16: """\
typedef uint16_t hL __attribute__((vector_size(HALF), aligned(2), may_alias));
typedef uint32_t hL_wide __attribute__((vector_size(WIDE)));
MI_INLINE vL vL_of_bfloat16(const uint16_t *p) {
  return (vL)(__builtin_convertvector(*(const hL *)p, hL_wide) << 16);
}
""",
    DType.FLOAT16: """\
typedef _Float16 hfL __attribute__((vector_size(HALF), aligned(2), may_alias));
MI_INLINE vL vL_of_float16(const uint16_t *p) { return __builtin_convertvector(*(const hfL *)p, vL); }
""",
}


def one(half: DType) -> str:
    """C of `mi_of_bfloat16` or `mi_of_float16`."""
    return _ONE[half]


def several(half: DType, lanes: int, machine: Machine) -> tuple[str, ...]:
    """C of `vL_of_bfloat16` or `vL_of_float16`, a vector of L lanes from an address on; without vectors of one."""
    v = vector(lanes)
    if not machine.has_vectors:
        name = f"of_{half.value}"
        return one(half), f"MI_INLINE {v} {v}_{name}(const {C_TYPES[STORED]} *p) {{ return mi_{name}(*p); }}\n"
    words = {"HALF": str(2 * lanes), "WIDE": str(4 * lanes), "vL": v, "hL": f"h{lanes}", "hfL": f"hf{lanes}"}
    text = _SEVERAL[half]
    for word, meaning in words.items():
        text = text.replace(word, meaning)
    return (text,)
