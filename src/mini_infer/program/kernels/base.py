"""What all kernel descriptions have in common."""

from abc import ABC, abstractmethod
from typing import ClassVar, Self

import numpy as np

from mini_infer.ir.dims import greatest
from mini_infer.machine import Cost, Machine
from mini_infer.program.kernels.bands import Bands
from mini_infer.program.kernels.rules import LONGEST, check_numbers, limit, require
from mini_infer.program.operand import Operand


class Kernel(ABC):
    """What one call computes, with every size, stride and option fixed at build time.

    Each subclass is a frozen dataclass; its docstring says in which order its operands come: reads first, then writes.
    Equal descriptions share one C function. Strides and sizes are in elements.
    """

    __slots__ = ()

    SIGNED: ClassVar[frozenset[str]] = frozenset()
    """Fields, also of its parts, whose numbers may be negative."""

    OPEN: ClassVar[frozenset[str]] = frozenset()
    """Fields, also of its parts, whose numbers may depend on sizes that are given at run time."""

    @property
    def given(self) -> frozenset[str]:
        """Fields, also of its parts, that its C function can be given: bands that differ in these alone share one."""
        return frozenset()

    @property
    def multiply_adds(self) -> int:
        """Products that the operator's definition sums up, however that is done; 0 where it has none to speak of."""
        return 0

    @abstractmethod
    def operands(self) -> tuple[Operand, ...]:
        """What it does with each operand, in their order; of a description that `check` has passed."""

    def bands(self) -> Bands | None:
        """How it can be cut into bands of rows; `None`: it can only be run whole."""
        return None

    def band(self, first: int, rows: int) -> Self:
        """The kernel of rows `[first, first + rows)`; its operands begin at the first slices that these rows take."""
        raise NotImplementedError(f"{type(self).__name__} has no bands of rows: {first}, {rows}")

    def check_fields(self) -> None:  # noqa: B027 - many kernels have nothing to add to their annotations
        """Check that the fields, each of which is what its annotation says, make sense together."""

    def check(self, machine: Machine) -> None:  # noqa: ARG002 - most kernels are C for any vectors
        """Check that the fields make sense together, and for the machine.

        Raises
        ------
        KernelError
            When they do not.
        """
        self.check_fields()

    @property
    def steps(self) -> int:
        """Steps of its longest loops, roughly."""
        return self.multiply_adds

    @property
    def performed(self) -> int:
        """Multiply-adds that are done, and as many more as take the time of what else is."""
        return self.multiply_adds

    @property
    def weight_passes(self) -> int:
        """How often all its weights are read, one after the other."""
        return 1

    @property
    def loads(self) -> int:
        """Elements that its windows load, where that takes the time."""
        return 0

    @property
    def operations(self) -> int:
        """Of the plain algorithm: a multiplication and an addition are two; without sums one for each element made."""
        return 2 * self.multiply_adds or self.loads or self.operands()[-1].points

    def cost(self, machine: Machine, moved: int) -> Cost:
        """What it has to do, and how long one thread takes, roughly: its products, its loads and its bytes.

        Parameters
        ----------
        machine
            Says what each of them takes.
        moved
            Bytes of its operands.
        """
        return Cost(self.operations, moved, machine.nanoseconds(self.performed, self.loads, moved))

    def admits(self, values: np.ndarray, sizes: tuple[int, ...]) -> bool:
        """Whether the values of a `table` are indices into these sizes, counted from the front or from the end."""
        rows, limits = values.reshape(-1, len(sizes)), np.array(sizes)
        return bool(((rows >= -limits) & (rows < limits)).all())

    def verified(self, machine: Machine) -> tuple[Operand, ...]:
        """The operands of a description that anyone may have made, once it is checked.

        Raises
        ------
        KernelError
            When the description means nothing; `LimitError` when it is more than C is written for.
        """
        check_numbers(self, self.SIGNED, self.OPEN)
        self.check(machine)
        operands = self.operands()
        longest = max(map(greatest, [self.steps, *(operand.points for operand in operands)]))
        limit(longest <= LONGEST, f"it takes {longest} steps, more than 2^48")
        for operand in operands:
            if operand.written:
                low, high = operand.reach
                # Distinct elements need room: a walk that writes the same ones again has more points than that.
                fits = operand.points * operand.element_bytes <= high - low
                require(fits, f"it writes elements of {operand.name} more than once")
        return operands
