"""What the processor of this machine can do, by the names compilers give its features."""

import functools
import os
import platform
import subprocess
from pathlib import Path
from typing import Final

# Feature (gcc's and clang's spelling of `-m...`) to the flag's name in Linux' /proc/cpuinfo.
_CPUINFO: Final = {
    "sse3": "pni",
    "ssse3": "ssse3",
    "sse4.1": "sse4_1",
    "sse4.2": "sse4_2",
    "popcnt": "popcnt",
    "avx": "avx",
    "f16c": "f16c",
    "fma": "fma",
    "avx2": "avx2",
    "bmi": "bmi1",
    "bmi2": "bmi2",
    "lzcnt": "abm",
    "avx512f": "avx512f",
    "avx512cd": "avx512cd",
    "avx512bw": "avx512bw",
    "avx512dq": "avx512dq",
    "avx512vl": "avx512vl",
    "avx512vnni": "avx512_vnni",
    "avxvnni": "avx_vnni",
    "avx512vbmi": "avx512vbmi",
}
# The same on macOS, where sysctl's spelling differs from the compilers' once lowered.
_SYSCTL: Final = {"avx": "avx1.0", "bmi": "bmi1"}

X86_FEATURES: Final = tuple(_CPUINFO)
"""Every x86-64 feature a target may name, in the order in which targets list them."""

KNOWN_AS: Final = {"amd64": "x86_64", "arm64": "aarch64"}
"""What other systems call an architecture → what compilers' triples do."""

_V2: Final = X86_FEATURES[: X86_FEATURES.index("avx")]
_V3: Final = X86_FEATURES[: X86_FEATURES.index("avx512f")]
_V4: Final = X86_FEATURES[: X86_FEATURES.index("avx512vnni")]
X86_LEVELS: Final = {"v2": _V2, "v3": _V3, "v4": _V4}
"""The psABI's micro-architecture levels x86-64-v2 to -v4 as features."""


def arch() -> str:
    """Return the processor's architecture as compilers' triples spell it, such as ``x86_64`` or ``aarch64``."""
    machine = platform.machine().lower()
    return KNOWN_AS.get(machine, machine)


def system() -> str:
    """Return the operating system as triples spell it: ``linux``, ``macos``, ``windows`` or another."""
    name = platform.system().lower()
    return {"darwin": "macos"}.get(name, name)


@functools.cache
def libc() -> str:
    """Return the C library that programs of this machine are linked with: ``gnu`` or ``musl``; elsewhere nothing."""
    if system() != "linux":
        return ""
    try:
        return "gnu" if os.confstr("CS_GNU_LIBC_VERSION") else "musl"
    except (OSError, ValueError):
        return "musl"  # the others do not know this name


@functools.cache
def features() -> tuple[str, ...]:
    """Return this machine's x86-64 features in the order of `X86_FEATURES`; empty on other architectures."""
    if arch() != "x86_64":
        return ()
    detect = {"linux": _linux, "macos": _macos, "windows": _windows}.get(system())
    return detect() if detect else ()


def _linux() -> tuple[str, ...]:
    return parse_cpuinfo(Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace"))


def parse_cpuinfo(text: str) -> tuple[str, ...]:
    """Return the features of the first processor in `text`, the content of Linux' ``/proc/cpuinfo``."""
    line = next((line for line in text.splitlines() if line.startswith("flags")), "")
    flags = set(line.partition(":")[2].split())
    return tuple(feature for feature, flag in _CPUINFO.items() if flag in flags)


def _macos() -> tuple[str, ...]:
    keys = ("machdep.cpu.features", "machdep.cpu.leaf7_features", "machdep.cpu.extfeatures")
    command = ["/usr/sbin/sysctl", "-n", *keys]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed command
    return parse_sysctl(answer.stdout)


def parse_sysctl(text: str) -> tuple[str, ...]:
    """Return the features in `text`, what macOS' ``sysctl -n machdep.cpu.features ...`` prints."""
    flags = set(text.lower().split())
    return tuple(feature for feature in X86_FEATURES if _SYSCTL.get(feature, feature) in flags)


def _windows() -> tuple[str, ...]:
    """Ask ``IsProcessorFeaturePresent``, which knows one feature of each level.

    The rest of a level follows from it on every x86-64 processor Windows runs on, Knights Landing (AVX-512 without
    its byte and vector-length parts) excepted.
    """
    import ctypes

    present = ctypes.CDLL("kernel32").IsProcessorFeaturePresent
    for number, level in ((41, _V4), (40, _V3), (38, _V2)):  # PF_AVX512F, PF_AVX2, PF_SSE4_2 _INSTRUCTIONS_AVAILABLE
        if present(number):
            return level
    return ()
