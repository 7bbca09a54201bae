"""The models of one worker: engines whose weights are mapped, and contexts that share one arena.

All methods that change or run something belong to one thread, the worker's.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mini_infer.engines import load_or_compile
from mini_infer.errors import CapacityError, InputError, UnsupportedError
from mini_infer.ir import Dim, TensorType
from mini_infer.runtime import Context, Engine
from mini_infer.runtime.arena import allocate
from mini_infer.serve.budget import Budget, Need
from mini_infer.serve.repository import Repository

_log = logging.getLogger(__name__)

Feed = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that can run. `rows` is how many samples one run takes at the most; 1 where they cannot be joined."""

    engine: Engine
    context: Context
    rows: int


class Models:
    """What is loaded here, kept in step with the repository.

    Parameters
    ----------
    repository, budget
        Of the server.
    evict
        Whether models leave for others.
    batch
        Name of the dimension along which requests may be joined.
    """

    def __init__(self, repository: Repository, budget: Budget, *, evict: bool, batch: str) -> None:
        self.repository = repository
        self.budget = budget
        self.evict = evict
        self.batch = batch
        self.loaded: dict[str, Loaded] = {}
        self._seen = -1
        self._arena = allocate(0)

    def follow(self) -> None:
        """Load and unload what others have, if they have."""
        version = self.repository.version()
        if version == self._seen:
            return
        wanted = self.repository.loaded()
        for name in [name for name in self.loaded if name not in wanted]:
            self._drop(name)
        for name in wanted:
            if name not in self.loaded:
                self._take(name, engine_of(name, self.repository.path(name)))
        self._seen = version

    @property
    def is_behind(self) -> bool:
        """Whether others have loaded or unloaded something."""
        return self.repository.version() != self._seen

    def load(self, name: str) -> list[str]:
        """Load a model for all workers; returns those that left for it.

        Raises
        ------
        InputError
            There is no such model.
        CapacityError
            It does not fit into the memory; nothing was loaded or unloaded.
        MiniInferError
            It cannot be compiled or loaded.
        """
        path = self.repository.path(name)
        with self.repository.changing():
            self.follow()
            if name in self.loaded:
                return []
            need = need_of(name, path)
            needs = [Need.of(other, self.loaded[other].engine) for other in self.repository.loaded()]
            leaving = self.budget.leaving(needs, need, evict=self.evict)
            engine = engine_of(name, path)
            for other in leaving:
                self.repository.set_unloaded(other)
                self._drop(other)
            self._take(name, engine)
            self.repository.set_loaded(name)
            self._seen = self.repository.version()
        return leaving

    def unload(self, name: str) -> None:
        """Unload a model for all workers.

        Raises
        ------
        InputError
            It is not loaded.
        """
        with self.repository.changing():
            self.follow()
            if name not in self.loaded:
                raise InputError(f"model {name!r} is not loaded; loaded are {', '.join(self.loaded) or 'none'}")
            self.repository.set_unloaded(name)
            self._drop(name)
            self._seen = self.repository.version()

    def run(self, name: str, feeds: Sequence[Feed]) -> list[Feed]:
        """Run requests of one model, which are joined where there are several.

        Raises
        ------
        CapacityError
            The model has left for another one meanwhile.
        InputError
            It does not take the arrays.
        """
        if name not in self.loaded:
            raise CapacityError(f"model {name!r} was unloaded while the request waited")
        self.repository.note_use(name)
        context = self.loaded[name].context
        if len(feeds) == 1:
            return [context.run(feeds[0])]
        made = context.run({port: np.concatenate([feed[port] for feed in feeds]) for port in feeds[0]})
        rows = [next(iter(feed.values())).shape[0] for feed in feeds]
        edges = np.cumsum(rows)[:-1]
        parts = {port: np.split(array, edges) for port, array in made.items()}
        return [{port: split[index] for port, split in parts.items()} for index in range(len(feeds))]

    @property
    def planned_bytes(self) -> tuple[int, int]:
        """Of all weights, and of this worker's arena."""
        return sum(each.engine.weight_bytes for each in self.loaded.values()), self._arena.nbytes

    def _take(self, name: str, engine: Engine) -> None:
        if engine.arena_bytes > self._arena.nbytes:
            self._share(engine.arena_bytes)
        self.loaded[name] = Loaded(engine, engine.create_context(self._arena), rows_of(engine, self.batch))
        _log.info("loaded %s: %d bytes of weights, an arena of %d", name, engine.weight_bytes, engine.arena_bytes)

    def _drop(self, name: str) -> None:
        self.loaded.pop(name).context.close()
        largest = max((each.engine.arena_bytes for each in self.loaded.values()), default=0)
        if largest < self._arena.nbytes:
            self._share(largest)
        _log.info("unloaded %s", name)

    def _share(self, size: int) -> None:
        """Have an arena of another size, and run all contexts in it."""
        for each in self.loaded.values():
            each.context.close()
        self._arena = allocate(size)
        self.loaded = {
            name: Loaded(each.engine, each.engine.create_context(self._arena), each.rows)
            for name, each in self.loaded.items()
        }


def engine_of(name: str, path: Path) -> Engine:
    """The engine of a model's file.

    Raises
    ------
    UnsupportedError
        It carries state.
    MiniInferError
        It cannot be compiled or loaded.
    """
    engine = Engine.load(path) if path.suffix == ".engine" else load_or_compile(path)
    if engine.interface.states:
        raise UnsupportedError(f"model {name!r} carries state from run to run, which clients would share")
    return engine


def need_of(name: str, path: Path) -> Need:
    """What a model takes, before it is loaded: of an engine file its header says so, others are compiled first."""
    from mini_infer.runtime import sizes

    return Need.of(name, sizes(path) if path.suffix == ".engine" else load_or_compile(path))


def rows_of(engine: Engine, batch: str) -> int:
    """How many samples one run takes at the most: all inputs and outputs begin with the dimension of that name."""
    kinds = [*engine.inputs.values(), *engine.outputs.values()]
    ports = (*engine.interface.inputs, *engine.interface.outputs)
    if len(engine.variants) > 1 or any(port.bound is not None for port in ports):
        return 1
    firsts = [kind.shape[0] if isinstance(kind, TensorType) and kind.shape else None for kind in kinds]
    dim = firsts[0]
    symbol = dim.symbol if isinstance(dim, Dim) and all(each == dim for each in firsts) else None
    return symbol.high if symbol is not None and symbol.name == batch and symbol.step == 1 else 1
