"""C of `RoiAlign`."""

from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.vectors.scalars import literal
from mini_infer.ir import DType
from mini_infer.ir.samples import MOST_SAMPLES
from mini_infer.machine import Machine
from mini_infer.program.kernels.sampling.roi_align import RoiAlign


def emit_roi_align(kernel: RoiAlign, _machine: Machine) -> Body:
    """Write the function of a `RoiAlign`: an item is a region of all channels.

    A region may have any coordinates, infinite ones too: the number of samples is bounded, and what lies outside the
    image weighs nothing.
    """
    kind = C_TYPES[kernel.dtype]
    suffix = "" if kernel.dtype is DType.FLOAT64 else "f"
    scale, offset = literal(kernel.scale, kernel.dtype), literal(0.5 if kernel.half_pixel else 0.0, kernel.dtype)
    least = "" if kernel.half_pixel else "if (!(across[k] >= 1)) across[k] = 1;\n  "
    count = str(kernel.samples) if kernel.samples else f"mi_samples_{kind}(__builtin_ceil{suffix}(cell[k]))"
    name = f"mi_corner_{kind}"
    if kernel.maximum:
        share, total, result = "", f"{kind} total = 0;\n      int first = 1;", "total"
        join = (
            "for (int t = 0; t < 4; ++t) {\n"
            f"          const {kind} value = weights[t] * plane[at[t]];\n"
            "          if (first || value > total) total = value;\n"
            "          first = 0;\n"
            "        }"
        )
    else:
        every = "samples[0] * samples[1] > 0 ? samples[0] * samples[1] : 1"
        share = f"const {kind} share = 1 / ({kind})({every});\n"
        total, result = "double total = 0;", f"({kind})(total * share)"
        join = "for (int t = 0; t < 4; ++t) total += weights[t] * plane[at[t]];"
    body = f"""const int64_t n = images[item];
if (n < 0 || n >= {kernel.batch}) return 1;
{kind} start[2], across[2], cell[2];
long samples[2];
static const long cells[2] = {{{kernel.columns}, {kernel.rows}}};
for (int k = 0; k < 2; ++k) {{
  start[k] = regions[item * 4 + k] * {scale} - {offset};
  across[k] = regions[item * 4 + 2 + k] * {scale} - {offset} - start[k];
  {least}cell[k] = across[k] / ({kind})cells[k];
  samples[k] = {count};
}}
{share}for (long c = 0; c < {kernel.channels}; ++c) {{
  const {kind} *const plane = x + (n * {kernel.channels} + c) * {kernel.height * kernel.width};
  for (long row = 0; row < {kernel.rows}; ++row)
    for (long column = 0; column < {kernel.columns}; ++column) {{
      {total}
      for (long i = 0; i < samples[1]; ++i)
        for (long j = 0; j < samples[0]; ++j) {{
        long at[4];
        {kind} weights[4];
        {name}(start[1] + ((({kind})i + ({kind})0.5) / ({kind})samples[1] + ({kind})row) * cell[1],
            start[0] + ((({kind})j + ({kind})0.5) / ({kind})samples[0] + ({kind})column) * cell[0],
            {kernel.height}, {kernel.width}, at, weights);
        {join}
      }}
      y[((item * {kernel.channels} + c) * {kernel.rows} + row) * {kernel.columns} + column] = {result};
    }}
}}"""
    helpers = (_corner(kind), *([] if kernel.samples else [_SAMPLES.replace("KIND", kind)]))
    return Body("roi_align", each_item(body), kernel.regions, helpers, can_fail=True)


def _corner(kind: str) -> str:
    """A C function: the four pixels around a point, and their weights; all zero outside the image."""
    return f"""static inline void mi_corner_{kind}({kind} v, {kind} u, long height, long width, long *at,
    {kind} *weights) {{
  const int inside = v >= -1 && v <= ({kind})height && u >= -1 && u <= ({kind})width;
  v = inside && v > 0 ? v : 0;
  u = inside && u > 0 ? u : 0;
  const long top = (long)v < height - 1 ? (long)v : height - 1, left = (long)u < width - 1 ? (long)u : width - 1;
  const long down = top < height - 1 ? width : 0, right = left < width - 1 ? 1 : 0;
  const {kind} b = down ? v - ({kind})top : 0, r = right ? u - ({kind})left : 0;
  at[0] = top * width + left;
  at[1] = at[0] + right;
  at[2] = at[0] + down;
  at[3] = at[2] + right;
  weights[0] = inside ? (1 - b) * (1 - r) : 0;
  weights[1] = inside ? (1 - b) * r : 0;
  weights[2] = inside ? b * (1 - r) : 0;
  weights[3] = inside ? b * r : 0;
}}
"""


_SAMPLES = f"""static inline long mi_samples_KIND(KIND count) {{
  return count > 0 ? count < {MOST_SAMPLES} ? (long)count : {MOST_SAMPLES} : 0;
}}
"""
