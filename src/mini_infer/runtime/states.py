"""What one context carries from run to run: the memory of its states, and how many rows those that grow have."""

import numpy as np

from mini_infer.errors import InputError
from mini_infer.ir.dims import Sizes, at, symbols_in
from mini_infer.runtime import arena
from mini_infer.runtime.interface import Interface


class States:
    """The states of a context, in one block of memory.

    Parameters
    ----------
    interface
        Of the program whose they are; all variants of an engine have the same.
    """

    def __init__(self, interface: Interface) -> None:
        self._interface = interface
        self._held: dict[str, int] = {}
        self.memory = arena.allocate(interface.state_offsets[-1])
        self.reset()

    def reset(self) -> None:
        """Start anew: with zeros, and without rows where runs add them; what is beyond those is never read."""
        interface = self._interface
        self._held = {symbol.name: 0 for symbol in interface.counted}
        for state, start in zip(interface.states, interface.state_offsets, strict=False):
            if state.counted is None:
                self.memory[start : start + state.bytes] = 0

    @property
    def held(self) -> tuple[bytes, dict[str, int]]:
        """The bytes of the states, and the sizes that a run has to have."""
        return self.memory.tobytes(), dict(self._held)

    def hold(self, held: tuple[bytes, dict[str, int]]) -> None:
        """Go on from what `held` said."""
        content, self._held = held
        self.memory[...] = np.frombuffer(content, np.uint8)

    def sizes(self) -> Sizes:
        """The sizes that a run has to have, by their names: how many rows there are, and what the run before had.

        Raises
        ------
        InputError
            When there are more rows than the engine takes.
        """
        counted = {symbol.name for symbol in self._interface.counted}
        for symbol in self._interface.symbols:  # whose ranges may end before those of the states
            if symbol.name in counted and (rows := self._held[symbol.name]) not in symbol.sizes:
                step = f", in steps of {symbol.step}" if symbol.step > 1 else ""
                raise InputError(
                    f"the state has {symbol.name} = {rows}; the engine takes {symbol.low} to {symbol.high}{step}: "
                    "start anew with reset(), or compile it for more"
                )
        return self._held

    def advance(self, sizes: Sizes) -> None:
        """Count what a run of these sizes, which is over, has added."""
        held: dict[str, int] = {}
        for state in self._interface.states:
            if state.counted is not None:
                held[state.counted.name] = at(state.result.shape[state.axis], sizes)
        for state in self._interface.states:
            others = tuple(size for axis, size in enumerate(state.type.shape) if axis != state.axis)
            held.update((each.name, sizes[each.name]) for each in symbols_in(others) if each.name not in held)
        self._held = held
