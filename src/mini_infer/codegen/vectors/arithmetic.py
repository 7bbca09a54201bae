"""What a register tile multiplies and adds: its C types, and the C of each operation on a vector of sums."""

from dataclasses import dataclass

from mini_infer.codegen.function import C_TYPES
from mini_infer.codegen.vectors import lanes as vectors
from mini_infer.codegen.vectors.fours import Neighbors, Quads
from mini_infer.codegen.vectors.halves import several
from mini_infer.codegen.vectors.pairs import Pairs
from mini_infer.ir import DType
from mini_infer.ir.halves import STORED
from mini_infer.machine import Machine
from mini_infer.program.kernels import Types


@dataclass(frozen=True, slots=True)
class Reals:
    """Floating point, one step of the reduction at a time, in vectors of `vectors.lanes`.

    Parameters
    ----------
    half
        The type of 16 bits that numbers of b have in memory, in whole vectors; none: they have that of a's.
    """

    lanes: int
    dtype: DType = DType.FLOAT32
    half: DType | None = None
    depth = 1
    unrolls = True

    @property
    def element(self) -> str:
        """The C type of a number of a."""
        return C_TYPES[self.dtype]

    @property
    def weight(self) -> str:
        """The C type of a number of b."""
        return self.element if self.half is None else C_TYPES[STORED]

    @property
    def sum(self) -> str:
        """The C type of a sum."""
        return self.element

    @property
    def vector(self) -> str:
        """The C type of a vector of sums."""
        return vectors.vector(self.lanes, self.dtype)

    def weights(self, name: str, address: str, valid: int) -> str:
        """C that declares a vector of b and loads its first `valid` lanes; the others are 0."""
        if self.half is not None:
            return f"const {self.vector} {name} = {self.vector}_of_{self.half.value}({address});"
        return self.declared(name, address, valid)

    def declared(self, name: str, address: str, valid: int) -> str:
        """C that declares a vector of sums and loads its first `valid` lanes; the others are 0."""
        if valid >= self.lanes:
            return f"const {self.vector} {name} = {self.load(address)};"
        return f"{self.vector} {name} = {{0}}; __builtin_memcpy(&{name}, {address}, {self._bytes(valid)});"

    def broadcast(self, element: str) -> str:
        """C that declares `s`, a number of a in every lane."""
        return f"const {self.vector} s = {self.vector}_splat({element});"

    def add(self, total: str, weights: str) -> str:
        """C that adds the product of `s` and weights to a sum."""
        return f"{total} += s * {weights};"

    def numbers(self, address: str, valid: int) -> str:  # noqa: ARG002 - there are whole vectors
        """C that declares `s`, a vector of neighbors of a."""
        return f"const {self.vector} s = {self.load(address)};"

    def load(self, address: str) -> str:
        """C of a vector of sums in memory."""
        return f"{self.vector}_load({address})"

    def store(self, address: str, value: str, valid: int) -> str:
        """C that stores the first lanes of a vector of sums."""
        if valid >= self.lanes:
            return f"{self.vector}_store({address}, {value});"
        return f"__builtin_memcpy({address}, &{value}, {self._bytes(valid)});"

    def definitions(self, machine: Machine) -> tuple[str, ...]:
        """The C functions that this takes."""
        halves = () if self.half is None else several(self.half, self.lanes, machine)
        return (*vectors.definitions(self.lanes, machine, self.dtype), *halves)

    def _bytes(self, lanes: int) -> int:
        return lanes * self.dtype.numpy.itemsize


Arithmetic = Reals | Pairs | Quads | Neighbors


def arithmetic(types: Types, lanes: int, *, across: bool = False) -> Arithmetic:
    """That of a tile of these types, in vectors of so many lanes, which may run `across` channels."""
    if types.operand.is_float:
        return Reals(lanes, types.operand, types.half)
    if across:
        return Neighbors(lanes, types.operand, types.lifted)
    return Pairs(lanes) if types.depth == Pairs.depth else Quads(lanes, types.operand, types.lifted)
