"""Compile C texts into a shared library, once per content: of the whole, and of each file."""

import ctypes
import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from mini_infer import stages
from mini_infer.errors import ToolchainError, UsageError
from mini_infer.toolchain import cache as library_cache
from mini_infer.toolchain import host, windows
from mini_infer.toolchain.compiler import INSTALL, Compiler
from mini_infer.toolchain.flags import ARITHMETIC_LIBRARY, compile_flags, link_flags, link_libraries
from mini_infer.toolchain.target import Target

_FILE_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.[ch]")
_ERROR: Final = re.compile("error:|undefined reference")  # the second is how GNU's linker reports


def build(
    sources: Mapping[str, str],
    compiler: Compiler,
    target: Target,
    *,
    cache: Path | None = None,
    sanitize: bool = False,
    warnings: bool = False,
    jobs: int | None = None,
) -> Path:
    """Compile and link C files; return the shared library's path in the cache.

    The library is looked up by the SHA-256 of all texts, the compiler's name and version, the options and the target.
    Every ``.c`` file is compiled on its own, several at once, unless the cache has what came of it and of the same
    ``.h`` files before. Functions that are to be found by name need default
    visibility (``__attribute__((visibility("default")))``): everything else is hidden.

    Parameters
    ----------
    sources : mapping of str to str
        C11 text by file name; ``.h`` files can be included by the others.
    compiler, target
        From `find` and `Target`.
    cache : Path, optional
        The cache's folder, see `cache_directory`.
    sanitize : bool
        Build with the address and undefined-behavior sanitizers, see `sanitizer_environment`.
    warnings : bool
        Treat every warning of ``-Wall -Wextra`` as an error; otherwise warnings are off.
    jobs : int, optional
        Compilers that run at once; the number of processors if not given.

    Raises
    ------
    UsageError
        For a file name with a folder in it, or no ``.c`` file at all.
    ToolchainError
        When the compiler cannot build for `target` or fails. The message holds its first error and the folder where the
        sources are kept for a day.
    """
    if bad := [name for name in sources if not _FILE_NAME.fullmatch(name)]:
        raise UsageError(f"source file name {bad[0]!r}: use letters, digits, '_', '.' and '-', ending in .c or .h")
    if not any(name.endswith(".c") for name in sources):
        raise UsageError(f"nothing to compile: no .c file among {sorted(sources)}")
    texts = dict(sources)
    if compiler.name == "zig" and target.system == "windows":
        texts["mini_infer_windows_support.c"] = windows.SUPPORT
    compiling = compile_flags(compiler, target, sanitize=sanitize, warnings=warnings)
    linking = link_flags(compiler, target, sanitize=sanitize)
    libraries = link_libraries(compiler, target)
    machine = (compiler.name, compiler.version, compiling, str(target))
    key = _key(sorted(texts.items()), linking, libraries, machine)

    directory = library_cache.cache_directory(cache)
    if found := library_cache.lookup(directory, key, target.library_suffix):
        return found
    with library_cache.writing(directory):
        work = library_cache.work_directory(directory)
        run = functools.partial(run_command, work=work, environment=compiler_environment(directory, work))
        objects = compile_files(texts, compiler, compiling, target, work, jobs=jobs)
        made = f"library{target.library_suffix}"
        link = [*compiler.command, *linking, *objects, "-o", made, *libraries]
        try:
            run(link)
        except ToolchainError:
            if compiler.name != "zig":
                raise
            run([*link, ARITHMETIC_LIBRARY])
        library = library_cache.store(directory, key, work / made)
        shutil.rmtree(work, ignore_errors=True)
        return library


def compile_files(
    texts: Mapping[str, str],
    compiler: Compiler,
    compiling: tuple[str, ...],
    target: Target,
    work: Path,
    *,
    jobs: int | None = None,
) -> list[str]:
    """Write C files into a work folder of the cache, and compile them there, several at once; names of the objects.

    What came of a file before, by the same compiler with the same options (`compiling`) and of the same ``.h`` files,
    is taken from the cache. Errors are those of `build`.
    """
    directory = work.parent
    for name, text in texts.items():
        (work / name).write_text(text, encoding="utf-8", newline="\n")
    run = functools.partial(run_command, work=work, environment=compiler_environment(directory, work))
    machine = (compiler.name, compiler.version, compiling, str(target))
    headers = sorted((name, text) for name, text in texts.items() if name.endswith(".h"))
    files = {name: text for name, text in sorted(texts.items()) if name.endswith(".c")}
    objects = {name: f"{name}{library_cache.OBJECT}" for name in files}

    def compile_file(name: str) -> None:
        command = [*compiler.command, *compiling, "-c", name, "-o", objects[name]]
        if len(files) == 1:
            return run(command)  # nothing could be used again but the whole library
        file_key = _key(files[name], headers, machine)
        if not library_cache.fetch(directory, file_key, work / objects[name]):
            run(command)
            library_cache.keep(directory, file_key, work / objects[name])
        return None

    longest_first = sorted(files, key=lambda name: -len(files[name]))  # none is left when the others are done
    _all_at_once(compile_file, longest_first, jobs)
    return list(objects.values())


def _all_at_once(compile_file: Callable[[str], None], names: Sequence[str], jobs: int | None) -> None:
    with stages.stage("compiling C"), ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        stages.say("compiling C", 0, len(names))
        try:
            for done, _ in enumerate(pool.map(compile_file, names), start=1):
                stages.say("compiling C", done, len(names))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # nobody waits for the others any more
            raise


def _key(*identity: object) -> str:
    """The name in the cache of what is made from all this."""
    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()[: library_cache.KEY_DIGITS]


def load(library: Path) -> ctypes.CDLL:
    """Load a library that `build` made for this machine.

    Raises
    ------
    ToolchainError
        When the system's loader refuses it.
    """
    try:
        return ctypes.CDLL(str(library))
    except OSError as error:
        raise ToolchainError(f"cannot load {library}: {error}") from error


def sanitizer_environment(compiler: Compiler) -> dict[str, str]:
    """Return the environment variables with which a Python process can load a library built with ``sanitize=True``.

    Add them to those of a subprocess: the address sanitizer must be loaded before anything else, and with it the C++
    library whose exceptions it watches, or the first one ends the process. Leaks are not looked for, since Python
    itself leaves memory behind at its end.

    Raises
    ------
    ToolchainError
        When `compiler` does not come with the sanitizer's library.
    """
    name = f"libclang_rt.asan-{host.arch()}.so" if compiler.name == "clang" else "libasan.so"
    sanitizer, exceptions = (_path_of(library, compiler) for library in (name, "libstdc++.so.6"))
    if not sanitizer:
        raise ToolchainError(f"{compiler.name} has no {name}: install its sanitizer libraries, or use gcc")
    return {"LD_PRELOAD": f"{sanitizer} {exceptions}".strip(), "ASAN_OPTIONS": "detect_leaks=0"}


def _path_of(library: str, compiler: Compiler) -> str:
    """Where a compiler has a library; empty where it has none."""
    command = [*compiler.command, f"-print-file-name={library}"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the found compiler
    path = answer.stdout.strip()
    return path if Path(path).is_absolute() else ""


def compiler_environment(directory: Path, work: Path) -> dict[str, str]:
    """Return the compilers' environment: English messages, and zig's own caches inside ours.

    What zig would keep of each file it compiles goes with the work folder, since the library is cached by us.
    """
    own = {"ZIG_LOCAL_CACHE_DIR": str(work / "zig"), "LC_ALL": "C"}
    return {"ZIG_GLOBAL_CACHE_DIR": str(library_cache.zig_directory(directory)), **os.environ, **own}


def run_command(command: Sequence[str], work: Path, environment: Mapping[str, str]) -> None:
    """Run one compiler command in the work folder."""
    try:
        answer = subprocess.run(  # noqa: S603 - the compiler that was found, on files we wrote
            command, cwd=work, env=dict(environment), capture_output=True, text=True, errors="replace", check=False
        )
    except OSError as error:
        raise ToolchainError(f"{command[0]} cannot be run: {error.strerror or error}") from error
    if answer.returncode == 0:
        return
    lines = [line.strip() for line in (answer.stderr + answer.stdout).splitlines() if line.strip()]
    fallback = lines[0] if lines else f"exit code {answer.returncode}"
    first = next((line for line in lines if _ERROR.search(line)), fallback)
    hint = f"; float16 needs clang 15, gcc 12 or zig: {INSTALL}" if "_Float16" in first else ""
    raise ToolchainError(f"{Path(command[0]).name} failed: {first} (sources kept in {work}){hint}")
