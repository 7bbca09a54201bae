"""Native code that is there already: in the private cache by the engine's digest, or beside the engine file.

Code is as powerful as a program. It is loaded only from the cache, where it was built by this user from a program that
was checked, or from beside the engine when the caller says so; then its checksums must be those in the engine's header.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from mini_infer.errors import EngineError, InputError, ToolchainError
from mini_infer.files import read_regular, write_atomically
from mini_infer.fingerprint import fingerprint
from mini_infer.program.abi import Segment
from mini_infer.toolchain import cache

if TYPE_CHECKING:
    from mini_infer.runtime.artifact import Artifact

FOLDER = ".code"
"""What is appended to an engine file's name: the folder of its code."""

_LIMIT = 1 << 30
"""Bytes that a library may have."""
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Code:
    """The native code of a variant.

    Parameters
    ----------
    sha256
        Of the shared library's file; hexadecimal.
    segments
        Its functions, and the steps that they do.
    """

    sha256: str
    segments: tuple[Segment, ...]

    def to_json(self) -> dict[str, Any]:
        """The fields as values that JSON can hold."""
        return {"sha256": self.sha256, "segments": [list(astuple(segment)) for segment in self.segments]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `to_json` wrote.

        Raises
        ------
        LookupError, TypeError, ValueError
            When the data is nothing like it.
        """
        sha256 = data["sha256"]
        if (
            not isinstance(sha256, str)
            or len(sha256) != hashlib.sha256().digest_size * 2
            or not _HEX.issuperset(sha256)
        ):
            raise ValueError(f"{sha256!r} is no SHA-256")
        return cls(sha256, tuple(_segment(*fields) for fields in data["segments"]))


def _segment(start: int, end: int, symbol: str | None, parallel: bool, interruptible: bool) -> Segment:  # noqa: FBT001
    kinds = (int, int, str if symbol is not None else type(None), bool, bool)
    for value, kind in zip((start, end, symbol, parallel, interruptible), kinds, strict=True):
        if type(value) is not kind:
            raise TypeError(f"{value!r} is no part of a segment")
    return Segment(start, end, symbol, parallel, interruptible)


Found = tuple[tuple[Path, Code], ...]
"""Each variant's library."""

Built = Sequence[tuple[Path, Sequence[Segment]]]
"""Each variant's library as it was built, and its functions."""


def built(artifact: "Artifact", compiler: str | None) -> Built:
    """Build the native code of every variant, for whatever machine it is.

    Raises
    ------
    ToolchainError
        When there is no C compiler that builds for the target, or it fails.
    """
    from mini_infer.runtime.native import build
    from mini_infer.toolchain.compiler import INSTALL, find

    found = find(compiler)
    if found is None:
        raise ToolchainError(f"building code takes a C compiler: {INSTALL}")
    made = (build(variant, artifact.target, found) for variant in artifact.variants)
    return [(path, source.segments) for source, path in made]


def folder_of(engine: Path) -> Path:
    """The folder beside an engine file that its code is kept in."""
    return engine.with_name(engine.name + FOLDER)


def recall(digest: str, asked: str, suffix: str) -> Found | None:
    """The code that was built here for the engine of this digest, where all of it is still in the cache.

    Parameters
    ----------
    digest
        Of the engine (`Header.digest`).
    asked
        The compiler that is asked for; empty: whichever.
    suffix
        Of a library's file name.
    """
    try:
        directory = cache.cache_directory()
        manifest = cache.lookup(directory, _key(digest, asked), cache.MANIFEST)
        if manifest is None:
            return None
        stored = json.loads(read_regular(manifest))
        found = [(cache.lookup(directory, key, suffix), Code.from_json(code)) for key, code in stored]
    except (ToolchainError, OSError, LookupError, TypeError, ValueError):
        return None  # another process may be emptying the cache
    known = tuple((path, code) for path, code in found if path is not None and path.stem.endswith(code.sha256))
    return known if len(known) == len(found) else None


def remember(digest: str, asked: str, libraries: Built) -> None:
    """Note in the cache which libraries there are the code of the engine of this digest.

    A cache that cannot be written to is left alone: the code can be built again.
    """
    try:
        directory = cache.cache_directory()
        if any(path.parent != directory for path, _ in libraries):
            return
        stored = [
            [path.stem.partition("-")[0], Code(path.stem.partition("-")[2], tuple(segments)).to_json()]
            for path, segments in libraries
        ]
        with cache.writing(directory):
            cache.put(directory, _key(digest, asked), cache.MANIFEST, [json.dumps(stored).encode()])
    except ToolchainError:
        return


def _key(digest: str, asked: str) -> str:
    return hashlib.sha256(json.dumps([digest, asked, fingerprint()]).encode()).hexdigest()[: cache.KEY_DIGITS]


def beside(engine: Path, codes: Sequence[Code], suffix: str) -> Found:
    """The code beside an engine file, which the caller trusts.

    Raises
    ------
    EngineError
        When a library is missing, or is not the one that the engine names.
    """
    folder = folder_of(engine)
    return tuple((_checked(folder / f"{code.sha256}{suffix}", code), code) for code in codes)


def _checked(path: Path, code: Code) -> Path:
    content = read_regular(path, limit=_LIMIT, error=EngineError)
    if (found := hashlib.sha256(content).hexdigest()) != code.sha256:
        raise EngineError(f"{path}: not the code that the engine was saved with: its SHA-256 is {found}; copy it again")
    return path.absolute()


def put_beside(engine: Path, libraries: Built) -> tuple[Code, ...]:
    """Copy each variant's library into the folder beside an engine file; what else is code there goes.

    Raises
    ------
    InputError
        When the folder cannot be written.
    """
    folder = folder_of(engine)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror or error}") from error
    codes = []
    for path, segments in libraries:
        content = path.read_bytes()
        codes.append(Code(hashlib.sha256(content).hexdigest(), tuple(segments)))
        write_atomically(folder / f"{codes[-1].sha256}{path.suffix}", [content])
    kept = {code.sha256 for code in codes}
    for path in folder.iterdir():
        if len(path.stem) == len(codes[0].sha256) and _HEX.issuperset(path.stem) and path.stem not in kept:
            path.unlink()
    return tuple(codes)
