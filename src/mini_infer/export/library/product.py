"""What is exported as libraries: everything that their files agree on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from mini_infer.errors import ToolchainError
from mini_infer.export.library.systems import (
    ALIGNMENT,
    HEAD_BYTES,
    POOL_BYTES,
    WORKER_BYTES,
    Edition,
    System,
    grouped,
    system,
)
from mini_infer.export.names import Names
from mini_infer.export.network import Network, Tensor
from mini_infer.export.target import stand_in
from mini_infer.runtime import Artifact, Variant
from mini_infer.toolchain import Compiler, Target, find


@dataclass(frozen=True, slots=True)
class Product:
    """What is exported as libraries.

    Parameters
    ----------
    names
        How files, functions and macros begin.
    systems
        A library is made for each.
    compilers
        What makes it.
    inside
        Whether the weights are inside the libraries, or in files beside them.
    threads
        How many one run is spread over.
    """

    names: Names
    systems: tuple[System, ...]
    compilers: tuple[Compiler, ...]
    inside: bool
    threads: int

    @classmethod
    def of(
        cls,
        build: Callable[[Target], Artifact],
        targets: Sequence[Target],
        model: str,
        names: Names,
        *,
        inside: bool = True,
        compiler: str | None = None,
    ) -> Self:
        """The product for these targets.

        Parameters
        ----------
        build
            Makes the artifact of the model for a target.
        targets
            Those of one system are editions of one library.
        model
            The name of the model's file.
        names, inside
            As of the class.
        compiler
            The one to use; each system's best where it is absent.

        Raises
        ------
        UsageError
            When two targets are the same.
        UnsupportedError
            When something cannot be exported.
        ToolchainError
            When there is no compiler.
        """
        groups = grouped(targets)
        compilers = tuple(_compiler(group[0], compiler) for group in groups.values())
        systems = tuple(
            system(name, [build(target) for target in group], model, names) for name, group in groups.items()
        )
        return cls(names, systems, compilers, inside, targets[0].threads)

    @property
    def artifact(self) -> Artifact:
        """One edition for the interpreter, which says on any machine what comes out."""
        network = self.network
        variant = Variant("", network.program, network.plan)
        return Artifact((variant,), stand_in(network.machine), self.systems[0].constants)

    @property
    def editions(self) -> Sequence[Edition]:
        """Those of all systems."""
        return [edition for system in self.systems for edition in system.editions]

    @property
    def network(self) -> Network:
        """Of one edition: inputs, outputs and state are the same in all of them."""
        return self.editions[0].network

    @property
    def model(self) -> str:
        """The name of the model's file."""
        return self.network.model

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """What the caller gives."""
        return self.network.inputs

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """What the caller gets."""
        return self.network.outputs

    @property
    def state_bytes(self) -> int:
        """Of what a run leaves for the next."""
        return self.network.state_bytes

    @property
    def arena_bytes(self) -> int:
        """Of the edition with the largest arena."""
        return max(edition.network.plan.size for edition in self.editions)

    @property
    def context_bytes(self) -> int:
        """Of the largest context: what it knows, threads, state and arena, each from a multiple of the alignment."""
        pool = POOL_BYTES + WORKER_BYTES * self.threads if any(edition.parallel for edition in self.editions) else 0
        return sum(-(-size // ALIGNMENT) * ALIGNMENT for size in (HEAD_BYTES, pool, self.state_bytes, self.arena_bytes))


def _compiler(target: Target, preference: str | None) -> Compiler:
    """The compiler that builds for a target: the one asked for, or the best there is; for other systems that is zig."""
    here = Target.host()
    foreign = (target.arch, target.system, target.libc) != (here.arch, here.system, here.libc)
    found = find("zig" if foreign and preference is None else preference)
    if found is None:
        raise ToolchainError("a library needs a C compiler, and there is none: pip install ziglang")
    return found
