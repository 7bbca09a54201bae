"""Files as people name them: read where they are regular and of a sensible size, written whole or not at all."""

import errno
import json
import os
import re
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, BinaryIO

from mini_infer.errors import InputError, MiniInferError

TEXT_LIMIT = 1 << 28
"""Bytes that a file of text or an image may have: a hundred times what anybody wrote so far."""

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def open_regular(path: Path, *, error: type[MiniInferError] = InputError) -> BinaryIO:
    """Open a regular file for reading; what might never end or never begin, such as a pipe or a device, is refused.

    Raises
    ------
    error
        When there is no such file, it cannot be read, or is not a regular one.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)  # or a pipe waits for its writer
    try:
        handle = os.open(path, flags)
    except (OSError, ValueError) as refusal:  # ValueError: a zero byte in the name
        raise error(f"{path}: cannot be read: {getattr(refusal, 'strerror', None) or refusal}") from None
    kind = stat.S_IFMT(os.fstat(handle).st_mode)
    if kind != stat.S_IFREG:
        os.close(handle)
        raise error(f"{path}: cannot be read: it is {_KINDS.get(kind, 'no regular file')}; give a regular file")
    return os.fdopen(handle, "rb")


def read_regular(path: Path, *, limit: int = TEXT_LIMIT, error: type[MiniInferError] = InputError) -> bytes:
    """The bytes of a regular file of at most `limit` bytes.

    Raises
    ------
    error
        As `open_regular`, or the file is larger.
    """
    with open_regular(path, error=error) as stream:
        try:
            size = os.fstat(stream.fileno()).st_size
            content = stream.read(limit + 1) if size <= limit else b""
        except OSError as refusal:
            raise error(f"{path}: cannot be read: {refusal.strerror or refusal}") from None
    if max(size, len(content)) > limit:
        raise error(f"{path}: cannot be read: it has {max(size, len(content))} bytes, more than {limit}")
    return content


def read_text(path: Path, *, error: type[InputError] = InputError) -> str:
    """The text of a file in UTF-8, with or without a byte order mark. Errors are those of `read_regular`."""
    try:
        return read_regular(path, error=error).decode("utf-8-sig")
    except UnicodeDecodeError as refusal:
        raise error(f"{path}: is no text in UTF-8: {refusal}") from None


def read_json(path: Path, *, error: type[InputError] = InputError) -> Any:
    """What a file of JSON holds (RFC 8259: in UTF-8, without NaN); no key may come twice.

    Raises
    ------
    error
        As `read_regular`, or it is no such JSON.
    """
    text = read_text(path, error=error)
    try:
        content = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
        if re.search(r"\\u[dD]", text):
            json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise error(f"{path}: is no JSON: it has half of a surrogate pair, which stands for no character") from None
    except RecursionError:
        raise error(f"{path}: is no JSON that can be read: it is nested too deeply") from None
    except ValueError as refusal:
        raise error(f"{path}: is no JSON: {refusal}") from None
    return content


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} comes twice in one object")
    return made


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number there")


def write_atomically(path: Path, pieces: Iterable[bytes | memoryview]) -> int:
    """Write the pieces one after another to what `path` names, and return how many bytes they were.

    A regular file, also behind links, is there whole or not at all: it is written beside, synced and renamed, with the
    mode of the one that it replaces. What cannot be replaced is written to: a device, a pipe, `/dev/stdout`.

    Raises
    ------
    InputError
        When the file cannot be written; nothing is left behind.
    BrokenPipeError
        When the reader of a pipe has gone.
    """
    try:
        descriptor = _descriptor(path)
        if descriptor is not None:
            with os.fdopen(os.dup(descriptor), "wb") as stream:
                return _write(stream, pieces)
        before = _status(path)
        if before is not None and not stat.S_ISREG(before.st_mode):
            with path.open("wb") as stream:  # a folder or a socket refuses
                return _write(stream, pieces)
        return _replace(Path(os.path.realpath(path)), before, pieces)
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: cannot be written: {reason}") from error


def _status(path: Path) -> os.stat_result | None:
    """What is at a path, behind links; None where there is nothing."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _write(stream: IO[bytes], pieces: Iterable[bytes | memoryview]) -> int:
    written = 0
    for piece in pieces:
        stream.write(piece)
        written += memoryview(piece).nbytes
    stream.flush()
    return written


def _replace(path: Path, before: os.stat_result | None, pieces: Iterable[bytes | memoryview]) -> int:
    """Write beside, and rename; `before` describes the file that is there."""
    if before is not None and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    temporary = path.with_name(f".mini-infer-{os.urandom(8).hex()}")  # short, however long the name is
    with temporary.open("xb") as stream:
        try:
            written = _write(stream, pieces)
            os.fsync(stream.fileno())
            stream.close()
            if before is not None:
                if sys.platform != "win32":
                    with suppress(OSError):  # only root gives files away
                        os.chown(temporary, before.st_uid, before.st_gid)
                temporary.chmod(before.st_mode & 0o777)
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):  # that of a full disk comes again when the file is closed
                stream.close()
            temporary.unlink(missing_ok=True)
            raise
    return written


def write_text(path: Path, text: str) -> int:
    """Write text in UTF-8, as `write_atomically` does; what a file name has that is no UTF-8 becomes an escape."""
    return write_atomically(path, [text.encode(errors="backslashreplace")])


def _descriptor(path: Path) -> int | None:
    """The number of this process's open file that a path such as `/dev/stdout` or `/dev/fd/3` leads to."""
    own = (f"/proc/{os.getpid()}/fd", "/dev/fd")
    for _ in range(40):  # as many links as Linux follows
        folder = os.path.realpath(path.parent)
        if folder in own and path.name.isdecimal():
            return int(path.name)
        if not path.is_symlink():
            break
        path = Path(folder, path.readlink())
    return None
