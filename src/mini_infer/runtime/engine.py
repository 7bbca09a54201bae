"""An artifact with its native code: what contexts run."""

import logging
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from mini_infer.errors import EngineError
from mini_infer.runtime import code, store
from mini_infer.runtime.artifact import Artifact
from mini_infer.runtime.context import Context
from mini_infer.runtime.file import EngineFile, Header
from mini_infer.runtime.native import NativeLibrary
from mini_infer.runtime.pool import ContextPool
from mini_infer.toolchain import cache
from mini_infer.toolchain.compiler import find, wanted


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that an engine was read from, its digest, and whether the code beside it is trusted."""

    path: Path
    digest: str
    trust_code: bool = False


_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False, repr=False)
class Engine(Artifact):
    """A compiled model on the machine that it is for. Any number of contexts run it, one thread each.

    Parameters
    ----------
    variants, target, constants
        As of `Artifact`.
    libraries
        Each variant's machine code; `None` where everything is interpreted.
    compiler
        Which C compiler was asked for, as `from_artifact` has it.
    origin
        The file that it was read from.
    limits
        The sizes that it was made smaller for, by `up_to`.

    Notes
    -----
    Pickling an engine keeps the name and the digest of its file; one without is put into the cache. Unpickled, it is
    read from there again, and refused where the file has changed.
    """

    libraries: tuple[NativeLibrary | None, ...]
    compiler: str | None = None
    origin: Origin | None = None
    limits: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def from_artifact(cls, artifact: Artifact, *, compiler: str | None = None) -> Self:
        """Build an artifact's native code, or find it in the cache.

        Parameters
        ----------
        artifact
            What to run; it shares its weights with the engine.
        compiler
            Which C compiler to use: a path, a name, ``"none"`` to interpret, or `None` for the first one found.

        Raises
        ------
        EngineError
            When the artifact is for another machine.
        ToolchainError
            When the C compiler fails.
        """
        artifact.check_machine()
        return cls(artifact.variants, artifact.target, artifact.constants, _build(artifact, compiler), compiler)

    @classmethod
    def load(cls, path: str | Path, *, compiler: str | None = None, trust_code: bool = False) -> Self:
        """Read an engine file, check it, and take its native code from the cache, or build it.

        Parameters
        ----------
        path
            The engine file.
        compiler
            As of `from_artifact`.
        trust_code
            Whether the native code that was saved beside the file may run. It is as powerful as any program; so say it
            of engines only that come from where your programs come from.

        Raises
        ------
        EngineError
            When the file is no engine, is corrupt in any byte, or is for another machine; or when the code beside it is
            not the one that it was saved with.
        ToolchainError
            When the C compiler fails.
        """
        opened = EngineFile.open(Path(path))
        asked = wanted(compiler)
        found = _at_hand(opened, asked, trust_code=trust_code)
        if found is not None:
            artifact = Artifact(*opened.contents)
            artifact.check_machine()
            libraries = tuple(NativeLibrary(library, each.segments) for library, each in found)
            origin = Origin(Path(path).absolute(), opened.header.digest, trust_code)
            return cls(artifact.variants, artifact.target, artifact.constants, libraries, compiler, origin)
        if opened.header.code and not asked and find() is None:
            _log.warning(
                "%s has native code beside it, which runs if you trust it: trust_code=True, --trust-code", path
            )
        engine = cls.from_artifact(Artifact(*opened.read()), compiler=compiler)
        _remember(engine, opened.header.digest)
        return replace(engine, origin=Origin(Path(path).absolute(), opened.header.digest, trust_code))

    def up_to(self, **sizes: int) -> Self:
        """The same for sizes up to these only, as `Artifact.up_to` says."""
        return replace(super().up_to(**sizes), limits={**self.limits, **sizes})

    def __reduce__(self) -> tuple[Any, ...]:
        origin = self.origin or self._kept()
        return _read_again, (type(self), origin, self.compiler, dict(self.limits))

    def mapped(self) -> Self:
        """The same with its weights mapped from a file in the cache: shared with others who do so, and reclaimable.

        Errors are those of `save`.
        """
        origin = self.origin or self._kept()
        variants, target, constants = EngineFile.open(origin.path).contents
        return type(self)(variants, target, constants, self.libraries, self.compiler, origin, self.limits)

    def _kept(self) -> Origin:
        """An engine without a file, in the cache under its digest: where it is read when it is unpickled."""
        directory = store.folder()
        with cache.writing(directory), tempfile.TemporaryDirectory(dir=directory) as folder:
            written = Path(folder, "engine")
            _, digest = self._save(written, ())
            path = store.place(digest[: cache.KEY_DIGITS])
            written.replace(path)
        store.make_room(keep=path)
        return Origin(path, digest)

    def _save(self, path: Path, libraries: code.Built) -> tuple[int, str]:
        size, digest = super()._save(path, libraries)
        _remember(self, digest)
        return size, digest

    def create_context(
        self, arena: Any = None, *, interpret: bool = False, poison: bool = False, **sizes: int
    ) -> Context:
        """Create a context with an arena of its own, or the caller's.

        Parameters
        ----------
        arena, interpret, poison
            As of `Context`.
        **sizes
            The largest size that the context will run, by the dimension's name, such as ``seq=128``: its arena is
            smaller. What is not named is the largest of its range.

        Raises
        ------
        UsageError
            When there is no such dimension, or the size is none of its range; or the arena is none.
        """
        engine = self.up_to(**sizes) if sizes else self
        return Context(engine, engine.libraries, arena, interpret=interpret, poison=poison)

    def create_pool(self, size: int, *, interpret: bool = False, **sizes: int) -> ContextPool:
        """Create a pool of contexts, each with an arena of its own, for threads that take turns.

        Parameters
        ----------
        size
            How many there may be at once; none is made before it is needed.
        interpret, **sizes
            As of `create_context`.
        """
        engine = self.up_to(**sizes) if sizes else self
        return ContextPool(size, lambda: engine.create_context(interpret=interpret))

    @property
    def library(self) -> NativeLibrary | None:
        """The machine code of the largest variant; `None` where everything is interpreted."""
        return self.libraries[self.variants.index(self.largest)]


def _read_again(kind: type[Engine], origin: Origin, compiler: str | None, limits: Mapping[str, int]) -> Engine:
    """An engine that was pickled.

    Raises
    ------
    EngineError
        When its file is not there, or is another one now.
    """
    found = Header.read(origin.path).digest
    if found != origin.digest:
        raise EngineError(f"{origin.path}: changed since the engine was pickled; pickle it again")
    engine = kind.load(origin.path, compiler=compiler, trust_code=origin.trust_code)
    return engine.up_to(**limits) if limits else engine


def load(path: str | Path, *, compiler: str | None = None, trust_code: bool = False) -> Engine:
    """Load an engine file; parameters and errors are those of `Engine.load`."""
    return Engine.load(path, compiler=compiler, trust_code=trust_code)


def _remember(engine: Engine, digest: str) -> None:
    """Note in the cache that the engine file of this digest has this engine's code."""
    libraries = [(each.path, [segment for segment, _ in each.segments]) for each in engine.libraries if each]
    if len(libraries) == len(engine.variants):
        code.remember(digest, wanted(engine.compiler), libraries)


def _at_hand(opened: EngineFile, asked: str, *, trust_code: bool) -> code.Found | None:
    """The native code that need not be built, if there is any."""
    if asked == "none":
        return None
    header = opened.header
    known = code.recall(header.digest, asked, header.target.library_suffix)
    if known is not None:
        return known
    if trust_code and header.code and not asked:
        return code.beside(header.path, header.code, header.target.library_suffix)
    return None


def _build(artifact: Artifact, preference: str | None) -> tuple[NativeLibrary | None, ...]:
    compiler = find(preference)
    if compiler is None:
        if preference != "none":
            _log.warning("no C compiler found: every step is interpreted, which is slow; pip install ziglang")
        return (None,) * len(artifact.variants)
    return tuple(NativeLibrary.compile(variant, artifact.target, compiler) for variant in artifact.variants)
