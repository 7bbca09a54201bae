"""Scalar expressions while they are being built: terms that are added, compared and applied like numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partialmethod

import numpy as np

from mini_infer.ir import DType
from mini_infer.program.kernels import Expression, Operation


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """An operation on other terms, or an input: a term whose operation is empty.

    Python's operators build the ONNX operations of the same meaning; numbers become constants of the term's type.
    Comparisons give boolean terms, so terms are equal only to themselves.

    Parameters
    ----------
    dtype
        Element type.
    operation
        The name of an operation that code generation knows.
    arguments
        What it is applied to.
    parameters
        Numbers fixed at build time.
    """

    dtype: DType
    operation: str = ""
    arguments: tuple["Term", ...] = ()
    parameters: tuple[float, ...] = ()

    def apply(self, operation: str, *arguments: "Term | float", parameters: tuple[float, ...] = ()) -> "Term":
        """An operation on this term and others, of this term's type."""
        return Term(self.dtype, operation, (self, *map(self.like, arguments)), parameters)

    def test(self, operation: str, *arguments: "Term | float", parameters: tuple[float, ...] = ()) -> "Term":
        """An operation on this term and others that gives a truth value."""
        return Term(DType.BOOL, operation, (self, *map(self.like, arguments)), parameters)

    def like(self, value: "Term | float") -> "Term":
        """A number as a constant of this term's type; a term as it is."""
        return value if isinstance(value, Term) else Term(self.dtype, "Constant", (), (value,))

    def cast(self, dtype: DType) -> "Term":
        """Convert this term to another type."""
        return self if dtype is self.dtype else Term(dtype, "Cast", (self,))

    def saturate(self, dtype: DType) -> "Term":
        """Convert this term to a type of integers; what lies beyond its ends becomes these."""
        ends = np.iinfo(dtype.value)
        return self.apply("Clip", parameters=(float(ends.min), float(ends.max))).cast(dtype)

    def quantize(self, dtype: DType, zero: "Term | None" = None) -> "Term":
        """The nearest whole number, ties to even, plus a zero point of its type, saturated to a type of 8 bits."""
        origin = Term(DType.FLOAT32, "Constant", (), (0.0,)) if zero is None else zero.cast(DType.FLOAT32)
        return Term(dtype, "Quantize", (self, origin))

    def where(self, then: "Term", otherwise: "Term | float") -> "Term":
        """One of two terms, chosen by this truth value."""
        return Term(then.dtype, "Where", (self, then, then.like(otherwise)))

    __add__ = partialmethod(apply, "Add")
    __sub__ = partialmethod(apply, "Sub")
    __mul__ = partialmethod(apply, "Mul")
    __truediv__ = partialmethod(apply, "Div")
    __neg__ = partialmethod(apply, "Neg")
    __abs__ = partialmethod(apply, "Abs")
    __lt__ = partialmethod(test, "Less")
    __gt__ = partialmethod(test, "Greater")

    def leaves(self) -> "set[Term]":
        """The inputs this term depends on."""
        found: set[Term] = set()
        seen: set[Term] = set()
        stack = [self]
        while stack:
            term = stack.pop()
            if term not in seen:
                seen.add(term)
                stack += term.arguments
                found |= set() if term.operation else {term}
        return found


def wide(dtype: DType) -> DType:
    """The type to compute in: half floats lose too much where there is more than one operation."""
    return DType.FLOAT32 if dtype is DType.FLOAT16 else dtype


def linearize(result: Term, inputs: Sequence[Term]) -> Expression:
    """Write a term as a list of operations, equal ones once, the result last; `inputs` are its arguments, in order."""
    indices = {id(term): index for index, term in enumerate(inputs)}
    operations: dict[Operation, int] = {}

    if id(result) in indices:
        result = result.apply("Identity")
    waiting = [result]
    while waiting:  # terms are as deep as a sum has operands: no recursion
        term = waiting[-1]
        missing = [argument for argument in reversed(term.arguments) if id(argument) not in indices]
        if missing and id(term) not in indices:
            waiting += missing
            continue
        waiting.pop()
        if id(term) not in indices:
            arguments = tuple(indices[id(argument)] for argument in term.arguments)
            operation = Operation(term.operation, arguments, term.dtype, term.parameters)
            indices[id(term)] = operations.setdefault(operation, len(inputs) + len(operations))
    return tuple(operations)
