"""C of `Copy`: runs by `memcpy`, transposes in blocks, anything else element by element."""

from mini_infer.codegen.function import Body, c_type
from mini_infer.codegen.loops import chunks, nest, tiled_nest
from mini_infer.codegen.statements import For, Statement
from mini_infer.codegen.tiling import Tiling
from mini_infer.codegen.vectors.transposition import exchanged, transposition_of_bytes
from mini_infer.ir import Dim
from mini_infer.ir.dims import at, bounds
from mini_infer.machine import FLOAT_BYTES, Machine
from mini_infer.program.kernels.movement.copy import Copy

_CHUNK = 1 << 16
"""Elements in an item, where the whole copy is one run."""
_WOVEN = 4096
"""Rows of a matrix of few columns in an item, where there is one such matrix."""
_FEW = 4
"""Columns that are few."""
_BLOCK = 16
"""Rows and columns transposed together where no vectors do it: a line of the cache of 4-byte elements."""


def emit_copy(kernel: Copy, machine: Machine) -> Body:
    """Write the function of a `Copy`."""
    start = "".join(
        f"{name} += {-low};\n"
        for name, strides in (("x", kernel.source), ("y", kernel.target))
        if (low := sum(s * (size - 1) for s, size in zip(strides, kernel.shape, strict=True) if bounds(s)[0] < 0)) != 0
    )
    axis, lanes = _transposed_axis(kernel), machine.lanes
    if axis is None:
        body, items = _rows(kernel)
        return Body("copy", start + body, items)
    if _is_woven(kernel, axis):
        body, items = _woven(kernel, axis)
        return Body("copy", start + body, items)
    narrow = min(at(kernel.shape[axis]), at(kernel.shape[-1]))
    if machine.has_vectors and kernel.element_bytes == 1 and narrow >= _BLOCK:
        body, items = _transpose(kernel, axis, _BLOCK, vector=True)
        return Body("copy", start + body, items, (transposition_of_bytes(),))
    vector = machine.has_vectors and kernel.element_bytes == FLOAT_BYTES and narrow >= lanes // 2
    body, items = _transpose(kernel, axis, lanes if vector else _BLOCK, vector=vector)
    helpers = (_TWO_VECTORS, _transpose_vectors(lanes)) if vector and narrow >= lanes else ()
    return Body("copy", start + body, items, helpers)


def _rows(kernel: Copy) -> tuple[str, int]:
    """Loops over rows, the innermost dimension a run or one element at a time."""
    *outer, size = kernel.shape
    source, target = kernel.source[-1], kernel.target[-1]
    at, to = ("x + s", "y + t") if outer else ("x + start", "y + start")
    count = str(size) if outer else "(stop - start)"
    if source == target == 1:
        row = f"__builtin_memcpy({to}, {at}, {count} * {kernel.element_bytes}L);"
    else:
        first, last, s, t = ("0", str(size), "s + ", "t + ") if outer else ("start", "stop", "", "")
        row = f"for (long j = {first}; j < {last}; ++j) y[{t}{_times(target)}] = "
        if source:
            row += f"x[{s}{_times(source)}];"
        else:
            row = f"const __typeof__(*y) fill = x[{'s' if outer else '0'}];\n{row}fill;"
    if outer:
        return nest(outer, {"s": kernel.source[:-1], "t": kernel.target[:-1]}, row)
    return chunks(size, _CHUNK, row)


def _times(stride: int) -> str:
    return "j" if stride == 1 else f"j * {stride}"


def _transposed_axis(kernel: Copy) -> int | None:
    """The dimension that is contiguous in the source, if the innermost, contiguous in the target, is not."""
    if kernel.target[-1] != 1 or kernel.source[-1] in (0, 1):
        return None
    return next((axis for axis, stride in enumerate(kernel.source[:-1]) if stride == 1), None)


def _is_woven(kernel: Copy, axis: int) -> bool:
    """Whether rows of bytes become the few columns of a matrix: compilers make vectors of that."""
    columns = kernel.shape[-1]
    few = not isinstance(columns, Dim) and 1 < columns <= _FEW
    return few and kernel.element_bytes == 1 and kernel.target[axis] == columns and kernel.source[-1] > 0


def _woven(kernel: Copy, axis: int) -> tuple[str, int]:
    """A matrix of few columns, written in order."""
    columns, step, size = kernel.shape[-1], kernel.source[-1], kernel.shape[axis]
    order = [a for a in range(len(kernel.shape) - 1) if a != axis]
    row = [f"y[t + j * {columns} + {k}] = x[s + j + {k * step}];" for k in range(columns)]
    walks = {"s": [kernel.source[a] for a in order], "t": [kernel.target[a] for a in order]}
    if order:
        return nest([kernel.shape[a] for a in order], walks, For("j", size, row))
    body, items = chunks(
        size, _WOVEN, For("j", "stop", [line.replace("t + ", "").replace("s + ", "") for line in row], first="start")
    )
    return body, items


def _transpose(kernel: Copy, axis: int, block: int, *, vector: bool) -> tuple[str, int]:
    """Square blocks of two dimensions, read along `axis` and written along the last, loops over the others around."""
    columns, step, target = kernel.shape[-1], kernel.source[-1], kernel.target[axis]

    def tile(height: int, width: int) -> str:
        if vector and height == width == block:
            name = "mi_transpose_bytes" if kernel.element_bytes == 1 else "mi_transpose_tile"
            return f"{name}(p, {step}, q, {target});"
        return (
            f"for (long i = 0; i < {height}; ++i)\n"
            f"  for (long j = 0; j < {width}; ++j) q[i * {target} + j] = p[i + j * {step}];"
        )

    def band(height: int) -> list[Statement]:
        tiling = Tiling(columns, block)
        move = f"p += {block * step}, q += {block}"
        found: list[Statement] = [For("j", tiling.whole, [tile(height, block)], also=move)] if tiling.some_whole else []
        if vector and kernel.element_bytes == 1 and not isinstance(columns, Dim) and tiling.rest:
            back = block - tiling.rest  # a whole block that overlaps the one before it
            return [*found, f"p -= {back * step}, q -= {back};", tile(height, block)]
        return [*found, tile(height, tiling.rest) if tiling.rests else ""]

    # Vectors are of floats; whatever the bytes mean, they are moved as they are.
    reals = vector and kernel.element_bytes == FLOAT_BYTES
    kind = "float" if reals else c_type(kernel.element_bytes)
    p, q = ("(const float *)x", "(float *)y") if reals else ("x", "y")
    order = [*(a for a in range(len(kernel.shape) - 1) if a != axis), axis]
    walks = {"s": [kernel.source[a] for a in order], "t": [kernel.target[a] for a in order]}
    before = [f"const {kind} *p = {p} + s;", f"{kind} *q = {q} + t;"]
    return tiled_nest([kernel.shape[a] for a in order], walks, "row", block, band, before, counts=True)


def _transpose_vectors(lanes: int) -> str:
    """A C function that transposes `lanes` x `lanes` floats in registers, exchanging ever larger blocks."""
    lines = [f"  vf v{j} = mi_load(p + {j} * step);" for j in range(lanes)]
    distance = 1
    while distance < lanes:
        upper, lower = exchanged(lanes, distance)
        for row in range(lanes):
            if not row & distance:
                a, b = f"v{row}", f"v{row + distance}"
                lines.append(
                    f"  {{ const vf a = {a}, b = {b};\n"
                    f"    {a} = MI_SHUFFLE2(a, b, {upper});\n"
                    f"    {b} = MI_SHUFFLE2(a, b, {lower}); }}"
                )
        distance *= 2
    lines += [f"  mi_store(q + {i} * target, v{i});" for i in range(lanes)]
    body = "\n".join(lines)
    return f"static inline void mi_transpose_tile(const float *p, long step, float *q, long target) {{\n{body}\n}}\n"


_TWO_VECTORS = """#if defined(__clang__)
#define MI_SHUFFLE2(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define MI_SHUFFLE2(a, b, ...) __builtin_shuffle(a, b, (vi){__VA_ARGS__})
#endif
"""
