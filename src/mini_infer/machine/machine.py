"""The machine: its vectors, registers, caches and speed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from mini_infer.errors import UsageError
from mini_infer.machine.rates import Pipeline, Rates

FLOAT_BYTES = 4

_WIDTHS = (0, 16, 32, 64)
_MOST_REGISTERS = 128


@dataclass(frozen=True, slots=True)
class Machine:
    """What code is written for, and what it costs there.

    Parameters
    ----------
    name
        A name of `presets.MACHINES`, if it is one of them.
    arch
        Its processor architecture, as compilers' triples spell it; empty: any.
    needs
        Features of the architecture that the vectors take, as compilers spell them.
    hosted
        Whether it has an operating system, and with it shared libraries.
    vector_bytes
        Of one vector register: 16, 32 or 64. 0: it has none, and code is plain C.
    registers
        How many vector registers there are (without vectors: floating-point ones).
    caches
        Bytes of each, nearest first; empty where memory is near enough.
    dot
        Products of two element types that one instruction adds up: (operands, sum) → products for each lane of sums.
    pipeline, rates
        How fast it is.
    """

    name: str
    arch: str
    needs: tuple[str, ...]
    hosted: bool
    vector_bytes: int
    registers: int
    caches: tuple[int, ...]
    dot: Mapping[tuple[str, str], int] = field(hash=False)
    pipeline: Pipeline = field(hash=False)
    rates: Rates = field(hash=False)

    def __post_init__(self) -> None:
        if self.vector_bytes not in _WIDTHS:
            raise UsageError(f"vectors of {self.vector_bytes} bytes: choose 16, 32 or 64, or 0 for none")
        if not 1 <= self.registers <= _MOST_REGISTERS:
            raise UsageError(f"{self.registers} registers: choose 1 to {_MOST_REGISTERS}")
        if not all(isinstance(size, int) and size > 0 for size in self.caches):
            raise UsageError(f"caches of {self.caches} bytes: give the size of each")
        if len(self.rates.read) != len(self.caches) + 1:
            raise UsageError(f"{len(self.rates.read)} rates of reading for {len(self.caches)} caches and memory")

    @property
    def has_vectors(self) -> bool:
        """Whether there are vectors; without them code is plain C."""
        return self.vector_bytes > 0

    @property
    def lanes(self) -> int:
        """float32 numbers in one vector; 1 where there are no vectors."""
        return max(1, self.vector_bytes // FLOAT_BYTES)

    def widths(self, size: int = FLOAT_BYTES) -> tuple[int, ...]:
        """Lanes, of so many bytes each, of the vectors that code can use: whole registers, halves, quarters of them.

        Without vectors it is one number in each register.
        """
        if not self.has_vectors:
            return (1,)
        return tuple(width // size for width in reversed(_WIDTHS) if 0 < width <= self.vector_bytes)

    def vector_cycles(self, width: int, size: int = FLOAT_BYTES) -> float:
        """Cycles in which a vector of so many lanes, of so many bytes each, is multiplied, or loaded."""
        return max(1 / self.pipeline.issue, width * size / self.pipeline.bytes)

    def fills_vectors(self, count: int) -> bool:
        """Whether so many float32 numbers are whole vectors."""
        return count % self.lanes == 0

    def cycles(self, count: int) -> float:
        """Cycles of one operation on so many float32 numbers, the last vector padded."""
        return -(-count // self.lanes) * self.vector_cycles(self.lanes)

    def nanoseconds(self, multiply_adds: int, loads: int, size: int) -> int:
        """What one thread takes for so many multiply-adds, loads of sliding windows and bytes of operands."""
        rates = self.rates
        products = multiply_adds // (rates.multiply_adds * self.lanes)
        return int(products + loads // (rates.loads * self.lanes) + size // rates.bytes)

    def near(self, level: int, part: int = 2) -> int:
        """Bytes that stay in a cache (0: the nearest) while code uses them again and again: a part of what it holds.

        Of a machine with fewer caches it is the last one; without any, nothing has to stay.
        """
        return self.caches[min(level, len(self.caches) - 1)] // part if self.caches else 0

    def read_cycles(self, size: int) -> float:
        """Cycles that each of so many bytes takes when all of them are read again and again."""
        fitting = (level for level in range(len(self.caches)) if size <= self.near(level))
        return self.rates.read[next(fitting, -1)]

    def to_json(self) -> dict[str, object]:
        """Return the fields as values that JSON can hold."""
        dot = [[*types, count] for types, count in self.dot.items()]
        return {**asdict(self), "dot": dot}

    @classmethod
    def from_json(cls, data: Mapping[Any, Any]) -> Self:
        """Return the machine that `to_json` wrote.

        Raises
        ------
        UsageError
            When a number is none that a machine can have.
        KeyError, TypeError, ValueError
            When `data` is of another form.
        """
        parts = {
            "needs": tuple(map(str, data["needs"])),
            "caches": tuple(data["caches"]),
            "dot": {(str(operand), str(total)): int(count) for operand, total, count in data["dot"]},
            "pipeline": Pipeline(**data["pipeline"]),
            "rates": Rates(**{**data["rates"], "read": tuple(data["rates"]["read"])}),
        }
        return cls(**{**data, **parts})

    def __str__(self) -> str:
        return self.name
