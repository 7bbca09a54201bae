"""What one context carries from run to run: the memory of its states, and how many rows those that grow have."""

from mini_infer.errors import InputError
from mini_infer.ir.dims import Sizes, at, symbols_in
from mini_infer.program import Program
from mini_infer.runtime import arena


class States:
    """The states of a context, in one block of memory.

    Parameters
    ----------
    program
        Whose they are; all variants of an engine have the same.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._held: dict[str, int] = {}
        self.memory = arena.allocate(program.state_offsets[-1])
        self.reset()

    def reset(self) -> None:
        """Start anew: with zeros, and without rows where runs add them; what is beyond those is never read."""
        program = self._program
        self._held = {symbol.name: 0 for symbol in program.counted}
        for state, start in zip(program.states, program.state_offsets, strict=False):
            if state.counted is None:
                self.memory[start : start + state.bytes] = 0

    def sizes(self) -> Sizes:
        """The sizes that a run has to have, by their names: how many rows there are, and what the run before had.

        Raises
        ------
        InputError
            When there are more rows than the engine takes.
        """
        counted = {symbol.name for symbol in self._program.counted}
        for symbol in self._program.symbols:  # whose ranges may end before those of the states
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
        for state in self._program.states:
            if state.counted is not None:
                held[state.counted.name] = at(state.result.shape[state.axis], sizes)
        for state in self._program.states:
            others = tuple(size for axis, size in enumerate(state.type.shape) if axis != state.axis)
            held.update((each.name, sizes[each.name]) for each in symbols_in(others) if each.name not in held)
        self._held = held
