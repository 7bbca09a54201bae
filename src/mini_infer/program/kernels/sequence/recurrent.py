"""Recurrent networks: what follows the product of the whole input sequence with the weights."""

from dataclasses import dataclass
from typing import Annotated

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.expression import Expression, check_expression
from mini_infer.program.kernels.rules import RealType, Size, choice, require
from mini_infer.program.operand import Operand, Walk, reads, workspace, writes


@dataclass(frozen=True, slots=True)
class Strides:
    """How far apart the rows of a tensor lie, in elements, for each step of the sequence, direction and batch entry."""

    step: int
    direction: int
    batch: int


_GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}

_OPTIONAL = frozenset({"bias", "lengths", "h", "c", "peepholes", "Y", "Y_h", "Y_c"})

_OF_LSTM = frozenset({"c", "peepholes", "Y_c"})
"""Optional operands that only an LSTM has."""


@dataclass(frozen=True, slots=True)
class Recurrence(Kernel):
    """The steps of an LSTM, GRU or RNN over a sequence whose products with the input weights are known.

    Operands: those products, `gates` x `hidden` numbers a row; the recurrent weights `[directions, hidden, gates x
    hidden]`; as far as present the bias `[directions, 2 x gates x hidden]`, the lengths (int32, one for each batch
    entry), the initial states h and c, and the peepholes `[directions, 3 x hidden]`; scratch memory of `scratch`
    elements; then, as far as present, all states h, the last h and the last c.

    The gates are those of ONNX in its order: i, o, f, c of an LSTM, z, r, h of a GRU. `cells` holds, for each
    direction, the expressions of its cell, over vectors of `hidden` numbers:

    LSTM
        the new c, of the sums i, f, c and the old c (and the peepholes of i and f); the new h, of the sum o and the new
        c (and the peephole of o);
    GRU, `linear`
        the new h, of the sums z and r, the products of h with the input and the state, and the old h (and the input's
        bias of h);
    GRU
        r times h, of the sum r and the old h; the new h, of the sums z and h and the old h;
    RNN
        the new h, of the sum.

    Parameters
    ----------
    backwards
        Whether the first direction begins at the end of the sequence; a second one always does.
    linear
        Of a GRU: whether the state is multiplied with its weights before r is.
    products, states, ends
        How the operands lie: the products, all states, and the first and last ones.
    present
        The optional operands there are: some of `bias lengths h c peepholes Y Y_h Y_c`.
    """

    OPEN = frozenset({"batch", "length", "step", "direction"})

    operator: Annotated[str, choice(*_GATES)]
    directions: Annotated[int, choice(1, 2)]
    batch: Size
    length: int
    hidden: Size
    backwards: bool
    linear: bool
    dtype: RealType
    cells: tuple[tuple[Expression, ...], ...]
    products: Strides
    states: Strides
    ends: Strides
    present: tuple[str, ...]

    @property
    def gates(self) -> int:
        """Gates of a cell."""
        return _GATES[self.operator]

    @property
    def scratch(self) -> int:
        """Elements of scratch memory: for each direction and batch entry h, c, r times h, and the sums."""
        return self.directions * self.batch * (3 + self.gates) * self.hidden

    @property
    def multiply_adds(self) -> int:
        """Those of the states with the recurrent weights."""
        return self.directions * self.batch * self.length * self.gates * self.hidden * self.hidden

    def check_fields(self) -> None:
        """Check which operands there are, and the expressions of the cells."""
        known = _OPTIONAL if self.operator == "LSTM" else _OPTIONAL - _OF_LSTM
        require(known.issuperset(self.present), f"{self.operator} has not all of {', '.join(self.present)}")
        require(len(self.cells) == self.directions, f"{len(self.cells)} cells for {self.directions} directions")
        wanted = self._arguments
        for cell in self.cells:
            require(len(cell) == len(wanted), f"a cell has {len(cell)} expressions")
            for expression, count in zip(cell, wanted, strict=True):
                result = check_expression(expression, [self.dtype] * count)
                require(result is self.dtype, f"a cell of {self.dtype.value} gives {result.value}")

    @property
    def _arguments(self) -> tuple[int, ...]:
        """How many vectors each expression of a cell is applied to."""
        if self.operator == "LSTM":
            return (6, 3) if "peepholes" in self.present else (4, 2)
        if self.operator == "GRU":
            return (5 + ("bias" in self.present),) if self.linear else (2, 3)
        return (1,)

    def operands(self) -> tuple[Operand, ...]:
        dtype, columns, both = self.dtype, self.gates * self.hidden, self.directions
        end = self._rows(self.ends, 1, self.hidden)
        every = (
            reads("products", dtype, *self._rows(self.products, self.length, columns)),
            reads("weights", dtype, (both * self.hidden * columns, 1)),
            reads("bias", dtype, (both * 2 * columns, 1)),
            reads("lengths", DType.INT32, (self.batch, 1)),
            reads("h", dtype, *end),
            reads("c", dtype, *end),
            reads("peepholes", dtype, (both * 3 * self.hidden, 1)),
            workspace("scratch", dtype, self.scratch),
            writes("Y", dtype, *self._rows(self.states, self.length, self.hidden)),
            writes("Y_h", dtype, *end),
            writes("Y_c", dtype, *end),
        )
        return tuple(one for one in every if one.name in self.present or one.name not in _OPTIONAL)

    def _rows(self, strides: Strides, steps: int, size: int) -> Walk:
        """The walk over rows of so many numbers."""
        lines = ((steps, strides.step), (self.directions, strides.direction), (self.batch, strides.batch))
        return (*lines, (size, 1))
