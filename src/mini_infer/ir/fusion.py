"""What one kernel can do at once: asked by the passes before they fuse nodes, and by lowering of what they fused.

Each rule is said here only. What a pass fuses, lowering has a kernel for; what lowering would refuse, no pass fuses.
"""

from collections.abc import Callable, Mapping, Sequence

from mini_infer.ir.attributes import has_input, integer, integers, number, text
from mini_infer.ir.dims import Dim
from mini_infer.ir.graph import Node
from mini_infer.ir.operators import traits
from mini_infer.ir.products import channel_axis, one_per_channel
from mini_infer.ir.types import DType, TensorType, ValueType

FEWEST_QUERIES = 4
"""Queries of a head from which on attention is one kernel: for fewer, laying out the keys takes longer than the product
that it serves."""

FEW_PLANES = 4
"""Planes of an image that are read side by side, to write its pixels."""


def is_attention(queries: int, keys: int) -> bool:
    """Whether attention of so many queries is one kernel. Where a number is given at run time it takes any number."""
    return isinstance(queries, Dim) or isinstance(keys, Dim) or queries >= FEWEST_QUERIES


_MATRIX = 2
"""Axes of a matrix."""

_EIGHT_BITS = (DType.UINT8, DType.INT8)


def is_pointwise(node: Node, types: Mapping[str, ValueType]) -> bool:
    """Whether a node is computed in one loop with what others of the kind make of its result.

    `QuantizeLinear` from float32 and `DequantizeLinear` to it are, if they have one scale: of numbers of 8 bits, with a
    zero point that says of which.
    """
    if traits(node).elementwise:
        return True
    if node.domain or node.op not in ("QuantizeLinear", "DequantizeLinear") or not has_input(node, 2):
        return False
    found = [types.get(name) for name in (*node.inputs[:3], node.outputs[0])]
    kinds = [kind for kind in found if isinstance(kind, TensorType)]
    if len(kinds) < len(found) or integer(node, "block_size") or integer(node, "precision"):
        return False
    x, scale, zero, y = kinds
    whole, real = (y, x) if node.op == "QuantizeLinear" else (x, y)
    eight_bits = whole.dtype in _EIGHT_BITS and real.dtype is scale.dtype is DType.FLOAT32
    return eight_bits and all(kind.elements == 1 and len(kind.shape) <= 1 for kind in (scale, zero))


def multiplies_in_pairs(a: Sequence[int], b: Sequence[int]) -> bool:
    """Whether a `MatMulInteger` of tensors of these shapes, both found at run time, is one of int16 pairs.

    They are one matrix each, or as many on both sides, with an even depth, and their sizes are known.
    """
    static = all(isinstance(size, int) and size > 0 for size in (*a, *b))
    return static and len(b) >= _MATRIX and b[-2] % 2 == 0 and (len(b) == _MATRIX or tuple(a[:-2]) == tuple(b[:-2]))


def pool_refusal(
    contraction: Node, weights: Sequence[int], pointwise: Sequence[Node], pool: Node, sizes: Sequence[int]
) -> str:
    """Why a pool is no part of a contraction; empty if it is.

    Lowering takes any pool of what a convolution makes. The passes fuse those that win by it.

    Parameters
    ----------
    contraction, weights
        The node itself, and the shape of its weights.
    pointwise
        What is done to its result before.
    pool, sizes
        The pool, and the spatial sizes of what it reads.
    """
    if contraction.op != "Conv" or len(pool.writes) > 1 or any(inner.op == "Add" for inner in pointwise):
        return "only values are pooled, and only of a convolution without residual"
    if is_depthwise(contraction, weights):
        return "a convolution of each channel by itself does not pool"
    if pool.op == "MaxPool" and not all(map(rises, pointwise)):
        return f"{' and '.join(inner.op for inner in pointwise)} must be done before the maximum is taken"
    if pool.op == "AveragePool" and not is_tiling(pool, sizes):
        return "its windows overlap or reach over the border"
    return ""


def pools_before_storing(
    conv: Node, weights: Sequence[int], pointwise: Sequence[Node], pool: Node, sizes: Sequence[int]
) -> bool:
    """Whether a convolution's kernel can reduce its results to those of a pool before it stores them.

    What is pointwise is done to each element of a mean, but only to the maximum. Parameters are those of
    `pool_refusal`.
    """
    swaps = pool.op == "AveragePool" or all(map(rises, pointwise))
    return swaps and is_tiling(pool, sizes) and not is_depthwise(conv, weights)


def rises(node: Node) -> bool:
    """Whether a node's result never falls where its argument rises: the maximum of such is that of the maximum."""
    return traits(node).monotone and number(node, "alpha", 0.0) >= 0


def is_depthwise(conv: Node, weights: Sequence[int]) -> bool:
    """Whether a convolution makes one channel of each channel by itself, for which it has a kernel of its own."""
    groups = integer(conv, "group", 1)
    return conv.op == "Conv" and groups > 1 and tuple(weights[:2]) == (groups, 1)


def is_tiling(pool: Node, sizes: Sequence[int]) -> bool:
    """Whether a pool's windows are neighbors that neither overlap nor reach over the border, over such sizes."""
    kernel = integers(pool, "kernel_shape")
    ones = (1,) * len(kernel)
    return (
        integers(pool, "strides", ones) == kernel
        and integers(pool, "dilations", ones) == ones
        and not any(integers(pool, "pads"))
        and text(pool, "auto_pad", "NOTSET") in {"NOTSET", "VALID"}
        and (not integer(pool, "ceil_mode") or not any(map(int.__mod__, sizes, kernel)))
    )


def bias_of(
    contraction: Node,
    pointwise: Sequence[Node],
    result: Sequence[int],
    shape_of: Callable[[str], Sequence[int]],
    is_constant: Callable[[str], bool],
) -> str:
    """The constant of one number per column that the first node after a product adds to it; empty if there is none.

    The other contractions name their bias as an input.

    Parameters
    ----------
    contraction, pointwise
        The product, and the nodes after it.
    result
        Its shape.
    shape_of, is_constant
        What is known of a value.
    """
    if contraction.op != "MatMul" or not pointwise or pointwise[0].op != "Add":
        return ""
    axis = channel_axis(contraction, shape_of(contraction.inputs[1]), len(result))
    added = (name for name in pointwise[0].inputs if is_constant(name))
    return next((name for name in added if one_per_channel(shape_of(name), result, axis)), "")


def residual_refusal(residual: TensorType | None, result: TensorType) -> str:
    """Why a tensor cannot be added to a contraction's result by its kernel; empty if it can."""
    return "" if residual == result else f"the residual is {residual}, the result {result}"
