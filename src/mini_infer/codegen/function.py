"""One C function for one kernel description: its operands are the parameters, an emitter writes the body."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mini_infer.ir import DType, Symbol
from mini_infer.machine import Machine
from mini_infer.program.kernels.rules import NATIVE
from mini_infer.program.operand import Operand

_OTHER = {DType.FLOAT16: "_Float16", DType.FLOAT32: "float", DType.FLOAT64: "double", DType.BOOL: "uint8_t"}

C_TYPES = {dtype: _OTHER.get(dtype, f"{dtype.value}_t") for dtype in DType if dtype in NATIVE}
"""The C type of each element type that has native kernels."""


def c_type(kind: DType | int) -> str:
    """The C type of an operand's elements; of those that are only moved, some type of their size."""
    return f"uint{8 * kind}_t" if isinstance(kind, int) else C_TYPES[kind]


def declaration(operand: Operand) -> str:
    """An operand as a C parameter: nothing is written through it that is only read, and only twins may be the same."""
    qualifier = "" if operand.written else "const "
    alone = "" if operand.twin else "restrict "
    return f"{qualifier}{c_type(operand.kind)} *{alone}{operand.name}"


@dataclass(frozen=True, slots=True)
class Body:
    """What an emitter writes: the body of a kernel's C function, whose parameters are the kernel's operands.

    Parameters
    ----------
    family
        The start of the function's name: `conv`, `gemm`, …
    text
        C statements. They compute items `[begin, end)`, two `long` parameters that follow the operands, to the end, or
        return an error code.
    items
        How many independent items there are; the program gives each thread a range of them.
    helpers
        C functions the body calls, complete texts; equal texts are written once.
    can_fail
        Whether they may return one, of `ERROR_MESSAGES`; the function then returns 0 where they do not.
    """

    family: str
    text: str
    items: int = 1
    helpers: tuple[str, ...] = ()
    can_fail: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """The C function of a kernel.

    Parameters
    ----------
    operands
        The kernel's. Of one that is `private`, thread `i` is given the address plus `i` times the bytes it reaches;
        the lowering asks for `threads` times as many.
    body
        What it does with them.
    symbols
        The sizes that are given at run time and count here: further parameters.
    prefix
        What its name begins with.
    name
        After what it says, so that what other functions there are changes nothing in the file it stands in.
    """

    operands: tuple[Operand, ...]
    body: Body
    symbols: tuple[Symbol, ...] = ()
    prefix: str = ""
    name: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha256("".join([self._rest, *self.body.helpers]).encode()).hexdigest()[:8]
        object.__setattr__(self, "name", f"{self.prefix}{self.body.family}_{digest}")

    @property
    def head(self) -> str:
        """Its type, name and parameters, without a storage class."""
        return f"{self._result} {self.name}{self._parameters}"

    @property
    def text(self) -> str:
        """The whole of it, without a storage class."""
        return f"{self._result} {self.name}{self._rest}"

    @property
    def _result(self) -> str:
        return "int" if self.body.can_fail else "void"

    @property
    def _parameters(self) -> str:
        sizes = [f"long {symbol.code}" for symbol in self.symbols]
        return f"({', '.join([*map(declaration, self.operands), 'long begin', 'long end', *sizes])})"

    @property
    def _rest(self) -> str:
        """What follows its name."""
        done = "return 0;\n" if self.body.can_fail else ""
        unused = "".join(f"(void){symbol.code};\n" for symbol in self.symbols)
        return f"{self._parameters} {{\n{unused}{self.body.text}\n{done}}}\n"


Emitter = Callable[[Any, Machine], Body]
"""(kernel description, what C is written for) → the body of its C function."""
