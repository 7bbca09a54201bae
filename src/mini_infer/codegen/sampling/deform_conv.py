"""C of `DeformConv`."""

import itertools

from mini_infer.codegen.contraction.blocked_sum import Loop, Nest, Term, add_up
from mini_infer.codegen.contraction.plain import longest_chain
from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.statements import For, Statement
from mini_infer.machine import Machine
from mini_infer.program.kernels.sampling.deform_conv import DeformConv

_BETWEEN = """static inline void mi_between(double x, long size, long *at, double *weights) {
  x = x > -2 ? x < (double)size + 1 ? x : (double)size + 1 : -2; /* NaN too */
  const double whole = __builtin_floor(x);
  const long i = (long)whole;
  for (long k = 0; k < 2; ++k) {
    const double weight = k ? x - whole : 1 - (x - whole);
    weights[k] = i + k >= 0 && i + k < size ? weight : 0;
    at[k] = i + k < 0 ? 0 : i + k < size ? i + k : size - 1;
  }
}
"""
"""The elements of an axis on both sides of a position, and their weights: those outside weigh nothing."""


def emit_deform_conv(kernel: DeformConv, _machine: Machine) -> Body:
    """Write the function of a `DeformConv`: an item is a strip of outputs, in all channels.

    Its samples are laid out as `columns[channel][element of the window][output]`, so that the products run along the
    outputs.
    """
    strips = -(-kernel.positions // kernel.strip)
    rest = f"{kernel.positions} - first"
    short = f"{rest} < {kernel.strip} ? {rest} : {kernel.strip}" if kernel.positions % kernel.strip else kernel.strip
    text = each_item(
        f"const long n = item / {strips}, first = item % {strips} * {kernel.strip}, count = {short};",
        For("g", kernel.offset_groups, [For("s", "count", _samples(kernel))]),
        For("m", kernel.out_channels, _sums(kernel)),
    )
    return Body("deform_conv", text, kernel.batch * strips, (_BETWEEN,))


def _samples(kernel: DeformConv) -> list[Statement]:
    """The columns of output `s` of the strip, in the channels of offset group `g`."""
    axes, kind = kernel.axes, C_TYPES[kernel.sum]
    rank, each = len(axes), kernel.channels // kernel.offset_groups
    size, strip = axes[0].input * axes[0].x_stride, kernel.strip
    element = "0"
    for index, axis in enumerate(axes):
        element = f"({element}) * {axis.kernel} + k{index}" if index else "k0"
    share = f"({kind})mask[window * {kernel.positions} + at]" if kernel.mask else "1"
    body: list[Statement] = [
        f"const long t = {element}, window = (n * {kernel.offset_groups} + g) * {kernel.window} + t;",
        f"const {C_TYPES[kernel.dtype]} *const moved = offset + window * {rank * kernel.positions} + at;",
        f"long to[{rank}][2];",
        f"double near[{rank}][2];",
    ]
    for index, axis in enumerate(axes):
        place = f"(double)(o{index} * {axis.stride} + k{index} * {axis.dilation} - {axis.pad})"
        moved = f"(double)moved[{index * kernel.positions}]"
        body.append(f"mi_between({place} + {moved}, {axis.input}, to[{index}], near[{index}]);")
    taken = []
    for corner, sides in enumerate(itertools.product(range(2), repeat=rank)):
        at = " + ".join(f"to[{k}][{side}] * {axes[k].x_stride}" for k, side in enumerate(sides))
        weight = " * ".join(f"near[{k}][{side}]" for k, side in enumerate(sides))
        body.append(f"const long at{corner} = {at};\nconst {kind} weight{corner} = ({kind})({weight});")
        # what lies outside weighs nothing, even if an infinity is read in its place
        taken.append(f"if (weight{corner} != 0) value += weight{corner} * ({kind})channel[at{corner}];")
    channel: list[Statement] = [
        f"const {C_TYPES[kernel.dtype]} *const channel = x + (n * {kernel.channels} + g * {each} + c) * {size};",
        f"{kind} value = 0;",
        *taken,
        f"columns[((g * {each} + c) * {kernel.window} + t) * {strip} + s] = value * share;",
    ]
    body += [f"const {kind} share = {share};", For("c", each, channel)]
    for index, axis in reversed(list(enumerate(axes))):
        body = [For(f"k{index}", axis.kernel, body)]
    outputs = [f"const long o{index} = at / {axis.y_stride} % {axis.output};" for index, axis in enumerate(axes)]
    return ["const long at = first + s;", *outputs, *body]


def _sums(kernel: DeformConv) -> list[Statement]:
    """The strip's outputs in channel `m`."""
    kind, strip = C_TYPES[kernel.sum], kernel.strip
    group = f"m / {kernel.out_channels // kernel.groups}"

    def nest(total: str) -> Nest:
        product = f"({kind})row[k] * column[k * {strip} + s]"
        return Loop.of("k", kernel.depth, Term((f"for (long s = 0; s < count; ++s) {total}[s] += {product};",)))

    start = f"({kind})bias[m]" if kernel.bias else "0"
    return [
        f"const {C_TYPES[kernel.dtype]} *const row = w + m * {kernel.depth};",
        f"const {kind} *const column = columns + {group} * {kernel.depth * strip};",
        f"{kind} sums[{strip}];",
        f"for (long s = 0; s < {strip}; ++s) sums[s] = {start};",
        *add_up(nest, "sums", kind, count=strip, longest=longest_chain(kernel.dtype)),
        f"{C_TYPES[kernel.dtype]} *const to = y + (n * {kernel.out_channels} + m) * {kernel.positions} + first;",
        f"for (long s = 0; s < count; ++s) to[s] = ({C_TYPES[kernel.dtype]})sums[s];",
    ]
