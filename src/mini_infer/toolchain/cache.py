"""The private folder of built libraries, the objects they are made of, and lists of libraries (`runtime.code`).

Their names hold key and checksum: a library is ``<key>-<sha256 of the file>.so``, an object file ``<key>-<sha256>.o``,
a list ``<key>-<sha256>.code``. Each is written elsewhere and renamed into place, so it is there whole or not at all,
and two builders of one key cannot disturb each other. A file whose bytes do not match its name is removed when met, and
so is one that is no regular file of this user, or that others can write to: whoever could put a library here could have
it run.
"""

import hashlib
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mini_infer.errors import ToolchainError

ENVIRONMENT: Final = "MINI_INFER_CACHE"
"""Environment variable that names the cache folder."""

LIMIT_BYTES: Final = 1 << 30
"""Above this the least recently used files are removed."""

KEY_DIGITS: Final = 32
"""Hexadecimal digits of a key."""

OBJECT: Final = ".o"
MANIFEST: Final = ".code"
_LIBRARIES: Final = (".so", ".dylib", ".dll")

_WORK_PREFIX: Final = "build-"
_WORK_KEPT_SECONDS: Final = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """Where the cache is, how many libraries it holds, and its bytes, those of object files included."""

    path: Path
    entries: int
    bytes: int


def cache_directory(cache: Path | None = None) -> Path:
    """Return the cache folder, made if it was not there.

    Parameters
    ----------
    cache : Path, optional
        The folder. Without it: ``MINI_INFER_CACHE``, or ``mini-infer`` in the user's cache folder (``XDG_CACHE_HOME``,
        ``~/.cache``, ``~/Library/Caches`` or ``LOCALAPPDATA``).

    Raises
    ------
    ToolchainError
        When it cannot be made, or when another user could put libraries into it.
    """
    directory = (cache or _default()).absolute()
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        status, itself = directory.stat(), directory.lstat()
    except OSError as error:
        raise unusable(directory, error) from error
    if sys.platform != "win32":
        for owner in (itself.st_uid, status.st_uid):  # a link is worth as much as who can change it
            if owner != os.geteuid():
                raise ToolchainError(
                    f"cache folder {directory} belongs to user {owner}, not to {os.geteuid()}: "
                    f"name one of your own in {ENVIRONMENT}"
                )
        if status.st_mode & 0o022:
            raise ToolchainError(
                f"cache folder {directory} has mode {status.st_mode & 0o777:03o}, so others can write to it: "
                f"chmod go-w {directory}"
            )
    return directory


def unusable(directory: Path, error: OSError) -> ToolchainError:
    """What to say when the cache cannot be written to."""
    return ToolchainError(f"cache folder {directory}: {error.strerror or error}; name another in {ENVIRONMENT}")


@contextmanager
def writing(directory: Path) -> Iterator[None]:
    """Say of the cache what the system says of its files.

    Raises
    ------
    ToolchainError
        When the folder is full or read-only.
    """
    try:
        yield
    except OSError as error:
        raise unusable(directory, error) from error


def _default() -> Path:
    if named := os.environ.get(ENVIRONMENT):
        return Path(named)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "~/AppData/Local")
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        return Path(base).expanduser() / "mini-infer"
    except RuntimeError:
        raise ToolchainError(f"this user has no home for a cache folder: name one in {ENVIRONMENT}") from None


def lookup(directory: Path, key: str, suffix: str) -> Path | None:
    """Return the whole library stored under `key`, or None; remove damaged and foreign ones."""
    for path in sorted(directory.glob(f"{key}-*{suffix}")):
        try:
            whole = is_own(path.lstat()) and path.name == _name(key, path, suffix)
        except OSError:
            continue  # another process removed it meanwhile
        with suppress(OSError):  # a folder that is read-only can be of use
            if whole:
                os.utime(path)  # recently used: the last to be removed
            else:
                path.unlink()
        if whole:
            return path
    return None


def is_own(status: os.stat_result) -> bool:
    """Whether this is a regular file that only this user can have written."""
    if not stat.S_ISREG(status.st_mode):
        return False
    return sys.platform == "win32" or (status.st_uid == os.geteuid() and not status.st_mode & 0o022)


def store(directory: Path, key: str, library: Path) -> Path:
    """Move `library`, a file in a work folder of this cache, into the cache; return where it is now."""
    with library.open("r+b") as file:
        os.fsync(file.fileno())
    library.chmod(0o700)  # whatever the umask leaves to others
    path = directory / _name(key, library, library.suffix)
    try:
        library.replace(path)
    except OSError:
        # Windows refuses to replace a library that is loaded; then the same bytes are there already.
        if not path.exists():
            raise
    evict(directory, keep=path)
    return path


def fetch(directory: Path, key: str, target: Path) -> bool:
    """Put the object file stored under `key` at `target`; False when there is none."""
    found = lookup(directory, key, OBJECT)
    if found is None:
        return False
    try:
        shutil.copyfile(found, target)
    except FileNotFoundError:
        return False  # another process removed it meanwhile
    return True


def keep(directory: Path, key: str, file: Path) -> None:
    """Store a copy of an object file, which lies in a work folder of this cache."""
    copy = file.with_name(f"kept-{file.name}")
    shutil.copyfile(file, copy)
    copy.chmod(0o600)
    copy.replace(directory / _name(key, copy, OBJECT))


def put(directory: Path, key: str, suffix: str, pieces: Sequence[bytes | memoryview]) -> Path:
    """Store bytes as a file, and return where; errors are the system's."""
    work = work_directory(directory)
    try:
        written = work / f"put{suffix}"
        with written.open("xb") as file:
            for piece in pieces:
                file.write(piece)
        return store(directory, key, written)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def work_directory(directory: Path) -> Path:
    """Return a new private folder inside the cache, on the same file system as its libraries."""
    return Path(tempfile.mkdtemp(prefix=_WORK_PREFIX, dir=directory))


def evict(directory: Path, *, keep: Path | None = None, limit: int = LIMIT_BYTES) -> None:
    """Remove the least recently used files beyond `limit` bytes, except `keep`, and work folders of dead builds."""
    entries = [(status.st_mtime, status.st_size, path) for path, status in _entries(directory)]
    total = sum(size for _, size, _ in entries)
    for _, size, path in sorted(entries):
        if total <= limit:
            break
        if path != keep:
            path.unlink(missing_ok=True)
            total -= size
    oldest = time.time() - _WORK_KEPT_SECONDS
    for path, status in _stat(directory.glob(f"{_WORK_PREFIX}*")):
        if status.st_mtime < oldest:
            shutil.rmtree(path, ignore_errors=True)


def cache_info(cache: Path | None = None) -> CacheInfo:
    """Return how full the cache is; parameters and errors as for `cache_directory`."""
    directory = cache_directory(cache)
    entries = list(_entries(directory))
    libraries = sum(path.suffix in _LIBRARIES for path, _ in entries)
    return CacheInfo(directory, libraries, sum(status.st_size for _, status in entries))


def clear_cache(cache: Path | None = None) -> int:
    """Empty the cache folder of all we put there; return how many libraries. Parameters as for `cache_directory`."""
    directory = cache_directory(cache)
    entries = [path for path, _ in _entries(directory)]
    for path in entries:
        path.unlink(missing_ok=True)
    libraries = sum(path.suffix in _LIBRARIES for path in entries)
    for path in (zig_directory(directory), *directory.glob(f"{_WORK_PREFIX}*")):
        shutil.rmtree(path, ignore_errors=True)
    return libraries


def zig_directory(directory: Path) -> Path:
    """Return the folder in which zig keeps what it compiles of its own: import libraries, start-up objects."""
    return directory / "zig"


def _entries(directory: Path) -> Iterator[tuple[Path, os.stat_result]]:
    yield from _stat(path for path in directory.iterdir() if path.suffix in {*_LIBRARIES, OBJECT, MANIFEST})


def _stat(paths: Iterable[Path]) -> Iterator[tuple[Path, os.stat_result]]:
    for path in paths:
        try:
            yield path, path.stat()
        except FileNotFoundError:
            continue  # another process removed it meanwhile


def _name(key: str, library: Path, suffix: str) -> str:
    with library.open("rb") as file:
        return f"{key}-{hashlib.file_digest(file, 'sha256').hexdigest()}{suffix}"
