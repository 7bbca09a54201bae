"""The memories that a program may use: ExecuTorch's banks as pools of the planner."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import lcm
from typing import Any

from mini_infer.errors import UsageError
from mini_infer.memory import Pool

DEFAULT = 1
"""The memory (`mem_id`) of what no pass has assigned; 0 holds constants."""


@dataclass(frozen=True, slots=True)
class Banks:
    """Banks in order of preference, each anything with `name`, `size`, `mem_id` and, or None, `alignment`.

    Raises
    ------
    UsageError
        A name or a memory twice, or a memory that is reserved.
    """

    banks: tuple[Any, ...]

    def __post_init__(self) -> None:
        for what in ("name", "mem_id"):
            values = [getattr(bank, what) for bank in self.banks]
            if twice := [value for value in values if values.count(value) > 1]:
                raise UsageError(f"two banks have the {what} {twice[0]!r}")
        if wrong := [bank for bank in self.banks if bank.mem_id < DEFAULT]:
            raise UsageError(f"bank {wrong[0].name!r} is memory {wrong[0].mem_id}; 0 holds constants, banks begin at 1")

    @classmethod
    def of(cls, given: Any) -> "Banks":
        """Of a `TargetMemoryMap` or a sequence of banks."""
        return cls(tuple(getattr(given, "banks", given)))

    def pools(self, assigned: Iterable[int], padding: int) -> tuple[Pool, ...]:
        """A pool for each bank, less the padding, and one without a limit for each other memory that is assigned."""
        declared = {bank.mem_id for bank in self.banks}
        return (
            *(Pool(bank.name, max(0, bank.size - padding)) for bank in self.banks),
            *(Pool(_other(memory), None) for memory in sorted(set(assigned) - declared)),
        )

    def allowed(self, memory: int | None) -> tuple[str, ...]:
        """Names of the pools that may hold what is assigned to a memory, or to none."""
        if memory is None:
            return tuple(bank.name for bank in self.banks)
        return (next((bank.name for bank in self.banks if bank.mem_id == memory), _other(memory)),)

    def alignment(self, memory: int | None, alignment: int) -> int:
        """Bytes that are right in every bank that may hold it."""
        mine = [bank.alignment for bank in self.banks if memory in (None, bank.mem_id) and bank.alignment]
        return lcm(alignment, *mine)

    def memories(self) -> Mapping[str, int]:
        """Name of a bank → its memory."""
        return {bank.name: bank.mem_id for bank in self.banks}


def _other(memory: int) -> str:
    return f"memory {memory}"
