"""C of `LocalResponse`: vectors of neighboring positions where they are float32, one position at a time elsewhere."""

from mini_infer.codegen.contraction.blocked_sum import Loop, Nest, Term, add_up
from mini_infer.codegen.contraction.plain import longest_chain
from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import tiled_nest
from mini_infer.codegen.statements import For, Statement
from mini_infer.codegen.vectors.expression import is_of_reals, scalar_code, vector_code
from mini_infer.codegen.vectors.vector import load, store
from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels.reduction.local_response import LocalResponse


def emit_local_response(kernel: LocalResponse, machine: Machine) -> Body:
    """Write the function of a `LocalResponse`."""
    vector = machine.has_vectors and is_of_reals(kernel.expression, [kernel.dtype] * 2)
    width = machine.lanes if vector else 1
    walks = {"at": (kernel.channels * kernel.inner, 1)}

    def channels(count: int) -> list[Statement]:
        return [For("c", kernel.channels, _channel(kernel, count % width, vector=vector))]

    return Body("local_response", *tiled_nest([kernel.batch, kernel.inner], walks, "column", width, channels))


def _channel(kernel: LocalResponse, part: int, *, vector: bool) -> list[Statement]:
    """Channel `c` of a vector, of the first `part` lanes of one, or of one element."""
    summed = DType.FLOAT32 if kernel.dtype is DType.FLOAT16 else kernel.dtype
    kind = "vf" if vector else C_TYPES[summed]

    def element(channel: str) -> str:
        address = f"x + at + {channel} * {kernel.inner}"
        return load(address, part) if vector else f"*({address})"

    if vector:
        code = vector_code(kernel.expression, [element("c"), "sum"])
        result = store(f"y + at + c * {kernel.inner}", code.result, part)
    else:
        code = scalar_code(kernel.expression, [element("c"), "sum"], [kernel.dtype, summed])
        result = f"y[at + c * {kernel.inner}] = {code.result};"

    def squares(name: str) -> Nest:
        lines = (f"const {kind} v = {element('k')};", f"{name} += v * v;")
        return Loop("k", kernel.before + kernel.after + 1, Term(lines), "first", "last + 1")

    last = kernel.channels - 1
    return [
        f"const long first = c > {kernel.before} ? c - {kernel.before} : 0;",
        f"const long last = c < {last - kernel.after} ? c + {kernel.after} : {last};",
        f"{kind} sum = {'{0}' if vector else '0'};",
        *add_up(squares, "sum", kind, longest=longest_chain(kernel.dtype)),
        *code.statements,
        result,
    ]
