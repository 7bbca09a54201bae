"""The libraries to make: one for each system, with an edition of the program for each set of processor features."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mini_infer.codegen import Source, embed
from mini_infer.errors import UsageError
from mini_infer.export.names import Names
from mini_infer.export.network import Network, network
from mini_infer.machine import machine_for
from mini_infer.program.abi import SHUTDOWN, THREAD_POOL_BYTES
from mini_infer.runtime import Artifact, Variant
from mini_infer.toolchain import Target
from mini_infer.toolchain.host import X86_LEVELS

HEAD_BYTES = 256
"""Of what a context holds beside arena, state and threads; rounded up."""
POOL_BYTES, WORKER_BYTES = 1024, 64
"""Of a pool and of each of its threads, at most, on every system."""
ALIGNMENT = 64
"""Of a context, in bytes: a line of a cache."""


_LEVELS = dict(sorted(X86_LEVELS.items(), reverse=True))
"""Levels of x86-64 and their features, the highest first."""


@dataclass(frozen=True, slots=True)
class Edition:
    """The program for processors with certain features.

    Parameters
    ----------
    target
        The system and the features.
    network
        The program and its plan; its constants lie in the system's block.
    prefix
        Of all names in its C.
    source
        That C.
    """

    target: Target
    network: Network
    prefix: str
    source: Source

    @property
    def called(self) -> str:
        """The target in few words: `x86_64-linux+v3`."""
        left = self.target.features
        levels = [name for name, features in _LEVELS.items() if set(features) <= set(left)][:1]
        more = [name for name in left if not any(name in _LEVELS[level] for level in levels)]
        return "+".join([str(replace(self.target, features=())), *levels, *more])

    @property
    def parallel(self) -> bool:
        """Whether several threads run it."""
        return any(segment.parallel for segment in self.source.segments)

    @property
    def function(self) -> str | None:
        """The C function that runs it; None where there is nothing to do."""
        symbols = [segment.symbol for segment in self.source.segments if segment.symbol]
        return symbols[0] if symbols else None  # nothing is interpreted, so there is one segment

    @property
    def shut_down(self) -> str:
        """The C function that ends the threads of a pool."""
        return f"{self.prefix}_{SHUTDOWN}"

    @property
    def pool_bytes(self) -> str:
        """The C variable that says how large a pool is."""
        return f"{self.prefix}_{THREAD_POOL_BYTES}"


@dataclass(frozen=True, slots=True)
class System:
    """What a library is made of.

    Parameters
    ----------
    name
        Of its folder: ``x86_64-linux``.
    base
        The system, and a processor without any features.
    editions
        The one to be preferred first.
    constants
        The block of all editions' constants.
    """

    name: str
    base: Target
    editions: tuple[Edition, ...]
    constants: np.ndarray

    @property
    def features(self) -> tuple[str, ...]:
        """Those that some edition needs."""
        return tuple(dict.fromkeys(feature for edition in self.editions for feature in edition.target.features))


def grouped(targets: Sequence[Target]) -> Mapping[str, tuple[Target, ...]]:
    """Targets by their system's name, those with the widest vectors and most features first.

    Raises
    ------
    UsageError
        When two are the same.
    """
    groups: dict[str, list[Target]] = {}
    for target in targets:
        group = groups.setdefault(target.triple or f"{target.arch}-{target.system}", [])
        if any(target.features == other.features for other in group):
            raise UsageError(f"--target {target} is given twice: a library has one edition for each set of features")
        group.append(target)
    return {
        name: tuple(sorted(group, key=lambda each: (-each.machine.vector_bytes, -len(each.features))))
        for name, group in groups.items()
    }


def system(name: str, artifacts: Sequence[Artifact], model: str, names: Names) -> System:
    """The system of artifacts that differ in their targets' features alone, best first.

    Raises
    ------
    UnsupportedError
        When something cannot be exported.
    """
    networks = [network(each, model, names, each.target.machine, each.target.features, ALIGNMENT) for each in artifacts]
    targets = [artifact.target for artifact in artifacts]
    first = targets[0]
    variants = [Variant("", artifact.program, artifact.plan) for artifact in artifacts]
    bound = artifacts[0] if len(artifacts) == 1 else Artifact.of(variants, first)
    editions = []
    for number, (target, exported, variant) in enumerate(zip(targets, networks, bound.variants, strict=True)):
        prefix = f"{names.lower}_for_{number}"
        source = embed(variant.program, variant.plan, target.machine, threads=target.threads, prefix=prefix)
        editions.append(Edition(target, replace(exported, program=variant.program), prefix, source))
    base = Target(first.arch, first.system, (), machine_for(first.arch, ()), first.triple)
    return System(name, base, tuple(editions), bound.constants)
