"""Find the C compiler: the one asked for, or the best one that is installed."""

import functools
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mini_infer.errors import ToolchainError

ENVIRONMENT: Final = "MINI_INFER_CC"
"""Environment variable that names the compiler as ``--compiler`` does."""

INSTALL: Final = "install one with: pip install ziglang"
"""How to come by a compiler that can do everything."""

_HALVES_SINCE: Final = {"clang": 15, "gcc": 12}
"""The first version with ``_Float16`` on x86-64."""


@dataclass(frozen=True, slots=True)
class Compiler:
    """A C compiler that runs: its family, how to call it and which version it is.

    Attributes
    ----------
    name : str
        The family, whose options it understands: ``clang``, ``zig`` or ``gcc``.
    command : tuple of str
        The words that call it as a C compiler.
    version : str
        What it says of itself, in one line; with the name, its identity in cache keys and reports.
    halves : bool
        Whether its version has a type for float16, ``_Float16``, on x86-64; asking it would cost every start 40 ms.
    """

    name: str
    command: tuple[str, ...]
    version: str
    halves: bool = True


def wanted(preference: str | None = None) -> str:
    """Which compiler is asked for, in `find`'s words; empty: the first one found. No program is run."""
    return preference or os.environ.get(ENVIRONMENT) or ""


def find(preference: str | None = None) -> Compiler | None:
    """Return the C compiler to use, or None for none.

    Parameters
    ----------
    preference : str, optional
        ``clang``, ``zig``, ``gcc``, the path of a compiler, or ``none``. Without it the environment variable
        ``MINI_INFER_CC`` decides in the same words, and without that the first that runs of clang, zig (the
        ``ziglang`` wheel, then ``zig`` on the path) and gcc; one without float16 only where there is no other.

    Raises
    ------
    ToolchainError
        When a compiler was asked for and is not there or does not run.
    """
    asked_for = wanted(preference)
    if not asked_for:
        return _best()
    if asked_for == "none":
        return None
    if search := _SEARCHES.get(asked_for):
        compiler, looked_for = search(), _LOOKED_FOR[asked_for]
    else:
        compiler, looked_for = _identify((asked_for,)), f"the program {asked_for!r}"
    if compiler is None:
        asked = "was asked for" if preference else f"is what {ENVIRONMENT} asks for"
        raise ToolchainError(f"compiler {asked_for!r} {asked}, but {looked_for} is missing or does not run: {INSTALL}")
    return compiler


def _best() -> Compiler | None:
    lesser = None
    for search in _SEARCHES.values():
        found = search()
        if found and found.halves:
            return found
        lesser = lesser or found
    return lesser


def _find_clang() -> Compiler | None:
    return _find_on_path("clang")


def _find_gcc() -> Compiler | None:
    return _find_on_path("gcc")


def _find_zig() -> Compiler | None:
    spec = importlib.util.find_spec("ziglang")
    if spec is not None and spec.origin is not None:
        # The wheel's own program starts 20 ms sooner than `python -m ziglang`.
        program = Path(spec.origin).parent / ("zig.exe" if sys.platform == "win32" else "zig")
        return _identify((str(program), "cc"))
    program_on_path = shutil.which("zig")
    return _identify((program_on_path, "cc")) if program_on_path else None


def _find_on_path(name: str) -> Compiler | None:
    program = shutil.which(name)
    return _identify((program,)) if program else None


_SEARCHES: Final[dict[str, Callable[[], Compiler | None]]] = {
    "clang": _find_clang,
    "zig": _find_zig,
    "gcc": _find_gcc,
}
_LOOKED_FOR: Final = {
    "clang": "'clang' on the path",
    "zig": "the Python package 'ziglang' and 'zig' on the path",
    "gcc": "'gcc' on the path",
}


@functools.cache
def _identify(command: tuple[str, ...]) -> Compiler | None:
    """Ask a program who it is; None when it does not run or is no compiler we know."""
    if len(command) == 1 and Path(command[0]).stem == "zig":
        command = (*command, "cc")
    answer = _ask(*command, "--version")
    if answer is None:
        return None
    version = answer.partition("\n")[0].strip()
    if len(command) > 1:
        return Compiler("zig", command, f"zig {(_ask(command[0], 'version') or '').strip()}, {version}")
    family = "clang" if "clang" in version else "gcc" if "Free Software Foundation" in answer else None
    if family is None:
        return None
    number = re.search(r"\b(\d+)\.\d", version)
    return Compiler(family, command, version, number is None or int(number[1]) >= _HALVES_SINCE[family])


def _ask(*command: str) -> str | None:
    """Return what a command prints, or None when it does not run."""
    try:
        answer = subprocess.run(  # noqa: S603 - running the compiler is the point
            command, capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout if answer.returncode == 0 else None
