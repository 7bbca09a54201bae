"""Per-channel scale and shift, folded into the weights of the node before.

`BatchNormalization`, and `Mul`, `Div`, `Add`, `Sub` by constants that hold one value or one per channel, are all
`y = x * scale + shift` with a scale and a shift per output channel. After a contraction with
constant weights they become part of those: `weight * scale` and `bias * scale + shift`. Everything is computed in
float64 and rounded once, however many such nodes follow each other.

Fires on

1. the above after `Conv`, `ConvTranspose` and `Gemm` (channels of a `Gemm` are its columns),
2. the above after a `MatMul` by a constant matrix; what remains to be added follows as an `Add`,
3. one value for all after a `MatMul` by a constant vector,
4. `BatchNormalization` anywhere else: it becomes `Mul` and `Add`, which later passes know how to move and fuse.

Must not fire on

1. a contraction that another node reads too, or that the caller gets: it would change under them,
2. weights, scales or shifts that are not constant,
3. `BatchNormalization` in training mode or with its statistics among the outputs,
4. constants that vary along another axis than `ir.products` says, or give the result another shape or element type,
5. results that are not finite (a variance of zero).
"""

from dataclasses import dataclass, replace
from functools import reduce
from typing import ClassVar

import numpy as np

from mini_infer.ir import Graph, Node, TensorType
from mini_infer.ir.attributes import has_input, integer, number
from mini_infer.ir.operators import having, traits
from mini_infer.ir.products import channel_axis, varies_along
from mini_infer.passes.base import Needs, Pass, sweep
from mini_infer.passes.remarks import Remarks
from mini_infer.passes.rewriter import GraphRewriter

_ARITHMETIC = frozenset("Add Sub Mul Div".split())
_NORMALIZATION = frozenset({"BatchNormalization"})


@dataclass(frozen=True, slots=True)
class Affine:
    """`y = x * scale + shift`, each of shape `[channels]` in float64, or `[]` where one value is for all."""

    scale: np.ndarray
    shift: np.ndarray

    def then(self, other: "Affine") -> "Affine":
        """What this one and then another do."""
        return Affine(self.scale * other.scale, self.shift * other.scale + other.shift)


@dataclass(frozen=True, slots=True)
class FoldAffine(Pass):
    """Folds batch normalization and per-channel arithmetic into weights."""

    name: ClassVar[str] = "affine"
    needs: ClassVar[Needs] = (
        having(lambda its: its.contraction and not its.integer) | _NORMALIZATION,
        _ARITHMETIC | _NORMALIZATION,
    )

    def __call__(self, graph: Graph, remarks: Remarks) -> Graph:
        """The graph with fewer, adjusted contractions."""
        absorbed: set[str] = set()

        def rewrite(node: Node, rewriter: GraphRewriter) -> list[Node] | None:
            if node.outputs[0] in absorbed:
                return []
            if traits(node).contraction and not traits(node).integer:
                return _fold_followers(node, absorbed, rewriter)
            if node.domain == "" and node.op == "BatchNormalization":
                return _mul_add(node, rewriter)
            return None

        return sweep(self.name, graph, remarks, rewrite)


def _fold_followers(contraction: Node, absorbed: set[str], rewriter: GraphRewriter) -> list[Node] | None:
    """The contraction with what follows it in its weights; the results of what it absorbs are added to `absorbed`."""
    chain = _followers(contraction, rewriter)
    folded = _fold(contraction, [affine for _, affine in chain], rewriter, chain[-1][0]) if chain else None
    if folded:
        absorbed.update(reader.outputs[0] for reader, _ in chain)
        names = ", ".join(f"{reader.op} {reader.name!r}" for reader, _ in chain)
        text = f"{names} folded into the weights of {contraction.op} (in float64, rounded once)"
        rewriter.applied(contraction.name, text)
    return folded


def _followers(contraction: Node, rewriter: GraphRewriter) -> list[tuple[Node, Affine]]:
    """The nodes after a contraction that can be folded into it, in order."""
    weight = rewriter.constants.get(contraction.inputs[1])
    kind = rewriter.tensor(contraction.outputs[0])
    has_constant_bias = not has_input(contraction, 2) or contraction.inputs[2] in rewriter.constants
    chain: list[tuple[Node, Affine]] = []
    value = contraction.outputs[0]
    while kind and (readers := rewriter.graph.readers.get(value)):
        affine = _affine_of(readers[0], value, kind, contraction, rewriter)
        if affine is None:
            break
        reason = affine if isinstance(affine, str) else ""
        if not rewriter.has_one_use(value):
            reason = f"{value!r} is read by others too"
        elif weight is None or not kind.dtype.is_float or not has_constant_bias:
            reason = f"the weights of {contraction.op} {contraction.name!r} are not floating-point constants"
        if reason or isinstance(affine, str):
            rewriter.missed(readers[0].name, f"{readers[0].op} not folded into {contraction.op}: {reason}")
            break
        chain.append((readers[0], affine))
        value = readers[0].outputs[0]
    if contraction.op == "MatMul" and all(node.op in {"Add", "Sub"} for node, _ in chain):
        return []
    return chain


def _affine_of(
    node: Node, value: str, kind: TensorType, contraction: Node, rewriter: GraphRewriter
) -> Affine | str | None:
    """What the node does to `value`, the contraction's result; the reason if it nearly is affine; none if it is not."""
    weights = rewriter.tensor(contraction.inputs[1])
    axis = channel_axis(contraction, weights.shape, len(kind.shape)) if weights else None
    if node.domain == "" and node.op == "BatchNormalization" and node.inputs[0] == value:
        return _normalization(node, rewriter) if axis == 1 else "its channels are not the contraction's columns"
    if node.domain or node.op not in _ARITHMETIC:
        return None
    left, right = node.inputs
    array = rewriter.constants.get(right if left == value else left)
    if array is None or (node.op == "Div" and right == value):
        return None
    if rewriter.tensor(node.outputs[0]) != kind:
        return "it gives the result another shape or type"
    constant = _per_channel(array, kind, axis)
    if constant is None:
        return f"its constant of shape {list(array.shape)} is not one value per channel"
    return _arithmetic(node.op, constant, reverse=right == value)


def _arithmetic(op: str, constant: np.ndarray, *, reverse: bool) -> Affine | str:
    """Addition, subtraction, multiplication or division by one value per channel."""
    zero, one = np.zeros_like(constant), np.ones_like(constant)
    if op == "Div" and not constant.all():
        return "it divides by zero"
    affine = {
        "Add": lambda: Affine(one, constant),
        "Sub": lambda: Affine(-one, constant) if reverse else Affine(one, -constant),
        "Mul": lambda: Affine(constant, zero),
        "Div": lambda: Affine(one / constant, zero),
    }[op]()
    return affine if np.isfinite(constant).all() else "its constant is not finite"


def _per_channel(array: np.ndarray, kind: TensorType, axis: int | None) -> np.ndarray | None:
    """One float64 value per channel, or one in all without channels, if the constant varies along no other axis."""
    if not varies_along(array.shape, kind.shape, axis):
        return None
    numbers = array.astype(np.float64)
    return numbers.reshape(()) if axis is None else np.broadcast_to(numbers.ravel(), kind.shape[axis])


def _normalization(node: Node, rewriter: GraphRewriter) -> Affine | str:
    """A batch normalization as scale and shift, or why it cannot be one."""
    kind = rewriter.tensor(node.inputs[0])
    arrays = [rewriter.constants.get(name) for name in node.inputs[1:5]]
    known = [array.astype(np.float64) for array in arrays if array is not None]
    if kind is None or len(known) != len(arrays):
        return "its parameters are not constants"
    if integer(node, "training_mode", 0) or len(node.writes) > 1 or not integer(node, "is_test", 1):
        return "it is in training mode"
    if not integer(node, "spatial", 1):
        return "it normalizes each element by itself"
    gamma, beta, mean, variance = known
    with np.errstate(all="ignore"):
        scale = gamma / np.sqrt(variance + number(node, "epsilon", 1e-5))
        shift = beta - mean * scale
    finite = bool(np.isfinite(scale).all() and np.isfinite(shift).all())
    return Affine(scale, shift) if finite else "its scale is not finite"


def _fold(contraction: Node, affines: list[Affine], rewriter: GraphRewriter, last: Node) -> list[Node] | None:
    """The contraction with what follows it in its weights; none if that overflows."""
    total = reduce(Affine.then, affines)
    weight = rewriter.constants[contraction.inputs[1]]
    bias = rewriter.constants[contraction.inputs[2]] if has_input(contraction, 2) else None
    shift = total.shift
    if bias is not None:
        shift = bias.astype(np.float64) * number(contraction, "beta", 1.0) * total.scale + shift
    with np.errstate(over="ignore"):
        new_weight = _scale_weight(contraction, weight.astype(np.float64), total.scale).astype(weight.dtype)
        new_bias = shift.astype(weight.dtype)
    if not (np.isfinite(new_weight).all() and np.isfinite(new_bias).all()):
        return None
    inputs = (contraction.inputs[0], rewriter.new_constant(f"{contraction.inputs[1]}_scaled", new_weight))
    attributes = {name: value for name, value in contraction.attributes.items() if name != "beta"}
    result = last.outputs[0]
    folded = replace(contraction, name=last.name, inputs=inputs, outputs=(result,), attributes=attributes)
    if bias is None and not shift.any():
        return [folded]
    constant = rewriter.new_constant(f"{result}_bias", new_bias)
    if contraction.op != "MatMul":
        return [replace(folded, inputs=(*inputs, constant))]
    product = rewriter.new_value(f"{result}_product", rewriter.graph.tensor(result))
    return [
        replace(folded, name=contraction.name, outputs=(product,)),
        Node(last.name, "Add", (product, constant), (result,), version=14),
    ]


def _scale_weight(contraction: Node, weight: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """The weights whose results come out scaled: per channel, or all of them by one value."""
    if contraction.op == "ConvTranspose":
        groups = integer(contraction, "group", 1)
        blocks = weight.reshape(groups, -1, *weight.shape[1:])
        scaled: np.ndarray = blocks * scale.reshape(groups, 1, -1, *[1] * (weight.ndim - 2))
        return scaled.reshape(weight.shape)
    if contraction.op == "Conv" or integer(contraction, "transB"):
        scale = scale.reshape(-1, *[1] * (weight.ndim - 1))
    result: np.ndarray = weight * scale
    return result


def _mul_add(node: Node, rewriter: GraphRewriter) -> list[Node] | None:
    """A batch normalization as multiplication and addition."""
    affine = _normalization(node, rewriter)
    if not isinstance(affine, Affine):
        rewriter.missed(node.name, f"BatchNormalization stays: {affine}")
        return None
    rewriter.applied(node.name, "BatchNormalization alone becomes Mul and Add")
    source, result = node.inputs[0], node.outputs[0]
    kind = rewriter.graph.tensor(source)
    shape = (-1, *[1] * (len(kind.shape) - 2))
    scale = rewriter.new_constant(f"{result}_scale", affine.scale.astype(kind.dtype.numpy).reshape(shape))
    shift = rewriter.new_constant(f"{result}_shift", affine.shift.astype(kind.dtype.numpy).reshape(shape))
    scaled = rewriter.new_value(f"{result}_scaled", kind)
    return [
        Node(scaled, "Mul", (source, scale), (scaled,), version=14),
        Node(node.name, "Add", (scaled, shift), (result,), version=14),
    ]
