"""Which mini-infer this is, down to an edited file: what a cache of its results depends on."""

import hashlib
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from mini_infer.version import __version__


@cache
def fingerprint() -> str:
    """A digest of the version, and of the name, size and time of each file of the package; it takes milliseconds."""
    found = hashlib.sha256(__version__.encode())
    for line in sorted(_files(Path(__file__).parent)):
        found.update(line.encode(errors="surrogateescape"))
    return found.hexdigest()


def _files(folder: Path, above: str = "") -> Iterator[str]:
    try:
        entries = list(os.scandir(folder))
    except OSError:  # in an archive: the version alone says it
        return
    for entry in entries:
        if entry.is_dir():
            yield from _files(Path(entry.path), f"{above}{entry.name}/")
        elif entry.name.endswith(".py"):
            status = entry.stat()
            yield f"{above}{entry.name} {status.st_size} {status.st_mtime_ns}\n"
