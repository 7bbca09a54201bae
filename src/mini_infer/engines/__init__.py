"""Engines of models, compiled once: the next process, on the same machine, maps what the first one left in the cache.

Compiling takes hundreds of megabytes and libraries that running does not need. It is done in a process of its own, so
that a process that serves never imports onnx, numba or LLVM.
"""

from pathlib import Path
from typing import Unpack

from mini_infer.engines import child, key
from mini_infer.errors import EngineError
from mini_infer.keywords import Keywords, chosen, takes_options
from mini_infer.options import Options
from mini_infer.runtime import Engine, store

__all__ = ["load_or_compile"]


@takes_options
def load_or_compile(
    model: str | Path | bytes, *, options: Options | None = None, **overrides: Unpack[Keywords]
) -> Engine:
    """The engine of a model: from the cache, or compiled in a process of its own, and kept there.

    What is found was made of the same bytes (external data included) with the same options, for this machine, by this
    version of mini-infer. Of several processes that want the same engine one compiles it, and the others wait. The
    cache is that of `mini-infer cache`; engines in it take 4 GiB at most, or what the environment variable
    ``MINI_INFER_CACHE_LIMIT`` says.

    Parameters
    ----------
    model
        A path, or the file's bytes.
    options, **overrides
        As of `compile`.

    Raises
    ------
    ModelError, UnsupportedError, CapacityError, EngineError, ToolchainError
        As of `compile`.
    MissingPackageError
        When the model is not in the cache, and what compiles is not installed.
    """
    options = chosen(options, overrides)
    source = model if isinstance(model, bytes) else Path(model)
    name = key.of(source, options)
    engine = _kept(name, source, options)
    if engine is not None:
        return engine
    with store.others_waiting(name):
        engine = _kept(name, source, options)  # who was first has made it meanwhile
        if engine is not None:
            return engine
        path = store.place(name)
        key.note_files(path, child.compile_to(path, source, options))
        store.make_room(keep=path)
    return Engine.load(path, compiler=options.compiler)


def _kept(name: str, source: Path | bytes, options: Options) -> Engine | None:
    """The engine that is kept under a key, if there is one and it was made of the files that there are."""
    found = store.lookup(name)
    if found is not None and key.same_files(source, found):
        try:
            return Engine.load(found, compiler=options.compiler)
        except EngineError:
            found.unlink(missing_ok=True)  # damaged, or of another format
    return None
