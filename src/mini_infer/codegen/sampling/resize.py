"""C of the kernels that sample tensors at other positions than their own."""

import math

from mini_infer.codegen.contraction.blocked_sum import Loop, Nest, Term, add_up
from mini_infer.codegen.contraction.plain import longest_chain
from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import each_item, nest
from mini_infer.codegen.statements import For, If, Statement
from mini_infer.codegen.vectors.expression import scalar_code
from mini_infer.codegen.vectors.scalars import literal
from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels import Expression, Operation
from mini_infer.program.kernels.expression import limits
from mini_infer.program.kernels.sampling.resize import SampleNearest, SampleWeighted

_UNROLLED = 8
"""Sums of at most this many elements are written out."""


def emit_sample_nearest(kernel: SampleNearest, _machine: Machine) -> Body:
    """Write the function of a `SampleNearest`; its innermost loops run along the axes after the last picked one."""
    kind = C_TYPES[kernel.dtype]
    last = kernel.picked[-1]
    loops, run = kernel.shape[: last + 1], kernel.shape[last + 1 :]
    size = math.prod(run)
    walks = {
        "o": kernel.target[: last + 1],
        "start": tuple(0 if axis in kernel.picked else kernel.strides[axis] for axis in range(last + 1)),
    }
    steps, first = [], 0
    for axis in kernel.picked:
        walks[f"k{axis}"] = tuple(int(other == axis) for other in range(last + 1))
        if axis not in kernel.tables:
            rows = ", ".join(map(str, kernel.rows))
            steps += [f"static const int32_t rows[] = {{{rows}}};", f"const long p{axis} = rows[k{axis}];"]
            continue
        steps.append(f"const long p{axis} = indices[{first} + k{axis}];")
        first += kernel.shape[axis]
    picks = " + ".join(f"p{axis} * {kernel.strides[axis]}" for axis in kernel.picked)
    row: list[Statement] = [
        f"const {kind} *from = x + (start + {picks});",
        f"for (long j = 0; j < {size}; ++j) y[o + j] = from[j];" if size > 1 else "y[o] = *from;",
    ]
    if kernel.fill is not None:
        outside = " || ".join(f"p{axis} < 0" for axis in kernel.picked)
        fill = f"for (long j = 0; j < {size}; ++j) y[o + j] = {literal(kernel.fill, kernel.dtype)};"
        row = [If(outside, [fill], row)]
    return Body("sample_nearest", *nest(loops, walks, *steps, *row))


def emit_sample_weighted(kernel: SampleWeighted, _machine: Machine) -> Body:
    """Write the function of a `SampleWeighted`: an item is a sample, or a row of them along the last axis."""
    real = DType.FLOAT64 if kernel.source is DType.FLOAT64 else DType.FLOAT32
    store = scalar_code(_stored(real, kernel.target), ["sum"], [real])
    number = C_TYPES[real]
    if kernel.taps <= _UNROLLED:
        rows = [f"*x{t} = from + at[{t}] * {kernel.inner}L" for t in range(kernel.taps)]
        weights = [f"w{t} = w[{t}]" for t in range(kernel.taps)]
        pointers = [f"const {C_TYPES[kernel.source]} {', '.join(rows)};", f"const {number} {', '.join(weights)};"]
        terms = " + ".join(f"w{t} * ({number})x{t}[i]" for t in range(kernel.taps))
        total: list[Statement] = [f"const {number} sum = {terms};"]
    else:
        pointers = []

        def products(name: str) -> Nest:
            line = f"{name} += w[t] * ({number})from[at[t] * {kernel.inner}L + i];"
            return Loop.of("t", kernel.taps, Term((line,)))

        total = [f"{number} sum = 0;", *add_up(products, "sum", number, longest=longest_chain(real))]
    run: list[Statement] = [
        *pointers,
        For("i", kernel.inner, [*total, *store.statements, f"to[i] = {store.result};"]),
    ]
    if kernel.fill is not None:
        fill = f"for (long i = 0; i < {kernel.inner}; ++i) to[i] = {literal(kernel.fill, kernel.target)};"
        run = [If("at[0] < 0", [fill], run)]
    outer, sample = ("item", "j") if kernel.inner == 1 else (f"item / {kernel.samples}", f"item % {kernel.samples}")
    to = f"(item * {kernel.samples} + j)" if kernel.inner == 1 else f"item * {kernel.inner}"
    row = [
        f"const int32_t *at = indices + {sample} * {kernel.taps};",
        f"const {number} *w = weights + {sample} * {kernel.taps};",
        f"const {C_TYPES[kernel.source]} *from = x + {outer} * {kernel.size * kernel.inner};",
        f"{C_TYPES[kernel.target]} *to = y + {to};",
        *run,
    ]
    if kernel.inner == 1:
        return Body("sample_weighted", each_item(For("j", kernel.samples, row)), kernel.outer, store.helpers)
    return Body("sample_weighted", each_item(*row), kernel.outer * kernel.samples, store.helpers)


def _stored(real: DType, target: DType) -> Expression:
    """A sum as an element of the output: rounded to the nearest and saturated where that is an integer."""
    if target.is_float:
        return (Operation("Cast", (0,), target),)
    low, high = limits(target)
    clip = Operation("Clip", (1,), real, (float(low), float(high)))
    return (Operation("Round", (0,), real), clip, Operation("Cast", (2,), target))
