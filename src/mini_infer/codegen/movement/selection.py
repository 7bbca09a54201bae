"""C of the kernels that choose by position."""

import math

from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.statements import For, Statement, text
from mini_infer.codegen.vectors.expression import scalar_code
from mini_infer.codegen.vectors.scalars import cast
from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels import Operation
from mini_infer.program.kernels.movement.selection import CumulativeOp, OneHot, ReverseSequence, TopK, Triangular


def emit_triangular(kernel: Triangular, _machine: Machine) -> Body:
    """Write the function of a `Triangular`: an item is a row, of which one end is copied and the other is zeros."""
    rows, columns, width = kernel.rows, kernel.columns, kernel.element_bytes
    split = "row + k" if kernel.upper else "row + k + 1"
    ends = [("0", "cut"), ("cut", f"{columns} - cut")]
    (zero_from, zero_count), (copy_from, copy_count) = ends if kernel.upper else reversed(ends)
    body = (
        f"const int64_t k = *diagonal < -{rows} ? -{rows} : *diagonal > {columns} ? {columns} : *diagonal;\n"
        + each_item(
            f"const long row = item % {rows}, at = {split};\n"
            f"const long cut = at < 0 ? 0 : at > {columns} ? {columns} : at, start = item * {columns};\n"
            f"__builtin_memcpy(y + (start + {copy_from}) * {width}, x + (start + {copy_from}) * {width},\n"
            f"    (uint64_t)({copy_count}) * {width});\n"
            f"__builtin_memset(y + (start + {zero_from}) * {width}, 0, (uint64_t)({zero_count}) * {width});"
        )
    )
    return Body("triangle", body, kernel.matrices * rows)


def emit_one_hot(kernel: OneHot, _machine: Machine) -> Body:
    """Write the function of a `OneHot`: an item is one place of the rows that belong to an outer index."""
    wide = "double" if kernel.index.is_float else "int64_t"
    depth, inner = kernel.depth, kernel.inner
    body = each_item(
        f"const long outer = item / {depth}, d = item % {depth};\n"
        f"for (long i = 0; i < {inner}; ++i) {{\n"
        f"  const {wide} index = ({wide})indices[outer * {inner} + i];\n"
        f"  y[item * {inner} + i] = values[index == d || index == d - {depth}];\n"
        "}"
    )
    return Body("one_hot", body, kernel.outer * depth)


def emit_reverse_sequence(kernel: ReverseSequence, _machine: Machine) -> Body:
    """Write the function of a `ReverseSequence`: an item is a sequence."""
    batch, time, inner = kernel.batch, kernel.time, kernel.inner
    row = f"{{}} * {batch} + item" if kernel.time_first else f"item * {time} + {{}}"
    target, source = row.format("t"), row.format("from")
    body = each_item(
        f"const int64_t length = lengths[item];\n"
        f"if (length < 0 || length > {time}) return 2;\n"
        f"for (long t = 0; t < {time}; ++t) {{\n"
        "  const long from = t < length ? length - 1 - t : t;\n"
        f"  __builtin_memcpy(y + ({target}) * {inner}, x + ({source}) * {inner}, {inner});\n"
        "}"
    )
    return Body("reversal", body, batch, can_fail=True)


def emit_top_k(kernel: TopK, _machine: Machine) -> Body:
    """Write the function of an `TopK`: an item is a line.

    A heap of the best elements so far, the worst on top, lies in the output of the indices; at the end it is sorted.
    """
    kind, inner, count = C_TYPES[kernel.dtype], kernel.inner, kernel.count
    # Functions of their own do not see sizes that are given at run time.
    apart, given, taken = (str(inner), "", "") if isinstance(inner, int) else ("inner", f", {inner}", ", long inner")
    name = f"{'largest' if kernel.largest else 'smallest'}_{kind}_{apart}"
    body = each_item(
        f"const long outer = item / {inner}, i = item % {inner};\n"
        f"const {kind} *const line = x + (outer * {kernel.size * inner} + i);\n"
        f"int64_t *const heap = indices + (outer * {count * inner} + i);\n"
        f"for (long k = 0; k < {count}; ++k) heap[k * {inner}] = k;\n"
        f"for (long k = {count} / 2; k-- > 0;) mi_sift_{name}(line, heap, k, {count}{given});\n"
        f"for (long k = {count}; k < {kernel.size}; ++k)\n"
        f"  if (mi_before_{name}(line, k, heap[0]{given})) {{\n"
        "    heap[0] = k;\n"
        f"    mi_sift_{name}(line, heap, 0, {count}{given});\n"
        "  }\n"
        f"for (long k = {count} - 1; k > 0; --k) {{\n"
        f"  const int64_t worst = heap[0];\n  heap[0] = heap[k * {inner}];\n  heap[k * {inner}] = worst;\n"
        f"  mi_sift_{name}(line, heap, 0, k{given});\n"
        "}\n"
        f"for (long k = 0; k < {count}; ++k)\n"
        f"  values[(outer * {count} + k) * {inner} + i] = line[heap[k * {inner}] * {inner}];"
    )
    greater = "(p > q || (p != p && q == q))" if kernel.dtype.is_float else "p > q"
    less = "(p < q || (p == p && q != q))" if kernel.dtype.is_float else "p < q"
    first, second = (greater, less) if kernel.largest else (less, greater)
    more = ", inner" if taken else ""
    helper = f"""static inline int mi_before_{name}(const {kind} *line, int64_t a, int64_t b{taken}) {{
  const {kind} p = line[a * {apart}], q = line[b * {apart}];
  return {first} ? 1 : {second} ? 0 : a < b;
}}
static void mi_sift_{name}(const {kind} *line, int64_t *heap, long at, long count{taken}) {{
  const int64_t moved = heap[at * {apart}];
  for (long child; (child = 2 * at + 1) < count; at = child) {{
    if (child + 1 < count && mi_before_{name}(line, heap[child * {apart}], heap[(child + 1) * {apart}]{more})) ++child;
    if (!mi_before_{name}(line, moved, heap[child * {apart}]{more})) break;
    heap[at * {apart}] = heap[child * {apart}];
  }}
  heap[at * {apart}] = moved;
}}
"""
    return Body("extremes", body, kernel.outer * inner, (helper,))


def emit_cumulative_op(kernel: CumulativeOp, _machine: Machine) -> Body:
    """Write the function of a `CumulativeOp`: an item is a line; one item where the axis comes at run time.

    Sums of floats are kept in double: each addition waits for the one before, which takes as long.
    """
    axis, shape = kernel.axis, kernel.shape
    wide = DType.FLOAT64 if kernel.operation == "Add" and kernel.dtype.is_float else kernel.dtype
    element, element_helpers = cast("x[at]", kernel.dtype, wide)
    rounded, helpers = cast("sum", wide, kernel.dtype)
    code = scalar_code((Operation(kernel.operation, (0, 1), wide),), ("sum", element), (wide,) * 2)
    helpers = tuple(dict.fromkeys((*code.helpers, *element_helpers, *helpers)))
    add, store = [*code.statements, f"sum = {code.result};"], f"y[at] = {rounded};"
    step = [store, *add] if kernel.exclusive else [*add, store]
    size, inner = "size", "inner"
    if isinstance(axis, int):
        size, inner = str(shape[axis]), str(math.prod(shape[axis + 1 :]))
    place = f"{size} - 1 - k" if kernel.backwards else "k"
    line: list[Statement] = [
        f"const long start = item / {inner} * {inner} * {size} + item % {inner};",
        f"{C_TYPES[wide]} sum = {int(kernel.operation == 'Mul')};",
        For("k", size, [f"const long at = start + ({place}) * {inner};", *step]),
    ]
    if isinstance(axis, int):
        return Body("cumulate", each_item(*line), math.prod(shape) // shape[axis], helpers)
    rank = len(shape)
    body: list[Statement] = [
        f"static const long shape[] = {{{', '.join(map(str, shape))}}};",
        f"const int64_t a = *axis < 0 ? *axis + {rank} : *axis;",
        f"if (a < 0 || a >= {rank}) return 1;",
        "const long size = shape[a];",
        "long inner = 1;",
        f"for (long d = a + 1; d < {rank}; ++d) inner *= shape[d];",
        For("item", f"end * ({math.prod(shape)} / size)", line, first="begin"),
    ]
    return Body("cumulate", text(body), 1, helpers, can_fail=True)
