"""Which operators have native kernels, and who lowers each."""

from mini_infer.ir.graph import FUSED_DOMAIN
from mini_infer.lowering.affine import lower_batch_normalization, lower_dequantize, lower_quantize
from mini_infer.lowering.builder import Lowering
from mini_infer.lowering.elementwise import lower_elementwise
from mini_infer.lowering.expression import OPERATORS

LOWERINGS: dict[tuple[str, str], Lowering] = {
    **{("", op): lower_elementwise for op in OPERATORS},
    ("", "BatchNormalization"): lower_batch_normalization,
    ("", "DequantizeLinear"): lower_dequantize,
    ("", "QuantizeLinear"): lower_quantize,
    (FUSED_DOMAIN, "Elementwise"): lower_elementwise,
}
"""(domain, operator) → its lowering."""
