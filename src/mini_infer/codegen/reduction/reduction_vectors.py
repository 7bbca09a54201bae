"""A `Reduction` of float32 in C, in vectors: along rows, or across columns."""

from collections.abc import Sequence

from mini_infer.codegen.contraction.blocked_sum import Loop, Nest, Term, as_many, chain, summed
from mini_infer.codegen.function import C_TYPES
from mini_infer.codegen.reduction.reduction_writer import Writer
from mini_infer.codegen.statements import Block, If, Statement, text
from mini_infer.codegen.tiling import Tiling
from mini_infer.codegen.vectors.expression import VECTOR, Rendered, inputs_of, scalar_code, vector_code
from mini_infer.codegen.vectors.scalars import literal
from mini_infer.codegen.vectors.vector import first_lanes, load, store
from mini_infer.ir import Dim, DType
from mini_infer.ir.dims import greatest
from mini_infer.machine import Machine
from mini_infer.program.kernels import Expression
from mini_infer.program.kernels.reduction.reduction import Reduction, ReductionStage, neutral

_ACROSS = {"Add": "mi_sum({})", "Max": "mi_highest({})", "Min": "mi_lowest({})", "Mul": "mi_product({})"}
_PRODUCT = """static inline float mi_product(vf v) {
  float product = 1;
  for (int i = 0; i < VL; ++i) product *= v[i];
  return product;
}
"""


class VectorRows(Writer):
    """Groups are rows: vectors along them. Values are scalars, `v0`, with a vector `s0` of each in every lane."""

    def __init__(self, kernel: Reduction, machine: Machine) -> None:
        super().__init__(kernel, 0)
        self.looped.pop()  # along the innermost dimension all is done at once
        self.lanes = machine.lanes
        self.latency = machine.pipeline.latency
        if any(stage.combiner == "Mul" for stage in kernel.stages):
            self.helpers.append(_PRODUCT)

    def _stage(self, index: int, stage: ReductionStage, width: int) -> list[Statement]:
        """C that computes the value `v<index>` of a row: groups of vectors, then single ones, then a part of one."""
        del width
        combine = stage.combiner
        sums, nest = self._vectors(index, stage)
        across = _ACROSS[combine].format(_joined(combine, sums))
        start = f"vf {', '.join(f'{one} = {_neutral(combine)}' for one in sums)};"
        steps, cut = summed(nest, [start], ["double total = 0;"], [f"total += {across};"], self.longest(stage, nest))
        kind = C_TYPES[stage.finalize[-1].dtype]
        known = [f"v{i}" for i in range(index)]
        after = scalar_code(stage.finalize, [f"a{index}", *known], [DType.FLOAT32] * (1 + index), f"w{index}_")
        self.helpers += after.helpers
        lines: list[Statement] = [
            f"float a{index};",
            Block([*steps, f"a{index} = {'(float)total' if cut else across};"]),
            *after.statements,
            f"const {kind} v{index} = {after.result};",
        ]
        later = [s.map for s in self.kernel.stages[index + 1 :]] + [self.kernel.result]
        argument = 1 + len(self.kernel.dtypes) + index  # after the element and the further inputs
        if any(argument in inputs_of(expression) for expression in later):
            lines.append(f"const vf s{index} = mi_set1(v{index});")
        return lines

    def _result(self, width: int) -> Statement:
        del width
        size, lanes = self.kernel.shape[-1], self.lanes

        def step(at: str, part: int) -> list[str]:
            code = self._elements(self.kernel.result, len(self.kernel.stages), at, part)
            return [*code.statements, store(f"q + {at}", code.result, part)]

        body: list[Statement] = []
        tiling = Tiling(size, lanes, counts=True)
        if tiling.some_whole:
            body.append(f"for (long j = 0; j <= {size - lanes}; j += {lanes}) {text([Block(step('j', 0))])}")
        last = step(str(size - tiling.rest), tiling.rest) if tiling.rests else []
        body.append(If(f"{tiling.rest} > 0", last) if isinstance(size, Dim) else Block(last) if last else "")
        return self.loops(body)

    def _values(self, width: int) -> list[Statement]:
        del width
        return [f"z{index}[to] = v{stage};" for index, stage in enumerate(self.kernel.values)]

    def pointers(self, expression: Expression, *, written: bool) -> tuple[str, ...]:
        """The same, and further inputs that do not change along the innermost dimension are read, as `c0`, `c1`, …."""
        asked = inputs_of(expression)
        still = [i for i, strides in enumerate(self.kernel.strides) if 1 + i in asked and not strides[-1]]
        pointers = super().pointers(expression, written=written)
        return (*pointers, *(f"const vf c{i} = mi_set1(*b{i});" for i in still))

    def _vectors(self, index: int, stage: ReductionStage) -> tuple[list[str], Nest]:
        """The sums of a row's vectors, and how: as many at a time as hide the latency of one, then what is left."""
        size, lanes = self.kernel.shape[-1], self.lanes
        together = self.latency * lanes
        if isinstance(size, Dim):
            return self._counted_vectors(index, stage, size)
        groups, rest = divmod(size, together)
        count = self.latency if groups else -(-rest // lanes)
        sums = [f"part{k}" for k in range(count)]
        along = tuple(self._step(index, stage, name, f"j + {k * lanes}") for k, name in enumerate(sums))
        rest_sums = tuple(
            self._step(index, stage, name, str(at), min(lanes, size - at) % lanes)
            for name, at in zip(sums, range(size - rest, size, lanes), strict=False)
        )
        nest: list[Nest] = [Loop("j", groups, Term(along), "0", str(size - rest), together)] if groups else []
        nest += [Term(rest_sums)] if rest_sums else []
        return sums, self.over(stage, tuple(nest))

    def _counted_vectors(self, index: int, stage: ReductionStage, size: Dim) -> tuple[list[str], Nest]:
        """The same of a row whose length is given at run time."""
        lanes, together = self.lanes, self.latency * self.lanes
        groups, vectors = Tiling(size, together), Tiling(size, lanes)
        sums = [f"part{k}" for k in range(self.latency if groups.some_whole else 1)]
        grouped = groups.whole * together
        nest: list[Nest] = []
        if groups.some_whole:
            along = tuple(self._step(index, stage, name, f"j + {k * lanes}") for k, name in enumerate(sums))
            nest.append(Loop("j", greatest(groups.whole), Term(along), "0", str(grouped), together))
        if vectors.some_whole:
            one = Term((self._step(index, stage, sums[0], "j"),))
            most = min(greatest(vectors.whole), self.latency - 1) or 1
            nest.append(Loop("j", most, one, str(grouped), str(vectors.whole * lanes), lanes))
        if vectors.rests:
            last = self._step(index, stage, sums[-1], str(size - vectors.rest), vectors.rest)
            nest.append(Term((If(f"{vectors.rest} > 0", [last]),)))
        return sums, self.over(stage, tuple(nest))

    def _step(self, index: int, stage: ReductionStage, name: str, at: str, part: int = 0) -> Statement:
        """Combine one vector into a variable, of the last vector of a row only a part."""
        code = self._elements(stage.map, index, at, part)
        lines, value = [*code.statements], code.result
        if stage.materialize:
            lines.append(store(f"q + {at}", value, part))
        if part != 0:
            value = f"mi_select({first_lanes(part, self.lanes)}, {value}, {_neutral(stage.combiner)})"
        return Block([*lines, f"{name} = {_both(stage.combiner, name, value)};"])

    def _elements(self, expression: Expression, known: int, at: str, part: int) -> Rendered:
        """An expression over one vector along the row."""
        return _elements(self.kernel, expression, at, part, "c{}", [f"s{i}" for i in range(known)])


class VectorTiles(Writer):
    """Groups are columns: vectors across them. Values are vectors, `v0_1` that of the second vector of columns."""

    def __init__(self, kernel: Reduction, machine: Machine) -> None:
        super().__init__(kernel, machine.pipeline.latency * machine.lanes)
        self.lanes = machine.lanes

    def _stage(self, index: int, stage: ReductionStage, width: int) -> list[Statement]:
        parts = self._parts(width)
        start = _neutral(stage.combiner)
        sums = [f"part{index}_{k}" for k in range(len(parts))]
        steps: list[Statement] = []
        for k, part in enumerate(parts):
            code = self._elements(stage.map, index, k, part)
            kept = [store(f"q + {k * self.lanes}", code.result, part)] if stage.materialize else []
            both = f"{sums[k]} = {_both(stage.combiner, sums[k], code.result)};"
            steps.append(Block([*code.statements, both, *kept]))
        nest = self.over(stage, Term(tuple(steps)))
        begin = f"vf {', '.join(f'{one} = {start}' for one in sums)};"
        totals = [f"total{index}_{k}" for k in range(len(parts))]
        end = [f"{total} += {one};" for total, one in zip(totals, sums, strict=True)]
        declared = [f"vf {', '.join(f'{total} = {{0}}' for total in totals)};"]
        lines, cut = summed(nest, [begin], declared, end, as_many(chain(nest), self.longest(stage, nest)))
        for k, one in enumerate(sums):
            total = totals[k] if cut else one
            code = vector_code(stage.finalize, [total, *(f"v{i}_{k}" for i in range(index))], f"w{index}_{k}_")
            lines += [*code.statements, f"const vf v{index}_{k} = {code.result};"]
        return lines

    def _result(self, width: int) -> Statement:
        body: list[Statement] = []
        for k, part in enumerate(self._parts(width)):
            code = self._elements(self.kernel.result, len(self.kernel.stages), k, part)
            body.append(Block([*code.statements, store(f"q + {k * self.lanes}", code.result, part)]))
        return self.loops(body)

    def _values(self, width: int) -> list[Statement]:
        return [
            store(f"z{index} + to + {k * self.lanes}", f"v{stage}_{k}", part)
            for index, stage in enumerate(self.kernel.values)
            for k, part in enumerate(self._parts(width))
        ]

    def _parts(self, width: int) -> list[int]:
        """How many columns each vector of a tile holds; 0: it is full."""
        return [min(self.lanes, width - at) % self.lanes for at in range(0, width, self.lanes)]

    def _elements(self, expression: Expression, known: int, k: int, part: int) -> Rendered:
        """An expression over one vector of columns."""
        values = [f"v{i}_{k}" for i in range(known)]
        return _elements(self.kernel, expression, str(k * self.lanes), part, "mi_set1(*b{})", values)


def _elements(
    kernel: Reduction, expression: Expression, at: str, part: int, still: str, values: Sequence[str]
) -> Rendered:
    """An expression over a vector of elements, of further inputs (`still`: those that stay in it), and of values."""
    walks = enumerate(kernel.strides)
    further = [load(f"b{index} + {at}", part) if strides[-1] else still.format(index) for index, strides in walks]
    return vector_code(expression, [load(f"p + {at}", part), *further, *values])


def _neutral(combine: str) -> str:
    return f"mi_set1({literal(neutral(combine, DType.FLOAT32), DType.FLOAT32)})"


def _both(combine: str, a: str, b: str) -> str:
    return VECTOR[combine].format(a=a, b=b)


def _joined(combine: str, sums: Sequence[str]) -> str:
    """Several vectors as one: neighbors first."""
    while len(sums) > 1:
        pairs = [f"({_both(combine, a, b)})" for a, b in zip(sums[::2], sums[1::2], strict=False)]
        sums = [*pairs, *sums[len(pairs) * 2 :]]
    return sums[0]
