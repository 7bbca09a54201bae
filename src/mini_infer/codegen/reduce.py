"""C of `Reduce`: vectors along the reduced dimension where that is innermost, else columns side by side.

The order in which elements are combined depends on the shapes and the vectors' width alone, never on threads.
"""

import math
from collections.abc import Sequence
from textwrap import indent

from mini_infer.codegen.expression import VECTOR, has_vector_form, literal, scalar_code, vector_code
from mini_infer.codegen.function import C_TYPES, Function
from mini_infer.codegen.loops import nest
from mini_infer.ir import DType
from mini_infer.program.kernels import Expression, Operation, Reduce
from mini_infer.program.strides import dense_strides

_UNROLL = 4
"""Vectors combined side by side: one addition takes four cycles."""
_RUN = 256
"""Additions in a row before their sum joins the total, so that errors do not grow with the number of all."""
_COLUMNS = 64
"""Columns combined side by side where there are no vectors."""
_ALONE = (Operation("Identity", (0,), DType.FLOAT32),)
_ACROSS = {"Add": "mi_sum({})", "Max": "mi_highest({})", "Min": "mi_lowest({})", "Mul": "mi_product({})"}
_PRODUCT = """static inline float mi_product(vf v) {
  float product = 1;
  for (int i = 0; i < VL; ++i) product *= v[i];
  return product;
}
"""


def emit_reduce(kernel: Reduce, lanes: int) -> Function:
    """Write the function of a `Reduce`."""
    vector = has_vector_form(kernel.before, [kernel.dtype] * (1 + kernel.shifted))
    writer = _Vectors(kernel, lanes) if vector else _Scalars(kernel)
    body, items = _rows(kernel, writer) if kernel.reduced[-1] else _columns(kernel, writer)
    parameters = (f"const {C_TYPES[kernel.dtype]} *restrict x", f"{C_TYPES[kernel.after[-1].dtype]} *restrict y")
    return Function("reduce", parameters, body, items, tuple(dict.fromkeys(writer.helpers)))


def _rows(kernel: Reduce, writer: "_Vectors | _Scalars") -> tuple[str, int]:
    """The innermost dimension is reduced: one total at a time."""
    kept, _ = _dimensions(kernel)
    text = ""
    if kernel.shifted:
        text += writer.row("largest", "Max", _ALONE) + _FINITE.format("largest")
    text += writer.row("total", kernel.combine, kernel.before)
    names = ["total"] + ["largest"] * kernel.shifted
    code = scalar_code(kernel.after, names, [writer.dtype] * len(names))
    writer.helpers += code.helpers
    text += "\n".join([*code.statements, f"y[to] = {code.result};"])
    sizes = [size for size, _ in kept]
    return nest(sizes, {"from": [stride for _, stride in kept], "to": dense_strides(sizes)}, text)


def _columns(kernel: Reduce, writer: "_Vectors | _Scalars") -> tuple[str, int]:
    """The innermost dimension is kept: tiles of columns are combined side by side."""
    (*outer, (columns, _)), _ = _dimensions(kernel)
    width = writer.columns
    dense = dense_strides([size for size, _ in outer])
    walks = {
        "from": [*(stride for _, stride in outer), width],
        "to": [*(columns * stride for stride in dense), width],
    }
    text = writer.tile(min(width, columns))
    if columns > width and columns % width:
        walks["column"] = [0] * len(outer) + [width]
        rest = indent(writer.tile(columns % width), "  ")
        text = f"if (column <= {columns - width}) {{\n{indent(text, '  ')}\n}} else {{\n{rest}\n}}"
    return nest([*(size for size, _ in outer), -(-columns // width)], walks, text)


_FINITE = "{0} = {0} - {0} == 0 ? {0} : 0;\n"
"""Infinities and NaN become 0."""


def _dimensions(kernel: Reduce) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Sizes and input strides of the dimensions kept, and of those reduced."""
    axes = list(zip(kernel.shape, dense_strides(kernel.shape), kernel.reduced, strict=True))
    kept = [(size, stride) for size, stride, reduced in axes if not reduced]
    return kept, [(size, stride) for size, stride, reduced in axes if reduced]


def _loops(dimensions: Sequence[tuple[int, int]], body: str) -> str:
    """Loops over the reduced dimensions; the body sees `p`, where the elements are in the input."""
    offset = "".join(f" + r{axis} * {stride}" for axis, (_, stride) in enumerate(dimensions))
    text = f"const __typeof__(*x) *p = x + from{offset};\n{body}"
    for axis, (size, _) in reversed(list(enumerate(dimensions))):
        text = f"for (long r{axis} = 0; r{axis} < {size}; ++r{axis}) {{\n{indent(text, '  ')}\n}}"
    return text if dimensions else f"{{\n{indent(text, '  ')}\n}}"


class _Scalars:
    """Loops over single elements, in any type."""

    columns = _COLUMNS

    def __init__(self, kernel: Reduce) -> None:
        self.kernel = kernel
        self.dtype = kernel.before[-1].dtype
        self.helpers: list[str] = []
        _, self.reduced = _dimensions(kernel)

    def row(self, name: str, combine: str, before: Expression) -> str:
        """Declare `name` and combine all elements in it."""
        element = self.step(name, combine, before, ["*p", "largest"])
        neutral = literal(_neutral(combine, self.dtype), self.dtype)
        return f"{C_TYPES[self.dtype]} {name} = {neutral};\n{_loops(self.reduced, element)}\n"

    def tile(self, width: int) -> str:
        """Combine `width` columns and store them."""
        kernel, kind = self.kernel, C_TYPES[self.dtype]
        each = f"for (long k = 0; k < {width}; ++k)"
        text = ""
        passes = [("total", kernel.combine, kernel.before)]
        if kernel.shifted:
            passes.insert(0, ("largest", "Max", _ALONE))
        for name, combine, before in passes:
            neutral = literal(_neutral(combine, self.dtype), self.dtype)
            element = self.step(f"{name}[k]", combine, before, ["p[k]", "largest[k]"])
            text += f"{kind} {name}[{width}];\n{each} {name}[k] = {neutral};\n"
            text += _loops(self.reduced, f"{each} {{\n{indent(element, '  ')}\n}}") + "\n"
            if name == "largest":
                text += f"{each} {_FINITE.format('largest[k]')}"
        arguments = ["total[k]", "largest[k]"][: len(passes)]
        code = scalar_code(kernel.after, arguments, [self.dtype] * len(arguments))
        self.helpers += code.helpers
        return f"{text}{each} {{\n{indent(chr(10).join([*code.statements, f'y[to + k] = {code.result};']), '  ')}\n}}"

    def step(self, name: str, combine: str, before: Expression, arguments: list[str]) -> str:
        """Combine one element into a variable."""
        shifted = self.kernel.shifted and before is not _ALONE
        dtypes = [self.kernel.dtype] + [self.dtype] * shifted
        value = scalar_code(before, arguments[: len(dtypes)], dtypes)
        both = scalar_code((Operation(combine, (0, 1), self.dtype),), [name, value.result], [self.dtype] * 2, "c")
        self.helpers += [*value.helpers, *both.helpers]
        return "\n".join([*value.statements, *both.statements, f"{name} = {both.result};"])


class _Vectors:
    """Loops over vectors of float32."""

    dtype = DType.FLOAT32

    def __init__(self, kernel: Reduce, lanes: int) -> None:
        self.kernel = kernel
        self.lanes = lanes
        self.columns = _UNROLL * lanes
        self.helpers = [_PRODUCT] if kernel.combine == "Mul" and kernel.reduced[-1] else []
        _, self.reduced = _dimensions(kernel)

    def row(self, name: str, combine: str, before: Expression) -> str:
        """Declare `name` and combine all elements in it: groups of vectors, then single ones, then a part of one."""
        *outer, (size, _) = self.reduced
        group = _UNROLL * self.lanes
        groups, rest = divmod(size, group)
        text = ""
        if groups:
            names = [f"a{k}" for k in range(_UNROLL)]
            steps = [
                self.step(a, combine, before, [f"mi_load(p + {k * self.lanes})", "mi_set1(largest)"])
                for k, a in enumerate(names)
            ]
            once = "\n".join([*steps, f"p += {group};"])
            pairs = [_both(combine, a, b) for a, b in zip(names[::2], names[1::2], strict=True)]
            join = f"all = {_both(combine, 'all', _both(combine, *pairs))};"
            text += _in_runs(groups, f"vf {', '.join(f'{a} = {self.neutral(combine)}' for a in names)};", once, join)
        for k in range(rest // self.lanes):
            load = f"mi_load(p + {k * self.lanes})"
            text += self.step("all", combine, before, [load, "mi_set1(largest)"]) + "\n"
        if rest % self.lanes:
            at, count = rest - rest % self.lanes, rest % self.lanes
            load = f"mi_load_n(p + {at}, {count})"
            text += self.step("all", combine, before, [load, "mi_set1(largest)"], count)
        across = _ACROSS[combine].format("all")
        body = f"vf all = {self.neutral(combine)};\n{_loops(outer, text)}\n{name} = {across};"
        return f"float {name};\n{{\n{indent(body, '  ')}\n}}\n"

    def tile(self, width: int) -> str:
        """Combine `width` columns and store them."""
        kernel, lanes = self.kernel, self.lanes
        parts = [min(lanes, width - at) for at in range(0, width, lanes)]
        text = ""
        passes = [("total", kernel.combine, kernel.before)]
        if kernel.shifted:
            passes.insert(0, ("largest", "Max", _ALONE))
        for name, combine, before in passes:
            *outer, (size, stride) = self.reduced
            totals, sums = ([f"{start}{k}" for k in range(len(parts))] for start in (name, "a"))
            steps = [
                self.step(a, combine, before, [_load(f"p + {k * lanes}", part, lanes), f"largest{k}"])
                for k, (a, part) in enumerate(zip(sums, parts, strict=True))
            ]
            start = f"vf {', '.join(f'{a} = {self.neutral(combine)}' for a in sums)};"
            join = "\n".join(f"{t} = {_both(combine, t, a)};" for t, a in zip(totals, sums, strict=True))
            text += f"vf {', '.join(f'{t} = {self.neutral(combine)}' for t in totals)};\n"
            text += _loops(outer, _in_runs(size, start, "\n".join([*steps, f"p += {stride};"]), join)) + "\n"
            if name == "largest":
                text += "".join(f"{t} = mi_select({t} - {t} == 0.0f, {t}, mi_set1(0));\n" for t in totals)
        for k, part in enumerate(parts):
            names = [f"total{k}", f"largest{k}"][: len(passes)]
            code = vector_code(kernel.after, names)
            store = f"mi_store(y + to + {k * lanes}, " if part == lanes else f"mi_store_n(y + to + {k * lanes}, "
            lines = [*code.statements, f"{store}{code.result}{'' if part == lanes else f', {part}'});"]
            text += f"{{\n{indent(chr(10).join(lines), '  ')}\n}}\n"
        return text.rstrip()

    def step(self, name: str, combine: str, before: Expression, arguments: list[str], count: int = 0) -> str:
        """Combine one vector into a variable, of a part of a vector the first `count` lanes only."""
        shifted = self.kernel.shifted and before is not _ALONE
        code = vector_code(before, arguments[: 1 + shifted])
        value = code.result
        if count:
            mask = ", ".join("-1" if lane < count else "0" for lane in range(self.lanes))
            value = f"mi_select((vi){{{mask}}}, {value}, {self.neutral(combine)})"
        return "{ " + " ".join(code.statements) + f" {name} = {_both(combine, name, value)}; }}"

    @staticmethod
    def neutral(combine: str) -> str:
        return f"mi_set1({literal(_neutral(combine, DType.FLOAT32), DType.FLOAT32)})"


def _in_runs(count: int, start: str, once: str, join: str) -> str:
    """Repeat `once` in runs, each between `start` and `join`."""

    def loop(first: object, last: object) -> str:
        return indent(f"for (long j = {first}; j < {last}; ++j) {{\n{indent(once, '  ')}\n}}\n{join}", "  ")

    if count <= _RUN:
        return f"{{\n  {start}\n{loop(0, count)}\n}}\n"
    end = f"const long end = run + {_RUN} < {count} ? run + {_RUN} : {count};"
    head = f"for (long run = 0; run < {count}; run += {_RUN}) {{\n  {start}\n  {end}\n"
    return f"{head}{loop('run', 'end')}\n}}\n"


def _both(combine: str, a: str, b: str) -> str:
    return VECTOR[combine].format(a=a, b=b)


def _load(address: str, part: int, lanes: int) -> str:
    return f"mi_load({address})" if part == lanes else f"mi_load_n({address}, {part})"


def _neutral(combine: str, dtype: DType) -> float:
    """What changes nothing when it is combined."""
    if combine in ("Add", "Mul"):
        return float(combine == "Mul")
    if dtype.is_float:
        return -math.inf if combine == "Max" else math.inf
    if dtype is DType.BOOL:
        return float(combine == "Min")
    bits = 8 * dtype.numpy.itemsize
    if dtype.value.startswith("uint"):
        return 0 if combine == "Max" else 2**bits - 1
    half = 1 << (bits - 1)
    return -half if combine == "Max" else half - 1
