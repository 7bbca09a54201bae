"""Engines of models, compiled once: the next process, on the same machine, maps what the first one left in the cache.

Compiling takes hundreds of megabytes and libraries that running does not need. It is done in a process of its own, so
that a process that serves never imports onnx, numba or LLVM.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from mini_infer.engines import child, key
from mini_infer.errors import EngineError, InputError, ToolchainError
from mini_infer.extras import needs
from mini_infer.keywords import Keywords, chosen, takes_options
from mini_infer.options import Options
from mini_infer.runtime import Engine, store

if TYPE_CHECKING:
    import onnx

__all__ = ["compile", "load_or_compile"]

_LARGE = 8 << 20
"""Bytes of a model from which what compiling leaves in a process is worth another process, a second of its time."""


@takes_options
def compile(  # noqa: A001 - mi.compile is what a user looks for
    model: "str | Path | bytes | onnx.ModelProto", *, options: Options | None = None, **overrides: Unpack[Keywords]
) -> Engine:
    """Compile an ONNX model to an engine for this machine.

    A model of 8 MiB or more, given as a path or as bytes, is compiled in a process of its own, unless this one has
    imported onnx already: the engine's weights are mapped from the cache, and this process takes no more memory than
    one that loads the engine.

    Parameters
    ----------
    model
        A path, the file's bytes, or a loaded model.
    options
        What to decide; the defaults when absent.
    **overrides
        Single options by name, in the command line's words where one likes: ``shapes="1x3x224x224"``,
        ``dims={"seq": "1..512"}``, ``optimize="memory"``, ``memory_limit="8M"``. `Options` says what each is.

    Raises
    ------
    ModelError, UnsupportedError
        When the model is broken, incomplete, or uses operators that nobody knows.
    UsageError
        When there is no such option, or its value makes no sense.
    CapacityError
        When no plan within the memory limit was found.
    EngineError
        When the target is another machine; `build` compiles for those.
    ToolchainError
        When the C compiler fails.
    """
    options = chosen(options, overrides)
    source = Path(model) if isinstance(model, str) else model
    path = None
    if isinstance(source, Path | bytes) and _is_large(source) and _has_python() and "onnx" not in sys.modules:
        with suppress(InputError, ToolchainError):  # what cannot be read, or cached, is met again, or done without
            path = store.place(key.of(source, options))
        if path is not None and os.access(path.parent, os.W_OK):
            return _compiled(path, source, options)
    with needs("mini_infer.compile"):
        from mini_infer import compiler
    return compiler.compile(model, options=options)


def _is_large(model: Path | bytes) -> bool:
    if isinstance(model, bytes):
        return len(model) >= _LARGE
    try:
        return model.stat().st_size >= _LARGE
    except OSError:
        return False  # whoever reads it says why


def _has_python() -> bool:
    """Whether a child can be started that is a Python: a program with one inside starts itself."""
    return bool(sys.executable) and not getattr(sys, "frozen", False)


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
        return _compiled(store.place(name), source, options)


def _kept(name: str, source: Path | bytes, options: Options) -> Engine | None:
    """The engine that is kept under a key, if there is one and it was made of the files that there are."""
    found = store.lookup(name)
    if found is not None and key.same_files(source, found):
        try:
            return Engine.load(found, compiler=options.compiler)
        except EngineError:
            found.unlink(missing_ok=True)  # damaged, or of another format
    return None


def _compiled(path: Path, model: Path | bytes, options: Options) -> Engine:
    """The engine of a model, compiled in a child to a file in the cache."""
    key.note_files(path, child.compile_to(path, model, options))
    store.make_room(keep=path)
    return Engine.load(path, compiler=options.compiler)
