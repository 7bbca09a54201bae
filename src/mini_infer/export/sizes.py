"""What a compiler makes of `net.c`: bytes of code, and of stack."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mini_infer.errors import ToolchainError, UnsupportedError
from mini_infer.machine import Machine
from mini_infer.toolchain import host

_SOFT, _HARD = "-mfloat-abi=soft", "-mfloat-abi=hard"
CORES = {
    "cortex-m0plus": (_SOFT,),
    "cortex-m3": (_SOFT,),
    "cortex-m4": ("-mfpu=fpv4-sp-d16", _HARD),
    "cortex-m7": ("-mfpu=fpv5-sp-d16", _HARD),
    "cortex-m33": ("-mfpu=fpv5-sp-d16", _HARD),
}
"""Machine → what gcc is told of its floating point; those with Helium need clang (`source`)."""
_OPTIONS = ("-std=c11", "-w", "-O2", "-fno-asynchronous-unwind-tables", "-fcallgraph-info=su")
_FRAME = re.compile(r'^node: \{ title: "([^"]+)" label: "[^"]*?\\n(\d+) bytes \(', re.MULTILINE)
_CALL = re.compile(r'^edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Sizes:
    """In bytes.

    Parameters
    ----------
    compiler
        Who made them, and how: its version, and the options.
    code
        Of the functions and their tables.
    stack
        Of the deepest calls of the run function; without those of the C library, and of the compiler's own.
    """

    compiler: str
    code: int
    stack: int


def measure(machine: Machine, texts: Mapping[str, str], name: str, run: str, options: Sequence[str]) -> Sizes:
    """Compile a source file for a machine, by gcc with `-O2` and `options`; `texts` are it and its headers.

    The stack is that of its function `run`.

    Raises
    ------
    UnsupportedError
        When it is not known which compiler is one for that machine.
    ToolchainError
        When it is not there, or fails.
    """
    compiler, words = _compiler(machine)
    words = (*words, *_OPTIONS, *options)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for each, text in texts.items():
            (folder / each).write_text(text, encoding="utf-8", errors="backslashreplace")
        _call((compiler, *words, "-c", name, "-o", "made.o"), folder)
        listed = _call((f"{compiler.removesuffix('gcc')}size", "-B", "made.o"), folder).splitlines()[1].split()
        graph = (folder / "made.ci").read_text(encoding="utf-8")
    version = _call((compiler, "--version"), None).partition("\n")[0]
    return Sizes(" ".join((version, *words)), int(listed[0]) + int(listed[1]), stack(graph, run))


def stack(graph: str, run: str) -> int:
    """The bytes of the deepest calls from a function, in a graph as `-fcallgraph-info=su` writes it.

    Functions that the graph has no frame of count nothing.
    """
    frames = {function: int(size) for function, size in _FRAME.findall(graph)}
    callees: dict[str, set[str]] = {}
    for caller, callee in _CALL.findall(graph):
        callees.setdefault(caller, set()).add(callee)

    @cache
    def deepest(function: str) -> int:
        return frames.get(function, 0) + max(map(deepest, callees.get(function, ())), default=0)

    return deepest(run)


def _compiler(machine: Machine) -> tuple[str, tuple[str, ...]]:
    """Name and first options of the compiler for a machine."""
    if machine.name in CORES:
        return "arm-none-eabi-gcc", (f"-mcpu={machine.name}", "-mthumb", *CORES[machine.name])
    if machine.arch in ("", host.arch()):
        return "gcc", ()
    raise UnsupportedError(f"--sizes: no compiler is known for {machine}; there is one for {', '.join(CORES)}")


def _call(words: Sequence[str], folder: Path | None) -> str:
    """What a program says."""
    program = shutil.which(words[0])
    if program is None:
        package = "gcc-arm-none-eabi libnewlib-arm-none-eabi" if words[0].startswith("arm") else "gcc"
        raise ToolchainError(f"--sizes: there is no {words[0]}: apt-get install {package}")
    done = subprocess.run([program, *words[1:]], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        first = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr.strip())
        raise ToolchainError(f"--sizes: {words[0]} fails: {first}")
    return done.stdout
