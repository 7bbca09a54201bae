"""An artifact with its native code: what contexts run."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, Self

from mini_infer.runtime.artifact import Artifact
from mini_infer.runtime.context import Context
from mini_infer.runtime.native import NativeLibrary
from mini_infer.toolchain import find

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
    """

    libraries: tuple[NativeLibrary | None, ...]

    def __reduce__(self) -> NoReturn:
        raise TypeError("an engine is not pickled, for it has native code: save it, and load the file elsewhere")

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
        return cls(artifact.variants, artifact.target, artifact.constants, _build(artifact, compiler))

    @classmethod
    def load(cls, path: str | Path, *, compiler: str | None = None) -> Self:
        """Read an engine file, check it, and build its native code (or find that in the cache).

        Raises
        ------
        EngineError
            When the file is no engine, is corrupt in any byte, or is for another machine.
        ToolchainError
            When the C compiler fails.
        """
        return cls.from_artifact(Artifact.load(path), compiler=compiler)

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
        libraries = (None,) * len(engine.variants) if interpret else engine.libraries
        return Context(engine, libraries, arena, poison=poison)

    @property
    def library(self) -> NativeLibrary | None:
        """The machine code of the largest variant; `None` where everything is interpreted."""
        return self.libraries[self.variants.index(self.largest)]


def load(path: str | Path, *, compiler: str | None = None) -> Engine:
    """Load an engine file; parameters and errors are those of `Engine.load`."""
    return Engine.load(path, compiler=compiler)


def _build(artifact: Artifact, preference: str | None) -> tuple[NativeLibrary | None, ...]:
    compiler = find(preference)
    if compiler is None:
        if preference != "none":
            _log.warning("no C compiler found: every step is interpreted, which is slow; pip install ziglang")
        return (None,) * len(artifact.variants)
    return tuple(
        NativeLibrary.compile(variant.program, variant.plan, artifact.target, compiler) for variant in artifact.variants
    )
