"""A `Reduction` in C for any element type: columns side by side in arrays, of which the compiler makes vectors."""

from mini_infer.codegen.contraction.blocked_sum import Nest, Term, add_up, chain
from mini_infer.codegen.function import C_TYPES
from mini_infer.codegen.reduction.reduction_writer import Writer
from mini_infer.codegen.statements import For, Statement
from mini_infer.codegen.vectors.expression import scalar_code
from mini_infer.codegen.vectors.scalars import literal
from mini_infer.ir import DType
from mini_infer.program.kernels import Expression, Operation
from mini_infer.program.kernels.reduction.reduction import Reduction, ReductionStage, neutral

_COLUMNS = 64
"""Columns worked on side by side."""


class ScalarTiles(Writer):
    """Tiles of columns; a row is a tile of one column. Values are arrays, `v0[k]` that of column `k`."""

    def __init__(self, kernel: Reduction) -> None:
        super().__init__(kernel, 0 if kernel.reduced[-1] else _COLUMNS)

    def _stage(self, index: int, stage: ReductionStage, width: int) -> list[Statement]:
        kind = stage.map[-1].dtype
        statements, value = self._statements(stage.map, index)
        known = [f"v{i}[k]" for i in range(index)]
        types = [s.finalize[-1].dtype for s in self.kernel.stages[:index]]

        def element(name: str) -> Nest:
            """One element of each column, combined into an array."""
            both = scalar_code((Operation(stage.combiner, (0, 1), kind),), [f"{name}[k]", value], [kind] * 2, "c")
            self.helpers += both.helpers
            lines = [*statements, *both.statements, f"{name}[k] = {both.result};"]
            lines += [f"q[k] = {value};"] if stage.materialize else []
            return self.over(stage, Term((For("k", width, lines),)))

        total = f"total{index}"
        longest = self.longest(stage, element(total))
        long = chain(element(total)) > longest
        after = scalar_code(
            stage.finalize, [f"({C_TYPES[kind]}){total}[k]" if long else f"{total}[k]", *known], [kind, *types]
        )
        self.helpers += after.helpers
        return [
            f"{'double' if long else C_TYPES[kind]} {total}[{width}];",
            For("k", width, [f"{total}[k] = {literal(neutral(stage.combiner, kind), kind)};"]),
            *add_up(element, total, C_TYPES[kind], count=width, longest=longest),
            f"{C_TYPES[stage.finalize[-1].dtype]} v{index}[{width}];",
            For("k", width, [*after.statements, f"v{index}[k] = {after.result};"]),
        ]

    def _result(self, width: int) -> Statement:
        statements, value = self._statements(self.kernel.result, len(self.kernel.stages))
        return self.loops([For("k", width, [*statements, f"q[k] = {value};"])])

    def _values(self, width: int) -> list[Statement]:
        lines = [f"z{index}[to + k] = v{stage}[k];" for index, stage in enumerate(self.kernel.values)]
        return [For("k", width, lines)] if lines else []

    def _statements(self, expression: Expression, known: int) -> tuple[tuple[str, ...], str]:
        """An expression over the element, the further inputs and the values so far."""
        kernel = self.kernel
        source = kernel.dtype if self.elements == "x" or not kernel.result else kernel.result[-1].dtype
        inner = [0 if kernel.reduced[-1] else strides[-1] for strides in kernel.strides]
        arguments = ["p[k]", *(f"b{i}[k * {stride}]" for i, stride in enumerate(inner))]
        arguments += [f"v{i}[k]" for i in range(known)]
        types: list[DType] = [source, *kernel.dtypes, *(stage.finalize[-1].dtype for stage in kernel.stages[:known])]
        code = scalar_code(expression, arguments, types)
        self.helpers += code.helpers
        return code.statements, code.result
