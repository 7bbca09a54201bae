"""The system that code is built for: named, compared and written down with the engine."""

from dataclasses import asdict, dataclass
from typing import Final, Self

from mini_infer.errors import EngineError, UsageError
from mini_infer.machine import MACHINES, Machine, machine_for
from mini_infer.toolchain import host

_LIBC: Final = ("gnu", "musl", "android")
_LIBRARY_SUFFIX: Final = {"linux": ".so", "macos": ".dylib", "windows": ".dll"}
_ARCHITECTURES: Final = (
    *("aarch64", "arm", "loongarch64", "mips64el", "mipsel", "powerpc64le"),
    *("riscv32", "riscv64", "thumb", "x86", "x86_64"),
)
"""What zig has of little-endian processors: an engine's weights are."""
_MOST_THREADS: Final = 1024
_MALFORMED: Final = "target in engine file is malformed: build the engine again"


@dataclass(frozen=True, slots=True)
class Target:
    """A processor architecture, an operating system, the features code may use, and the machine that it is written for.

    Attributes
    ----------
    arch, system : str
        As compilers' triples spell them: ``x86_64``, ``aarch64``, ...; ``linux``, ``macos`` or ``windows``.
    features : tuple of str
        x86-64 features beyond the architecture's baseline, in the order of `host.X86_FEATURES`.
    machine : Machine
        What generated code is written for: its vectors, registers and costs.
    triple : str or None
        What a cross compiler is told, as zig spells it: ``aarch64-linux-gnu``, ``x86_64-linux.5.10-musl``; None for
        this machine's own system.
    threads : int
        That one run is spread over; any machine can run them, if not all at once.

    Raises
    ------
    UsageError
        For a system or a machine without shared libraries, an unknown feature, or no thread at all.
    """

    arch: str
    system: str
    features: tuple[str, ...]
    machine: Machine
    triple: str | None = None
    threads: int = 1

    def __post_init__(self) -> None:
        if self.system not in _LIBRARY_SUFFIX:
            raise UsageError(f"target system {self.system!r}: choose one of {', '.join(_LIBRARY_SUFFIX)}")
        known = host.X86_FEATURES if self.arch == "x86_64" else ()
        if unknown := [feature for feature in self.features if feature not in known]:
            raise UsageError(
                f"target feature {unknown[0]!r} is unknown on {self.arch}: choose from {', '.join(known) or 'none'}"
            )
        if not self.machine.hosted:
            raise UsageError(f"there are no shared libraries on {self.machine}: an engine for it cannot be compiled")
        if not 1 <= self.threads <= _MOST_THREADS:
            raise UsageError(f"{self.threads} threads: choose 1 to {_MOST_THREADS}")
        object.__setattr__(self, "features", tuple(feature for feature in known if feature in self.features))

    @classmethod
    def host(cls) -> Self:
        """Return this machine as a target, with every feature it has and its widest useful vectors."""
        features = host.features()
        return cls(host.arch(), host.system(), features, machine_for(host.arch(), features))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the target that `text` names.

        Parameters
        ----------
        text : str
            ``native``; a machine's name, such as ``x86-64-v3``, which stands for it with this machine's system; or
            ``ARCH-SYSTEM[-ABI]`` followed by ``+FEATURE`` any number of times, where ``v2``, ``v3`` and ``v4`` stand
            for x86-64's levels: ``aarch64-linux-gnu``, ``x86_64-windows-gnu+v3``, ``aarch64-macos``. System and ABI may
            have a version, as in ``x86_64-linux-gnu.2.28``. Without an ABI, Linux stands for that of this machine.

        Raises
        ------
        UsageError
            When `text` is not of this form, or names an unknown system or feature, or a machine for which there are no
            shared libraries.
        """
        if text == "native":
            return cls.host()
        if text in MACHINES:
            return cls._of_machine(MACHINES[text])
        triple, *names = text.split("+")
        parts = triple.split("-")
        if len(parts) not in {2, 3} or not all(parts):
            raise UsageError(
                f"target {text!r}: write 'native', ARCH-SYSTEM[-ABI][+FEATURE...] such as aarch64-linux-gnu, or one of "
                f"{', '.join(_LIBRARIES_FOR)}"
            )
        arch = host.KNOWN_AS.get(parts[0], parts[0])
        if arch not in _ARCHITECTURES:
            raise UsageError(f"target architecture {arch!r}: choose one of {', '.join(_ARCHITECTURES)}")
        features = tuple(feature for name in names for feature in host.X86_LEVELS.get(name, (name,)))
        machine = machine_for(arch, features)
        return cls(arch, parts[1].partition(".")[0], features, machine, "-".join((arch, *parts[1:])))

    @classmethod
    def _of_machine(cls, machine: Machine) -> Self:
        if machine.name not in _LIBRARIES_FOR:
            raise UsageError(
                f"an engine is a shared library, and none can be built for {machine}: choose one of "
                f"{', '.join(_LIBRARIES_FOR)}, or ARCH-SYSTEM[-ABI]"
            )
        triple = None if machine.arch == host.arch() else f"{machine.arch}-{host.system()}"
        return cls(machine.arch, host.system(), _LIBRARIES_FOR[machine.name], machine, triple)

    @property
    def library_suffix(self) -> str:
        """The ending of a shared library's file name: ``.so``, ``.dylib`` or ``.dll``."""
        return _LIBRARY_SUFFIX[self.system]

    @property
    def libc(self) -> str:
        """The C library of a Linux target, such as ``gnu`` or ``musl``: this machine's unless the triple says another.

        Compilers do not agree on what a Linux without one is, and a library for the wrong one cannot be loaded.
        """
        if self.system != "linux":
            return ""
        abi = (self.triple or "").split("-")[2:]
        return next((name for name in _LIBC for part in abi if part.startswith(name)), host.libc() or _LIBC[0])

    @property
    def full_triple(self) -> str | None:
        """The triple with everything said that a compiler might fill in otherwise."""
        if self.triple is None and self.system != "windows":
            return None
        triple = self.triple or f"{self.arch}-{self.system}"
        if triple.count("-") > 1 or self.system == "macos":
            return triple
        return f"{triple}-{self.libc or 'gnu'}"  # of zig's two kinds of Windows the support code is for this one

    def missing(self, there: "Target") -> tuple[str, ...]:
        """Return what the system `there` lacks to run code built for this target: empty when it can.

        A foreign architecture or system counts as one lacking thing, by its name, and so does a foreign C library.
        """
        if (self.arch, self.system) != (there.arch, there.system):
            return (f"{self.arch}-{self.system}",)
        foreign = () if self.libc == there.libc else (f"{self.system}-{self.libc}",)
        return (*foreign, *(feature for feature in self.features if feature not in there.features))

    def to_json(self) -> dict[str, object]:
        """Return the fields as values that JSON can hold."""
        return {**asdict(self), "features": list(self.features), "machine": self.machine.to_json()}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Return the target that `to_json` wrote.

        Raises
        ------
        EngineError
            When `data` is not such a value.
        """
        match data:
            case {
                "arch": str(arch),
                "system": str(system),
                "features": [*features],
                "machine": {**machine},
                "triple": (str() | None) as triple,
                "threads": int(threads),
            } if (triple or f"{arch}-{system}").startswith(f"{arch}-{system}") and all(
                isinstance(feature, str) for feature in features
            ):
                try:
                    return cls(arch, system, tuple(features), Machine.from_json(machine), triple, threads)
                except UsageError as error:
                    raise EngineError(f"target in engine file: {error}") from error
                except (KeyError, TypeError, ValueError):
                    raise EngineError(_MALFORMED) from None
        raise EngineError(_MALFORMED)

    def __str__(self) -> str:
        return "+".join((self.triple or f"{self.arch}-{self.system}", *self.features))


_LIBRARIES_FOR: Final = {
    name: host.X86_LEVELS.get(name.rpartition("-")[2], ())
    for name, machine in MACHINES.items()
    if machine.hosted and machine.arch and (machine.arch == "x86_64" or not machine.needs)
}
"""Machines that a compiler can be told of by architecture and features → these features."""
