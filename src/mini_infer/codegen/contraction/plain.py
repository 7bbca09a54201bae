"""What the kernels in plain loops share: any element type, sums that wrap around, epilogues one element at a time."""

import sys

from mini_infer.codegen.contraction.blocked_sum import CHAIN
from mini_infer.codegen.function import C_TYPES
from mini_infer.codegen.vectors.expression import Rendered, scalar_code
from mini_infer.ir import DType
from mini_infer.program.kernels import Epilogue


def plain_epilogue(epilogue: Epilogue, dtype: DType, value: str, residual: str) -> Rendered:
    """The epilogue of one sum, given as a C expression; so is the residual's element."""
    value = f"({C_TYPES[dtype]}){value}"
    if not epilogue.expression:
        return Rendered((), value)
    arguments = [value, *([residual] if epilogue.residual else [])]
    return scalar_code(epilogue.expression, arguments, epilogue.types(dtype, dtype))


def sum_type(dtype: DType) -> str:
    """The C type in which products of this element type are summed: integers wrap around, half floats do not round."""
    if dtype is DType.FLOAT16:
        return "float"
    if dtype.is_float:
        return C_TYPES[dtype]
    return "uint64_t" if dtype in (DType.INT64, DType.UINT64) else "uint32_t"


def longest_chain(dtype: DType) -> int:
    """Steps of a sum in `sum_type` in one chain of additions: any number of integers, which nothing rounds."""
    return CHAIN if dtype.is_float else sys.maxsize
