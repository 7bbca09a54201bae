"""One variant of an engine in one arena: native segments and interpreted steps, one after another."""

import ctypes
import weakref
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mini_infer.errors import EngineError, InputError
from mini_infer.extras import needs
from mini_infer.ir.dims import TYPICAL, Sizes, at, symbols_in
from mini_infer.program.abi import ERROR_MESSAGES, INTERRUPTED, Segment
from mini_infer.runtime import interrupt
from mini_infer.runtime.native import NativeLibrary
from mini_infer.runtime.ports import addresses
from mini_infer.runtime.states import States
from mini_infer.runtime.variant import Variant

if TYPE_CHECKING:
    from mini_infer.program import Control
    from mini_infer.runtime.storage import Storage

Action = Callable[[Any, Any], int | None]
"""A range of steps: (pointers to inputs, pointers to outputs) → the action to go on with, if not the next."""


class Executor:
    """Runs a variant; nothing is decided here any more, the list of actions is made once.

    Where one native function does all the steps, the program is not read, unless for a `walk`.

    Parameters
    ----------
    variant
        What runs.
    library
        Its machine code; `None` interprets every step.
    constants, arena
        The engine's constant block, and at least `variant.plan.size` bytes.
    states
        What the program carries from run to run (`States.memory`); made here when absent.
    poison
        Fill the bytes of dead buffers with NaN after every step (every step interpreted).
    """

    def __init__(
        self,
        variant: Variant,
        library: NativeLibrary | None,
        constants: np.ndarray,
        arena: np.ndarray,
        states: np.ndarray | None = None,
        *,
        poison: bool,
    ) -> None:
        self.variant = variant
        self._library = library
        self._states = States(variant.interface).memory if states is None else states
        self._constants = constants.__array_interface__["data"][0]
        self._arena = arena
        self._address = arena.__array_interface__["data"][0]
        self._poison = poison
        self._sizes: Sizes = TYPICAL
        self._told: np.ndarray | None = None
        self._deaths: dict[int, list[int]] = {}
        if poison:
            for number, buffer in enumerate(variant.program.problem.buffers):
                if number not in variant.program.taken:
                    self._deaths.setdefault(buffer.end, []).append(number)
        if library is not None and library.parallel:
            self._thread_pool = library.create_thread_pool()
            weakref.finalize(self, library.shut_down, self._thread_pool)
        self._only: tuple[Callable[..., int], tuple[ctypes.c_void_p, ...], bool] | None = None
        interface = variant.interface
        alone = library is not None and len(library.segments) == 1 and not interface.copied
        if library is not None and alone and interface.native_steps == interface.steps:
            ((segment, function),) = library.segments
            fixed = self._fixed(parallel=segment.parallel)
            self._only = None if function is None else (function, fixed, segment.interruptible)
        if self._only is None:
            self._actions  # noqa: B018 - made now, before anything runs

    def bind(
        self, inputs: Sequence[Any], outputs: list[Any], source: Any, target: Any, sizes: Sizes = TYPICAL
    ) -> Callable[[], None]:
        """A function that runs once.

        Parameters
        ----------
        inputs, outputs
            The caller's arrays in the program's order; opaque outputs are put into the list.
        source, target
            C arrays of their addresses.
        sizes
            Those that are given at run time.

        Raises
        ------
        InputError
            That function, when a kernel finds run-time data that it cannot use, such as an index out of range.
        KeyboardInterrupt
            That function, when it is interrupted; it can be called again.
        """
        if self._only is not None:  # microseconds count: nothing stands between the caller and the one C function
            function, fixed, interruptible = self._only
            arguments = (ctypes.byref(source), ctypes.byref(target), *fixed)
            table = self._tell(sizes, source, len(inputs))

            def run(_arrays: object = (inputs, outputs, table)) -> None:  # which live as long as the function does
                code = function(*arguments)
                if code:
                    self._fail(code)

            def run_interruptible(_arrays: object = (inputs, outputs, table)) -> None:
                code = function(*arguments, interrupt.ends_runs())
                if code:
                    self._fail(code)

            return run_interruptible if interruptible else run

        def walk() -> None:
            for _ in self.walk(inputs, outputs, source, target, sizes):
                pass
            for index, value in self.variant.opaque_outputs:
                outputs[index] = self._storage.read(value)

        return walk

    def walk(
        self, inputs: Sequence[Any], outputs: Sequence[Any], source: Any, target: Any, sizes: Sizes = TYPICAL
    ) -> Iterator[tuple[int, int]]:
        """Run a range of steps at a time; says which `[start, end)` were just done. Parameters are those of `bind`.

        Between the ranges `read` shows values; each is valid from the step that computes it to the last that reads it.
        """
        program = self.variant.program
        if program.images == 1:
            yield from self._walk(inputs, outputs, source, target, sizes)
            return
        one = {**sizes, **{symbol.name: 1 for symbol in symbols_in(program.images)}}
        for image in range(at(program.images, sizes)):
            given, made = ([array[image : image + 1] for array in arrays] for arrays in (inputs, outputs))
            yield from self._walk(given, made, addresses(given), addresses(made), one)

    def _walk(
        self, inputs: Sequence[Any], outputs: Sequence[Any], source: Any, target: Any, sizes: Sizes
    ) -> Iterator[tuple[int, int]]:
        self._storage.bind(inputs, outputs, sizes)
        self._sizes = sizes
        self._told = self._tell(sizes, source, len(inputs))  # which lives until the next run
        if self._poison:
            self._arena[...] = 0xFF
        self._storage.fill(inputs)
        actions = self._actions
        position = 0
        while position < len(actions):
            action, steps = actions[position]
            following = action(source, target)
            yield steps
            position = position + 1 if following is None else following
        self._storage.take(outputs)

    def _tell(self, sizes: Sizes, source: Any, position: int) -> np.ndarray | None:
        """What native code is told of sizes, behind the inputs; the array, which must live as long as the code runs.

        Of each symbol how many steps it has, then the offset of each buffer; nothing, where no size is given at run
        time. The states follow.
        """
        interface = self.variant.interface
        if interface.states:
            source[position + bool(interface.symbols)] = self._states.ctypes.data
        if not interface.symbols:
            return None
        counts = [sizes.get(symbol.name, symbol.typical) // symbol.step for symbol in interface.symbols]
        table = np.array([*counts, *interface.offsets], np.int64)
        source[position] = table.ctypes.data
        return table

    def read(self, name: str) -> Any:
        """A value where it lies, during a `walk`."""
        return self._storage.read(name)

    @cached_property
    def _storage(self) -> "Storage":
        from mini_infer.runtime.storage import Storage

        return Storage(self.variant.program, self.variant.plan, self._arena, self._states)

    @cached_property
    def _actions(self) -> list[tuple[Action, tuple[int, int]]]:
        """What to do, each with the steps `[start, end)` that it does."""
        library, steps = self._library, self.variant.program.steps
        segments = {segment.start: (segment, function) for segment, function in library.segments} if library else {}
        actions: list[tuple[Action, tuple[int, int]]] = []
        index = 0
        while index < len(steps):
            if index in segments:
                segment, function = segments[index]
                if function is not None:
                    actions.append((self._native(segment, function), (index, segment.end)))
                index = segment.end
                continue
            control = steps[index].control
            action = self._interpreted(index) if control is None else self._jump(control, index)
            actions.append((action, (index, index + 1)))
            index += 1
        return actions

    def _native(self, segment: Segment, function: Callable[..., int]) -> Action:
        fixed = self._fixed(parallel=segment.parallel)

        def action(source: Any, target: Any) -> None:
            more = (interrupt.ends_runs(),) if segment.interruptible else ()
            code = function(source, target, *fixed, *more)
            if code:
                self._fail(code)

        return action

    def _fixed(self, *, parallel: bool) -> tuple[ctypes.c_void_p, ...]:
        """What every native call is given besides inputs and outputs."""
        addresses = [self._constants, self._address]
        if parallel:
            addresses.append(self._thread_pool.__array_interface__["data"][0])
        return tuple(ctypes.c_void_p(address) for address in addresses)

    def _fail(self, code: int) -> None:
        """Say what a native call reported."""
        if code == INTERRUPTED:
            raise KeyboardInterrupt
        if code < 0:
            raise EngineError("this process may start no more threads: compile with fewer, or use fewer contexts")
        node = self.variant.program.steps[code // 256].node
        raise InputError(f"{node.name!r} ({node.op}): {ERROR_MESSAGES[code % 256]}")

    def _jump(self, control: "Control", index: int) -> Action:
        from mini_infer.runtime.control import jump

        follow = jump(control, index, self._storage)
        return lambda source, target: follow()  # noqa: ARG005

    def _interpreted(self, index: int) -> Action:
        with needs("running steps that have no native code"):
            from mini_infer.interpreter import Evaluator

        storage = self._storage
        step = self.variant.program.steps[index]
        node = step.node
        evaluate, is_open = Evaluator(at(node)), bool(symbols_in(node))
        captured = dict.fromkeys(name for each in node.primitives for name in each.captured)
        dead = self._deaths.get(index + 1, ())

        def action(source: Any, target: Any) -> None:  # noqa: ARG001
            if not step.is_view:
                inputs = [storage.read(name) if name else None for name in node.inputs]
                known = Evaluator(at(node, self._sizes)) if is_open else evaluate
                results = known(inputs, {name: storage.read(name) for name in captured})
                if step.stream is not None:  # whose results may lie in what another is a view of
                    results = [None if each is None else np.array(each) for each in results]
                for name, result in zip(node.outputs, results, strict=False):
                    if name:
                        storage.write(name, result)
            for buffer in dead:
                storage.poison(buffer)

        return action
