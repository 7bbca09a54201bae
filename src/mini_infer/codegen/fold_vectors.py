"""A `Fold` of float32 in C, in vectors: along rows, or across columns."""

from textwrap import indent

from mini_infer.codegen.expression import VECTOR, scalar_code, vector_code
from mini_infer.codegen.fold_writer import Writer, mentions, neutral
from mini_infer.codegen.function import C_TYPES
from mini_infer.ir import DType
from mini_infer.program.kernels import Expression, Fold, Stage

_UNROLL = 4
"""Vectors combined side by side: one addition takes four cycles."""
_RUN = 256
"""Additions in a row before their sum joins the total, so that errors do not grow with the number of all."""
_ACROSS = {"Add": "mi_sum({})", "Max": "mi_highest({})", "Min": "mi_lowest({})", "Mul": "mi_product({})"}
_PRODUCT = """static inline float mi_product(vf v) {
  float product = 1;
  for (int i = 0; i < VL; ++i) product *= v[i];
  return product;
}
"""


class VectorRows(Writer):
    """Groups are rows: vectors along them. Values are scalars, `v0`, with a vector `s0` of each in every lane."""

    def __init__(self, kernel: Fold, lanes: int) -> None:
        super().__init__(kernel, 0)
        self.lanes = lanes
        if any(stage.combine == "Mul" for stage in kernel.stages):
            self.helpers.append(_PRODUCT)

    def stage(self, index: int, stage: Stage, width: int) -> str:
        """C that computes the value `v<index>` of a row: groups of vectors, then single ones, then a part of one."""
        del width
        size, lanes, combine = self.kernel.shape[-1], self.lanes, stage.combine
        groups, rest = divmod(size, _UNROLL * lanes)
        start = f"mi_set1({neutral(combine, DType.FLOAT32)})"
        text = ""
        if groups:
            sums = [f"a{k}" for k in range(_UNROLL)]
            once = "\n".join(self._step(index, stage, a, f"j + {k * lanes}") for k, a in enumerate(sums))
            pairs = [_both(combine, a, b) for a, b in zip(sums[::2], sums[1::2], strict=True)]
            join = f"total = {_both(combine, 'total', _both(combine, *pairs))};"
            declared = f"vf {', '.join(f'{a} = {start}' for a in sums)};"
            text += in_runs(groups, _UNROLL * lanes, declared, once, join) + "\n"
        for at in range(size - rest, size, lanes):
            text += self._step(index, stage, "total", str(at), min(lanes, size - at) % lanes) + "\n"
        kind = C_TYPES[stage.after[-1].dtype]
        known = [f"v{i}" for i in range(index)]
        after = scalar_code(stage.after, [f"a{index}", *known], [DType.FLOAT32] * (1 + index), f"w{index}_")
        self.helpers += after.helpers
        body = f"vf total = {start};\n{self._along(text)}"
        lines = [
            f"float a{index};\n{{\n{indent(body, '  ')}\n  a{index} = {_ACROSS[combine].format('total')};\n}}",
            *after.statements,
            f"const {kind} v{index} = {after.result};",
        ]
        later = [s.before for s in self.kernel.stages[index + 1 :]] + [self.kernel.result]
        if any(self._argument(index) in step.arguments for expression in later for step in expression):
            lines.append(f"const vf s{index} = mi_set1(v{index});")
        return "\n".join(lines)

    def result(self, width: int) -> str:
        """C that computes the output's elements of a row."""
        del width
        size, lanes = self.kernel.shape[-1], self.lanes
        text = ""
        if size >= lanes:
            step = self._elements(self.kernel.result, len(self.kernel.stages), "j", 0)
            body = "\n".join([*step[0], f"mi_store(q + j, {step[1]});"])
            text = f"for (long j = 0; j <= {size - lanes}; j += {lanes}) {{\n{indent(body, '  ')}\n}}\n"
        if part := size % lanes:
            step = self._elements(self.kernel.result, len(self.kernel.stages), str(size - part), part)
            body = "\n".join([*step[0], f"mi_store_n(q + {size - part}, {step[1]}, {part});"])
            text += f"{{\n{indent(body, '  ')}\n}}"
        return self._along(text)

    def values(self, width: int) -> str:
        """C that stores the values that have outputs."""
        del width
        return "\n".join(f"z{index}[to] = v{stage};" for index, stage in enumerate(self.kernel.values))

    def _argument(self, stage: int) -> int:
        """The position of a stage's value among the arguments of an element's expression."""
        return 1 + len(self.kernel.dtypes) + stage

    def _along(self, text: str) -> str:
        """Put loops over the outer reduced dimensions around what is done along the innermost.

        Further inputs that do not change along it are read before, as `c0`, `c1`, ….
        """
        names = [i for i in range(len(self.kernel.dtypes)) if mentions(text, f"c{i}")]
        text = "".join(f"const vf c{i} = mi_set1(*b{i});\n" for i in names) + text
        return self.loops(self.folded[:-1], self.pointers(self.folded[:-1], text))

    def _step(self, index: int, stage: Stage, name: str, at: str, part: int = 0) -> str:
        """Combine one vector into a variable, of the last vector of a row only a part."""
        statements, value = self._elements(stage.before, index, at, part)
        lines = list(statements)
        if stage.keep:
            lines.append(store("q", at, value, part))
        if part:
            mask = ", ".join("-1" if lane < part else "0" for lane in range(self.lanes))
            value = f"mi_select((vi){{{mask}}}, {value}, mi_set1({neutral(stage.combine, DType.FLOAT32)}))"
        lines.append(f"{name} = {_both(stage.combine, name, value)};")
        return "{\n" + indent("\n".join(lines), "  ") + "\n}"

    def _elements(self, expression: Expression, known: int, at: str, part: int) -> tuple[tuple[str, ...], str]:
        """An expression over one vector of elements and of further inputs, and the values so far."""
        arguments = [load("p", at, part)]
        for index, strides in enumerate(self.kernel.strides):
            arguments.append(load(f"b{index}", at, part) if strides[-1] else f"c{index}")
        code = vector_code(expression, [*arguments, *(f"s{i}" for i in range(known))])
        return code.statements, code.result


class VectorTiles(Writer):
    """Groups are columns: vectors across them. Values are vectors, `v0_1` that of the second vector of columns."""

    def __init__(self, kernel: Fold, lanes: int) -> None:
        super().__init__(kernel, _UNROLL * lanes)
        self.lanes = lanes

    def stage(self, index: int, stage: Stage, width: int) -> str:
        """C that computes the value `v<index>` of `width` groups."""
        parts = self._parts(width)
        start = f"mi_set1({neutral(stage.combine, DType.FLOAT32)})"
        totals = [f"total{index}_{k}" for k in range(len(parts))]
        sums = [f"a{k}" for k in range(len(parts))]
        steps = []
        for k, part in enumerate(parts):
            statements, value = self._elements(stage.before, index, k, part)
            lines = [*statements, f"a{k} = {_both(stage.combine, f'a{k}', value)};"]
            if stage.keep:
                lines.append(store("q", str(k * self.lanes), value, part % self.lanes))
            steps.append("{\n" + indent("\n".join(lines), "  ") + "\n}")
        *outer, inner = self.folded
        once = f"const long r{inner} = j;\n{self.pointers(self.folded, chr(10).join(steps))}"
        declared = f"vf {', '.join(f'{a} = {start}' for a in sums)};"
        join = "\n".join(f"{t} = {_both(stage.combine, t, a)};" for t, a in zip(totals, sums, strict=True))
        runs = in_runs(self.kernel.shape[inner], 1, declared, once, join)
        text = f"vf {', '.join(f'{t} = {start}' for t in totals)};\n{self.loops(outer, runs)}\n"
        for k, total in enumerate(totals):
            code = vector_code(stage.after, [total, *(f"v{i}_{k}" for i in range(index))], f"w{index}_{k}_")
            text += "\n".join([*code.statements, f"const vf v{index}_{k} = {code.result};"]) + "\n"
        return text.rstrip("\n")

    def result(self, width: int) -> str:
        """C that computes the output's elements of `width` groups."""
        steps = []
        for k, part in enumerate(self._parts(width)):
            statements, value = self._elements(self.kernel.result, len(self.kernel.stages), k, part)
            lines = [*statements, store("q", str(k * self.lanes), value, part % self.lanes)]
            steps.append("{\n" + indent("\n".join(lines), "  ") + "\n}")
        return self.loops(self.folded, self.pointers(self.folded, "\n".join(steps)))

    def values(self, width: int) -> str:
        """C that stores the values that have outputs, of `width` groups."""
        return "\n".join(
            store(f"z{index}", f"to + {k * self.lanes}", f"v{stage}_{k}", part % self.lanes)
            for index, stage in enumerate(self.kernel.values)
            for k, part in enumerate(self._parts(width))
        )

    def _parts(self, width: int) -> list[int]:
        """How many columns each vector of a tile holds."""
        return [min(self.lanes, width - at) for at in range(0, width, self.lanes)]

    def _elements(self, expression: Expression, known: int, k: int, part: int) -> tuple[tuple[str, ...], str]:
        """An expression over one vector of columns."""
        at = str(k * self.lanes)
        arguments = [load("p", at, part % self.lanes)]
        for index, strides in enumerate(self.kernel.strides):
            arguments.append(load(f"b{index}", at, part % self.lanes) if strides[-1] else f"mi_set1(*b{index})")
        code = vector_code(expression, [*arguments, *(f"v{i}_{k}" for i in range(known))])
        return code.statements, code.result


def in_runs(count: int, step: int, declared: str, once: str, join: str) -> str:
    """Repeat `once` with `j` stepping `count` times, in runs that each start with `declared` and end with `join`."""

    def loop(first: str, last: str) -> str:
        return indent(f"for (long j = {first}; j < {last}; j += {step}) {{\n{indent(once, '  ')}\n}}\n{join}", "  ")

    end, run = count * step, _RUN * step
    if count <= _RUN:
        return f"{{\n  {declared}\n{loop('0', str(end))}\n}}"
    head = f"for (long run = 0; run < {end}; run += {run}) {{\n  {declared}\n"
    return f"{head}  const long end = run + {run} < {end} ? run + {run} : {end};\n{loop('run', 'end')}\n}}"


def load(pointer: str, at: str, part: int) -> str:
    """A vector, or the first `part` lanes of one."""
    return f"mi_load_n({pointer} + {at}, {part})" if part else f"mi_load({pointer} + {at})"


def store(pointer: str, at: str, value: str, part: int) -> str:
    """The statement that stores a vector, or the first `part` lanes of one."""
    return f"mi_store_n({pointer} + {at}, {value}, {part});" if part else f"mi_store({pointer} + {at}, {value});"


def _both(combine: str, a: str, b: str) -> str:
    return VECTOR[combine].format(a=a, b=b)
