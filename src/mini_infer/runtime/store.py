"""Engine files in the private cache: each under a key, mapped by all who run it, the least used the first to go."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mini_infer import locks
from mini_infer.errors import EngineError, UsageError
from mini_infer.runtime.file import Header
from mini_infer.toolchain import cache

SUFFIX: Final = ".engine"
LIMIT: Final = "MINI_INFER_CACHE_LIMIT"
"""Environment variable: the bytes that engines in the cache may take."""

_LIMIT_BYTES: Final = 4 << 30
_FOLDER: Final = "engines"
_LOCK: Final = ".lock"


@dataclass(frozen=True, slots=True)
class Kept:
    """An engine in the cache.

    Parameters
    ----------
    path
        Of its file.
    title
        The model's name; empty where the file is none that this version reads.
    bytes
        Of the file.
    used
        When it was last taken out, in seconds since the epoch.
    """

    path: Path
    title: str
    bytes: int
    used: float


def folder() -> Path:
    """The folder of engines, made if it was not there. Errors are those of `toolchain.cache_directory`."""
    return cache.cache_directory(cache.cache_directory() / _FOLDER)


def limit() -> int:
    """Bytes that engines may take: 4 GiB, or what `MINI_INFER_CACHE_LIMIT` says.

    Raises
    ------
    UsageError
        When that is no number of bytes.
    """
    given = os.environ.get(LIMIT)
    if not given:
        return _LIMIT_BYTES
    if not given.isdecimal():
        raise UsageError(f"{LIMIT} is {given!r}: give a number of bytes")
    return int(given)


def place(key: str) -> Path:
    """Where the engine of a key is, or is to be written."""
    return folder() / f"{key}{SUFFIX}"


def lookup(key: str) -> Path | None:
    """The engine kept under a key, which now counts as used; `None` where there is none of this user."""
    path = place(key)
    try:
        if not cache.is_own(path.lstat()):
            path.unlink()
            return None
        os.utime(path)
    except OSError:
        return None  # there is none; or the cache is read-only, and of no use
    return path


@contextmanager
def others_waiting(key: str) -> Iterator[None]:
    """Make what is to be kept under a key while all others who want it wait: they find it, or make it in their turn.

    Where the file system has no locks nobody waits: several make the same file, and the last one's stays.
    """
    path = folder() / f"{key}{_LOCK}"
    with ExitStack() as stack:
        with suppress(OSError):
            stack.enter_context(locks.held(path))
        try:
            yield
        finally:
            with suppress(OSError):  # who waits for this file gets it, and finds what was made or makes it
                path.unlink()


def make_room(*, keep: Path | None = None) -> None:
    """Remove the engines that were not used for longest, until the others are within the limit; `keep` stays."""
    kept = sorted(entries(), key=lambda each: each.used)
    total = sum(each.bytes for each in kept)
    for each in kept:
        if total <= limit():
            return
        if each.path != keep:
            with suppress(OSError):  # it may be mapped, where a system minds, or gone
                each.path.unlink()
            total -= each.bytes


def clear() -> int:
    """Remove all engines; returns how many there were."""
    kept = list(entries())
    for each in kept:
        with suppress(OSError):
            each.path.unlink()
    for suffix in (cache.MANIFEST, _LOCK):
        for path in folder().glob(f"*{suffix}"):
            with suppress(OSError):
                path.unlink()
    return len(kept)


def entries() -> Iterator[Kept]:
    """Every engine in the cache."""
    for path in sorted(folder().glob(f"*{SUFFIX}")):
        try:
            status = path.stat()
            title = Header.read(path).interfaces[0].title
        except EngineError:
            title = ""
        except OSError:
            continue  # another process removed it meanwhile
        yield Kept(path, title, status.st_size, min(status.st_mtime, time.time()))
