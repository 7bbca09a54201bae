"""Any number of rows through one engine: what the workers of Beam, Ray and Spark have in common.

Each process loads the engine once. Its weights are mapped from the engine file, so the processes of a machine share
them; what each further one takes is an arena.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mini_infer.engines import load_or_compile
from mini_infer.errors import InputError, UnsupportedError, UsageError
from mini_infer.ir import Dim, TensorType, ValueType
from mini_infer.keywords import chosen
from mini_infer.runtime import Engine, Sizes, sizes
from mini_infer.runtime.store import SUFFIX


@dataclass(frozen=True, slots=True)
class Source:
    """A model that a worker loads; it can be pickled.

    Parameters
    ----------
    path
        An engine file, `NAME.engine`, or a model, which is compiled once on each machine (`load_or_compile`).
    trust_code
        Whether the native code beside an engine file may run, as `Engine.load` says.
    options
        For compiling a model, as of `compile`.

    Raises
    ------
    UsageError
        There is no option of a name, or there are some for an engine file, which is compiled already.
    """

    path: str
    trust_code: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        chosen(None, self.options)
        if self.is_engine and self.options:
            raise UsageError(f"{self.path} is compiled already; {', '.join(self.options)}: for compile")

    @property
    def is_engine(self) -> bool:
        """Whether it is an engine file."""
        return self.path.endswith(SUFFIX)

    def load(self) -> Engine:
        """The engine, on the machine that runs it. Errors are those of `Engine.load` and `load_or_compile`."""
        if self.is_engine:
            return Engine.load(self.path, trust_code=self.trust_code)
        return load_or_compile(Path(self.path), **self.options)

    def sizes(self) -> Sizes:
        """What it takes, from an engine file's header alone; a model is compiled, or found in the cache.

        Raises
        ------
        MiniInferError
            As of `mini_infer.sizes` and `load_or_compile`.
        """
        if self.is_engine:
            return sizes(self.path)
        origin = self.load().origin
        assert origin is not None, "an engine from the cache has a file"  # noqa: S101 - of load_or_compile
        return sizes(origin.path)


class Batches:
    """Runs any number of rows through an engine, in pieces that it takes.

    The last piece is filled up with copies of its last row where the engine takes no smaller one, and its results are
    cut. So an output's row may depend on the same row of the inputs only.

    Parameters
    ----------
    engine
        All its inputs and outputs begin with the rows: one number of them, or a range.
    contexts
        How many threads may run at once; each takes an arena.

    Raises
    ------
    UnsupportedError
        The engine has no rows, or carries state from run to run.
    """

    def __init__(self, engine: Engine, contexts: int = 1) -> None:
        if engine.interface.states:
            raise UnsupportedError(f"{engine.interface.title!r} carries state from run to run, which rows would share")
        if any(port.bound is not None for port in engine.interface.outputs):
            raise UnsupportedError(f"{engine.interface.title!r} has outputs of as many rows as the data say")
        ports = [(*each.interface.inputs, *each.interface.outputs) for each in engine.variants]
        self.inputs = engine.inputs
        self.rows = _rows(engine.interface.title, [[port.type for port in each] for each in ports])
        self._pool = engine.create_pool(contexts)

    def run(self, feed: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Run once, or as often as the rows need.

        Parameters
        ----------
        feed
            Input name → array of the engine's element type, [rows, ...]; any number of rows, the same for all.

        Returns
        -------
        Output name → array, [rows, ...].

        Raises
        ------
        InputError
            As of `Context.run`; or the inputs have different numbers of rows.
        """
        counts = {name: np.shape(array)[0] if np.ndim(array) else None for name, array in feed.items()}
        if len(set(counts.values())) != 1 or None in counts.values():
            said = ", ".join(f"{name}: {'no' if count is None else count} rows" for name, count in counts.items())
            raise InputError(f"inputs begin with the same number of rows; given are {said or 'none'}")
        (total,) = set(counts.values())
        assert total is not None  # noqa: S101 - for types
        most = self.rows[-1]
        parts = []
        with self._pool.context() as context:
            for start in range(0, max(total, 1), most):
                count = min(most, total - start)
                size = next(each for each in self.rows if each >= max(count, 1))
                made = context.run({name: _filled(array[start : start + most], size) for name, array in feed.items()})
                parts.append({name: array[:count] for name, array in made.items()})
        return parts[0] if len(parts) == 1 else {name: np.concatenate([part[name] for part in parts]) for name in made}


def rows_of(sizes: Sizes) -> range:
    """How many rows a run may have, from what an engine file's header says.

    Raises
    ------
    UnsupportedError
        The engine has no rows.
    """
    return _rows(sizes.title, [[*each.inputs.values(), *each.outputs.values()] for each in sizes.variants])


def _rows(title: str, profiles: Sequence[Sequence[ValueType]]) -> range:
    """How many rows a run may have: the tensors of these types all begin with them."""
    if len(profiles) > 1:
        raise UnsupportedError(f"{title!r} has {len(profiles)} profiles; give a range of rows")
    firsts = [kind.shape[0] if isinstance(kind, TensorType) and kind.shape else None for kind in profiles[0]]
    first = firsts[0]
    if first is not None and first != 0 and all(each is not None and each == first for each in firsts):
        if not isinstance(first, Dim):
            return range(first, first + 1)
        if (symbol := first.symbol) is not None:
            return range(max(symbol.low, symbol.step), symbol.high + 1, symbol.step)
    said = ", ".join("none" if each is None else str(each) for each in firsts)
    raise UnsupportedError(f"inputs and outputs of {title!r} must all begin with the rows; they begin with {said}")


def _filled(array: np.ndarray, size: int) -> np.ndarray:
    """The rows, and copies of the last one up to the size; zeros where there is none."""
    missing = size - len(array)
    if not missing:
        return array
    more = np.repeat(array[-1:], missing, 0) if len(array) else np.zeros((missing, *array.shape[1:]), array.dtype)
    return np.concatenate([array, more])
