"""C of `Contraction`."""

from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import nest
from mini_infer.codegen.parts import Loop, Nest, Term, add_up
from mini_infer.codegen.plain import longest_chain, sum_type
from mini_infer.machine import Machine
from mini_infer.program.kernels import Contraction
from mini_infer.program.strides import dense_strides


def emit_contraction(kernel: Contraction, _machine: Machine) -> Body:
    """Write the function of a `Contraction`: loops over the output, and in them those that sum."""
    rank = len(kernel.shape)
    kind, wide = C_TYPES[kernel.dtype], sum_type(kernel.dtype)
    factors = []
    for number, strides in enumerate(kernel.strides):
        terms = [f"s{number}", *(f"k{axis} * {stride}" for axis, stride in enumerate(strides[rank:]) if stride)]
        factors.append(f"({wide})x{number}[{' + '.join(terms)}]")

    def products(name: str) -> Nest:
        products: Nest = Term((f"{name} += {' * '.join(factors)};",))
        for axis, size in reversed(list(enumerate(kernel.summed))):
            products = Loop.of(f"k{axis}", size, products)
        return products

    loops = "\n".join(add_up(products, "sum", wide, longest=longest_chain(kernel.dtype)))
    walks = {f"s{number}": strides[:rank] for number, strides in enumerate(kernel.strides)}
    body, items = nest(
        kernel.shape, {**walks, "o": dense_strides(kernel.shape)}, f"{wide} sum = 0;\n{loops}\ny[o] = ({kind})sum;"
    )
    return Body("contraction", body, items)
