"""Reductions: ONNX's ten, and the positions of extremes."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mini_infer.ir import DType, Node
from mini_infer.lowering.attributes import integer, listed
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.elementwise import map_elements
from mini_infer.lowering.movement.copy import fill
from mini_infer.lowering.reduction.reduction import Folding
from mini_infer.lowering.term import Term, linearize, wide
from mini_infer.lowering.window import Window
from mini_infer.program import Call
from mini_infer.program.kernels.reduction.reduction import ArgReduce, neutral


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

    def finish(self, total: Term, count: int) -> Term:
        """What becomes of the combination of `count` elements."""
        return self.after(total if self.exact or total.dtype.is_float else total.cast(DType.FLOAT64), count)


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


def lower_reduce(node: Node, build: Builder) -> Sequence[Call]:
    """Reduce the dimensions that an attribute or an input names; all by default."""
    source, target = build.view(node.inputs[0]), build.view(node.outputs[0])
    dtype, shape = source.type.dtype, source.type.shape
    axes = listed(node, build, "axes", 1)
    if not axes:
        axes = () if integer(node, "noop_with_empty_axes") else tuple(range(len(shape)))
    reduced = [axis in {a % len(shape) for a in axes} for axis in range(len(shape))]
    count = math.prod(size for size, flag in zip(shape, reduced, strict=True) if flag)

    reduction = REDUCTIONS[node.op]
    real = node.op == "ReduceLogSumExp" and not dtype.is_float  # integers have no exponential of their own
    if not any(reduced):
        x = Term(dtype)
        value = x.cast(DType.FLOAT64 if real else wide(dtype))
        result = reduction.finish(reduction.before(value), count).cast(dtype)
        return map_elements(linearize(result, [x]), [source], target)
    if count == 0:
        return fill(build, Window.of(target), _of_nothing(reduction.combine, node.op, dtype))
    folding = Folding(source, shape, [axis for axis, flag in enumerate(reduced) if flag])
    element = folding.element.cast(DType.FLOAT64) if real else folding.element
    if node.op != "ReduceLogSumExp":
        value = folding.fold(
            reduction.combine,
            reduction.before(element),
            lambda total: reduction.finish(total, count).cast(dtype),
        )
    else:
        largest = folding.fold("Max", element, _finite)
        value = folding.fold(
            "Add", (element - largest).apply("Exp"), lambda total: (total.apply("Log") + largest).cast(dtype)
        )
    return folding.call(None, None, [(value, target)])


def _finite(x: Term) -> Term:
    """A number itself, 0 for infinities and NaN."""
    return (x - x).test("Equal", 0).where(x, 0)


def lower_global_lp_pool(node: Node, build: Builder) -> Sequence[Call]:
    """The norm of each channel of each sample."""
    source, target = build.view(node.inputs[0]), build.view(node.outputs[0])
    folding = Folding(source, source.type.shape, range(2, len(source.type.shape)))
    element, p = abs(folding.element), integer(node, "p", 2)
    if p not in (1, 2):
        raise NotNativeError(f"no native code for the norm of order {p}")
    before = element if p == 1 else element * element
    value = folding.fold("Add", before, lambda t: (t if p == 1 else t.apply("Sqrt")).cast(source.type.dtype))
    return folding.call(None, None, [(value, target)])


def lower_arg_reduce(node: Node, build: Builder) -> Sequence[Call]:
    """Find the index of the extreme along one axis."""
    source, target = build.view(node.inputs[0]), build.view(node.outputs[0])
    shape = source.type.shape
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


def _of_nothing(combine: str, op: str, dtype: DType) -> np.ndarray:
    """What reducing no elements gives."""
    kind = dtype.numpy
    if op in ("ReduceLogSum", "ReduceLogSumExp"):
        return np.asarray(-np.inf, kind)
    if op == "ReduceMean":
        return np.asarray(np.nan if dtype.is_float else 0, kind)
    return np.asarray(neutral(combine, dtype), kind)
