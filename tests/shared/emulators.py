"""Boards in QEMU: an export is compiled by arm-none-eabi-gcc, linked for the board's own memory, run, and counted."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from exports import OPTIONS

from mini_infer.export.sizes import CORES as FLOATS

BOARD = Path(__file__).parents[1] / "export" / "board"
COMPILER, EMULATOR = "arm-none-eabi-gcc", "qemu-system-arm"
WARNINGS = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic")
SECTIONS = ("-ffunction-sections", "-fdata-sections")
KIB = 1 << 10
TIMEOUT = 600


@dataclass(frozen=True)
class Core:
    """A processor: what gcc is told of it, the board that has one in QEMU, and that board's memory (at, bytes)."""

    flags: tuple[str, ...]
    board: str
    flash: tuple[int, int] = (0, 4096 * KIB)
    ram: tuple[int, int] = (0x20000000, 4096 * KIB)


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
}
"""Name → core. No Cortex-M55: gcc 12 compares vectors of Helium wrongly where numbers may be NaN.

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


def missing():
    """The first of the tools that is not there; `None` where all are."""
    return next((name for name in (COMPILER, EMULATOR, "gcc") if shutil.which(name) is None), None)


def run(folder, core, *options, optimize="-O2", name="net"):
    """Compile an export whose inputs and outputs lie in its arena, and run its test on a board."""
    to, board = CORES[core], folder / "board"
    board.mkdir(exist_ok=True)
    objects = []
    for source in ("", "_weights", "_test"):
        objects.append(board / f"net{source}.o")
        words = [*to.flags, *WARNINGS, *OPTIONS, *SECTIONS, optimize, *options, f"-I{folder}"]
        _call(COMPILER, *words, "-c", folder / f"{name}{source}.c", "-o", objects[-1])
    boot, made = board / "boot.o", board / "net.elf"
    _call(COMPILER, *to.flags, "-std=gnu11", "-O1", "-fno-builtin", "-c", BOARD / "boot.c", "-o", boot)
    memory = [
        f"-Wl,--defsym={kind}_{what}={value}"
        for kind, values in (("flash", to.flash), ("ram", to.ram))
        for what, value in zip(("at", "bytes"), values, strict=True)
    ]
    linking = ["-nostartfiles", "--specs=nosys.specs", "-T", BOARD / "board.ld", "-Wl,--gc-sections", *memory]
    _call(COMPILER, *to.flags, *linking, f"-Wl,--wrap={name}_run", boot, *objects, "-lm", "-o", made)
    symbols = dict(re.findall(r"(\w+) \w (count_\w+)", _call("arm-none-eabi-nm", made)))
    ends = {which: address for address, which in symbols.items()}
    plugin, counted = board / "count.so", board / "count.txt"
    _call("gcc", "-shared", "-fPIC", "-O2", BOARD / "count.c", "-o", plugin)
    words = ["-M", to.board, "-nographic", "-monitor", "none", "-serial", "null", "-kernel", made]
    words += ["-semihosting-config", "enable=on,target=native"]
    words += ["-plugin", f"{plugin},begin={ends['count_begin']},end={ends['count_end']},out={counted}"]
    done = subprocess.run([EMULATOR, *map(str, words)], capture_output=True, text=True, check=False, timeout=TIMEOUT)
    said = re.search(r"stack (\d+)", done.stdout + done.stderr)
    code, constants = (_sections(path) for path in (objects[0], objects[1]))
    return Ran(done.returncode, code, constants, int(said[1]) if said else -1, int(counted.read_text(encoding="utf-8")))


def _sections(path):
    """Bytes of an object that lie in flash."""
    listed = _call("arm-none-eabi-size", "-B", path).splitlines()[1].split()
    return int(listed[0]) + int(listed[1])


def _call(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
