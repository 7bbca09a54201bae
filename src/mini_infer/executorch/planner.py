"""A memory planning algorithm for ExecuTorch."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from mini_infer import memory
from mini_infer.errors import UnsupportedError
from mini_infer.executorch.banks import DEFAULT, Banks
from mini_infer.executorch.library import library
from mini_infer.executorch.problem import buffer, placed_in, taken, tensors
from mini_infer.memory import Plan, Problem


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """One plan of a program: `memory` is its number (`mem_id`), or 0 for several banks planned together."""

    memory: int
    plan: Plan


class Planner:
    """The algorithm, for `MemoryPlanningAlgorithmSuite` or `mini_infer.executorch.MemoryPlanningPass`.

    Parameters
    ----------
    banks
        A `TargetMemoryMap`, or banks in order of preference: tensors go to the first that has room for them. A tensor
        that a pass assigned to a memory stays there. Without banks each memory is as large as it must be.
    strategy, time_limit
        As for `mini_infer.memory.solve`.

    Attributes
    ----------
    plans
        What was planned, in order: submodules before the module that runs them.
    """

    def __init__(
        self, banks: Any = None, *, strategy: str = "auto", time_limit: float = memory.Limits().seconds
    ) -> None:
        self.banks = None if banks is None else Banks.of(banks)
        self.strategy = strategy
        self.time_limit = time_limit
        self.plans: list[MemoryPlan] = []
        self.__name__ = "mini_infer"  # what the suite calls it

    def __call__(
        self,
        alignment: int,
        specs: Iterable[Any],
        graph_module: Any,
        graph_signature: Any = None,  # noqa: ARG002 - the interface
        extra_padding: int = 0,
    ) -> Any:
        """Place the tensors; returns a `MemoryAlgoResult`.

        Raises
        ------
        CapacityError
            No plan that fits into the banks was found.
        UnsupportedError
            There are banks, and tensors on another device than the CPU.
        ProblemError
            The tensors make no sense.
        """
        planning = library("memory_planning")
        found = tensors(specs)
        held = taken(graph_module)
        place = self._in_memories if self.banks is None else self._in_banks
        places = place(found.roots, found.lifetimes, held, alignment, extra_padding)
        result = planning.MemoryAlgoResult({}, [])
        tops = {number: max(each.size for each in buffers) for number, buffers in held.items()}
        for root, (number, offset) in zip(found.roots, places, strict=True):
            result.spec_dict[root] = planning.SpecAllocResult(number, 0, offset)
            tops[number] = max(tops.get(number, 0), offset + root.allocated_memory)
        for member in found.members:
            member.realign(alignment)
            root, distance = placed_in(member)
            of = result.spec_dict[root]
            result.spec_dict[member] = planning.SpecAllocResult(of.mem_id, 0, of.mem_offset + distance)
        last = max([DEFAULT, *tops, *(self.banks.memories().values() if self.banks else ())])
        result.bufsizes = [0] + [
            tops[number] + extra_padding if number in tops else 0 for number in range(DEFAULT, last + 1)
        ]
        return result

    def _in_memories(
        self,
        roots: Any,
        lifetimes: Any,
        held: Any,
        alignment: int,
        padding: int,  # noqa: ARG002 - as _in_banks
    ) -> list[tuple[int, int]]:
        """Memory and offset of each root, each memory planned for itself."""
        groups: dict[int, list[int]] = {}
        for index, root in enumerate(roots):
            root.realign(alignment)
            groups.setdefault(root.mem_id or DEFAULT, []).append(index)
        places: dict[int, tuple[int, int]] = {}
        for number, indices in groups.items():
            pinned = held.get(number, ())
            buffers = [buffer(roots[index], index, lifetimes[index], alignment) for index in indices]
            plan = self._solve(Problem((*pinned, *buffers)), number)
            for index, offset in zip(indices, plan.offsets[len(pinned) :], strict=True):
                places[index] = number, offset
        return [places[index] for index in range(len(roots))]

    def _in_banks(self, roots: Any, lifetimes: Any, held: Any, alignment: int, padding: int) -> list[tuple[int, int]]:
        """Memory and offset of each root, all banks planned together."""
        banks = self.banks or Banks(())
        if elsewhere := [root for root in roots if root.device.name != "CPU"]:
            raise UnsupportedError(
                f"{elsewhere[0]!r} is on {elsewhere[0].device.name}; banks are memories of the CPU: plan without banks"
            )
        buffers = []
        for index, root in enumerate(roots):
            aligned = banks.alignment(root.mem_id, alignment)
            root.realign(aligned)
            buffers.append(buffer(root, index, lifetimes[index], aligned, banks.allowed(root.mem_id)))
        assigned = [*(root.mem_id for root in roots if root.mem_id is not None), *held]
        pinned = [replace(each, pools=banks.allowed(number)) for number, of in held.items() for each in of]
        plan = self._solve(Problem((*pinned, *buffers), pools=banks.pools(assigned, padding)), 0)
        numbers = {pool: number for number in assigned for pool in banks.allowed(number)} | dict(banks.memories())
        placed = zip(plan.regions[len(pinned) :], plan.offsets[len(pinned) :], strict=True)
        return [(numbers[region], offset) for region, offset in placed]

    def _solve(self, problem: Problem, number: int) -> Plan:
        plan = memory.solve(problem, self.strategy, time_limit=self.time_limit)
        self.plans.append(MemoryPlan(number, plan))
        return plan
