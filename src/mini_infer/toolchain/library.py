"""Libraries for applications: one shared and one static, of parts that are compiled for features of their own."""

import functools
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mini_infer.errors import ToolchainError
from mini_infer.toolchain import cache as library_cache
from mini_infer.toolchain import windows
from mini_infer.toolchain.building import compile_files, compiler_environment, run_command
from mini_infer.toolchain.compiler import INSTALL, Compiler
from mini_infer.toolchain.flags import ARITHMETIC_LIBRARY, compile_flags, link_flags, link_libraries
from mini_infer.toolchain.target import Target

_SHARED: Final = {"linux": "lib{}.so", "macos": "lib{}.dylib", "windows": "{}.dll"}
_STATIC: Final = "lib{}.a"
_IMPORT: Final = "lib{}.dll.a"


@dataclass(frozen=True)
class Part:
    """Files that are compiled together.

    Parameters
    ----------
    sources
        C11 text by file name, as for `build`.
    target
        Whose features the code may use.
    data
        Bytes by file name, for the assembler's ``.incbin``.
    """

    sources: Mapping[str, str]
    target: Target
    data: Mapping[str, memoryview] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Libraries:
    """Where what `build_libraries` made lies; `imported` is what programs for Windows are linked with."""

    shared: Path
    static: Path
    imported: Path | None

    @property
    def paths(self) -> tuple[Path, ...]:
        """All that is there."""
        return (self.shared, self.static, *(() if self.imported is None else (self.imported,)))


@contextmanager
def build_libraries(
    name: str, parts: Sequence[Part], compiler: Compiler, target: Target, *, sanitize: bool = False
) -> Iterator[Libraries]:
    """Compile and link the parts; the libraries lie in a folder that goes when the context ends.

    Everything without default visibility is hidden in the shared library. Names that are not hidden in C must differ
    between the parts: the static library keeps them.

    Parameters
    ----------
    name
        Of the libraries, without what systems put before and behind it.
    parts
        What they are made of.
    compiler
        From `find`.
    target
        The system, and the features that every part may use.
    sanitize
        Build with the address and undefined-behavior sanitizers.

    Raises
    ------
    ToolchainError
        When the compiler cannot build for `target` or fails, or there is no archiver beside it.
    """
    directory = library_cache.cache_directory()
    with library_cache.writing(directory):
        work = library_cache.work_directory(directory)
        run = functools.partial(run_command, work=work, environment=compiler_environment(directory, work))
        objects = [made for part in parts for made in _compile(part, compiler, work, sanitize=sanitize)]
        support = (
            _compile(_support(target), compiler, work, sanitize=False) if _lacks_run_time(compiler, target) else []
        )
        shared = _SHARED[target.system].format(name)
        imported = _IMPORT.format(name) if target.system == "windows" else None
        link = [
            *compiler.command,
            *link_flags(compiler, target, sanitize=sanitize),
            *_named(target, shared, imported),
            *objects,
            *support,
            "-o",
            shared,
            *link_libraries(compiler, target),
        ]
        try:
            run(link)
        except ToolchainError:
            if compiler.name != "zig":
                raise
            run([*link, ARITHMETIC_LIBRARY])
        static = _STATIC.format(name)
        run([*_archiver(compiler), "rcsD", static, *objects])
    try:
        yield Libraries(work / shared, work / static, None if imported is None else work / imported)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _compile(part: Part, compiler: Compiler, work: Path, *, sanitize: bool) -> list[str]:
    """Compile a part into the work folder; the names of its objects, which no other part has."""
    folder = library_cache.work_directory(work.parent)
    flags = compile_flags(compiler, part.target, sanitize=sanitize, warnings=False)
    for name, content in part.data.items():
        (folder / name).write_bytes(content)
    objects = []
    for made in compile_files(part.sources, compiler, flags, part.target, folder):
        objects.append(f"{len(list(work.glob('*.o')))}_{made}")
        (folder / made).replace(work / objects[-1])
    shutil.rmtree(folder, ignore_errors=True)
    return objects


def _lacks_run_time(compiler: Compiler, target: Target) -> bool:
    """Whether zig links the shared library without its run-time; a program brings one along for the static library."""
    return compiler.name == "zig" and target.system == "windows"


def _support(target: Target) -> Part:
    return Part({"mini_infer_windows_support.c": windows.SUPPORT}, target)


def _named(target: Target, shared: str, imported: str | None) -> list[str]:
    """What the linker is told of names: how programs will ask for the library."""
    if target.system == "macos":
        return [f"-Wl,-install_name,@rpath/{shared}"]
    if imported is not None:
        return [f"-Wl,--out-implib,{imported}"]
    return [f"-Wl,-soname,{shared}"]


def _archiver(compiler: Compiler) -> tuple[str, ...]:
    """The program that makes static libraries.

    Raises
    ------
    ToolchainError
        When there is none.
    """
    if compiler.name == "zig":
        return (compiler.command[0], "ar")
    for name in ("ar", "llvm-ar"):
        if found := shutil.which(name):
            return (found,)
    raise ToolchainError(f"there is no 'ar' beside {compiler.name}, which makes the static library: {INSTALL}")
