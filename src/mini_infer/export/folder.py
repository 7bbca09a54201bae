"""A folder of files that is there whole or not at all."""

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from mini_infer.errors import InputError, UsageError
from mini_infer.files import write_atomically

_MARK = b"mini-infer"
"""What every file of an export has near its beginning."""
_NEAR = 300


def write(folder: Path, files: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Write files into a folder, and return the bytes of each.

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
        _spare(folder, [target / name for name in files])
        temporary = (target if there else target.parent) / f".mini-infer-{os.urandom(8).hex()}"
        temporary.mkdir()
        try:
            sizes = {
                name: write_atomically(temporary / name, (piece.encode(errors="backslashreplace") for piece in pieces))
                for name, pieces in files.items()
            }
            if there:
                for name in files:
                    (temporary / name).replace(target / name)
                temporary.rmdir()
            else:
                temporary.rename(target)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{folder}: cannot be written: {reason}") from error
    return sizes


def _spare(folder: Path, paths: Iterable[Path]) -> None:
    """Refuse to write over what is no export."""
    for path in paths:
        if not path.exists():
            continue
        if not path.is_file() or _MARK not in _beginning(path):
            raise UsageError(f"{folder} has a {path.name} that no export wrote: name another folder")


def _beginning(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_NEAR)
