"""A folder of files that is there whole or not at all."""

import mmap
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from mini_infer.errors import InputError, UsageError
from mini_infer.files import write_atomically

_MARK = b"mini-infer"
"""What every file of an export has: a text near its beginning, a library somewhere."""
_NEAR = 300
_LIBRARIES = (".so", ".dylib", ".dll", ".a")
_IMPORT = ".dll.a"


def write(folder: Path, files: Mapping[str, Iterable[str | bytes | memoryview]]) -> dict[str, int]:
    """Write files into a folder, and return the bytes of each; their names may begin with folders, as in `lib/net.so`.

    They are written into another folder beside the place of the first, or inside it where it is there already, and take
    their names when all of them are whole. Files of other names stay.

    Raises
    ------
    UsageError
        When a file is there that no export wrote.
    InputError
        When something cannot be written; nothing is left behind.
    """
    target = Path(os.path.realpath(folder))
    try:
        if target.exists() and not target.is_dir():
            raise UsageError(f"{folder} is a file: an export is a folder")
        there = target.exists()
        _spare(folder, target, files)
        temporary = (target if there else target.parent) / f".mini-infer-{os.urandom(8).hex()}"
        temporary.mkdir()
        try:
            sizes = {}
            for name, pieces in files.items():
                (temporary / name).parent.mkdir(parents=True, exist_ok=True)
                sizes[name] = write_atomically(temporary / name, map(_encoded, pieces))
            if there:
                for name in files:
                    (target / name).parent.mkdir(parents=True, exist_ok=True)
                    (temporary / name).replace(target / name)
                shutil.rmtree(temporary)
            else:
                temporary.rename(target)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{folder}: cannot be written: {reason}") from error
    return sizes


def _encoded(piece: str | bytes | memoryview) -> bytes | memoryview:
    return piece.encode(errors="backslashreplace") if isinstance(piece, str) else piece


def _spare(folder: Path, target: Path, names: Iterable[str]) -> None:
    """Refuse to write over what is no export."""
    for name in names:
        path = target / name
        for there in (path, *(each for each in path.parents if each != target and each.is_relative_to(target))):
            if there.exists() and not (_is_ours(there) if there == path else there.is_dir()):
                raise UsageError(f"{folder} has a {there.name} that no export wrote: name another folder")


def _is_ours(path: Path) -> bool:
    if path.name.endswith(_IMPORT):  # which says nothing but names: as much ours as the library beside it
        path = path.with_name(path.name.removeprefix("lib").removesuffix(".a"))
    if not path.is_file() or not path.stat().st_size:
        return False
    with path.open("rb") as stream:
        if path.suffix not in _LIBRARIES:
            return _MARK in stream.read(_NEAR)
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return content.find(_MARK) >= 0
