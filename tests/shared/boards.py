"""Cortex-M processors, as far as there are ziglang and unicorn: programs are compiled by one and run by the other."""

import struct
import subprocess
import sys
from dataclasses import dataclass

import pytest

FLAGS = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-O2", "-g0", "-ffreestanding", "-fno-sanitize=all")
TABLES = ("-fno-unwind-tables", "-fno-asynchronous-unwind-tables")
CPUS = {
    "cortex-m0plus": ("cortex_m0plus", "eabi"),
    "cortex-m3": ("cortex_m3", "eabi"),
    "cortex-m4": ("cortex_m4+vfp4d16sp", "eabihf"),
    "cortex-m33": ("cortex_m33+fp_armv8d16sp", "eabihf"),
    "cortex-m7": ("cortex_m7+fp_armv8d16sp", "eabihf"),
}
"""Machine → what zig is told."""
CODE, STACK, END = 0x10000, 0x4000000, 0x8000000
STOP = 0x1000
"""Where main returns to."""
STACK_BYTES = 1 << 16
PATTERN = b"\xa5"


@dataclass(frozen=True)
class Ran:
    """What main returned, how many instructions that took, and the bytes of the stack that it touched."""

    result: int
    instructions: int
    stack: int


def link(folder, machine, options=()):
    """Compile and link the files of an export, with `main` as the entry; the path of the program."""
    pytest.importorskip("ziglang")
    cpu, abi = CPUS[machine]
    made = folder / "board.elf"
    command = [sys.executable, "-m", "ziglang", "cc", "-target", f"thumb-freestanding-{abi}", f"-mcpu={cpu}"]
    command += [*FLAGS, *TABLES, *options, "-nostdlib", "-Wl,-e,main", f"-Wl,--image-base={CODE}"]
    command += [str(folder / f"net{ending}") for ending in (".c", "_weights.c", "_test.c")]
    done = subprocess.run([*command, "-lcompiler_rt", "-o", str(made)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return made


def run(program, *, count=True):
    """Run a program until its main returns."""
    unicorn = pytest.importorskip("unicorn")
    arm = pytest.importorskip("unicorn.arm_const")
    image = program.read_bytes()
    entry, headers = struct.unpack_from("<II", image, 24)
    (number,) = struct.unpack_from("<H", image, 44)
    machine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS)
    machine.ctl_set_cpu_model(arm.UC_CPU_ARM_CORTEX_M7)
    machine.mem_map(0, END)
    for index in range(number):
        kind, offset, address, _, stored = struct.unpack_from("<5I", image, headers + 32 * index)
        if kind == 1:
            machine.mem_write(address, image[offset : offset + stored])
    machine.mem_write(STACK - STACK_BYTES, PATTERN * STACK_BYTES)
    machine.reg_write(arm.UC_ARM_REG_SP, STACK)
    machine.reg_write(arm.UC_ARM_REG_LR, STOP | 1)
    executed = [0]
    if count:
        machine.hook_add(unicorn.UC_HOOK_CODE, lambda *_: executed.__setitem__(0, executed[0] + 1))
    machine.emu_start(entry | 1, STOP)
    stack = bytes(machine.mem_read(STACK - STACK_BYTES, STACK_BYTES))
    untouched = len(stack) - len(stack.lstrip(PATTERN))
    return Ran(machine.reg_read(arm.UC_ARM_REG_R0), executed[0], STACK_BYTES - untouched)
