"""Boards in QEMU: an export is compiled by gcc or clang, linked for the board's own memory, run, and counted."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from exports import OPTIONS

from mini_infer.export.sizes import CORES as FLOATS

BOARD = Path(__file__).parents[1] / "export" / "board"
WARNINGS = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic")
SECTIONS = ("-ffunction-sections", "-fdata-sections")
KIB = 1 << 10
TIMEOUT = 600


@dataclass(frozen=True)
class Core:
    """A processor: what gcc is told of it, the board that has one in QEMU, and that board's memory (at, bytes).

    With words for `clang`, which is zig's, that compiles the export, and gcc what is around it.
    """

    flags: tuple[str, ...]
    board: str
    flash: tuple[int, int] = (0, 4096 * KIB)
    ram: tuple[int, int] = (0x20000000, 4096 * KIB)
    clang: tuple[str, ...] = ()
    tools: str = "arm-none-eabi"
    emulator: str = "qemu-system-arm"
    library: str = "nosys.specs"

    @property
    def gcc(self):
        """The command that compiles what is around an export, and links."""
        return (f"{self.tools}-gcc", *self.flags, f"--specs={self.library}")

    @property
    def compiler(self):
        """The command that compiles an export."""
        if self.clang:
            return (sys.executable, "-m", "ziglang", "cc", *self.clang, *_FREE)
        return self.gcc

    @property
    def missing(self):
        """The first of the tools that is not there; `None` where all are."""
        if self.clang and find_spec("ziglang") is None:
            return "ziglang"
        return next((name for name in (f"{self.tools}-gcc", self.emulator, "gcc") if shutil.which(name) is None), None)


_FREE = ("-ffreestanding", "-fno-sanitize=all", "-g0", "-fno-unwind-tables", "-fno-asynchronous-unwind-tables")
"""What makes of zig's clang a compiler for what has no system."""


def _flags(cpu):
    return (f"-mcpu={cpu}", "-mthumb", *FLOATS[cpu])


CORES = {
    "microbit": Core(
        ("-mcpu=cortex-m0", "-mthumb", "-mfloat-abi=soft"), "microbit", (0, 256 * KIB), (0x20000000, 16 * KIB)
    ),
    "cortex-m0plus": Core(_flags("cortex-m0plus"), "mps2-an385"),
    "cortex-m3": Core(_flags("cortex-m3"), "mps2-an385"),
    "cortex-m4": Core(_flags("cortex-m4"), "mps2-an386"),
    "cortex-m7": Core(_flags("cortex-m7"), "mps2-an500"),
    "cortex-m33": Core(_flags("cortex-m33"), "mps2-an505", (0x10000000, 4096 * KIB), (0x38000000, 4096 * KIB)),
    "cortex-m55": Core(
        ("-mcpu=cortex-m55", "-mthumb", "-mfloat-abi=hard"),
        "mps3-an547",
        (0, 512 * KIB),
        (0x20000000, 512 * KIB),
        clang=("-target", "thumb-freestanding-eabihf", "-mcpu=cortex_m55+mve_fp"),
    ),
    "rv32imc": Core(
        ("-march=rv32imc", "-mabi=ilp32"),
        "virt",
        (0x80000000, 4096 * KIB),
        (0x80400000, 4096 * KIB),
        tools="riscv64-unknown-elf",
        emulator="qemu-system-riscv32",
        library="picolibc.specs",
    ),
}
"""Name → core. Of vectors for a Cortex-M55 gcc makes wrong code, which the export says.

A microbit is the only one here whose memory is as small as that of the real board.
"""


@dataclass(frozen=True)
class Ran:
    """What came out: the exit code, and in bytes code with its tables, constants, and stack; instructions of a run."""

    result: int
    code: int
    constants: int
    stack: int
    instructions: int


def run(folder, core, *options, optimize="-O2", name="net"):
    """Compile an export whose inputs and outputs lie in its arena, and run its test on a board."""
    to, board = CORES[core], folder / "board"
    board.mkdir(exist_ok=True)
    objects = []
    for source in ("", "_weights", "_test"):
        objects.append(board / f"net{source}.o")
        words = [*WARNINGS, *OPTIONS, *SECTIONS, optimize, *options, f"-I{folder}"]
        _call(*to.compiler, *words, "-c", folder / f"{name}{source}.c", "-o", objects[-1])
    boot, made = board / "boot.o", board / "net.elf"
    _call(*to.gcc, "-std=gnu11", "-O1", "-fno-builtin", "-c", BOARD / "boot.c", "-o", boot)
    memory = [
        f"-Wl,--defsym={kind}_{what}={value}"
        for kind, values in (("flash", to.flash), ("ram", to.ram))
        for what, value in zip(("at", "bytes"), values, strict=True)
    ]
    linking = ["-nostartfiles", "-T", BOARD / "board.ld", "-Wl,--gc-sections", *memory]
    _call(*to.gcc, *linking, f"-Wl,--wrap={name}_run", boot, *objects, "-lm", "-o", made)
    symbols = dict(re.findall(r"(\w+) \w (count_\w+)", _call(f"{to.tools}-nm", made)))
    ends = {which: address for address, which in symbols.items()}
    plugin, counted = board / "count.so", board / "count.txt"
    _call("gcc", "-shared", "-fPIC", "-O2", BOARD / "count.c", "-o", plugin)
    words = [
        "-M",
        to.board,
        *(["-bios", "none"] if to.tools.startswith("riscv") else []),
        "-nographic",
        "-monitor",
        "none",
        "-serial",
        "null",
        "-kernel",
        made,
    ]
    words += ["-semihosting-config", "enable=on,target=native"]
    words += ["-plugin", f"{plugin},begin={ends['count_begin']},end={ends['count_end']},out={counted}"]
    done = subprocess.run([to.emulator, *map(str, words)], capture_output=True, text=True, check=False, timeout=TIMEOUT)
    said = re.search(r"stack (\d+)", done.stdout + done.stderr)
    code, constants = (_sections(to, path) for path in (objects[0], objects[1]))
    return Ran(done.returncode, code, constants, int(said[1]) if said else -1, int(counted.read_text(encoding="utf-8")))


def _sections(to, path):
    """Bytes of an object that lie in flash."""
    listed = _call(f"{to.tools}-size", "-B", path).splitlines()[1].split()
    return int(listed[0]) + int(listed[1])


def _call(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
