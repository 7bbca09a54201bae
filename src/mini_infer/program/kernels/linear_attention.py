"""Sequence operators with a state that is carried from call to call."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel


@dataclass(frozen=True, slots=True)
class LinearAttention(Kernel):
    """Attention by a state that every step of the sequence decays, corrects and writes to.

    Operands: q `[batch, length, heads x size]`; k `[batch, length, states x size]`; v, `width` for `size`; as far
    as present the first state `[batch, states, size, width]`, the decay `[batch, length, states (x size)]` and beta
    `[batch, length, states or 1]`; y `[batch, length, heads x width]`; the state after the last step, and room for it
    in float32, both `[batch, states, size, width]`.

    Parameters
    ----------
    batch, length, heads, states, size, width
        Sizes; `heads / states` heads read each state.
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

    batch: int
    length: int
    heads: int
    states: int
    size: int
    width: int
    scale: float
    begun: bool
    decay: int
    beta: int
    dtype: DType
    state: DType

    @property
    def multiply_adds(self) -> int:
        """Each step's with the state, to write it and to read it."""
        return 2 * self.batch * self.length * self.heads * self.size * self.width


@dataclass(frozen=True, slots=True)
class CausalConv(Kernel):
    """Each channel's convolution with the elements up to its own, of which the first ones come from the call before.

    Operands: x `[batch, channels, length]`, the weights `[channels, taps]`, as far as present the bias `[channels]` and
    what came before x `[batch, channels, taps - 1]`; y, like x; as far as wanted, what the next call needs.

    Parameters
    ----------
    batch, channels, length, taps
        Sizes.
    bias, begun, kept
        Whether there are a bias, elements before x (otherwise zeros), and an output for the next call.
    swish
        Whether y is multiplied with its sigmoid.
    dtype
        Element type.
    """

    batch: int
    channels: int
    length: int
    taps: int
    bias: bool
    begun: bool
    kept: bool
    swish: bool
    dtype: DType

    @property
    def multiply_adds(self) -> int:
        """One for each element and tap."""
        return self.batch * self.channels * self.length * self.taps
