"""What is done to a product's results before they are stored, from the elementwise nodes of a fused node."""

from collections.abc import Sequence

from mini_infer.ir import DType, Node
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.expression import express
from mini_infer.program.kernels import Epilogue


def epilogue_of(
    value: str, dtype: DType, pointwise: Sequence[Node], build: Builder, *, bias: bool
) -> tuple[Epilogue, str]:
    """The epilogue of a product, and the name of its residual (empty: none).

    Parameters
    ----------
    value, dtype
        The product's result, and its element type.
    pointwise
        The elementwise nodes after it.
    bias
        Whether the kernel adds a bias first.

    Raises
    ------
    NotNativeError
        When the nodes read more than one other tensor, or have no form in C.
    """
    if not pointwise:
        return Epilogue(bias), ""
    expression, inputs = express(pointwise, build, (value, dtype))
    if inputs[:1] != (value,) or len(inputs) > 2:  # noqa: PLR2004 - the sum and the residual
        raise NotNativeError(f"the epilogue reads {len(inputs)} tensors: a kernel adds at most one to its result")
    return Epilogue(bias, residual=len(inputs) > 1, expression=expression), "".join(inputs[1:])
