"""C of the kernels that sample tensors at other positions than their own."""

import math

from mini_infer.codegen.contraction.blocked_sum import Loop, Nest, Term, add_up
from mini_infer.codegen.contraction.plain import longest_chain
from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import chunks, each_item, nest
from mini_infer.codegen.statements import For, If, Statement
from mini_infer.codegen.vectors.expression import scalar_code
from mini_infer.codegen.vectors.scalars import literal
from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels import Expression, Operation
from mini_infer.program.kernels.expression import limits
from mini_infer.program.kernels.sampling.resize import Origins, SampleNearest, SampleWeighted

_CHUNK = 1024
"""Samples whose origins are an item."""

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
        index = f"indices[{first} + k{axis}]"
        size_of = dict(zip(kernel.picked, kernel.sizes, strict=True))[axis]
        steps.append(f"const long p{axis} = {_clamped(index, size_of) if kernel.clamps else index};")
        first += kernel.shape[axis]
    picks = " + ".join(f"p{axis} * {kernel.strides[axis]}" for axis in kernel.picked)
    row: list[Statement] = [
        f"const {kind} *from = x + (start + {picks});",
        f"for (long j = 0; j < {size}; ++j) y[o + j] = from[j];" if size != 1 else "y[o] = *from;",
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

    def element(t: int | str) -> str:
        step = f"{kernel.inner}L" if isinstance(kernel.inner, int) else str(kernel.inner)
        return f"{_clamped(f'(long)at[{t}]', kernel.size) if kernel.clamps else f'at[{t}]'} * {step}"

    if kernel.taps <= _UNROLLED:
        rows = [f"*x{t} = from + {element(t)}" for t in range(kernel.taps)]
        weights = [f"w{t} = w[{t}]" for t in range(kernel.taps)]
        pointers = [f"const {C_TYPES[kernel.source]} {', '.join(rows)};", f"const {number} {', '.join(weights)};"]
        terms = " + ".join(f"w{t} * ({number})x{t}[i]" for t in range(kernel.taps))
        total: list[Statement] = [f"const {number} sum = {terms};"]
    else:
        pointers = []

        def products(name: str) -> Nest:
            line = f"{name} += w[t] * ({number})from[{element('t')} + i];"
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


def emit_origins(kernel: Origins, _machine: Machine) -> Body:
    """Write the function of an `Origins`: an item is a chunk of samples."""
    real, s = ("float", "f") if kernel.rounding else ("double", "")
    one, half = f"1.0{s}", f"0.5{s}"
    samples, size = f"(double){kernel.samples}", f"(double){kernel.size}"
    scale = literal(kernel.scale, DType.FLOAT64) if kernel.scale else f"{samples} / {size}"
    centered = f"(i + {half}) / scale - {half}"
    where = {
        "align_corners": f"length != 1 ? i * ({real})({kernel.size} - 1) / ({real})(length - 1) : 0",
        "asymmetric": "i / scale",
        "half_pixel": centered,
        "half_pixel_symmetric": f"({real})({size} / 2 * (1 - {samples} / length)) + (i + {half}) / scale - {half}",
        "pytorch_half_pixel": f"{kernel.samples} > 1 ? {centered} : 0",
        "tf_half_pixel_for_nn": f"(i + {half}) / scale",
    }[kernel.mode]
    before = [
        f"const double ratio = {scale}, product = ratio * {size};",
        f"const int close = __builtin_fabs(product - {samples}) <= 1e-9 * __builtin_fmax(product, {samples});",
        f"const double length = close ? {samples} : product;",
        f"const {real} scale = ({real})ratio;",
        "(void)length; (void)scale;",
    ]
    lines: list[Statement] = [f"const {real} i = ({real})j, x = {where};"]
    if kernel.rounding:
        nearest = {
            "round_prefer_floor": f"__builtin_ceil{s}(x - {half})",
            "round_prefer_ceil": f"__builtin_floor{s}(x + {half})",
            "floor": f"__builtin_floor{s}(x)",
            "ceil": f"__builtin_ceil{s}(x)",
        }[kernel.rounding]
        lines += [f"const long near = (long){nearest};", f"indices[j] = (int32_t){_clamped('near', kernel.size)};"]
    else:
        kind = C_TYPES[kernel.dtype]
        lines += [
            f"const {real} up = __builtin_ceil{s}(x), low = x - (up - {one}), high = up - x;",
            f"const {real} w0 = low < {one} ? {one} - low : 0, w1 = {one} - high, total = w0 + w1;",
            f"indices[2 * j] = (int32_t){_clamped('((long)up - 1)', kernel.size)};",
            f"indices[2 * j + 1] = (int32_t){_clamped('(long)up', kernel.size)};",
            f"weights[2 * j] = ({kind})(w0 / total);",
            f"weights[2 * j + 1] = ({kind})(w1 / total);",
        ]
    body, items = chunks(kernel.samples, _CHUNK, *before, For("j", "stop", lines, first="start"))
    return Body("origins", body, items)


def _clamped(index: str, size: int) -> str:
    """An index, or the nearest one that there is."""
    return f"({index} < 0 ? 0 : {index} < {size} ? {index} : {size} - 1)"


def _stored(real: DType, target: DType) -> Expression:
    """A sum as an element of the output: rounded to the nearest and saturated where that is an integer."""
    if target.is_float:
        return (Operation("Cast", (0,), target),)
    low, high = limits(target)
    clip = Operation("Clip", (1,), real, (float(low), float(high)))
    return (Operation("Round", (0,), real), clip, Operation("Cast", (2,), target))
