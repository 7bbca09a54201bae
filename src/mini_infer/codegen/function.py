"""What an emitter gives: one C function for one kernel description."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mini_infer.ir import DType
from mini_infer.machine import Machine

C_TYPES = {
    DType.FLOAT16: "_Float16",
    DType.FLOAT32: "float",
    DType.FLOAT64: "double",
    DType.INT8: "int8_t",
    DType.INT16: "int16_t",
    DType.INT32: "int32_t",
    DType.INT64: "int64_t",
    DType.UINT8: "uint8_t",
    DType.UINT16: "uint16_t",
    DType.UINT32: "uint32_t",
    DType.UINT64: "uint64_t",
    DType.BOOL: "uint8_t",
}
"""The C type of each element type that has native kernels."""


@dataclass(frozen=True, slots=True)
class Function:
    """A C function, without its name.

    Parameters
    ----------
    family
        The start of its name: `conv`, `gemm`, …
    parameters
        C declarations of its operands in the kernel's order, such as `const float *restrict x`.
    body
        C statements. The function computes items `[begin, end)`, two `long` parameters that follow the operands.
    items
        How many independent items there are; the program gives each thread a range of them.
    helpers
        C functions the body calls, complete texts; equal texts are written once.
    fallible
        Whether the function returns an `int`: 0, or a positive code (`errors` in the body's comments). Others return
        nothing.
    private
        Position of an operand that is workspace → bytes of it that each thread has for itself: thread `i` is given the
        operand's address plus `i` times as many. The lowering asks for `threads` times as many.
    """

    family: str
    parameters: tuple[str, ...]
    body: str
    items: int = 1
    helpers: tuple[str, ...] = ()
    fallible: bool = False
    private: Mapping[int, int] = field(default_factory=dict)


Emitter = Callable[[Any, Machine], Function]
"""(kernel description, what C is written for) → its C function."""

UNUSABLE_BRANCH = 3
"""The fault of taking a branch that cannot run with the shapes around it."""

FAULTS = {
    1: "an index is out of range",
    2: "a sequence length is out of range",
    UNUSABLE_BRANCH: "this branch cannot run with the shapes that the model was compiled for",
}
"""What a step's fault code means, as the end of a sentence."""
