"""C that makes 8-bit numbers real, for kernels that add these."""

from mini_infer.codegen.vectors.scalars import literal
from mini_infer.ir import DType
from mini_infer.program.kernels.reduction.pool import Requantization

REAL = """\
/* A quantized number as a real one. The comparison, which is never true, lies between the product and what it is added
   to, so that no compiler rounds both at once. */
static inline float mi_real(float x, float zero, float scale) {
  const float product = (x - zero) * scale;
  return product < -3.4028234664e38f ? -3.4028234664e38f : product;
}
"""

REAL_VECTOR = """\
MI_INLINE vf mi_real_vector(vf x, float zero, float scale) {
    const vf product = (x - zero) * scale, least = mi_set1(-3.4028234664e38f);
    return mi_select(product < least, least, product);
}
"""


def real(value: str, its: Requantization, *, vector: bool = False) -> str:
    """C of a number, or a vector of them, made real, by `REAL` or `REAL_VECTOR`."""
    zero, scale = literal(its.x_zero, DType.FLOAT32), literal(its.x_scale, DType.FLOAT32)
    return f"mi_real{'_vector' if vector else ''}({value}, {zero}, {scale})"
