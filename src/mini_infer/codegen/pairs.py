"""C of `PairGemm`.

For each pair of steps of the depth, a pair of one row's numbers is broadcast, multiplied with the pairs of a block of
columns, and both products are added to the sums. Compilers have an instruction for that: clang finds `vpdpwssd` where
there is VNNI, `vpmaddwd` otherwise.
"""

from mini_infer.codegen import tile
from mini_infer.codegen.function import Body
from mini_infer.codegen.grid import Grid
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.statements import For, Statement
from mini_infer.codegen.tiling import Tiling
from mini_infer.machine import Machine
from mini_infer.program.kernels import PairGemm


def emit_pair_gemm(kernel: PairGemm, machine: Machine) -> Body:
    """Write a product in pairs; an item is one tile of rows and one block of columns."""
    columns = kernel.tile
    rows, blocks = Tiling(kernel.rows, columns.rows), Tiling(kernel.columns, columns.block)
    grid = Grid(rows.tiles, blocks.tiles, rows.tiles)

    def body(count: int) -> list[Statement]:
        names = [tile.name(row, n) for row in range(count) for n in range(columns.vectors)]
        loads = (
            f"const mi_shorts w{n} = *(const mi_shorts *)(q + {2 * n * machine.lanes});" for n in range(columns.vectors)
        )
        step = [*loads, *(_row(kernel, row) for row in range(count)), tile.KEEP_ORDER]
        return [
            f"vi {', '.join(f'{name} = {{0}}' for name in names)};",
            For("k", kernel.depth // 2, step, also=f"p += 2, q += {2 * columns.block}"),
            *blocks.one("block", lambda width: _stores(kernel, count, width, machine.lanes)),
        ]

    text = each_item(
        *grid.decode(),
        f"const int16_t *p = a + row * {columns.rows * kernel.depth};",
        f"const int16_t *q = b + block * {kernel.depth * columns.block};",
        f"int32_t *const out = y + (row * {columns.rows * kernel.columns} + block * {columns.block});",
        *rows.one("row", body),
    )
    return Body("pair_gemm", text, grid.items, (_pairs(machine.lanes),))


def _row(kernel: PairGemm, row: int) -> str:
    """C that adds the products of one row's pair."""
    sums = [tile.name(row, n) for n in range(kernel.tile.vectors)]
    adds = " ".join(f"{name} += mi_pairs(pair, w{n});" for n, name in enumerate(sums))
    return f"{{ const mi_shorts pair = mi_pair(p + {row * kernel.depth}); {adds} }}"


def _stores(kernel: PairGemm, rows: int, width: int, lanes: int) -> list[str]:
    """C that stores the sums of the columns that exist."""
    lines = []
    for row in range(rows):
        for n in range(-(-width // lanes)):
            at, valid = row * kernel.columns + n * lanes, min(lanes, width - n * lanes)
            lines.append(f"__builtin_memcpy(out + {at}, &{tile.name(row, n)}, {4 * valid});")
    return lines


def _pairs(lanes: int) -> str:
    """The C functions on pairs: both products as one wide vector, its even and odd lanes added."""
    even, odd = (", ".join(str(2 * lane + first) for lane in range(lanes)) for first in (0, 1))
    return f"""typedef int16_t mi_shorts __attribute__((vector_size({4 * lanes}), aligned(2), may_alias));
typedef int32_t mi_products __attribute__((vector_size({8 * lanes})));
MI_INLINE mi_shorts mi_pair(const int16_t *p) {{
  int32_t pair;
  __builtin_memcpy(&pair, p, sizeof pair);
  return (mi_shorts)(pair - (vi){{0}});
}}
#if defined(__clang__) || __GNUC__ >= 12
MI_INLINE vi mi_pairs(mi_shorts a, mi_shorts b) {{
  const mi_products p = __builtin_convertvector(a, mi_products) * __builtin_convertvector(b, mi_products);
  return __builtin_shufflevector(p, p, {even}) + __builtin_shufflevector(p, p, {odd});
}}
#else
MI_INLINE vi mi_pairs(mi_shorts a, mi_shorts b) {{
  vi sum;
  for (int i = 0; i < VL; ++i) sum[i] = a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1];
  return sum;
}}
#endif
"""
