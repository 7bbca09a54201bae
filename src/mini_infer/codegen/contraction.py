"""C of `Contraction`."""

from textwrap import indent

from mini_infer.codegen.function import C_TYPES, Function
from mini_infer.codegen.loops import nest
from mini_infer.codegen.plain import sum_type
from mini_infer.program.kernels import Contraction
from mini_infer.program.strides import dense_strides


def emit_contraction(kernel: Contraction, _lanes: int) -> Function:
    """Write the function of a `Contraction`: loops over the output, and in them those that sum."""
    rank = len(kernel.shape)
    kind, wide = C_TYPES[kernel.dtype], sum_type(kernel.dtype)
    factors = []
    for number, strides in enumerate(kernel.strides):
        terms = [f"s{number}", *(f"k{axis} * {stride}" for axis, stride in enumerate(strides[rank:]) if stride)]
        factors.append(f"({wide})x{number}[{' + '.join(terms)}]")
    loops = f"sum += {' * '.join(factors)};"
    for axis in reversed(range(len(kernel.summed))):
        size = kernel.summed[axis]
        loops = f"for (long k{axis} = 0; k{axis} < {size}; ++k{axis}) {{\n{indent(loops, '  ')}\n}}"
    walks = {f"s{number}": strides[:rank] for number, strides in enumerate(kernel.strides)}
    body, items = nest(
        kernel.shape, {**walks, "o": dense_strides(kernel.shape)}, f"{wide} sum = 0;\n{loops}\ny[o] = ({kind})sum;"
    )
    parameters = [f"const {kind} *restrict x{number}" for number in range(len(kernel.strides))]
    return Function("contraction", (*parameters, f"{kind} *restrict y"), body, items)
