"""A folder of models, and which of them are loaded: the same for all workers of a server.

What is loaded is a folder of empty files, named like the models; a worker looks at it before each request, and follows
when it has changed. Who changes it holds a lock. When a model was last used is its file's time.
"""

import contextlib
import os
import time
from contextlib import AbstractContextManager
from pathlib import Path

from mini_infer import locks
from mini_infer.errors import InputError

SUFFIXES = (".engine", ".onnx")
_USED_EVERY = 0.2
"""Seconds; uses that are closer to each other are noted once."""


class Repository:
    """The models of a server.

    Parameters
    ----------
    models
        The folder of model files.
    state
        The folder that says what is loaded; it is made where there is none.
    """

    def __init__(self, models: Path, state: Path) -> None:
        self.models = models
        self.loaded_folder = state / "loaded"
        self.loaded_folder.mkdir(parents=True, exist_ok=True)
        self._lock_file = state / "lock"
        self._noted: dict[str, float] = {}

    def names(self) -> list[str]:
        """Of all models there are."""
        return sorted({path.stem for path in self.models.iterdir() if path.suffix in SUFFIXES and path.is_file()})

    def path(self, name: str) -> Path:
        """The file of a model.

        Raises
        ------
        InputError
            There is none of that name.
        """
        if name in self.names():
            return next(path for suffix in SUFFIXES if (path := self.models / f"{name}{suffix}").is_file())
        raise InputError(f"there is no model {name!r}; there are {', '.join(self.names()) or 'none'}")

    def version(self) -> int:
        """A number that changes when another model is loaded, or one unloaded."""
        return self.loaded_folder.stat().st_mtime_ns

    def loaded(self) -> list[str]:
        """Names of the models that are loaded, the one that was not used for longest first."""
        found = []
        with os.scandir(self.loaded_folder) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    found.append((entry.stat().st_mtime_ns, entry.name))
        return [name for _, name in sorted(found)]

    def set_loaded(self, name: str) -> None:
        """A model is loaded from now on."""
        (self.loaded_folder / name).touch()

    def set_unloaded(self, name: str) -> None:
        """A model is loaded no more."""
        (self.loaded_folder / name).unlink(missing_ok=True)

    def note_use(self, name: str) -> None:
        """A model is used now."""
        now = time.monotonic()
        if now - self._noted.get(name, 0.0) >= _USED_EVERY:
            self._noted[name] = now
            with contextlib.suppress(FileNotFoundError):
                os.utime(self.loaded_folder / name)

    def changing(self) -> AbstractContextManager[None]:
        """Hold the lock of those who change what is loaded."""
        return locks.held(self._lock_file)
