"""Reductions: ONNX's ten, and the positions of extremes."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mini_infer.ir import DType, Node
from mini_infer.lowering.attributes import NATIVE_TYPES, integer, listed
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.copy import fill
from mini_infer.lowering.elementwise import map_elements
from mini_infer.lowering.term import Term, linearize
from mini_infer.lowering.window import Window
from mini_infer.program import Call
from mini_infer.program.kernels import ArgReduce, Reduce


@dataclass(frozen=True, slots=True)
class _Reduction:
    """How an operator reduces.

    `before` and `after` are applied to each element and to their combination, which is of `count` elements. `exact`
    reductions of integers stay integers; the others' combinations become float64 before `after`.
    """

    combine: str
    before: Callable[[Term], Term] = lambda x: x
    after: Callable[[Term, int], Term] = lambda total, _count: total
    exact: bool = True


def _logarithm(total: Term, _count: int) -> Term:
    return total.apply("Log")


REDUCTIONS: dict[str, _Reduction] = {
    "ReduceL1": _Reduction("Add", abs),
    "ReduceL2": _Reduction("Add", lambda x: x * x, lambda total, _count: total.apply("Sqrt"), exact=False),
    "ReduceLogSum": _Reduction("Add", after=_logarithm, exact=False),
    "ReduceLogSumExp": _Reduction("Add", lambda x: x.apply("Exp"), _logarithm, exact=False),
    "ReduceMax": _Reduction("Max"),
    "ReduceMean": _Reduction("Add", after=lambda total, count: total / count, exact=False),
    "ReduceMin": _Reduction("Min"),
    "ReduceProd": _Reduction("Mul"),
    "ReduceSum": _Reduction("Add"),
    "ReduceSumSquare": _Reduction("Add", lambda x: x * x),
}
"""ONNX operator → its reduction."""

_SHIFTED = "ReduceLogSumExp"
"""Exponentials are taken of differences from the largest element, so that they cannot overflow."""


def lower_reduce(node: Node, build: Builder) -> Sequence[Call]:
    """Reduce the dimensions that an attribute or an input names; all by default."""
    source, target = build.view(node.inputs[0]), build.view(node.outputs[0])
    dtype, shape = source.type.dtype, source.type.shape
    if dtype not in NATIVE_TYPES:
        raise NotNativeError(f"no native code for {dtype.value}")
    axes = listed(node, build, "axes", 1)
    if not axes:
        axes = () if integer(node, "noop_with_empty_axes") else tuple(range(len(shape)))
    reduced = [axis in {a % len(shape) for a in axes} for axis in range(len(shape))]
    count = math.prod(size for size, flag in zip(shape, reduced, strict=True) if flag)
    if 0 in target.type.shape:
        return ()

    reduction = REDUCTIONS[node.op]
    x, largest = Term(dtype), Term(_computed(dtype))
    shifted = node.op == _SHIFTED and any(reduced)
    value = x.cast(_computed(dtype))
    before = reduction.before(value - largest if shifted else value)
    total = before if not any(reduced) else Term(before.dtype)
    exact = total.dtype.is_float or reduction.exact
    after = reduction.after(total if exact else total.cast(DType.FLOAT64), count)
    result = (after + largest if shifted else after).cast(dtype)
    if not any(reduced):
        return map_elements(linearize(result, [x]), [source], target)
    if count == 0:
        return fill(build, Window.of(target), _of_nothing(reduction.combine, node.op, dtype))
    merged = _merge(shape, reduced)
    kernel = Reduce(
        tuple(size for size, _ in merged),
        tuple(flag for _, flag in merged),
        dtype,
        reduction.combine,
        linearize(before, [x, largest] if shifted else [x]),
        linearize(result, [total, largest] if shifted else [total]),
        shifted,
    )
    return (Call(kernel, (source, target)),)


def lower_arg_reduce(node: Node, build: Builder) -> Sequence[Call]:
    """Find the index of the extreme along one axis."""
    source, target = build.view(node.inputs[0]), build.view(node.outputs[0])
    shape = source.type.shape
    if source.type.dtype not in NATIVE_TYPES:
        raise NotNativeError(f"no native code for {source.type.dtype.value}")
    if 0 in shape:
        return ()
    axis = integer(node, "axis") % len(shape)
    kernel = ArgReduce(
        math.prod(shape[:axis]),
        shape[axis],
        math.prod(shape[axis + 1 :]),
        source.type.dtype,
        largest=node.op == "ArgMax",
        last=bool(integer(node, "select_last_index")),
    )
    return (Call(kernel, (source, target)),)


def _computed(dtype: DType) -> DType:
    """The type that elements are combined in: half floats would lose too much."""
    return DType.FLOAT32 if dtype is DType.FLOAT16 else dtype


def _merge(shape: Sequence[int], reduced: Sequence[bool]) -> list[tuple[int, bool]]:
    """The dimensions without those of size 1, neighbours of one kind merged; one at least is reduced."""
    merged: list[tuple[int, bool]] = []
    for size, flag in zip(shape, reduced, strict=True):
        if size == 1:
            continue
        if merged and merged[-1][1] == flag:
            merged[-1] = (merged[-1][0] * size, flag)
        else:
            merged.append((size, flag))
    return merged if any(flag for _, flag in merged) else [*merged, (1, True)]


def _of_nothing(combine: str, op: str, dtype: DType) -> np.ndarray:
    """What reducing no elements gives."""
    kind = dtype.numpy
    if op in ("ReduceLogSum", "ReduceLogSumExp"):
        return np.asarray(-np.inf, kind)
    if op == "ReduceMean":
        return np.asarray(np.nan if dtype.is_float else 0, kind)
    if combine in ("Max", "Min"):
        ends = (-np.inf, np.inf) if dtype.is_float else (False, True) if dtype is DType.BOOL else _ends(kind)
        return np.asarray(ends[combine == "Min"], kind)
    return np.asarray(combine == "Mul", kind)


def _ends(kind: "np.dtype[np.generic]") -> tuple[int, int]:
    """The smallest and the largest integer of a type."""
    bits = 8 * kind.itemsize
    return (0, 2**bits - 1) if kind.kind == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
