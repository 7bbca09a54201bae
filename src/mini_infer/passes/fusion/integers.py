"""What follows an integer contraction, computed on each sum before it is stored: sums of int32 never are.

The fused node keeps the contraction's operator name; its body is the contraction and after it, in this order, each of
them optional: the addition of a constant int32 bias; `Requantize`, or `Cast` to float32 and products and sums with
numbers by column; the addition of another tensor like the result (the residual, one more input of the fused node); an
activation.

Fires on `ConvInteger` and `MatMulInteger` whose weights are constant bytes (`ir.quantized.centered`), and their fused
forms, followed by

1. `Add` of a constant int32 with one number per column,
2. `Requantize` by a constant scale for all, or for each column,
3. `Cast` to float32, and then `Mul` and `Add` of float32, one number for all or one per column,
4. `QLinearAdd` or `QLinearMul` after 2, `Add` after 3, of another tensor of the result's type, or the former of a
   constant with one number per column,
5. an activation of float32 after 3,
6. `DequantizeLinear` after 2, and `QuantizeLinear` after 3, by one constant scale,

and on `MatMulInteger` of tensors found at run time (`ir.fusion.multiplies_in_pairs`), followed by `Requantize` by one
scale.

Must not fire on

1. a contraction that another node reads too, or that the caller gets,
2. an operation that broadcasts the contraction, or of the contraction with itself,
3. what would need a second residual.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from mini_infer.ir import DType, Node, TensorType
from mini_infer.ir.fusion import is_pointwise, multiplies_in_pairs
from mini_infer.ir.graph import CONTRIB_DOMAIN, QUANTIZED_DOMAIN
from mini_infer.ir.operators import core, having, traits
from mini_infer.ir.products import channel_axis, one_per_channel
from mini_infer.ir.quantized import centered
from mini_infer.passes.base import Needs, Sweep
from mini_infer.passes.fusion.epilogue import done_by
from mini_infer.passes.rewriter import GraphRewriter

_RESIDUAL = {(CONTRIB_DOMAIN, "QLinearAdd"), (CONTRIB_DOMAIN, "QLinearMul"), ("", "Add")}
_CONVERSIONS = {("", "QuantizeLinear"), ("", "DequantizeLinear")}
_MOST_COLUMNS = 4
_WEIGHT_ZERO = 3


@dataclass(frozen=True, slots=True)
class FuseIntegers(Sweep):
    """Fuses integer contractions with what follows them."""

    name: ClassVar[str] = "integers"
    needs: ClassVar[Needs] = (having(lambda its: its.contraction and its.integer),)

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """The contraction that does this node's work before it stores its result."""
        contraction = _contraction(node, rewriter)
        if contraction is None:
            return None
        return done_by(contraction, node, rewriter, _refusal(node, contraction, rewriter))


def has_constant_bytes(contraction: Node, rewriter: GraphRewriter) -> bool:
    """Whether the weights of an integer contraction, or of a fused one, are bytes that are known."""
    inner = next(inner for inner in contraction.primitives if core(inner).contraction)
    weights = rewriter.constants.get(inner.inputs[1])
    named = inner.inputs[_WEIGHT_ZERO] if len(inner.inputs) > _WEIGHT_ZERO else ""
    if weights is None or (inner.op == "MatMulInteger" and weights.ndim != 2):  # noqa: PLR2004 - a matrix
        return False
    zero = rewriter.constants.get(named) if named else weights[(0,) * weights.ndim] * 0
    return centered(weights.T if inner.op == "MatMulInteger" else weights, zero) is not None


def _contraction(node: Node, rewriter: GraphRewriter) -> Node | None:
    """The integer contraction whose result the node works on; of two the later one."""
    if not is_pointwise(node, rewriter.types) and (node.domain, node.op) != ("", "Cast"):
        return None
    made = [name for name in dict.fromkeys(node.inputs) if name and _is_integer(rewriter.producer(name))]
    best = max(made, key=lambda name: (rewriter.has_one_use(name), rewriter.position(name)), default=None)
    return rewriter.producer(best) if best else None


def _is_integer(node: Node | None) -> bool:
    return node is not None and core(node).contraction and core(node).integer


def _refusal(node: Node, contraction: Node, rewriter: GraphRewriter) -> str:
    """Why the node cannot be part of the contraction; empty if it can."""
    value = contraction.outputs[0]
    kind, result = rewriter.tensor(value), rewriter.tensor(node.outputs[0])
    if not rewriter.has_one_use(value) or node.inputs.count(value) > 1:
        return f"{value!r} is read by others too"
    if kind is None or result is None or result.shape != kind.shape:
        return "the contraction is broadcast, or has no static shape"
    first, *after = (inner for inner in contraction.primitives if inner.op != "Transpose")
    others = [name for name in node.inputs if name and name != value]
    if not has_constant_bytes(contraction, rewriter):
        pairs = not after and node.op == "Requantize" and _is_of_pairs(first, rewriter)
        single = all(name in rewriter.constants and rewriter.constants[name].size == 1 for name in others)
        return "" if pairs and single else "its weights are no constant bytes"
    by_column = [name for name in others if _is_by_column(name, first, kind, rewriter)]
    if (node.domain, node.op) in _CONVERSIONS and kind.dtype is not DType.INT32:
        known = all(name in rewriter.constants for name in others)
        return "" if known and not _has_residual(after, result, rewriter) else "a tensor of another type is added there"
    match kind.dtype:
        case DType.INT32:
            return "" if _takes_sums(node, after, by_column == others, rewriter) else "it is no scaling of int32 sums"
        case DType.FLOAT32:
            columns = len({*_columns(contraction.inputs, rewriter), *_columns(by_column, rewriter)})
            if columns > _MOST_COLUMNS:
                return f"it would be the {columns}th number by column"
            if traits(node).activation and not others:
                return ""
            plain = node.domain == "" and node.op in {"Add", "Mul"}
            if plain and by_column == others:
                return ""
    if node.domain == CONTRIB_DOMAIN and all(name in rewriter.constants for name in others):
        wide = [name for name in others if name not in by_column]
        return "" if not wide else "the other operand is neither by column nor like the result"
    return _refuse_residual(node, others, after, result, rewriter)


def _is_of_pairs(product: Node, rewriter: GraphRewriter) -> bool:
    """Whether a contraction is a product of matrices that are both found at run time, in pairs."""
    a, b = (rewriter.tensor(name) for name in product.inputs[:2])
    if product.op != "MatMulInteger" or product.inputs[1] in rewriter.constants or a is None or b is None:
        return False
    return multiplies_in_pairs(a.shape, b.shape)


def _takes_sums(node: Node, after: list[Node], known: bool, rewriter: GraphRewriter) -> bool:  # noqa: FBT001
    """Whether a node may be the next after int32 sums, whose other operands are `known` numbers by column."""
    match node.domain, node.op:
        case "", "Add":
            constant = all(name in rewriter.constants for name in node.inputs[1:] if name)
            return known and not after and constant
        case "", "Cast":
            kind = rewriter.tensor(node.outputs[0])
            return kind is not None and kind.dtype is DType.FLOAT32
        case domain, "Requantize":
            return domain == QUANTIZED_DOMAIN and known and all(name in rewriter.constants for name in node.inputs[1:])
    return False


def _is_by_column(name: str, contraction: Node, result: TensorType, rewriter: GraphRewriter) -> bool:
    """Whether a value is one number for all of a contraction's results, or one for each column."""
    kind, weights = rewriter.tensor(name), rewriter.tensor(contraction.inputs[1])
    if kind is None or weights is None:
        return False
    axis = channel_axis(contraction, weights.shape, len(result.shape))
    alike = len(kind.shape) <= len(result.shape) and kind.elements == 1
    return alike or one_per_channel(kind.shape, result.shape, axis)


def _columns(names: Iterable[str], rewriter: GraphRewriter) -> list[str]:
    """Those of the operands that are float32 by column, but for constants of one number."""
    kinds = ((name, rewriter.tensor(name)) for name in names if name)
    reals = ((name, kind) for name, kind in kinds if kind is not None and kind.dtype is DType.FLOAT32)
    return [name for name, kind in reals if kind.elements != 1 or name not in rewriter.constants]


def _refuse_residual(
    node: Node, others: list[str], after: list[Node], result: TensorType, rewriter: GraphRewriter
) -> str:
    """Why a node that reads another tensor cannot be part of the contraction; empty if it can."""
    if (node.domain, node.op) not in _RESIDUAL:
        return f"{node.op} is nothing that a kernel does to its results"
    tensors = [name for name in others if rewriter.tensor(name) == result]
    rest = [name for name in others if name not in tensors]
    if len(tensors) != 1 or any(name not in rewriter.constants for name in rest):
        return "the other operand is not like the result"
    return "another tensor is added there already" if _has_residual(after, result, rewriter) else ""


def _has_residual(after: list[Node], result: TensorType, rewriter: GraphRewriter) -> bool:
    return any((inner.domain, inner.op) in _RESIDUAL and _reads_like(inner, result, rewriter) for inner in after)


def _reads_like(inner: Node, result: TensorType, rewriter: GraphRewriter) -> bool:
    """Whether a node in a body reads a tensor of the result's shape from outside."""
    return sum(1 for name in inner.inputs if name and getattr(rewriter.tensor(name), "shape", None) == result.shape) > 1
