"""One arena for one engine: the thing that runs. One thread at a time."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mini_infer.codegen import FAULTS
from mini_infer.errors import ContextBusyError, InputError
from mini_infer.ir import TensorType
from mini_infer.program import Control, Port
from mini_infer.runtime import arena as arenas
from mini_infer.runtime.control import jump
from mini_infer.runtime.native import pointers
from mini_infer.runtime.storage import Storage

if TYPE_CHECKING:
    from mini_infer.runtime.engine import Engine

Action = Callable[[Any, Any], int | None]
"""A stretch of the program: (pointers to inputs, pointers to outputs) → the action to go on with, if not the next."""


class Context:
    """Runs one engine in one arena.

    Parameters
    ----------
    engine
        What to run; it is never changed.
    arena
        Memory to run in (`Engine.arena_bytes`, aligned to 64 bytes); allocated here when absent.
    interpret
        Run every step by its ONNX meaning instead of native code.
    poison
        Interpret, and fill the bytes of dead buffers with NaN after every step: a wrong lifetime shows as NaN.
    """

    def __init__(
        self,
        engine: "Engine",
        arena: Any = None,
        *,
        interpret: bool = False,
        poison: bool = False,
    ) -> None:
        self.engine = engine
        size = engine.arena_bytes
        self._arena = arenas.allocate(size) if arena is None else arenas.adopt(arena, size)
        self._storage = Storage(engine.program, engine.plan, self._arena)
        self._poison = poison
        self._deaths: dict[int, list[int]] = {}
        if poison:
            for number, buffer in enumerate(engine.program.problem.buffers):
                self._deaths.setdefault(buffer.end, []).append(number)
        self._lock = threading.Lock()
        self._constants = engine.constants.__array_interface__["data"][0]
        self._address = self._arena.__array_interface__["data"][0]
        self._actions = self._build_actions(native=not (interpret or poison))

    @property
    def arena(self) -> np.ndarray:
        """The arena's bytes (uint8)."""
        return self._arena

    def run(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Run once and return fresh arrays.

        Parameters
        ----------
        inputs
            Input name → array of the engine's dtype and shape.

        Raises
        ------
        InputError
            For a missing or unknown name, another shape or another dtype.
        ContextBusyError
            When another thread is running this context.
        """
        ports = self.engine.program.inputs
        given = [self._checked(port, value) for port, value in zip(ports, self._named(inputs, ports), strict=True)]
        results = [
            np.empty(port.type.shape, port.type.dtype.numpy) if isinstance(port.type, TensorType) else None
            for port in self.engine.program.outputs
        ]
        self._execute(given, results)
        return {port.name: result for port, result in zip(self.engine.program.outputs, results, strict=True)}

    def run_into(self, inputs: Mapping[str, np.ndarray], outputs: Mapping[str, np.ndarray]) -> None:
        """Run once between the caller's arrays; nothing is allocated by native steps, nothing is copied.

        Parameters
        ----------
        inputs, outputs
            Name → C-contiguous array of the engine's dtype and shape; no output may overlap an input or another output.

        Raises
        ------
        InputError
            For a missing or unknown name, another shape or dtype, or an array that is not contiguous.
        ContextBusyError
            When another thread is running this context.
        """
        self.bind(inputs, outputs)()

    def bind(self, inputs: Mapping[str, np.ndarray], outputs: Mapping[str, np.ndarray]) -> Callable[[], None]:
        """Check the caller's arrays once, and return a function that runs between them.

        The arrays may be refilled between runs. Parameters and errors are those of `run_into`.
        """
        program = self.engine.program
        given = self._named(inputs, program.inputs)
        taken = self._named(outputs, program.outputs)
        for port, value in [*zip(program.inputs, given, strict=True), *zip(program.outputs, taken, strict=True)]:
            if self._checked(port, value) is not value:
                raise InputError(f"{port.name!r} must be a C-contiguous array to be used in place; copy it first")
        for port, value in zip(program.outputs, taken, strict=True):
            if not value.flags.writeable:
                raise InputError(f"output {port.name!r} is a read-only array")
        source, target = _addresses(given), _addresses(taken)

        def run() -> None:
            self._execute(given, taken, source, target)

        return run

    def _execute(self, inputs: Sequence[Any], outputs: list[Any], source: Any = None, target: Any = None) -> None:
        if not self._lock.acquire(blocking=False):
            raise ContextBusyError("this context is running in another thread; give each thread a context of its own")
        try:
            self._storage.bind(inputs, outputs)
            source = _addresses(inputs) if source is None else source
            target = _addresses(outputs) if target is None else target
            if self._poison:
                self._arena[...] = 0xFF
            position = 0
            while position < len(self._actions):
                following = self._actions[position](source, target)
                position = position + 1 if following is None else following
            for index, value in self.engine.opaque_outputs:
                outputs[index] = self._storage.read(value)
        finally:
            self._lock.release()

    def _build_actions(self, *, native: bool) -> list[Action]:
        steps = self.engine.program.steps
        segments = {}
        if native and self.engine.library is not None:
            segments = {start: (end, function) for start, end, function in self.engine.library.segments}
        actions: list[Action] = []
        index = 0
        while index < len(steps):
            end, function = segments.get(index, (index + 1, None))
            control = steps[index].control
            if index not in segments:
                actions.append(self._interpreted(index) if control is None else self._jump(control, index))
            elif function is not None:
                actions.append(self._native(function))
            index = end
        return actions

    def _native(self, function: Callable[..., int]) -> Action:
        constants, arena, steps = self._constants, self._address, self.engine.program.steps

        def action(source: Any, target: Any) -> None:
            fault = function(source, target, constants, arena)
            if fault:
                node = steps[fault // 256].node
                raise InputError(f"{node.name!r} ({node.op}): {FAULTS[fault % 256]}")

        return action

    def _jump(self, control: Control, index: int) -> Action:
        follow = jump(control, index, self._storage)
        return lambda source, target: follow()  # noqa: ARG005

    def _interpreted(self, index: int) -> Action:
        from mini_infer.interpreter import Evaluator

        program, storage = self.engine.program, self._storage
        node = program.steps[index].node
        evaluate = Evaluator(node)
        captured = [name for name in node.reads if name not in node.inputs]
        dead = self._deaths.get(index + 1, ())

        def action(source: Any, target: Any) -> None:  # noqa: ARG001
            inputs = [storage.read(name) if name else None for name in node.inputs]
            results = evaluate(inputs, {name: storage.read(name) for name in captured})
            for name, result in zip(node.outputs, results, strict=False):
                if name:
                    storage.write(name, result)
            for buffer in dead:
                storage.poison(buffer)

        return action

    @staticmethod
    def _named(values: Mapping[str, Any], ports: Sequence[Port]) -> list[Any]:
        """The values in the ports' order."""
        if len(values) == len(ports):
            try:
                return [values[port.name] for port in ports]
            except KeyError:
                pass
        expected = ", ".join(f"{port.name}: {port.type}" for port in ports)
        raise InputError(f"got {', '.join(values) or 'nothing'}; expected exactly {expected}")

    @staticmethod
    def _checked(port: Port, value: Any) -> Any:
        """The value as a contiguous array of the port's type; the same object if it is one already."""
        kind = port.type
        if not isinstance(kind, TensorType):
            return value
        array = value if isinstance(value, np.ndarray) else np.asarray(value)
        if array.dtype != kind.dtype.numpy or array.shape != kind.shape:
            shape = "x".join(map(str, array.shape))
            raise InputError(f"{port.name!r} is {array.dtype}[{shape}]; the engine takes {kind}")
        return array if array.flags.c_contiguous else np.ascontiguousarray(array)


def _addresses(arrays: Sequence[Any]) -> Any:
    return pointers([a.__array_interface__["data"][0] if isinstance(a, np.ndarray) else 0 for a in arrays])
