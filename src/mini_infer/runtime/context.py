"""One arena for one engine: the thing that runs. One thread at a time."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from mini_infer.errors import ContextBusyError, InputError, UsageError
from mini_infer.ir import TensorType, trimmed
from mini_infer.ir.dims import TYPICAL, Sizes
from mini_infer.runtime import arena as arenas
from mini_infer.runtime import forked, ports
from mini_infer.runtime.artifact import Artifact
from mini_infer.runtime.executor import Executor
from mini_infer.runtime.native import NativeLibrary
from mini_infer.runtime.states import States


class Context:
    """Runs one artifact in one arena, and keeps what its model carries from run to run.

    Parameters
    ----------
    artifact
        What to run; it is never changed.
    libraries
        The machine code of each of its variants; `None` runs every step by its ONNX meaning.
    arena
        Memory to run in (`Artifact.arena_bytes`, aligned to 64 bytes); allocated here when absent.
    interpret
        Run every step by its ONNX meaning, whatever machine code there is.
    poison
        Interpret, and fill the bytes of dead buffers with NaN after every step: a wrong lifetime shows as NaN.

    Notes
    -----
    A pickled context is its engine (see there) and what its model carries from run to run; unpickled, it has an arena
    of its own.
    """

    def __init__(
        self,
        artifact: Artifact,
        libraries: Sequence[NativeLibrary | None],
        arena: Any = None,
        *,
        interpret: bool = False,
        poison: bool = False,
    ) -> None:
        self.artifact = artifact
        self._made_with = (interpret, poison)
        size = artifact.arena_bytes
        self._arena = arenas.allocate(size) if arena is None else arenas.adopt(arena, size)
        self._adopted = arena is not None
        self._lock = threading.Lock()
        forked.watch(self)
        self._states = States(artifact.interface) if artifact.interface.states else None
        memory = None if self._states is None else self._states.memory
        self._executors = tuple(
            Executor(
                variant,
                None if interpret or poison else library,
                artifact.constants,
                self._arena,
                memory,
                poison=poison,
            )
            for variant, library in zip(artifact.variants, libraries, strict=True)
        )

    def __reduce__(self) -> tuple[Any, ...]:
        held = None if self._states is None else self._states.held
        return _made_again, (self.artifact, *self._made_with), held

    def __setstate__(self, held: Any) -> None:
        if self._states is not None:
            self._states.hold(held)

    def release(self) -> None:
        """Be free again, in a forked child, of a run that goes on in its parent only."""
        if self._lock.locked():
            self._lock.release()

    def close(self) -> None:
        """Let go of the arena and the states; the context runs no more. So does leaving a `with` block."""
        self._executors = ()
        self._states = None
        self._arena = np.empty(0, np.uint8)

    def reset(self) -> None:
        """Start anew what the model carries from run to run: zeros, and no rows where rows are added.

        Raises
        ------
        ContextBusyError
            When another thread is running this context.
        """
        if self._states is not None:
            self._alone(self._states.reset)()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        sizes = "".join(f", {symbol.name} {symbol.said}" for symbol in self.artifact.interface.symbols)
        return f"Context({self.artifact.interface.title!r}, arena of {self._arena.nbytes:,} bytes{sizes})"

    @property
    def arena(self) -> np.ndarray:
        """The arena's bytes (uint8)."""
        return self._arena

    def run(self, inputs: Mapping[str, Any] | Any) -> dict[str, Any]:
        """Run once and return fresh arrays.

        Parameters
        ----------
        inputs
            Input name → array of the engine's dtype and shape (of one of its profiles, if it has several), with any
            size of a dimension's range; of an engine with one input, the array alone.

        Raises
        ------
        InputError
            For a missing or unknown name, another shape or another dtype, a size outside the range of its dimension, or
            an array that lies in the arena.
        UsageError
            When the context is closed.
        ContextBusyError
            When another thread is running this context.
        KeyboardInterrupt
            When it is interrupted in the main thread; the context can run again.
        """
        if not isinstance(inputs, Mapping):
            inputs = ports.alone(inputs, self.artifact.interface.inputs)
        executor = self._executor(inputs)
        interface = executor.variant.interface
        values = ports.in_order(inputs, interface.inputs)
        sizes, taken, made = ports.sized(interface, values, self._held)
        given = [ports.checked(port, value) for port, value in zip(taken, values, strict=True)]
        if self._adopted:
            ports.apart(zip(taken, given, strict=True), (), self._arena)
        results: list[Any] = [arenas.empty(port.type) if isinstance(port.type, TensorType) else None for port in made]
        run = executor.bind(given, results, ports.addresses(given), ports.addresses(results), sizes)
        self._alone(self._counting(run, sizes))()
        named = {port.name: result for port, result in zip(interface.outputs, results, strict=True)}
        return trimmed(named, ports.bounds(interface.outputs))

    def run_into(self, inputs: Mapping[str, np.ndarray], outputs: Mapping[str, np.ndarray]) -> None:
        """Run once between the caller's arrays; nothing is copied, and nothing is allocated by native steps.

        Parameters
        ----------
        inputs, outputs
            Name → C-contiguous array of the engine's dtype and shape; no output may overlap an input or another output.
            An output of data-dependent size has the shape of its upper bound, and another output says how much of it is
            there (`Port.bound`); that one may be left out.

        Raises
        ------
        InputError
            For a missing or unknown name, another shape or dtype, an array that is not contiguous, or one that shares
            bytes with an output or the arena.
        ContextBusyError
            When another thread is running this context.
        """
        self.bind(inputs, outputs)()

    def bind(self, inputs: Mapping[str, np.ndarray], outputs: Mapping[str, np.ndarray]) -> Callable[[], None]:
        """Check the caller's arrays once, and return a function that runs between them.

        The arrays may be refilled between runs. Parameters and errors are those of `run_into`.
        """
        executor = self._executor(inputs)
        interface = executor.variant.interface
        given = ports.in_order(inputs, interface.inputs)
        counts = {bound.count: np.empty((), np.int64) for bound in ports.bounds(interface.outputs).values()}
        taken = ports.in_order({**counts, **outputs}, interface.outputs)
        sizes, read, written = ports.sized(interface, given, self._held)
        for port, value in zip(read, given, strict=True):
            ports.in_place(port, value, written=False)
        for port, value in zip(written, taken, strict=True):
            ports.in_place(port, value, written=True)
        ports.apart(zip(read, given, strict=True), zip(written, taken, strict=True), self._arena)
        if interface.counted:
            return self._alone(lambda: self._next(executor, given, taken))
        return self._alone(executor.bind(given, taken, ports.addresses(given), ports.addresses(taken), sizes))

    @property
    def _held(self) -> Sizes:
        """The sizes that a run has to have, because of what is there from the runs before."""
        return TYPICAL if self._states is None else self._states.sizes()

    def _next(self, executor: Executor, given: Sequence[np.ndarray], taken: list[np.ndarray]) -> None:
        """Run on from what is there now, between arrays that were checked for another number of rows."""
        sizes, read, written = ports.sized(executor.variant.interface, given, self._held)
        for port, value in (*zip(read, given, strict=True), *zip(written, taken, strict=True)):
            ports.in_place(port, value, written=False)
        run = executor.bind(given, taken, ports.addresses(given), ports.addresses(taken), sizes)
        self._counting(run, sizes)()

    def _counting(self, run: Callable[[], None], sizes: Sizes) -> Callable[[], None]:
        """The same, after which the rows that it added are there."""
        states = self._states
        if states is None:
            return run

        def counting() -> None:
            run()
            states.advance(sizes)

        return counting

    def _alone(self, run: Callable[[], None]) -> Callable[[], None]:
        """The same, refused while another thread runs this context."""
        acquire, release = self._lock.acquire, self._lock.release

        def alone() -> None:
            if not acquire(blocking=False):
                raise ContextBusyError("this context is running in another thread; give each thread one of its own")
            try:
                run()
            finally:
                release()

        return alone

    def _executor(self, inputs: Mapping[str, Any]) -> Executor:
        """The executor whose profile has the inputs' shapes."""
        if len(self._executors) == 1:
            return self._executors[0]
        if not self._executors:
            raise UsageError("this context is closed: create another one")
        shapes = {name: np.shape(value) for name, value in inputs.items()}
        for executor in self._executors:
            known = executor.variant.interface.inputs
            if all(not isinstance(port.type, TensorType) or port.type.takes(shapes.get(port.name)) for port in known):
                return executor
        profiles = "; ".join(
            f"{executor.variant.name} takes "
            + ", ".join(f"{port.name}: {port.type}" for port in executor.variant.interface.inputs)
            for executor in self._executors
        )
        given = ", ".join(f"{name}: {'x'.join(map(str, shape))}" for name, shape in shapes.items())
        raise InputError(f"no profile takes {given}; {profiles}")


def _made_again(engine: Any, interpret: bool, poison: bool) -> Context:  # noqa: FBT001 - as it was pickled
    """A context that was pickled, of its engine."""
    context: Context = engine.create_context(interpret=interpret, poison=poison)
    return context
