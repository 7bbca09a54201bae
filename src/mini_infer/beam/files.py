"""Models of any file system that Beam knows, on the machine of a worker."""

import hashlib
import shutil
import tempfile
from pathlib import Path

from apache_beam.io.filesystems import FileSystems

from mini_infer.batches import Source
from mini_infer.engines import load_or_compile
from mini_infer.errors import InputError, UsageError
from mini_infer.runtime import Engine, store
from mini_infer.toolchain import cache


def is_here(path: str) -> bool:
    """Whether a path is one of this machine, not of a file system such as ``gs://``."""
    return FileSystems.get_scheme(path) is None


def load(source: Source) -> Engine:
    """A model's engine. A file that lies elsewhere is copied into the cache, once for all processes of this machine.

    Raises
    ------
    InputError
        There is no such file elsewhere.
    UsageError
        It lies elsewhere, and the code beside it is to run.
    MiniInferError
        As of `Source.load`.
    """
    if is_here(source.path):
        return source.load()
    if source.trust_code:
        raise UsageError(f"{source.path}: only code on the worker's own machine can be trusted; put the engine there")
    found = FileSystems.match([source.path])[0].metadata_list
    if len(found) != 1:
        raise InputError(f"{source.path}: there are {len(found)} such files; give the path of one")
    if not source.is_engine:
        with FileSystems.open(source.path) as stream:
            return load_or_compile(stream.read(), **source.options)
    version = [source.path, found[0].size_in_bytes, found[0].last_updated_in_seconds]
    key = hashlib.sha256(repr(version).encode()).hexdigest()[: cache.KEY_DIGITS]
    with store.others_waiting(key):
        if store.lookup(key) is None:
            _fetch(source.path, store.place(key))
    return Engine.load(store.place(key))


def _fetch(path: str, place: Path) -> None:
    """Copy a file, whole or not at all."""
    with cache.writing(place.parent), tempfile.TemporaryDirectory(dir=place.parent) as folder:
        copied = Path(folder, "engine")
        with FileSystems.open(path) as stream, copied.open("wb") as file:
            shutil.copyfileobj(stream, file)
        copied.replace(place)
    store.make_room(keep=place)
