"""Any algorithm's plan, held against the tensors that it is for."""

from collections.abc import Callable, Iterable
from typing import Any

from mini_infer import memory
from mini_infer.errors import PlanError, UsageError
from mini_infer.executorch.banks import DEFAULT
from mini_infer.executorch.problem import buffer, placed_in, taken, tensors
from mini_infer.memory import Plan, Problem


def checked(algorithm: Callable[..., Any]) -> Callable[..., list[int]]:
    """The same algorithm, which raises a `PlanError` for a plan that is not safe to run.

    `algorithm` is what ExecuTorch's pass takes: it writes places into the tensors and returns the size of each memory.
    """

    def planned(
        alignment: int, specs: Iterable[Any], graph_module: Any, graph_signature: Any = None, extra_padding: int = 0
    ) -> list[int]:
        given = list(specs)
        sizes = algorithm(alignment, given, graph_module, graph_signature, extra_padding)
        if not isinstance(sizes, list):
            raise UsageError(
                "an algorithm writes places into the tensors and returns a list of sizes; one that returns a "
                f"{type(sizes).__name__} goes through MemoryPlanningAlgorithmSuite([algorithm])"
            )
        check(given, sizes, graph_module, alignment)
        return sizes

    planned.__name__ = getattr(algorithm, "__name__", type(algorithm).__name__)
    return planned


def check(specs: Iterable[Any], sizes: list[int], graph_module: Any, alignment: int) -> None:
    """Check the places that are written in tensors, and the sizes of the memories.

    Raises
    ------
    PlanError
        Tensors share bytes while both live, lie beyond their memory, in that of a submodule, off their alignment, or
        elsewhere than the storage that they are part of.
    """
    found = tensors(specs)
    for spec in (*found.roots, *found.members):
        if spec.mem_id is None or spec.mem_offset is None:
            raise PlanError(f"{spec!r} has no place")
        if not DEFAULT <= spec.mem_id < len(sizes):
            raise PlanError(
                f"{spec!r} is in memory {spec.mem_id}; there are {len(sizes)}, and the first is for constants"
            )
    held = taken(graph_module)
    for number in range(DEFAULT, len(sizes)):
        mine = [index for index, root in enumerate(found.roots) if root.mem_id == number]
        pinned = held.get(number, ())
        buffers = [buffer(found.roots[index], index, found.lifetimes[index], alignment) for index in mine]
        offsets = (*(0 for _ in pinned), *(found.roots[index].mem_offset for index in mine))
        plan = Plan(Problem((*pinned, *buffers)), offsets, "given", 0)
        memory.validate(plan)
        if plan.size > sizes[number]:
            raise PlanError(f"memory {number} has {sizes[number]} bytes; its tensors reach {plan.size}")
    for member in found.members:
        _check_member(member)


def _check_member(member: Any) -> None:
    root, distance = placed_in(member)
    if (member.mem_id, member.mem_offset) != (root.mem_id, root.mem_offset + distance):
        raise PlanError(
            f"{member!r} lies at {member.mem_offset} of memory {member.mem_id}; the storage that it is part of begins "
            f"at {root.mem_offset} of memory {root.mem_id}, and it {distance} bytes behind that"
        )
    if distance < 0 or distance + member.nbytes() > root.allocated_memory:
        raise PlanError(
            f"{member!r} takes {member.nbytes()} bytes from {distance} on of storage that has {root.allocated_memory}"
        )
