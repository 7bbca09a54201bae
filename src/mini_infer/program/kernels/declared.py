"""Kernels of which each field can be looked at by itself."""

from mini_infer.machine import Machine
from mini_infer.program.kernels.base import Kernel


class Declared(Kernel):
    """A kernel whose annotations say all that its fields must be."""

    __slots__ = ()

    def check(self, machine: Machine) -> None:
        """Any fields that are right by themselves are right together, for any machine."""
