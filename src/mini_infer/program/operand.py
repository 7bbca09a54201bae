"""What a kernel does with its operands: whether it reads or writes them, of what type, and how far it can reach.

Kernels say this of themselves, from the sizes they were built with; `program.validate` holds it against the memory that
there is, and code generation makes the parameters of the C function of it, and who waits for whom.
"""

import enum
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from mini_infer.ir import DType

Walk = tuple[tuple[int, int], ...]
"""Loops over memory: (how many, how far apart), in elements."""


class Access(enum.Enum):
    """What is done with the bytes. An operand that is updated is read and written."""

    READ = "reads"
    WRITE = "writes"
    UPDATE = "updates"


@dataclass(frozen=True, slots=True)
class Operand:
    """One operand of a kernel.

    Parameters
    ----------
    name
        Of the parameter in C, and for messages.
    access
        Whether it is read, written or both.
    kind
        The element type; or bytes of an element (1, 2, 4 or 8), where they are moved whatever they mean.
    walk
        The loops that reach its elements; without any, there is one. An upper limit: what is clipped at run time counts
        as far as it can go.
    start
        Element of the view that the loops start from.
    twin
        Whether it may be the very bytes of the other twin, which the kernel writes element for element as it reads this
        one. No operand may overlap what is written otherwise.
    private
        Whether each thread has as much of it for itself, one after the other.
    kept
        Whether a band finds there what the one before has left.
    table
        The sizes that rows of its values are indices into, where nothing checks them at run time: it must be a
        constant, whose values `Kernel.admits`. Empty: there are none, or they are checked.
    """

    name: str
    access: Access
    kind: DType | int
    walk: Walk = ()
    start: int = 0
    twin: bool = False
    private: bool = False
    kept: bool = False
    table: tuple[int, ...] = ()

    @property
    def element_bytes(self) -> int:
        """Bytes of one element."""
        return self.kind if isinstance(self.kind, int) else self.kind.numpy.itemsize

    @property
    def written(self) -> bool:
        """Whether any of its bytes may change."""
        return self.access is not Access.READ

    @property
    def points(self) -> int:
        """How often an element is reached; 0: never."""
        return math.prod(count for count, _ in self.walk)

    @property
    def reach(self) -> tuple[int, int]:
        """Bytes `[low, high)` that can be touched, counted from the view's first; equal where none are."""
        if self.points == 0:
            return 0, 0
        steps = [(stride, (count - 1) * stride) for count, stride in self.walk]  # where a count is 0, none are touched
        low = self.start + sum(step for stride, step in steps if stride < 0)
        high = self.start + sum(step for stride, step in steps if not stride < 0)
        return low * self.element_bytes, (high + 1) * self.element_bytes

    def like(self, name: str, access: Access, *, twin: bool = False) -> "Operand":
        """Another operand of this type and place."""
        return replace(self, name=name, access=access, twin=twin)


def reads(name: str, kind: DType | int, *walk: tuple[int, int], start: int = 0, table: tuple[int, ...] = ()) -> Operand:
    """An operand that is only read."""
    return Operand(name, Access.READ, kind, walk, start, table=table)


def writes(name: str, kind: DType | int, *walk: tuple[int, int], start: int = 0) -> Operand:
    """An operand that is only written, every byte before it is read."""
    return Operand(name, Access.WRITE, kind, walk, start)


def updates(name: str, kind: DType | int, *walk: tuple[int, int], start: int = 0) -> Operand:
    """An operand that is read and written."""
    return Operand(name, Access.UPDATE, kind, walk, start)


def workspace(name: str, kind: DType | int, count: int, *, private: bool = False) -> Operand:
    """So many neighboring elements that mean nothing before and after the call."""
    return Operand(name, Access.WRITE, kind, ((count, 1),), private=private)


def present(*operands: Operand | None) -> tuple[Operand, ...]:
    """The operands without those that are left out."""
    return tuple(operand for operand in operands if operand is not None)


def strided(shape: Iterable[int], strides: Iterable[int]) -> Walk:
    """A walk along every dimension of a tensor."""
    return tuple(zip(shape, strides, strict=True))
