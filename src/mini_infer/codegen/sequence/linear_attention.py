"""C of `LinearAttention` and `CausalConv`."""

from mini_infer.codegen.contraction.blocked_sum import Loop, Nest, Term, add_up
from mini_infer.codegen.contraction.plain import longest_chain, sum_type
from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.statements import For, Statement
from mini_infer.codegen.vectors.scalars import literal
from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels.sequence.linear_attention import CausalConv, LinearAttention


def emit_linear_attention(kernel: LinearAttention, _machine: Machine) -> Body:
    """Write the function of a `LinearAttention`: an item is one state, from the first step to the last.

    The state lies in scratch memory, `s`, one row of `width` for each element of k.
    """
    kind, stored = C_TYPES[kernel.dtype], C_TYPES[kernel.state]
    size, width, states, length = kernel.size, kernel.width, kernel.states, kernel.length
    shared, scale = kernel.heads // states, literal(kernel.scale, DType.FLOAT32)
    cells = size * width
    row = f"(n * {length} + t)"
    steps: list[Statement] = [
        f"const {kind} *const kt = k + ({row} * {states} + h) * {size};",
        f"const {kind} *const vt = v + ({row} * {states} + h) * {width};",
    ]
    if kernel.decay:
        place = f"{row} * {kernel.decay} + h" if kernel.decay == states else f"{row} * {kernel.decay} + h * {size} + i"
        factor = f"const float factor = mi_exp1((float)decay[{place}]);"
        steps.append(For("i", size, [factor, f"for (long j = 0; j < {width}; ++j) s[i * {width} + j] *= factor;"]))
    steps.append(f"float written[{width}];")
    if kernel.beta:
        place = f"{row} * {kernel.beta}" + (" + h" if kernel.beta > 1 else "")
        steps += [
            f"for (long j = 0; j < {width}; ++j) written[j] = 0;",
            *_times_state(kernel, "kt", "written"),
            f"for (long j = 0; j < {width}; ++j) written[j] = (float)beta[{place}] * ((float)vt[j] - written[j]);",
        ]
    else:
        steps.append(f"for (long j = 0; j < {width}; ++j) written[j] = (float)vt[j];")
    read = [
        f"const {kind} *const qt = q + ({row} * {kernel.heads} + g) * {size};",
        f"float read[{width}];",
        f"for (long j = 0; j < {width}; ++j) read[j] = 0;",
        *_times_state(kernel, "qt", "read"),
        f"for (long j = 0; j < {width}; ++j)",
        f"  y[({row} * {kernel.heads} + g) * {width} + j] = ({kind})(read[j] * {scale});",
    ]
    steps += [
        f"for (long i = 0; i < {size}; ++i)",
        f"  for (long j = 0; j < {width}; ++j) s[i * {width} + j] += (float)kt[i] * written[j];",
        For("g", f"(h + 1) * {shared}", read, first=f"h * {shared}"),
    ]
    first = f"(float)state[item * {cells} + j]" if kernel.begun else "0"
    body = each_item(
        f"const long n = item / {states}, h = item % {states};",
        f"float *const s = scratch + item * {cells};",
        f"for (long j = 0; j < {cells}; ++j) s[j] = {first};",
        For("t", length, steps),
        f"for (long j = 0; j < {cells}; ++j) present[item * {cells} + j] = ({stored})s[j];",
    )
    return Body("linear_attention", body, kernel.batch * states)


def _times_state(kernel: LinearAttention, vector: str, sums: str) -> list[Statement]:
    """C that adds the product of a vector and the state to an array of sums."""

    def products(name: str) -> Nest:
        term = f"{name}[j] += (float){vector}[i] * s[i * {kernel.width} + j];"
        return Loop.of("i", kernel.size, Term((f"for (long j = 0; j < {kernel.width}; ++j) {term}",)))

    return add_up(products, sums, "float", count=kernel.width)


def emit_causal_conv(kernel: CausalConv, _machine: Machine) -> Body:
    """Write the function of a `CausalConv`: an item is one channel of one batch entry."""
    kind = C_TYPES[kernel.dtype]
    wide = sum_type(kernel.dtype)
    past, length = kernel.taps - 1, kernel.length
    before = f"({wide})before[item * {past} + at]" if kernel.begun else "0"
    exponential = f"__builtin_exp{'' if wide == 'double' else 'f'}"
    element = f"at < {past} ? {before} : ({wide})x[item * {length} + at - {past}]"

    def products(name: str) -> Nest:
        lines = ("const long at = t + k;", f"{name} += ({wide})weights[c * {kernel.taps} + k] * ({element});")
        return Loop.of("k", kernel.taps, Term(lines))

    one = [
        f"{wide} sum = {f'({wide})bias[c]' if kernel.bias else '0'};",
        *add_up(products, "sum", wide, longest=longest_chain(kernel.dtype)),
        *([f"sum = sum / (1 + {exponential}(-sum));"] if kernel.swish else []),
        f"y[item * {length} + t] = ({kind})sum;",
    ]
    kept = For("k", past, [f"const long at = {length} + k;", f"next[item * {past} + k] = ({kind})({element});"])
    body = each_item(
        f"const long c = item % {kernel.channels};", For("t", length, one), *([kept] if kernel.kept else [])
    )
    return Body("causal_conv", body, kernel.batch * kernel.channels)
