"""Matrix products and convolutions of onnxruntime's own operators, with what was fused into them."""

from collections.abc import Sequence

from mini_infer.frontend.composer import Composer
from mini_infer.frontend.contrib.activations import activate


def fused_matmul(c: Composer) -> Sequence[str]:
    """`FusedMatMul`, `TransposeMatMul`: alpha · A · B, each perhaps transposed."""
    sides = [_turned(c, position, side) for position, side in enumerate("AB")]
    product = c("MatMul", *sides)
    alpha = c.attribute("alpha", 1.0)
    return [product if alpha == 1 else c("Mul", product, c.like(alpha, product))]


def _turned(c: Composer, position: int, side: str) -> str:
    """A side of the product: with `transBatch`, its axes 1, 2, …, n - 2 move to the front, 0 after them."""
    name = c.input(position)
    rank = len(c.shape(name))
    axes = [*range(rank)]
    if c.attribute(f"transBatch{side}", 0):
        axes = [*range(1, rank - 1), 0, rank - 1]
    if c.attribute(f"trans{side}", 0) and rank > 1:
        axes[-2:] = axes[:-3:-1]
    return name if axes == [*range(rank)] else c("Transpose", name, perm=axes)


def fused_gemm(c: Composer) -> Sequence[str]:
    """`FusedGemm`: a Gemm and an activation."""
    y = c("Gemm", *c.node.input, **c.attributes("alpha", "beta", "transA", "transB"))
    names = [f"activation_{name}" for name in ("alpha", "beta", "gamma")]
    parameters = [value for name in names if (value := c.attribute(name)) is not None]
    return [activate(c, y, c.attribute("activation", ""), parameters)]


def fused_conv(c: Composer) -> Sequence[str]:
    """`FusedConv`: a Conv, a sum with the fourth input, an activation."""
    known = ("auto_pad", "dilations", "group", "kernel_shape", "pads", "strides")
    y = c("Conv", *(name for name in c.node.input[:3] if name), **c.attributes(*known))
    if c.input(3):
        y = c("Add", y, c.input(3))
    return [activate(c, y, c.attribute("activation", ""), c.attribute("activation_params", ()))]
