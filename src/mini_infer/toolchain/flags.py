"""The options each compiler is given, as a function of the target: never of the machine that compiles."""

from typing import Final

from mini_infer.errors import ToolchainError
from mini_infer.toolchain import host
from mini_infer.toolchain.compiler import Compiler
from mini_infer.toolchain.target import Target

# Floating point stays IEEE but for contraction to FMA: code says with vectors what may be reassociated. What clang
# contracts is what stands in one expression, whatever is around: a kernel gives the same bits in bands as whole. (With
# "fast" it contracts what is left in one block in the end, when products may have left a loop, or become vectors.)
# gcc, which has no such mode before its 15th version, has no other.
# Strict aliasing is off because one arena holds floats and integers in the same bytes, one after the other.
_CONTRACTION: Final = {"clang": "-ffp-contract=on", "zig": "-ffp-contract=on", "gcc": "-ffp-contract=fast"}
_LANGUAGE: Final = (
    "-std=c11",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-fno-strict-aliasing",
    "-fvisibility=hidden",
    "-Wno-psabi",  # gcc remarks on vectors wider than the target's registers; they never cross a library's border
)
# zig's clang writes line numbers, a third of its time, and keeps a register for the frame unless told not to.
_RELEASE: Final = ("-O3", "-g0", "-fomit-frame-pointer", "-fno-stack-protector")
# Unoptimized and with line numbers alone, gcc takes a third of the time that -O1 -g takes.
_SANITIZE: Final = (
    "-O0",
    "-g1",
    "-fno-omit-frame-pointer",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
)


def compile_flags(compiler: Compiler, target: Target, *, sanitize: bool, warnings: bool) -> tuple[str, ...]:
    """Return the options that turn one C file into an object file.

    Raises
    ------
    ToolchainError
        When this compiler cannot build for `target`, or has no sanitizers.
    """
    flags = [*_machine(compiler, target), *_LANGUAGE, _CONTRACTION[compiler.name]]
    flags += _SANITIZE if sanitize else _RELEASE
    flags += ["-Wall", "-Wextra", "-Werror"] if warnings else ["-w"]
    if target.system != "windows":
        flags.append("-fPIC")
    if compiler.name == "zig":
        if sanitize:
            raise ToolchainError("zig has no address sanitizer: build with gcc or clang, or without the sanitizers")
        flags.append("-fno-sanitize=all")  # zig turns the undefined-behavior sanitizer on unless told otherwise
    return tuple(flags)


def link_flags(compiler: Compiler, target: Target, *, sanitize: bool) -> tuple[str, ...]:
    """Return the options that turn object files into a shared library; those after the files are `link_libraries`."""
    flags = [*_machine(compiler, target), "-shared"]
    if sanitize:
        return (*flags, "-fsanitize=address,undefined")
    if target.system != "macos":
        flags.append("-s")
    if target.system == "linux":
        flags.append("-Wl,-z,defs")  # a function that nobody defines fails here, not when the library is loaded
    if compiler.name == "zig":
        # zig would first compile its own run-time libraries: 8 s once on Linux, 89 s for Windows, and rarely needed.
        flags.append("-nostdlib")
    return tuple(flags)


ARITHMETIC_LIBRARY: Final = "-lcompiler_rt"
"""zig's library of what a processor lacks, such as float64 to float16. It takes zig 5 s when first asked for."""


def link_libraries(compiler: Compiler, target: Target) -> tuple[str, ...]:
    """Return the libraries to link after the object files; zig may need `ARITHMETIC_LIBRARY` as well."""
    if target.system == "macos":
        return ("-lSystem",) if compiler.name == "zig" else ()
    if target.system == "windows":
        return ("-lucrtbase", "-lkernel32") if compiler.name == "zig" else ()
    return ("-lm", "-lc")


def _machine(compiler: Compiler, target: Target) -> tuple[str, ...]:
    """Return the options that name the processor and, across systems, the system.

    Features are listed one by one on the baseline: named processors and levels such as ``x86-64-v4`` also tell clang to
    split 64-byte vectors in two, and ``-march=native`` would make the result depend on the machine that compiles.
    """
    flags: list[str] = []
    if compiler.name == "zig":
        triple = target.full_triple
        if triple is not None:
            flags += ["-target", triple]
        if target.arch == "x86_64":
            flags.append("+".join(("-mcpu=x86_64", *(feature.replace(".", "_") for feature in target.features))))
    elif (target.arch, target.system) != (host.arch(), host.system()):
        raise ToolchainError(
            f"{compiler.name} builds for this machine only, not for {target}: use zig (pip install ziglang)"
        )
    elif target.arch == "x86_64":
        flags += ["-march=x86-64", *(f"-m{feature}" for feature in target.features)]
    if target.machine.vector_bytes == 64:  # noqa: PLR2004 - the one width that compilers hesitate to use
        flags.append("-mprefer-vector-width=512")
    return tuple(flags)
