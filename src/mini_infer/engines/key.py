"""Under what an engine is kept in the cache: everything that it was made of."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from mini_infer.errors import ModelError
from mini_infer.files import open_regular, read_regular, write_atomically
from mini_infer.fingerprint import fingerprint
from mini_infer.options import Options
from mini_infer.toolchain import cache
from mini_infer.toolchain.compiler import wanted

_WITHOUT = ("compiler", "timings", "target")
"""Options that count by what they mean here."""

_PIECE = 1 << 20
"""Bytes of a file that are read at once."""


def of(model: Path | bytes, options: Options) -> str:
    """The key of a model's engine; files of external data count besides (`same_files`).

    Raises
    ------
    ModelError
        When the model or the file of timings cannot be read.
    """
    plain = {
        field.name: _plain(getattr(options, field.name)) for field in fields(options) if field.name not in _WITHOUT
    }
    timings = None if options.timings is None else Path(options.timings)
    identity = [
        hashlib.sha256(model).hexdigest() if isinstance(model, bytes) else digest(model),
        plain,
        options.built_for.to_json(),
        wanted(options.compiler),
        digest(timings) if timings is not None and timings.exists() else None,
        fingerprint(),
    ]
    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()[: cache.KEY_DIGITS]


def digest(path: Path) -> str:
    """SHA-256 of a regular file.

    Raises
    ------
    ModelError
        When it cannot be read.
    """
    found = hashlib.sha256()
    with open_regular(path, error=ModelError) as stream:
        while piece := stream.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def _plain(value: Any) -> Any:
    """An option as JSON: different ones differ."""
    if isinstance(value, np.ndarray | np.generic):
        array = np.ascontiguousarray(value)
        content = repr(array.tolist()).encode() if array.dtype.hasobject else array.tobytes()
        return ["array", str(array.dtype), list(array.shape), hashlib.sha256(content).hexdigest()]
    if isinstance(value, Mapping):
        return {str(name): _plain(value[name]) for name in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float | None) else repr(value)


def note_files(engine: Path, used: Sequence[Path]) -> None:
    """Note beside an engine which files of external data its model is made of."""
    noted = [[str(path.absolute()), digest(path)] for path in used]
    write_atomically(engine.with_suffix(cache.MANIFEST), [json.dumps(noted).encode()])


def same_files(model: Path | bytes, engine: Path) -> bool:
    """Whether the files of external data are those that an engine was made of."""
    try:
        noted = json.loads(read_regular(engine.with_suffix(cache.MANIFEST)))
        folder = None if isinstance(model, bytes) else model.absolute().parent
        return all(Path(path).is_relative_to(folder or "/") and digest(Path(path)) == known for path, known in noted)
    except (ModelError, ValueError, TypeError, OSError):
        return False
