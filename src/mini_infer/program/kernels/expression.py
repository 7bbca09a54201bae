"""Scalar expressions, the part of a kernel that is computed element by element."""

from dataclasses import dataclass

from mini_infer.ir import DType


@dataclass(frozen=True, slots=True)
class Operation:
    """One scalar operation of an expression.

    An expression over k inputs is a tuple of operations: argument i < k is input i, argument k + j is the result of
    operation j. The last operation is the expression's result.

    Parameters
    ----------
    name
        The ONNX operator's name; `codegen.expression` knows how to write it in C.
    arguments
        What it is applied to.
    dtype
        Element type of the result.
    parameters
        Numbers fixed at build time: an activation's alpha, a clip's bounds.
    """

    name: str
    arguments: tuple[int, ...]
    dtype: DType
    parameters: tuple[float, ...] = ()


Expression = tuple[Operation, ...]
