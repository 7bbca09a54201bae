"""C of `ArgReduce`: rows are searched for their extreme and then for its place, columns side by side for both."""

from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import nest
from mini_infer.ir.dims import bounds, greatest
from mini_infer.machine import Machine
from mini_infer.program.kernels.reduction.reduction import ArgReduce

_SIDE_BY_SIDE = 64
"""Columns searched together, and candidates of a row kept together: enough for the compiler to make vectors of."""


def emit_arg_reduce(kernel: ArgReduce, _machine: Machine) -> Body:
    """Write the function of an `ArgReduce`."""
    kind = C_TYPES[kernel.dtype]
    if kernel.inner == 1 and bounds(kernel.size)[0] >= _SIDE_BY_SIDE:
        return Body("arg_reduce", *nest([kernel.outer], {"from": [kernel.size], "to": [1]}, _row(kernel, kind)))
    columns = min(_SIDE_BY_SIDE, greatest(kernel.inner)) or 1
    walks = {"from": (kernel.size * kernel.inner, columns), "to": (kernel.inner, columns)}
    if kernel.inner % columns != 0:
        walks["column"] = (0, columns)
    tiles = [kernel.outer, -(-kernel.inner // columns)]
    return Body("arg_reduce", *nest(tiles, walks, _columns(kernel, kind, columns)))


def _row(kernel: ArgReduce, kind: str) -> str:
    """The extreme first, then the first (or last) element that equals it."""
    count, width = kernel.size, _SIDE_BY_SIDE
    replaces = _replaces(kernel, "p[j + k]", "best[k]")
    among = _replaces(kernel, "best[k]", "extreme")
    rest = _replaces(kernel, "p[j]", "extreme")
    order = f"long j = {count - 1}; j > 0; --j" if kernel.last else f"long j = 0; j < {count}; ++j"
    found = "p[j] == extreme || (p[j] != p[j] && extreme != extreme)" if kernel.dtype.is_float else "p[j] == extreme"
    return f"""const {kind} *p = x + from;
{kind} best[{width}];
for (long k = 0; k < {width}; ++k) best[k] = p[k];
for (long j = {width}; j <= {count - width}; j += {width})
  for (long k = 0; k < {width}; ++k) best[k] = {replaces} ? p[j + k] : best[k];
{kind} extreme = best[0];
for (long k = 1; k < {width}; ++k) extreme = {among} ? best[k] : extreme;
for (long j = {count - count % width}; j < {count}; ++j) extreme = {rest} ? p[j] : extreme;
y[to] = 0;
for ({order})
  if ({found}) {{
    y[to] = j;
    break;
  }}"""


def _columns(kernel: ArgReduce, kind: str, columns: int) -> str:
    """Extremes and their places together."""
    inner = kernel.inner
    width = str(columns) if inner % columns == 0 else f"({inner} - column < {columns} ? {inner} - column : {columns})"
    return f"""const long width = {width};
const {kind} *p = x + from;
{kind} best[{columns}];
int64_t *at = y + to;
for (long k = 0; k < width; ++k) {{ best[k] = p[k]; at[k] = 0; }}
for (long j = 1; j < {kernel.size}; ++j)
  for (long k = 0; k < width; ++k) {{
    const {kind} v = p[j * {inner} + k];
    if ({_replaces(kernel, "v", "best[k]")}) {{ best[k] = v; at[k] = j; }}
  }}"""


def _replaces(kernel: ArgReduce, value: str, best: str) -> str:
    """C for whether a later value replaces the best: NaN is better than any number, and equals count if last does."""
    text = f"{value} {'>' if kernel.largest else '<'}{'=' if kernel.last else ''} {best}"
    if not kernel.dtype.is_float:
        return text
    return f"({text} || {value} != {value})" if kernel.last else f"({text} || ({value} != {value} && {best} == {best}))"
