"""Machines for tests: of a width, or one on which the smallest step is worth every thread."""

from dataclasses import replace

from mini_infer.machine import MACHINES
from mini_infer.toolchain import Target

WIDTHS = {16: MACHINES["x86-64-v2"], 32: MACHINES["x86-64-v3"], 64: MACHINES["x86-64-v4"]}
"""Bytes of a vector → a machine that has such."""
SCALAR = replace(MACHINES["cortex-m7"], arch="", hosted=True)
"""A machine without vectors: its code is plain C, which runs anywhere."""


def sharing(machine):
    """The same machine, where meetings of threads cost next to nothing: everything that can be shared is."""
    return replace(machine, rates=replace(machine.rates, barrier=1, wake=0))


def shared_target(target=None):
    """A target, or else this machine, on which every step is shared."""
    target = target or Target.host()
    return replace(target, machine=sharing(target.machine))


def with_cache(machine, size):
    """The same machine with a second cache of so many bytes."""
    return replace(machine, caches=(machine.caches[0], size, *machine.caches[2:]))
