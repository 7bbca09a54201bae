"""C of `Recurrence`: a step multiplies the state with the recurrent weights, then applies the cell's expressions."""

from collections.abc import Sequence

from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.statements import Block, For, If, Statement
from mini_infer.codegen.vectors.expression import is_of_reals, scalar_code, vector_code
from mini_infer.codegen.vectors.vector import load, store
from mini_infer.machine import Machine
from mini_infer.program.kernels import Expression
from mini_infer.program.kernels.sequence.recurrent import Recurrence

_ROWS = 8
"""Rows of weights that one pass adds up, and then adds to the sums: no chain is longer, but that of the passes."""


def emit_recurrence(kernel: Recurrence, machine: Machine) -> Body:
    """Write the function of a `Recurrence`: an item is one batch entry in one direction."""
    return _Writer(kernel, machine).body()


class _Writer:
    def __init__(self, kernel: Recurrence, machine: Machine) -> None:
        self.kernel = kernel
        self.machine = machine
        self.kind = C_TYPES[kernel.dtype]
        self.columns = kernel.gates * kernel.hidden
        self.helpers: dict[str, None] = {_multiply(self.kind): None}

    def body(self) -> Body:
        kernel = self.kernel
        item = each_item(*self._before(), self._steps(), *self._after())
        items, can_fail = kernel.directions * kernel.batch, "lengths" in kernel.present
        return Body(kernel.operator.lower(), item, items, tuple(self.helpers), can_fail=can_fail)

    def _before(self) -> list[str]:
        """Where the item's rows are, how long its sequence is, and the first states."""
        kernel, kind, hidden, present = self.kernel, self.kind, self.kernel.hidden, self.kernel.present
        products, states = kernel.products, kernel.states
        lines = [
            f"const long d = item / {kernel.batch}, n = item % {kernel.batch};",
            f"const {kind} *const in = products + d * {products.direction} + n * {products.batch};",
            f"const {kind} *const r = weights + d * {hidden * self.columns};",
            f"{kind} *const h0 = scratch + item * {(3 + kernel.gates) * hidden};",
            f"{kind} *const sums = h0 + {3 * hidden};",
        ]
        if kernel.operator == "LSTM":
            lines.append(f"{kind} *const c0 = h0 + {hidden};")
        if kernel.operator == "GRU" and not kernel.linear:
            lines.append(f"{kind} *const reset = h0 + {2 * hidden};")
        if "bias" in present:
            lines.append(f"const {kind} *const b = bias + d * {2 * self.columns};")
        if "peepholes" in present:
            lines.append(f"const {kind} *const p = peepholes + d * {3 * hidden};")
        if "Y" in present:
            lines.append(f"{kind} *const out = Y + d * {states.direction} + n * {states.batch};")
        lines += [self._start("h"), *([self._start("c")] if kernel.operator == "LSTM" else [])]
        if "lengths" in present:
            lines.append(f"const long length = lengths[n];\nif (length < 0 || length > {kernel.length}) return 2;")
        else:
            lines.append(f"const long length = {kernel.length};")
        return lines

    def _start(self, state: str) -> str:
        hidden = self.kernel.hidden
        value = f"{state}[{self._end()} + j]" if state in self.kernel.present else "0"
        return f"for (long j = 0; j < {hidden}; ++j) {state}0[j] = {value};"

    def _end(self) -> str:
        return f"d * {self.kernel.ends.direction} + n * {self.kernel.ends.batch}"

    def _after(self) -> list[str]:
        """Zeros after the sequence, and the last states."""
        kernel, hidden = self.kernel, self.kernel.hidden
        size = f"{hidden} * sizeof({self.kind})"
        lines = []
        if {"Y", "lengths"} <= set(kernel.present):
            lines.append(
                f"for (long t = length; t < {kernel.length}; ++t)\n"
                f"  __builtin_memset(out + t * {kernel.states.step}, 0, {size});"
            )
        if "Y_h" in kernel.present:
            lines.append(f"__builtin_memcpy(Y_h + {self._end()}, h0, {size});")
        if "Y_c" in kernel.present:
            lines.append(f"__builtin_memcpy(Y_c + {self._end()}, c0, {size});")
        return lines

    def _steps(self) -> For:
        """The loop over the sequence."""
        kernel = self.kernel
        backwards = "d == 1" if kernel.directions > 1 else str(int(kernel.backwards))
        cells = [self._cell(cell) for cell in kernel.cells]
        lines: list[Statement] = [
            f"const long t = {backwards} ? length - 1 - step : step;",
            f"const {self.kind} *const row = in + t * {kernel.products.step};",
            *(cells[0] if cells[0] == cells[-1] else [If("d == 0", *cells)]),
        ]
        if "Y" in kernel.present:
            size = f"{kernel.hidden} * sizeof({self.kind})"
            lines.append(f"__builtin_memcpy(out + t * {kernel.states.step}, h0, {size});")
        return For("step", "length", lines)

    def _cell(self, cell: Sequence[Expression]) -> list[Statement]:
        hidden = self.kernel.hidden
        gates = [f"(sums + {k * hidden})" for k in range(self.kernel.gates)]
        peeps = [f"(p + {k * hidden})" for k in range(3)] if "peepholes" in self.kernel.present else []
        match self.kernel.operator:
            case "LSTM":
                i, o, f, c = gates
                peep_i, peep_o, peep_f = ([name] for name in peeps) if peeps else ([], [], [])
                return [
                    self._sum(0, 4, "h0"),
                    *self._map(cell[0], [i, f, c, "c0", *peep_i, *peep_f], "c0"),
                    *self._map(cell[1], [o, "c0", *peep_o], "h0"),
                ]
            case "GRU" if self.kernel.linear:
                z, r, h = gates
                bias = [f"(b + {2 * hidden})"] if "bias" in self.kernel.present else []
                return [
                    self._sum(0, 2, "h0"),
                    self._sum(2, 3, "h0", of_state=True),
                    *self._map(cell[0], [z, r, f"(row + {2 * hidden})", h, "h0", *bias], "h0"),
                ]
            case "GRU":
                z, r, h = gates
                return [
                    self._sum(0, 2, "h0"),
                    *self._map(cell[0], [r, "h0"], "reset"),
                    self._sum(2, 3, "reset"),
                    *self._map(cell[1], [z, h, "h0"], "h0"),
                ]
            case _:
                return [self._sum(0, 1, "h0"), *self._map(cell[0], gates, "h0")]

    def _sum(self, first: int, last: int, state: str, *, of_state: bool = False) -> str:
        """The sums of gates `[first, last)`: products with the input and the state, and bias; or the state's only."""
        start, count = first * self.kernel.hidden, (last - first) * self.kernel.hidden
        terms = [] if of_state else [f"row[{start} + j]"]
        if "bias" in self.kernel.present:
            terms += [] if of_state else [f"b[{start} + j]"]
            terms.append(f"b[{start + self.columns} + j]")
        return (
            f"for (long j = 0; j < {count}; ++j) sums[{start} + j] = {' + '.join(terms) or '0'};\n"
            f"mi_multiply_{self.kind}({state}, r + {start}, {self.kernel.hidden}, {self.columns}, {count},\n"
            f"    sums + {start});"
        )

    def _map(self, expression: Expression, arguments: Sequence[str], target: str) -> list[Statement]:
        """An expression at every element of vectors as long as the state."""
        hidden, dtypes = self.kernel.hidden, [self.kernel.dtype] * len(arguments)
        if not self.machine.has_vectors or not is_of_reals(expression, dtypes):
            code = scalar_code(expression, [f"{name}[j]" for name in arguments], dtypes)
            self.helpers.update(dict.fromkeys(code.helpers))
            return [For("j", hidden, [*code.statements, f"{target}[j] = {code.result};"])]
        lanes = self.machine.lanes
        whole, rest = divmod(hidden, lanes)

        def step(j: str, part: int = 0) -> list[str]:
            code = vector_code(expression, [load(f"{name} + {j}", part) for name in arguments])
            return [*code.statements, store(f"{target} + {j}", code.result, part)]

        found: list[Statement] = [For("j", whole * lanes, step("j"), step=lanes)] if whole else []
        return [*found, Block(step(str(whole * lanes), rest))] if rest else found


def _multiply(kind: str) -> str:
    """A C function that adds a vector times a matrix, whose rows are read from front to back, to sums."""
    pointers = "".join(f", *r{k} = r + {k} * stride" if k else "r0 = r" for k in range(_ROWS)).replace("r0", "*r0", 1)
    factors = ", ".join(f"x{k} = x[{k}]" for k in range(_ROWS))
    adds = " ".join(f"sum += x{k} * r{k}[j];" for k in range(_ROWS))
    return f"""static void mi_multiply_{kind}(const {kind} *x, const {kind} *r, long rows, long stride, long columns,
    {kind} *restrict sums) {{
  long i = 0;
  for (; i + {_ROWS} <= rows; i += {_ROWS}, x += {_ROWS}, r += {_ROWS} * stride) {{
    const {kind} {pointers};
    const {kind} {factors};
    for (long j = 0; j < columns; ++j) {{
      {kind} sum = 0;
      {adds}
      sums[j] += sum;
    }}
  }}
  for (; i < rows; ++i, ++x, r += stride) {{
    const {kind} factor = *x;
    for (long j = 0; j < columns; ++j) sums[j] += factor * r[j];
  }}
}}
"""
