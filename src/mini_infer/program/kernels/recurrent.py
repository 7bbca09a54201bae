"""Recurrent networks: what follows the product of the whole input sequence with the weights."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.expression import Expression


@dataclass(frozen=True, slots=True)
class Strides:
    """How far apart the rows of a tensor lie, in elements, for each step of the sequence, direction and batch entry."""

    step: int
    direction: int
    batch: int


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
    operator
        `LSTM`, `GRU` or `RNN`.
    directions, batch, length, hidden
        Sizes.
    backwards
        Whether the first direction begins at the end of the sequence; a second one always does.
    linear
        Of a GRU: whether the state is multiplied with its weights before r is.
    dtype
        Element type.
    cells
        See above.
    products, states, ends
        How the operands lie: the products, all states, and the first and last ones.
    present
        The optional operands there are: some of `bias lengths h c peepholes Y Y_h Y_c`.
    """

    operator: str
    directions: int
    batch: int
    length: int
    hidden: int
    backwards: bool
    linear: bool
    dtype: DType
    cells: tuple[tuple[Expression, ...], ...]
    products: Strides
    states: Strides
    ends: Strides
    present: tuple[str, ...]

    @property
    def gates(self) -> int:
        """Gates of a cell."""
        return {"LSTM": 4, "GRU": 3, "RNN": 1}[self.operator]

    @property
    def scratch(self) -> int:
        """Elements of scratch memory: for each direction and batch entry h, c, r times h, and the sums."""
        return self.directions * self.batch * (3 + self.gates) * self.hidden

    @property
    def multiply_adds(self) -> int:
        """Those of the states with the recurrent weights."""
        return self.directions * self.batch * self.length * self.gates * self.hidden * self.hidden
