"""The engine file: data only, every byte under a checksum.

::

    magic (8 bytes) | header length (8 bytes, little endian) | SHA-256 of the header (32 bytes) | header (JSON)
    sections, each at the next multiple of 64 bytes, zeros between: programs, plans, arrays, constants

The header names the format, the version of mini-infer that wrote it, the target, each variant from outside
(`Interface`), where native code is kept beside the file that code's checksums, and for each section its place, size and
SHA-256. No pickle, no machine code: native code is generated from the program, here or where the engine was compiled
(`code`). The SHA-256 of the header stands for all of it: it is the engine's digest.

The constant block is mapped, not copied, so processes that run one engine share it; what was read for the checksums
alone is let go again.
"""

import hashlib
import json
import mmap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mini_infer.errors import EngineError, MiniInferError
from mini_infer.files import open_regular, write_atomically
from mini_infer.ir import UndecidedError
from mini_infer.program.codec import decode, encode
from mini_infer.program.conform import conforms
from mini_infer.runtime import interface as interfaces
from mini_infer.runtime.code import Code
from mini_infer.runtime.interface import Interface
from mini_infer.runtime.variant import Variant
from mini_infer.toolchain.target import Target
from mini_infer.version import __version__

if TYPE_CHECKING:
    from mini_infer.runtime.contents import Programs

MAGIC = b"MINIINFR"
FORMAT = 10
ALIGNMENT = 64
_DIGEST = 32
_PREFIX = len(MAGIC) + 8 + _DIGEST
_SECTIONS = ("programs", "plans", "arrays", "constants")
_AT_ONCE = 1 << 23
"""Bytes that are hashed before their pages are let go."""
_BROKEN = (
    *(ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError),
    UndecidedError,
)
"""What data of a wrong form raises where it is taken apart."""


Contents = tuple[tuple[Variant, ...], Target, np.ndarray]
"""What an engine file holds: a program and a plan for each profile, the machine, and the constant block."""


def write(
    path: Path, variants: Sequence[Variant], target: Target, constants: np.ndarray, code: Sequence[Code] = ()
) -> tuple[int, str]:
    """Write an engine file, whole or not at all; returns how many bytes it has, and its digest."""
    from mini_infer.runtime import contents

    sections: dict[str, bytes | memoryview]
    programs, arrays = contents.write(variants)
    data = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)
    sections = {**programs, "arrays": data, "constants": constants.data}
    header: dict[str, Any] = {
        "format": FORMAT,
        "mini_infer": __version__,
        "target": target.to_json(),
        "profiles": [variant.name for variant in variants],
        "interfaces": [encode(variant.interface, []) for variant in variants],
        "code": [each.to_json() for each in code],
        "arrays": [[str(array.dtype), list(array.shape)] for array in arrays],
        "sections": {},
    }
    end = 0
    for name, section in sections.items():
        start = -(-end // ALIGNMENT) * ALIGNMENT
        end = start + len(section)
        header["sections"][name] = {
            "start": start,
            "size": len(section),
            "sha256": hashlib.sha256(section).hexdigest(),
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    digest = hashlib.sha256(text)
    prefix = MAGIC + len(text).to_bytes(8, "little") + digest.digest() + text
    pieces: list[bytes | memoryview] = [prefix, bytes(-len(prefix) % ALIGNMENT)]
    for section in sections.values():
        pieces += [section, bytes(-len(section) % ALIGNMENT)]
    return write_atomically(path, pieces), digest.hexdigest()


def read(path: Path) -> Contents:
    """Read and check an engine file: every byte, and that its programs are safe to run, before anything is built.

    The programs' constants are views of the constant block.

    Raises
    ------
    EngineError
        When it is no engine file, of another format, differs in any byte from what was written, or holds a program or
        plan that breaks a rule.
    """
    return EngineFile.open(path).read()


@dataclass(frozen=True, eq=False)
class Header:
    """What an engine file says of itself.

    Parameters
    ----------
    path
        Of the file.
    digest
        SHA-256 of the header, which has that of everything else; hexadecimal.
    fields
        The header as it is written.
    end
        Bytes of the file before its sections.
    target
        The machine that it is for.
    interfaces
        Each variant from outside.
    code
        Of each variant, where native code is kept beside the file; otherwise empty.
    """

    path: Path
    digest: str
    fields: dict[str, Any]
    end: int
    target: Target
    interfaces: tuple[Interface, ...]
    code: tuple[Code, ...]

    @property
    def weight_bytes(self) -> int:
        """Of the constant block."""
        return int(self.fields["sections"]["constants"]["size"])

    @classmethod
    def read(cls, path: Path) -> "Header":
        """The header alone, checked; nothing else is read.

        Raises
        ------
        EngineError
            When it is no engine file, of another format, or its header is corrupt.
        """
        with open_regular(path, error=EngineError) as stream:
            prefix = stream.read(_PREFIX)
            length = int.from_bytes(prefix[len(MAGIC) : len(MAGIC) + 8], "little")
            return cls._of(path, prefix, stream.read(min(length, path.stat().st_size)))

    @classmethod
    def _of(cls, path: Path, prefix: bytes, text: bytes) -> "Header":
        if prefix[: len(MAGIC)] != MAGIC:
            raise EngineError(f"{path}: not an engine file; make one with mini-infer compile")
        length = int.from_bytes(prefix[len(MAGIC) : len(MAGIC) + 8], "little")
        digest = hashlib.sha256(text)
        if digest.digest() != prefix[_PREFIX - _DIGEST :] or len(text) != length:
            raise EngineError(f"{path}: the header is corrupt; build the engine again with mini-infer compile")
        malformed = f"{path}: the header is malformed; build the engine again with mini-infer compile"
        try:
            fields = json.loads(text)
            known = fields["format"]
        except _BROKEN as error:
            raise EngineError(malformed) from error
        if known != FORMAT:
            raise EngineError(f"{path}: engine format {known}; this version reads {FORMAT}: build it again")
        try:
            names = fields["profiles"]
            found = tuple(decode(each, [], interfaces.CLASSES) for each in fields["interfaces"])
            if not found or not all(isinstance(each, Interface) for each in found):
                raise ValueError("no variant")
            if not conforms(tuple(names), tuple[str, ...]) or len(set(names)) < len(names) or len(names) != len(found):
                raise ValueError(f"profiles {names}: at least one, each with a name of its own")
            code = tuple(Code.from_json(each) for each in fields["code"])
            if code and len(code) != len(found):
                raise ValueError("code of some variants only")
            target = Target.from_json(fields["target"])
            if not conforms(fields["sections"]["constants"]["size"], int):
                raise TypeError("no size")
        except EngineError as error:
            raise EngineError(f"{path}: {error}") from error
        except (MiniInferError, *_BROKEN) as error:
            raise EngineError(f"{path}: {_unreadable(fields)}") from error
        return cls(path, digest.hexdigest(), fields, _PREFIX + length, target, found, code)


@dataclass(frozen=True, eq=False)
class EngineFile:
    """An engine file whose every byte is what was written; its programs are read when they are asked for.

    Parameters
    ----------
    header
        What it says of itself.
    sections
        Each section's bytes, mapped.
    """

    header: Header
    sections: dict[str, np.ndarray]

    @classmethod
    def open(cls, path: Path) -> "EngineFile":
        """Map a file and check its bytes.

        Raises
        ------
        EngineError
            When it is no engine file, of another format, or differs in any byte from what was written.
        """
        with open_regular(path, error=EngineError) as stream:
            try:
                mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) if stream.seek(0, 2) else b""
            except OSError as error:
                raise EngineError(f"{path}: cannot be read: {error.strerror}") from error
        length = int.from_bytes(mapped[len(MAGIC) : len(MAGIC) + 8], "little")
        header = Header._of(path, mapped[:_PREFIX], mapped[_PREFIX : _PREFIX + min(length, len(mapped))])  # noqa: SLF001
        try:
            sections = _read_sections(path, np.frombuffer(mapped, np.uint8), header, _Pages(mapped))
        except EngineError:
            raise
        except _BROKEN as error:
            raise EngineError(f"{path}: {_unreadable(header.fields)}") from error
        return cls(header, sections)

    @cached_property
    def programs(self) -> "Programs":
        """A program and a plan for each profile, safe to run.

        Raises
        ------
        EngineError
            When one breaks a rule, or is not what the header says of it.
        """
        from mini_infer.runtime import contents

        header = self.header
        try:
            return contents.read(self.sections, header.fields["arrays"], header.target, header.interfaces)
        except MiniInferError as error:
            raise EngineError(f"{header.path}: not safe to run: {error}; build the engine again") from error
        except _BROKEN as error:
            raise EngineError(f"{header.path}: {_unreadable(header.fields)}") from error

    @property
    def contents(self) -> Contents:
        """What the file holds, programs and plans as far as they are asked for."""

        def reader(index: int) -> Any:
            return lambda: self.programs[index]

        named = zip(self.header.fields["profiles"], self.header.interfaces, strict=True)
        variants = (Variant.unread(name, each, reader(index)) for index, (name, each) in enumerate(named))
        return tuple(variants), self.header.target, self.sections["constants"]

    def read(self) -> Contents:
        """What the file holds, all of it read and checked. Errors are those of `programs`."""
        self.programs  # noqa: B018 - which are checked where they are read
        return self.contents


def _unreadable(fields: dict[str, Any]) -> str:
    return f"written by mini-infer {fields.get('mini_infer')}, which this version cannot read"


class _Pages:
    """The pages of a mapping, which may be let go: they are read again when they are needed."""

    def __init__(self, mapped: "mmap.mmap | bytes") -> None:
        self._mapped = mapped

    def digest(self, start: int, size: int) -> str:
        """SHA-256 of bytes, of which no more than some pages are in memory at a time."""
        found = hashlib.sha256()
        with memoryview(self._mapped) as view:
            for begin in range(start, start + size, _AT_ONCE):
                end = min(begin + _AT_ONCE, start + size)
                with view[begin:end] as piece:
                    found.update(piece)
                self._let_go(begin, end)
        return found.hexdigest()

    def _let_go(self, begin: int, end: int) -> None:
        begin = -(-begin // mmap.PAGESIZE) * mmap.PAGESIZE
        if isinstance(self._mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED") and begin < end:
            self._mapped.madvise(mmap.MADV_DONTNEED, begin, end - begin)


def _read_sections(path: Path, data: np.ndarray, header: Header, pages: _Pages) -> dict[str, np.ndarray]:
    """The sections, which follow each other where the writer puts them; the first begins after the header."""
    places, end = header.fields["sections"], header.end
    if tuple(places) != _SECTIONS:
        raise ValueError(f"sections {', '.join(places)}")
    base = -(-end // ALIGNMENT) * ALIGNMENT
    sections = {}
    for name, place in places.items():
        start, size = -(-end // ALIGNMENT) * ALIGNMENT, place["size"]
        if not conforms(size, int) or place["start"] != start - base or size < 0:
            raise ValueError(f"the {name} section has {size} bytes from {place['start']} on")
        section = data[start : start + size]
        if pages.digest(start, len(section)) != place["sha256"] or data[end:start].any():
            raise EngineError(f"{path}: the {name} section is corrupt; build the engine again with mini-infer compile")
        sections[name] = section
        end = start + size
    if data.size != -(-end // ALIGNMENT) * ALIGNMENT or data[end:].any():
        raise EngineError(f"{path}: {data.size} bytes, not the size that was written; copy or build the engine again")
    return sections
