"""C of kernels that select as much as their data say. Each is one item, because places follow from what came before."""

import math

from mini_infer.codegen.function import Body
from mini_infer.codegen.loops import each_item
from mini_infer.machine import Machine
from mini_infer.program.kernels.movement.bounded import Compress, NonMaxSuppression, NonZeroIndices
from mini_infer.program.strides import dense_strides


def emit_non_max_suppression(kernel: NonMaxSuppression, _machine: Machine) -> Body:
    """Write `NonMaxSuppression`: for each class, boxes are taken off a heap, best first, and compared."""
    boxes = kernel.boxes
    test = "if (score[i] > *least) " if kernel.thresholded else ""
    overlap = f"mi_overlap{_suffix(kernel)}(box + best * 4, box + selected[other * 3 + 2] * 4)"
    body = f"""long rows = 0;
for (long group = 0; group < {kernel.batch * kernel.classes}; ++group) {{
  const long sample = group / {kernel.classes}, first = rows;
  const float *const score = scores + group * {boxes}, *const box = boxes + sample * {boxes * 4};
  long waiting = 0;
  for (long i = 0; i < {boxes}; ++i)
    {test}order[waiting++] = i;
  for (long i = waiting / 2; i-- > 0;) mi_sink_box(score, order, i, waiting);
  while (waiting > 0 && rows - first < *limit && rows < {kernel.rows}) {{
    const int64_t best = order[0];
    order[0] = order[--waiting];
    mi_sink_box(score, order, 0, waiting);
    long other = first;
    while (other < rows && {overlap} <= *most) ++other;
    if (other < rows) continue;
    selected[rows * 3] = sample;
    selected[rows * 3 + 1] = group % {kernel.classes};
    selected[rows * 3 + 2] = best;
    ++rows;
  }}
}}
for (long i = rows * 3; i < {kernel.rows * 3}; ++i) selected[i] = 0;
*count = rows;"""
    return Body("suppression", each_item(body), 1, (_SINK, _overlap(kernel)))


_SINK = """static void mi_sink_box(const float *score, int64_t *order, long at, long count) {
  if (at >= count) return;
  const int64_t moved = order[at];
  for (long child; (child = 2 * at + 1) < count; at = child) {
    if (child + 1 < count && (score[order[child + 1]] > score[order[child]] ||
        (score[order[child + 1]] == score[order[child]] && order[child + 1] < order[child]))) ++child;
    if (score[moved] > score[order[child]] || (score[moved] == score[order[child]] && moved < order[child])) break;
    order[at] = order[child];
  }
  order[at] = moved;
}
"""


def _suffix(kernel: NonMaxSuppression) -> str:
    return "_centered" if kernel.centered else "_corners"


def _overlap(kernel: NonMaxSuppression) -> str:
    """A C function: intersection over union of two boxes."""
    low, high = "__builtin_fminf({0}[{1}], {0}[{1} + 2])", "__builtin_fmaxf({0}[{1}], {0}[{1} + 2])"
    if kernel.centered:
        low, high = "({0}[{1}] - {0}[{1} + 2] / 2)", "({0}[{1}] + {0}[{1} + 2] / 2)"
    ends = "".join(
        f"  const float {box}{axis} = {low.format(box, axis)}, {box}{axis + 2} = {high.format(box, axis)};\n"
        for box in "pq"
        for axis in range(2)
    )
    return (
        f"static inline float mi_overlap{_suffix(kernel)}(const float *p, const float *q) {{\n{ends}"
        "  const float h = __builtin_fminf(p2, q2) - __builtin_fmaxf(p0, q0);\n"
        "  const float w = __builtin_fminf(p3, q3) - __builtin_fmaxf(p1, q1);\n"
        "  const float common = h > 0 && w > 0 ? h * w : 0;\n"
        "  const float all = (p2 - p0) * (p3 - p1) + (q2 - q0) * (q3 - q1) - common;\n"
        "  return all > 0 ? common / all : 0;\n}\n"
    )


def emit_non_zero(kernel: NonZeroIndices, _machine: Machine) -> Body:
    """Write the function of a `NonZeroIndices`."""
    elements = math.prod(kernel.shape)
    writes = "\n".join(
        f"    y[{axis * elements} + n] = i / {stride} % {size};"
        for axis, (size, stride) in enumerate(zip(kernel.shape, dense_strides(kernel.shape), strict=True))
    )
    body = (
        f"long n = 0;\nfor (long i = 0; i < {elements}; ++i)\n  if (x[i] != 0) {{\n{writes}\n    ++n;\n  }}\n"
        f"for (long row = 0; row < {len(kernel.shape)}; ++row)\n"
        f"  for (long i = n; i < {elements}; ++i) y[row * {elements} + i] = 0;\n"
        "*count = n;"
    )
    return Body("non_zero", each_item(body))


def emit_compress(kernel: Compress, _machine: Machine) -> Body:
    """Write the function of a `Compress`."""
    size, inner, kept = kernel.size, kernel.inner, kernel.kept
    body = (
        "long n = 0;\n"
        f"for (long i = 0; i < {min(size, kernel.conditions)}; ++i) {{\n"
        "  if (!conditions[i]) continue;\n"
        f"  for (long o = 0; o < {kernel.outer}; ++o)\n"
        f"    __builtin_memcpy(y + (o * {kept} + n) * {inner}, x + (o * {size} + i) * {inner}, {inner});\n"
        "  ++n;\n}\n"
        f"for (long o = 0; o < {kernel.outer}; ++o)\n"
        f"  __builtin_memset(y + (o * {kept} + n) * {inner}, 0, (uint64_t)({kept} - n) * {inner});\n"
        "*count = n;"
    )
    return Body("compaction", each_item(body))
