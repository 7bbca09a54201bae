"""Libraries for several processors and systems: the best edition is taken, or it is said what is missing."""

import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from libraries import HERE, answer, linked, place, product, write
from machines import shared_target

from mini_infer.demo import assets
from mini_infer.errors import ToolchainError, UsageError
from mini_infer.export.library import cpu
from mini_infer.machine import MACHINES
from mini_infer.toolchain import Target, find, host
from mini_infer.toolchain.host import X86_FEATURES

LENET = str(assets.MODEL)
ARM_LIBRARIES = Path("/usr/aarch64-linux-gnu")
"""Where Debian's libc6-arm64-cross keeps the C library that programs need."""

here_only = pytest.mark.skipif(HERE != "x86_64-linux", reason="programs are linked as on x86-64 Linux")


@pytest.fixture(scope="module")
def zig():
    try:
        return find("zig")
    except ToolchainError:
        pytest.skip("only zig builds for other machines")


@pytest.fixture(scope="module")
def levels(tmp_path_factory):
    """Two editions in one library, the weaker one first; the program that tests it, and its weights."""
    of = product(LENET, Target.parse("x86_64-linux+v3"), Target.parse("x86_64-linux+v4"), inside=False)
    folder = write(of, tmp_path_factory.mktemp("levels") / "net")
    return of, folder, linked(folder, folder / "examples/net.c", "-std=c11"), place(folder) / "net.weights"


@here_only
def test_editions(levels):
    of, *_ = levels
    (system,) = of.systems
    assert [edition.called for edition in system.editions] == ["x86_64-linux+v4", "x86_64-linux+v3"]
    assert [edition.network.machine.vector_bytes for edition in system.editions] == [64, 32]
    ours = {feature for edition in system.editions for feature in edition.target.features}
    assert set(system.features) == ours


@here_only
@pytest.mark.parametrize(
    ("processor", "said"),
    [
        ("max", ""),  # QEMU's own: AVX2, and no AVX-512
        ("max,-fma,-bmi1", "lacks fma, bmi;"),
        ("max,-avx", "lacks avx, f16c, fma, avx2;"),
        ("max,-xsave", "lacks avx, f16c, fma, avx2;"),  # a system that does not keep the registers
        ("qemu64", "lacks ssse3, sse4.1, sse4.2, popcnt, avx, f16c, fma, avx2, bmi, bmi2, lzcnt;"),
    ],
)
def test_processors(levels, processor, said):
    _, folder, program, weights = levels
    qemu = shutil.which("qemu-x86_64") or pytest.skip("needs qemu-user")
    environment = {**os.environ, "LD_LIBRARY_PATH": str(place(folder))}
    command = [qemu, "-cpu", processor, str(program), str(weights)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    lines = [line for line in done.stderr.splitlines() if "qemu" not in line]  # which warns of what it does not know
    if not said:
        assert (done.returncode, lines) == (0, [])
        return
    (line,) = lines
    assert done.returncode == 1
    assert line.startswith("net: this processor ")
    assert said in line
    assert line.endswith("was built for x86_64-linux+v3")


@here_only
def test_this_machine(levels):
    _, folder, program, weights = levels
    there = host.parse_cpuinfo(Path("/proc/cpuinfo").read_text())
    runs = set(Target.parse("x86_64-linux+v3").features) <= set(there)
    assert (answer(program, folder, weights).returncode == 0) == runs


@here_only
def test_the_processor_says_what_the_system_does(tmp_path):
    """CPUID, asked by the library, and /proc/cpuinfo, asked by the compiler, agree on every feature there is."""
    source = tmp_path / "features.c"
    source.write_text(
        "#include <stdint.h>\n#include <stdio.h>\n" + cpu.detection(X86_FEATURES) + "int main(void) {\n"
        "  const uint32_t there = present();\n"
        "  for (unsigned i = 0; i < sizeof features / sizeof *features; ++i)\n"
        "    if (there >> i & 1) puts(features[i].name);\n  return 0;\n}\n"
    )
    compiler = shutil.which("gcc") or pytest.skip("there is no gcc")
    subprocess.run([compiler, str(source), "-o", str(tmp_path / "features")], check=True)
    said = subprocess.run([str(tmp_path / "features")], capture_output=True, text=True, check=True).stdout.split()
    assert said == [name for name in X86_FEATURES if name in host.parse_cpuinfo(Path("/proc/cpuinfo").read_text())]


def test_masks():
    assert cpu.mask(("avx", "fma", "avx2"), ("avx", "avx2")) == 0b101
    assert cpu.mask((), ()) == 0


def test_a_target_twice():
    with pytest.raises(UsageError, match=r"x86_64-linux\+.* is given twice"):
        product(LENET, *[Target.parse("x86_64-linux+v3")] * 2)


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2])
def test_arm(tmp_path, zig, threads):
    """Shared with Debian's C library, static with musl."""
    qemu = shutil.which("qemu-aarch64") or pytest.skip("needs qemu-user")
    target = shared_target(Target("aarch64", "linux", (), MACHINES["aarch64"], "aarch64-linux-gnu", threads))
    of = product(LENET, target)
    assert of.editions[0].parallel == (threads > 1)
    folder = write(of, tmp_path / "net")
    libraries = place(folder, "aarch64-linux-gnu")
    words = ["-I", str(folder / "include"), str(folder / "net_test.c"), "-o", str(folder / "program")]
    static = [*zig.command, "-target", "aarch64-linux-musl", "-static", *words, str(libraries / "libnet.a")]
    subprocess.run(static, check=True, capture_output=True)
    assert subprocess.run([qemu, str(folder / "program")], check=False).returncode == 0
    if not ARM_LIBRARIES.is_dir():
        pytest.skip("needs libc6-arm64-cross")
    subprocess.run([*zig.command, "-target", "aarch64-linux-gnu", *words, "-L", str(libraries), "-lnet"], check=True)
    command = [qemu, "-L", str(ARM_LIBRARIES), "-E", f"LD_LIBRARY_PATH={libraries}", str(folder / "program")]
    assert subprocess.run(command, check=False).returncode == 0


START = "int main(void);\nvoid wWinMainCRTStartup(void) { ExitProcess((unsigned)main()); }\nvoid __main(void) {}\n"
"""What a Windows program begins with that links no run-time library, which takes zig a minute and a half."""


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("inside", [True, False])
def test_windows(tmp_path, zig, threads, inside):
    wine = shutil.which("wine64") or shutil.which("wine") or pytest.skip("needs wine")
    target = Target.parse("x86_64-windows-gnu+v3")
    target = shared_target(Target(target.arch, "windows", target.features, target.machine, target.triple, threads))
    of = product(LENET, target, inside=inside)
    folder = write(of, tmp_path / "net")
    libraries = place(folder, "x86_64-windows-gnu")
    test = (folder / "net_test.c").read_text()
    if not inside:
        test = test.replace("int main(int argc, char **argv)", "int main(void)").replace("argc != 2 || ", "")
        test = test.replace("argv[1]", '"net.weights"')
    start = "__declspec(dllimport) void __stdcall ExitProcess(unsigned);\n" + START
    (libraries / "test.c").write_text(test + start)
    command = [*zig.command, "-target", str(target.triple), "-I", "../../include", "test.c", "libnet.dll.a"]
    subprocess.run(
        [*command, "-O1", "-fno-sanitize=all", "-nostdlib", "-lkernel32", "-o", "test.exe"], cwd=libraries, check=True
    )
    environment = {**os.environ, "WINEPREFIX": str(tmp_path / "wine"), "WINEARCH": "win64", "WINEDEBUG": "-all"}
    done = subprocess.run(
        [wine, "test.exe"], cwd=libraries, env={**environment, "DISPLAY": ""}, capture_output=True, check=False
    )
    assert done.returncode == 0


@pytest.mark.slow
def test_macos(tmp_path, zig):
    """Nothing here runs it; that it exports what it should is in its table of symbols."""
    of = product(LENET, Target.parse("aarch64-macos"), Target.parse("x86_64-macos+v3"))
    assert {compiler.name for compiler in of.compilers} == {zig.name}
    folder = write(of, tmp_path / "net")
    for system, processor in (("aarch64-macos", 0x0100000C), ("x86_64-macos", 0x01000007)):
        content = (place(folder, system) / "libnet.dylib").read_bytes()
        assert struct.unpack("<III", content[:12])[:2] == (0xFEEDFACF, processor)
        assert b"@rpath/libnet.dylib" in content
        linkers = {"___dso_handle", "__mh_dylib_header"}
        assert exported(content) - linkers == {f"_net_{name}" for name in ("create", "run", "destroy", "explain")}
    config = (folder / "lib/cmake/net/net-config.cmake").read_text()
    assert 'STREQUAL "Darwin" AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64|ARM64)$")' in config


def exported(content):
    """The names that a Mach-O library defines for others: external, and not private to it."""
    (commands,) = struct.unpack("<I", content[16:20])
    place_, names = 32, set()
    for _ in range(commands):
        kind, size = struct.unpack("<II", content[place_ : place_ + 8])
        if kind == 2:  # LC_SYMTAB
            symbols, count, strings, _ = struct.unpack("<IIII", content[place_ + 8 : place_ + 24])
            for index in range(count):
                entry = content[symbols + 16 * index : symbols + 16 * index + 16]
                name, what, section = struct.unpack("<IBB", entry[:6])
                if what & 0x1 and not what & 0x10 and section:
                    names.add(content[strings + name :].split(b"\0", 1)[0].decode())
        place_ += size
    return names
