"""A fault's smallest model: decisions made simpler one after the other, as long as it fails."""

import time

from harness import check
from harness.check import Fault
from harness.families import make
from harness.instance import Instance
from harness.ways import Way


def fault_of(instance: Instance, way: Way, compiler: str | None) -> Fault | None:
    """What goes wrong with an instance alone."""
    found = check.faults([instance], way, compiler)
    return found[0] if found else None


def reduced(
    family: str, seed: int, version: int, decisions: list[int], way: Way, compiler: str | None, seconds: float
) -> tuple[Instance, Fault] | None:
    """The smallest instance found in the time that fails likewise; none if it does not fail alone."""
    end = time.monotonic() + seconds

    def attempt(taken: list[int]) -> tuple[Instance, Fault] | None:
        try:
            instance = make(family, seed, taken, version)
        except Exception:  # noqa: BLE001 - decisions that make no instance
            return None
        fault = fault_of(instance, way, compiler)
        return (instance, fault) if fault is not None and (best is None or fault.kind == best[1].kind) else None

    best: tuple[Instance, Fault] | None = None
    best = attempt(decisions)
    if best is None:
        return None
    improved = True
    while improved and time.monotonic() < end:
        improved = False
        taken = list(best[0].draw.taken)
        for at in range(len(taken)):
            for smaller in dict.fromkeys((0, taken[at] // 2, taken[at] - 1)):
                if not 0 <= smaller < taken[at] or time.monotonic() > end:
                    continue
                other = attempt([*taken[:at], smaller, *taken[at + 1 :]])
                if other is not None and cost(other[0]) <= cost(best[0]):
                    best, improved = other, True
                    taken = list(best[0].draw.taken)
                    break
            if at >= len(taken) - 1:
                break
    return best


def cost(instance: Instance) -> tuple[int, int, int]:
    """How large an instance is: nodes, elements, decisions that are not the simplest."""
    elements = sum(array.size for array in instance.arrays().values())
    return len(instance.nodes), elements, sum(map(bool, instance.draw.taken))
