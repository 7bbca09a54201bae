"""Sequence operators with a state that is carried from call to call."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import RealType, Size, limit, one_of, require
from mini_infer.program.operand import Operand, present, reads, workspace, writes

WIDEST = 1 << 16
"""Numbers in a row of v: two such rows lie on the stack."""


@dataclass(frozen=True, slots=True)
class LinearAttention(Kernel):
    """Attention by a state that every step of the sequence decays, corrects and writes to.

    Operands: q `[batch, length, heads x size]`; k `[batch, length, states x size]`; v, `width` for `size`; as far
    as present the first state `[batch, states, size, width]`, the decay `[batch, length, states (x size)]` and beta
    `[batch, length, states or 1]`; y `[batch, length, heads x width]`; the state after the last step, and room for it
    in float32, both `[batch, states, size, width]`.

    Parameters
    ----------
    heads, states
        `heads / states` heads read each state.
    scale
        Of y.
    begun
        Whether there is a first state; otherwise it is 0.
    decay
        Numbers in a row of the decay; 0 without one.
    beta
        Numbers in a row of beta: with it, v is replaced by beta times what the state lacks of it. 0 without.
    dtype, state
        Element types of all but the states, and of those.
    """

    batch: Size
    length: int
    heads: Size
    states: Size
    size: Size
    width: Size
    scale: float
    begun: bool
    decay: int
    beta: int
    dtype: RealType
    state: RealType

    @property
    def multiply_adds(self) -> int:
        """Each step's with the state, to write it and to read it."""
        return 2 * self.batch * self.length * self.heads * self.size * self.width

    def check_fields(self) -> None:
        """Check that a row is no longer than the stack allows, and that heads share states evenly."""
        limit(self.width <= WIDEST, f"rows of {self.width} numbers, more than {WIDEST}")
        require(self.heads % self.states == 0, f"{self.heads} heads do not share {self.states} states evenly")
        one_of("decay", self.decay, (0, self.states, self.states * self.size))
        one_of("beta", self.beta, (0, 1, self.states))

    def operands(self) -> tuple[Operand, ...]:
        rows, states = self.batch * self.length, self.batch * self.states * self.size * self.width
        return present(
            reads("q", self.dtype, (rows * self.heads * self.size, 1)),
            reads("k", self.dtype, (rows * self.states * self.size, 1)),
            reads("v", self.dtype, (rows * self.states * self.width, 1)),
            reads("state", self.state, (states, 1)) if self.begun else None,
            reads("decay", self.dtype, (rows * self.decay, 1)) if self.decay else None,
            reads("beta", self.dtype, (rows * self.beta, 1)) if self.beta else None,
            writes("y", self.dtype, (rows * self.heads * self.width, 1)),
            writes("present", self.state, (states, 1)),
            workspace("scratch", DType.FLOAT32, states),
        )


@dataclass(frozen=True, slots=True)
class CausalConv(Kernel):
    """Each channel's convolution with the elements up to its own, of which the first ones come from the call before.

    Operands: x `[batch, channels, length]`, the weights `[channels, taps]`, as far as present the bias `[channels]` and
    what came before x `[batch, channels, taps - 1]`; y, like x; as far as wanted, what the next call needs.

    Parameters
    ----------
    bias, begun, kept
        Whether there are a bias, elements before x (otherwise zeros), and an output for the next call.
    swish
        Whether y is multiplied with its sigmoid.
    """

    batch: Size
    channels: Size
    length: int
    taps: Size
    bias: bool
    begun: bool
    kept: bool
    swish: bool
    dtype: RealType

    @property
    def multiply_adds(self) -> int:
        """One for each element and tap."""
        return self.batch * self.channels * self.length * self.taps

    def operands(self) -> tuple[Operand, ...]:
        rows, past = self.batch * self.channels, self.taps - 1
        return present(
            reads("x", self.dtype, (rows * self.length, 1)),
            reads("weights", self.dtype, (self.channels * self.taps, 1)),
            reads("bias", self.dtype, (self.channels, 1)) if self.bias else None,
            reads("before", self.dtype, (rows * past, 1)) if self.begun else None,
            writes("y", self.dtype, (rows * self.length, 1)),
            writes("next", self.dtype, (rows * past, 1)) if self.kept else None,
        )
