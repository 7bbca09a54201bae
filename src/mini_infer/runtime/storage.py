"""The memory of one context as NumPy arrays: where reading and writing a value by name finds its bytes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mini_infer.errors import InputError, UnsupportedError
from mini_infer.ir.dims import TYPICAL, Sizes, at
from mini_infer.memory import Plan
from mini_infer.program import Program, Space, View


class Storage:
    """Values of a program by name, in the arena, the constants and the caller's arrays.

    Parameters
    ----------
    program, plan
        What runs, and where its buffers lie.
    arena
        `plan.size` bytes of uint8.
    states
        The memory of the program's states.
    """

    def __init__(self, program: Program, plan: Plan, arena: np.ndarray, states: np.ndarray) -> None:
        self._program = program
        self._plan = plan
        self._arena = arena
        self._states = states
        self._ports: dict[Space, Sequence[np.ndarray]] = {}
        self._sizes: Sizes = {}
        self._objects: dict[str, Any] = {}
        self._constants: dict[int, np.ndarray] = {}
        self.repetitions: dict[int, int] = {}
        """Step of a loop that is running → repetitions that have begun."""

    def bind(self, inputs: Sequence[Any], outputs: Sequence[Any], sizes: Sizes = TYPICAL) -> None:
        """Point at the caller's inputs and outputs of one run, in the program's order; `None` where opaque.

        `sizes` are those that are given at run time.
        """
        self._sizes = sizes
        self._ports = {Space.INPUT: inputs, Space.OUTPUT: outputs}
        self.repetitions.clear()  # the run before may have been cut short
        self._objects = {
            constant.name: constant.value for constant in self._program.constants if constant.value.dtype.hasobject
        }
        for port, value in zip(self._program.inputs, inputs, strict=True):
            if port.name not in self._program.values:
                self._objects[port.name] = value

    def fill(self, inputs: Sequence[Any]) -> None:
        """Copy inputs to where they lie in the arena, if they do."""
        for port, value in zip(self._program.inputs, inputs, strict=True):
            if (view := self._program.values.get(port.value)) is not None and view.space is Space.ARENA:
                self.array(view)[...] = value

    def take(self, outputs: Sequence[Any]) -> None:
        """Copy outputs from where they lie in the arena, if they do."""
        for port, value in zip(self._program.outputs, outputs, strict=True):
            if (view := self._program.values.get(port.value)) is not None and view.space is Space.ARENA:
                value[...] = self.array(view)

    def read(self, name: str) -> Any:
        """The value: a view of its bytes for a tensor, the Python object for an opaque value."""
        view = self._program.values.get(name)
        if view is None:
            return self._objects[name]
        return self.array(view)

    def write(self, name: str, value: Any) -> None:
        """Store what an interpreted step computed.

        Nothing is written to inputs and constants: a value that lies there is part of them.

        Raises
        ------
        UnsupportedError
            When a tensor has another shape than planned: these inputs ask for another one.
        InputError
            When it is no tensor.
        """
        view = self._program.values.get(name)
        if view is None:
            self._objects[name] = _own(value)
            return
        value = np.asarray(value)
        shape = at(view.type.shape, self._sizes)
        if value.shape != shape:
            raise UnsupportedError(f"{name!r} came out as {value.shape} of these inputs, planned as {shape}")
        if view.space in (Space.ARENA, Space.OUTPUT, Space.STATE):
            try:
                self.array(view)[...] = value
            except (TypeError, ValueError) as error:
                raise InputError(f"{name!r} came out as {value.dtype}, planned as {view.type}: {error}") from error

    def poison(self, buffer: int) -> None:
        """Fill a buffer that dies with 0xFF bytes, NaN in every floating-point type; not what has grown into it."""
        plan, buffers = self._plan, self._program.problem.buffers
        offset = plan.offsets[buffer]
        dead = np.ones(buffers[buffer].size, np.bool_)
        for each in self._program.problem.overlaps:
            if each.upper == buffer and buffers[each.lower].end > buffers[buffer].end:
                begin = plan.offsets[each.lower] - offset
                dead[max(0, begin) : max(0, begin + buffers[each.lower].size)] = False
        self._arena[offset : offset + len(dead)][dead] = 0xFF

    def array(self, view: View) -> np.ndarray:
        """The tensor at a view; a constant is unpacked when first asked for."""
        view = at(view, self._sizes) if self._program.symbols else view
        if view.space is Space.CONSTANT:
            if view.index not in self._constants:
                self._constants[view.index] = self._program.constants[view.index].original
            constant = self._constants[view.index]
            return np.broadcast_to(constant, view.type.shape) if view.strides else constant
        if view.space is Space.ARENA:
            memory, start = self._arena, self._plan.offsets[view.index] + view.offset
        elif view.space is Space.STATE:
            memory, start = self._states, self._program.state_offsets[view.index] + view.offset
        else:
            memory, start = self._ports[view.space][view.index].reshape(-1).view(np.uint8), view.offset
        dtype = view.type.dtype.numpy
        strides = [stride * dtype.itemsize for stride in view.walk]
        return np.ndarray(view.type.shape, dtype, memory, start, strides)  # refused if it leaves the memory


def _own(value: Any) -> Any:
    """A copy of an opaque value: what was computed may be views of arena bytes that others write while it lives."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, list):
        return [_own(item) for item in value]
    return value
