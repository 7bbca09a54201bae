"""The machines that C can be exported for: every one that has a name, and no compiler is needed."""

from dataclasses import replace
from typing import Final

from mini_infer.errors import UsageError, did_you_mean
from mini_infer.machine import MACHINES, Machine
from mini_infer.toolchain import Target, host

DEFAULT: Final = "portable"


def parse(text: str) -> tuple[Machine, tuple[str, ...]]:
    """The machine that a text names, and the features that compilers are to be told of.

    Parameters
    ----------
    text
        A machine's name, such as ``portable`` or ``cortex-m4``; ``native``; or what `Target.parse` takes.

    Raises
    ------
    UsageError
        When it names none.
    """
    if text in MACHINES:
        machine = MACHINES[text]
        return machine, Target.parse(text).features if machine.arch == "x86_64" else ()
    try:
        target = Target.parse(text)
    except UsageError:
        near = did_you_mean(text, MACHINES)
        if "-" in text and not near:
            raise
        names = ", ".join(MACHINES)
        raise UsageError(
            f"no machine is called {text!r}{near}; choose native, ARCH-SYSTEM, or one of {names}"
        ) from None
    return target.machine, target.features


def is_board(machine: Machine) -> bool:
    """Whether a machine is known to have no operating system: memory is all that a program has."""
    return not machine.hosted and bool(machine.arch)


def stand_in(machine: Machine) -> Target:
    """A target on which the program of a machine is compiled and interpreted here: this system, that machine.

    Code of it is not built; so it does not matter whether there are shared libraries for that machine.
    """
    return Target(host.arch(), host.system(), (), replace(machine, hosted=True))
