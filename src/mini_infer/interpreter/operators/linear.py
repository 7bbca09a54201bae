"""MatMul and Gemm."""

from collections.abc import Sequence

import numpy as np

from mini_infer.interpreter.operators.values import Value, accumulator, attribute
from mini_infer.ir import Node


def matmul(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:  # noqa: ARG001 - one shape for all
    """NumPy's matmul; a stack of rows times one matrix is one product, not many."""
    a, b = inputs
    dtype = accumulator(a.dtype)
    left, right = a.astype(dtype, copy=False), b.astype(dtype, copy=False)
    if a.ndim > b.ndim == 2:  # noqa: PLR2004 - a matrix
        y = np.matmul(left.reshape(-1, a.shape[-1]), right).reshape(*a.shape[:-1], b.shape[-1])
    else:
        y = np.asarray(np.matmul(left, right))
    return [y.astype(a.dtype, copy=False)]


def gemm(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`alpha · A·B + beta · C`, A and B transposed where asked; every opset's broadcast of C is NumPy's.

    Of integers, what fractions make of both terms is summed before it is made whole again.
    """
    a, b, *rest = inputs
    dtype = accumulator(a.dtype)
    left = a.T if attribute(node, "transA", 0) else a
    right = b.T if attribute(node, "transB", 0) else b
    y = np.matmul(left.astype(dtype), right.astype(dtype))
    alpha, beta = (_factor(attribute(node, name, 1.0), dtype) for name in ("alpha", "beta"))
    if alpha != 1:
        y = y * alpha
    if rest and rest[0] is not None and beta != 0:
        c = rest[0].astype(dtype)
        y = y + (c if beta == 1 else c * beta)
    return [y.astype(a.dtype)]


def _factor(value: float, dtype: "np.dtype[np.generic]") -> float:
    """A factor of integers as one of them, where it is: their product with a real number would be rounded."""
    if not np.issubdtype(dtype, np.integer) or value != np.trunc(value):
        return value
    ends = np.iinfo(dtype.name)
    return int(value) if ends.min <= value <= ends.max else value
