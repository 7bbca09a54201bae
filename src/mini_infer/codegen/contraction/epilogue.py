"""How sums leave the registers of a tile: the epilogue, and the stores."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from mini_infer.codegen.contraction.tile import Accumulators, name
from mini_infer.codegen.statements import Block, For, If, Statement
from mini_infer.codegen.vectors import integers, vector
from mini_infer.codegen.vectors.arithmetic import Arithmetic, Reals
from mini_infer.codegen.vectors.expression import (
    has_vector_form,
    in_scalars,
    is_of_reals,
    scalar_code,
    stored_code,
    vector_code,
)
from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels import Epilogue, Expression

_LIGHT = frozenset("Abs Add Cast Clip Constant Identity LeakyRelu Max Min Mul Neg Quantize Relu Sub".split())
"""Operations of a few instructions, which can be written out for every vector of a tile."""

_SHORT = 6
"""Operations in the longest expression that is written out so."""


@dataclass(frozen=True, slots=True)
class EpilogueWriter:
    """The epilogue of one tile.

    Light expressions work in the registers. For the others the sums go through a small array, over which a loop runs:
    written out for each vector they would be many pages of code, and need registers that the sums occupy.

    Parameters
    ----------
    sums
        The tile.
    epilogue
        What is done to them. The residual's first number is at `res`.
    machine
        Its vectors are `vf`, in terms of which expressions are written.
    types
        Of the sums, and of what is stored.
    column
        C of the first column's index in the operands by column.
    """

    sums: Accumulators
    epilogue: Epilogue
    machine: Machine
    types: tuple[DType, DType] = (DType.FLOAT32, DType.FLOAT32)
    column: str = "0"

    def store(self, rows: Sequence[int], *, row_step: int, column_step: int, left: str = "") -> list[Statement]:
        """Apply the epilogue to rows of the tile and store them from `out` on, in steps of so many floats.

        Only the first ones, if C says how many are `left`.
        """
        sums = self.sums
        count = left or len(rows)
        expression = self.epilogue.expression
        if not self.machine.has_vectors and is_light(in_scalars(expression, self._arguments)):
            numbers: list[Statement] = []
            for position, row in enumerate(rows):
                each = [
                    self._store_number(name(row, n), n, position * row_step, column_step) for n in range(sums.columns)
                ]
                numbers += [If(f"{position} < {left}", each)] if left else each
            return numbers
        if column_step != 1 or not self._has_vectors:
            return self._through_array(rows, self._scalar_loop(count, row_step, column_step))
        if is_light(self.epilogue.expression):
            stores: list[Statement] = []
            for position, row in enumerate(rows):
                each = [
                    self._store_vector(name(row, n), n, f"{position * row_step + n * sums.lanes}")
                    for n in range(sums.vectors)
                ]
                stores += [If(f"{position} < {left}", each)] if left else each
            return stores
        body = [  # written out: compilers make little of a loop over a few vectors
            self._store_vector("sum", n, f"m * {row_step} + {n * sums.lanes}", from_array=True)
            for n in range(sums.vectors)
        ]
        return self._through_array(rows, [For("m", count, body)])

    def apply(self) -> list[Statement]:
        """Apply an epilogue without residual to all sums, in place."""
        sums = self.sums
        rows = range(sums.rows)
        if not self.epilogue.expression:
            return []
        names = [name(row, n) for row in rows for n in range(sums.vectors)]
        if self._has_vectors and is_light(self.epilogue.expression):
            parts = [(value, *self._vector(value)) for value in names]
            return ["{ " + " ".join([*before, f"{value} = {result};"]) + " }" for value, before, result in parts]
        if self._has_vectors:
            before, result = self._vector("sum")
            at = f"&sums[m][n * {sums.lanes}]"
            inner = " ".join([self._load_sum(at), *before, sums.arithmetic.store(at, result, sums.lanes)])
            loop: list[Statement] = [For("m", sums.rows, [For("n", sums.vectors, [inner])])]
        else:
            loop = self._scalar_loop(sums.rows, 0, 0, in_place=True)
        reload = [
            f"{name(row, n)} = {sums.arithmetic.load(f'&sums[{row}][{n * sums.lanes}]')};"
            for row in rows
            for n in range(sums.vectors)
        ]
        return self._through_array(rows, [*loop, *reload])

    @property
    def _arguments(self) -> list[DType]:
        """The types of what the expression gets: the sum, the residual, which lies like the result, and the columns."""
        return self.epilogue.types(*self.types)

    @property
    def _is_real(self) -> bool:
        """Whether sums, the residual and what is stored are float32, which need no conversion."""
        return all(dtype is DType.FLOAT32 for dtype in self.types)

    @property
    def _has_vectors(self) -> bool:
        return not self.epilogue.expression or in_vectors(self.epilogue, self.types, self.machine)

    def _through_array(self, rows: Sequence[int], loop: Sequence[Statement]) -> list[Statement]:
        """The sums of some rows in an array `sums[row][column]`, and what is done with it."""
        lanes, count = self.sums.lanes, self.sums.vectors
        stores = [
            self.sums.arithmetic.store(f"&sums[{position}][{n * lanes}]", name(row, n), lanes)
            for position, row in enumerate(rows)
            for n in range(count)
        ]
        kind = f"{'_Alignas(64) ' if lanes > 1 else ''}{self.sums.arithmetic.sum}"
        return [Block([f"{kind} sums[{len(rows)}][{count * lanes}];", *stores, *loop])]

    def _load_sum(self, address: str) -> str:
        by = self.sums.arithmetic
        return f"const {by.vector} sum = {by.load(address)};"

    def _store_vector(self, value: str, n: int, at: str, *, from_array: bool = False) -> str:
        """The vector `n` of sums: the variable `value`, or from the array's row `m`; to `out + at`."""
        by, valid = self.sums.arithmetic, self.sums.valid(n)
        load = [self._load_sum(f"&sums[m][{n * by.lanes}]")] if from_array else []
        if not self.epilogue.expression:
            stored = by.store(f"out + {at}", value, valid)
            return "{ " + " ".join([*load, stored]) + " }" if load else stored
        if not self._is_real:
            return "{ " + " ".join([*load, *self._converted(value, n, at)]) + " }"
        residual = [cast("Reals", by).declared("r", f"res + {at}", valid)] if self.epilogue.residual else []
        before, result = self._vector(value, n)
        after = [f"const {by.vector} result = {result};", by.store(f"out + {at}", "result", valid)]
        return "{ " + " ".join([*load, *residual, *before, *after]) + " }"

    def _store_number(self, value: str, n: int, row_at: int, column_step: int) -> str:
        """A sum of column `n`, where a vector is one: from its register to `out`."""
        at = f"{row_at + n * column_step}" if isinstance(column_step, int) else f"{row_at} + {n} * {column_step}"
        before, result = self._of_number(value, f"{n}", at)
        return "{ " + " ".join([*before, f"out[{at}] = {result};"]) + " }"

    def _of_number(self, value: str, column: str, at: str) -> tuple[Sequence[str], str]:
        """The expression of one number in C: what it declares, and its result."""
        if not self.epilogue.expression:
            return (), value
        columns = [f"{each}[{self.column} + {column}]" for each in self.epilogue.column_names]
        arguments = [value, *[f"res[{at}]"] * self.epilogue.residual, *columns]
        rendered = scalar_code(self.epilogue.expression, arguments, self.epilogue.types(*self.types))
        return rendered.statements, rendered.result

    def _converted(self, value: str, n: int, at: str) -> list[str]:
        """The same where sums, residual or result are no float32, in whole vectors of the machine."""
        total, stored = self.types
        part = self.sums.valid(n) % self.sums.lanes
        lines = [f"const vf real = {'mi_of_s32' if total is DType.INT32 else ''}({value});"]
        if self.epilogue.residual:
            lines.append(f"const vf r = {integers.load(f'res + {at}', part, stored)};")
        code = stored_code(self.epilogue.expression, ["real", *self._around(n)], f"out + {at}", part)
        return [*lines, *code.statements]

    def _around(self, n: int) -> list[str]:
        """The arguments of the expression besides the sum, for a vector of columns."""
        residual = ["r"] * self.epilogue.residual
        first = f"{self.column} + {n * self.sums.lanes}"
        return [*residual, *(vector.load(f"{name} + {first}") for name in self.epilogue.column_names)]

    def _vector(self, value: str, n: int = 0) -> tuple[list[str], str]:
        """The expression of a vector of sums and, where there is one, of the residual's vector `r`."""
        arguments = [value, *self._around(n)]
        v = self.sums.arithmetic.vector
        if self.sums.lanes == self.machine.lanes:
            rendered = vector_code(self.epilogue.expression, arguments)
            return list(rendered.statements), rendered.result
        wide = [f"const vf wide_{argument} = {v}_widen({argument});" for argument in arguments]
        rendered = vector_code(self.epilogue.expression, [f"wide_{argument}" for argument in arguments])
        return [*wide, *rendered.statements], f"{v}_narrow({rendered.result})"

    def _scalar_loop(
        self, rows: int | str, row_step: int, column_step: int, *, in_place: bool = False
    ) -> list[Statement]:
        """The array's numbers one by one: to `out`, or in place."""
        at = f"m * {row_step} + j * {column_step}"
        more, result = self._of_number("sum", "j", at)
        before = [f"const {self.sums.arithmetic.sum} sum = sums[m][j];", *more]
        store = f"{'sums[m][j]' if in_place else f'out[{at}]'} = {result};"
        return [For("j", self.sums.columns, [For("m", rows, [*before, store])])]


def in_vectors(epilogue: Epilogue, types: tuple[DType, DType], machine: Machine) -> bool:
    """Whether an epilogue of sums of these types, and results, is computed in vectors.

    Without vectors it is computed number by number, as everything else is. One of float32 sums has no conversions, and
    numbers by column are for vectors as wide as the machine's.
    """
    given = epilogue.types(*types)
    if not machine.has_vectors:
        return False
    if types[0] is DType.INT32:
        return has_vector_form(epilogue.expression, given)
    return not epilogue.columns and is_of_reals(epilogue.expression, given)


def is_light(expression: Expression) -> bool:
    """Whether an expression is short enough to be written out for every vector of a tile."""
    return len(expression) <= _SHORT and all(step.name in _LIGHT for step in expression)


def applied(epilogue: Epilogue, valid: int) -> list[str]:
    """C that applies an epilogue to the first lanes of the `vf` variable `sum`; the residual's vector is `r`."""
    types = epilogue.types(DType.FLOAT32, DType.FLOAT32)
    arguments = ["sum", "r"][: len(types)]
    if not epilogue.expression:
        return []
    if is_of_reals(epilogue.expression, types):
        rendered = vector_code(epilogue.expression, arguments)
        return [*rendered.statements, f"sum = {rendered.result};"]
    rendered = scalar_code(epilogue.expression, [f"{name}[k]" for name in arguments], types)
    body = " ".join([*rendered.statements, f"sum[k] = {rendered.result};"])
    return [f"for (long k = 0; k < {valid}; ++k) {{ {body} }}"]


def helpers(
    arithmetic: Arithmetic,
    machine: Machine,
    epilogue: Epilogue,
    types: tuple[DType, DType] = (DType.FLOAT32, DType.FLOAT32),
    *,
    planar: bool = False,
) -> tuple[str, ...]:
    """The C functions that a tile needs, and its epilogue of sums of these types; of `planar` results, one by one."""
    needed = arithmetic.definitions(machine)
    if not epilogue.expression:
        return needed
    given = epilogue.types(*types)
    if in_vectors(epilogue, types, machine) and not (planar and DType.INT32 in types):
        code = stored_code(epilogue.expression, ["x"] * len(given), "out")
        return needed + integers.definitions(machine, *types) + code.helpers
    return needed + scalar_code(epilogue.expression, [f"x{index}" for index in range(len(given))], given).helpers
