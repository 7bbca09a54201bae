"""C of `GridSample`."""

from textwrap import indent

from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.statements import For
from mini_infer.ir import Dim, DType
from mini_infer.machine import Machine
from mini_infer.program.kernels.sampling.grid_sample import GridSample
from mini_infer.program.strides import dense_strides

_CUBIC = 4
"""Elements along each axis that count for a cubic interpolation."""

_REFLECT = """static inline double mi_reflect(double x, double low, double high) {
  if ((x >= low && x <= high) || high <= low) return x < low ? low : x > high ? high : x;
  const double range = high - low, beyond = x < low ? low - x : x - high;
  const double turns = __builtin_floor(beyond / range), rest = beyond - turns * range;
  const int even = (long)turns % 2 == 0;
  return (x < low) == even ? low + rest : high - rest;
}
"""
"""Folds a position back between two ends."""


def emit_grid_sample(kernel: GridSample, _machine: Machine) -> Body:
    """Write the function of a `GridSample`: an item is a sample of all channels."""
    kind, rank, taps = C_TYPES[kernel.dtype], len(kernel.sizes), kernel.taps
    suffix = "" if kernel.dtype is DType.FLOAT64 else "f"
    lines = [
        f"const {kind} *const position = grid + item * {rank};",
        f"long at[{rank}][{taps}];",
        f"{kind} weights[{rank}][{taps}];",
    ]
    for axis, size in enumerate(kernel.sizes):
        last = f"{size} - 0.5" if isinstance(size, Dim) else size - 0.5
        low, high = (0, size - 1) if kernel.align_corners else (-0.5, last)
        ends = f", {low}, {high}" if _has_ends(kernel) else ""
        # in float64 this is exact: between two elements it is decided which is nearer
        across = f"((double)position[{rank - 1 - axis}] + 1)"
        place = f"{across} / 2 * {size - 1}" if kernel.align_corners else f"({across} * {size} - 1) / 2"
        lines.append(f"{_name(kernel)}({place}, {size}{ends}, at[{axis}], weights[{axis}]);")
    strides = dense_strides(kernel.sizes)
    place = " + ".join(f"at[{axis}][t{axis}] * {stride}" for axis, stride in enumerate(strides))
    weight = " * ".join(f"weights[{axis}][t{axis}]" for axis in range(rank))
    # what lies outside weighs nothing, even if an infinity is read in its place
    loops = f"const {kind} weight = {weight};\nif (weight != 0) sum += weight * channel[{place}];"
    for axis in reversed(range(rank)):
        loops = f"for (int t{axis} = 0; t{axis} < {taps}; ++t{axis}) {{\n{indent(loops, '  ')}\n}}"
    size = kernel.sizes[0] * strides[0]
    channel = [
        f"const {kind} *const channel = x + (n * {kernel.channels} + c) * {size};",
        f"{kind} sum = 0;",
        loops,
        f"y[(n * {kernel.channels} + c) * {kernel.samples} + sample] = sum;",
    ]
    sample = f"const long n = item / {kernel.samples}, sample = item % {kernel.samples};"
    body = each_item(*lines, sample, For("c", kernel.channels, channel))
    helpers = (_REFLECT,) if kernel.padding == "reflection" else ()
    return Body("grid_sample", body, kernel.batch * kernel.samples, (*helpers, _taps(kernel, kind, suffix)))


def _name(kernel: GridSample) -> str:
    return f"mi_sample_{kernel.padding}_{kernel.taps}_{C_TYPES[kernel.dtype]}"


def _has_ends(kernel: GridSample) -> bool:
    """Whether a position is brought between the ends of an axis."""
    return kernel.padding == "reflection" or (kernel.padding == "border" and kernel.taps != _CUBIC)


def _taps(kernel: GridSample, kind: str, suffix: str) -> str:
    """A C function: the elements of one axis that count at a position, and their weights.

    A position outside is first brought inside by the padding mode. Cubic interpolation leaves it there, as PyTorch and
    onnxruntime do, and brings each element that it reads inside; of reflections the result is the same.
    """
    ends = outside = ""
    if _has_ends(kernel):
        ends = ", double low, double high"
        outside = {
            "border": "x = x < low ? 0 : x > high ? (double)(size - 1) : x;",
            "reflection": "if (x < low || x > high) x = mi_reflect(x, low, high);",
        }[kernel.padding]
    element = "(long)mi_reflect((double)i, low, high)" if kernel.padding == "reflection" else "i"
    first = {1: "(long)x", 2: "(long)whole", 4: "(long)whole - 1"}[kernel.taps]
    weigh = {
        1: "weights[0] = 1;",
        2: "weights[0] = 1 - part;\n  weights[1] = part;",
        4: f"""for (int t = 0; t < 4; ++t) {{
    const {kind} d = __builtin_fabs{suffix}(part + 1 - t), a = ({kind})-0.75;
    weights[t] = d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  }}""",
    }[kernel.taps]
    zero = "\n    if (i < 0 || i >= size) weights[t] = 0;" if kernel.padding == "zeros" else ""
    rounded = "x = __builtin_rint(x);" if kernel.taps == 1 else ""
    split = f"const double whole = __builtin_floor(x);\n  const {kind} part = ({kind})(x - whole);"
    part = "" if kernel.taps == 1 else split
    return f"""static inline void {_name(kernel)}(double x, long size{ends},
    long *at, {kind} *weights) {{
  x = x > -1000000000 ? x < 1000000000 ? x : 1000000000 : -1000000000; /* NaN too */
  {rounded}
  {outside}
  {part}
  {weigh}
  for (int t = 0; t < {kernel.taps}; ++t) {{
    const long i = {first} + t;{zero}
    const long j = {element};
    at[t] = j < 0 ? 0 : j >= size ? size - 1 : j;
  }}
}}
"""
