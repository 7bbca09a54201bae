"""Which C each kernel description becomes."""

from mini_infer.codegen.conv import emit_direct_conv
from mini_infer.codegen.copy import emit_copy
from mini_infer.codegen.depthwise import emit_depthwise_conv
from mini_infer.codegen.elementwise import emit_elementwise
from mini_infer.codegen.function import Emitter
from mini_infer.codegen.gemm import emit_packed_gemm, emit_plain_gemm, emit_strided_gemm
from mini_infer.codegen.plain_conv import emit_plain_conv
from mini_infer.codegen.pool import emit_pool
from mini_infer.program.kernels import (
    AveragePool,
    Copy,
    DepthwiseConv,
    DirectConv,
    Elementwise,
    Kernel,
    MaxPool,
    PackedGemm,
    PlainConv,
    PlainGemm,
    StridedGemm,
)

EMITTERS: dict[type[Kernel], Emitter] = {
    AveragePool: emit_pool,
    Copy: emit_copy,
    DepthwiseConv: emit_depthwise_conv,
    DirectConv: emit_direct_conv,
    Elementwise: emit_elementwise,
    MaxPool: emit_pool,
    PackedGemm: emit_packed_gemm,
    PlainConv: emit_plain_conv,
    PlainGemm: emit_plain_gemm,
    StridedGemm: emit_strided_gemm,
}
"""Kernel description → its emitter."""
