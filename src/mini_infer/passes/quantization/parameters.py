"""Scales and zero points of the tensors that QuantizeLinear and DequantizeLinear stand at."""

from dataclasses import dataclass

import numpy as np

from mini_infer.ir import DType, Node, TensorType
from mini_infer.ir.attributes import has_input, integer
from mini_infer.ir.lookup import Quantization
from mini_infer.passes.rewriter import GraphRewriter

BYTES = (DType.UINT8, DType.INT8)


@dataclass(frozen=True, slots=True)
class Quantized:
    """A quantized tensor of known parameters.

    Parameters
    ----------
    name, dtype
        The tensor, and its element type; int32 of a bias.
    scale, zero
        One element each, or as many as the tensor has along `axis`.
    axis
        Along which there are several; none where there is one scale for all.
    """

    name: str
    dtype: DType
    scale: np.ndarray
    zero: np.ndarray
    axis: int | None

    @property
    def is_bytes(self) -> bool:
        """Whether the elements have 8 bits."""
        return self.dtype in BYTES

    @property
    def is_whole(self) -> bool:
        """Whether there is one scale for elements of 8 bits."""
        return self.axis is None and self.is_bytes

    @property
    def pair(self) -> Quantization:
        """The scale and zero point, as tables take them."""
        return self.scale, self.zero

    def is_like(self, other: "Quantized") -> bool:
        """Whether both tensors mean the same by the same elements, with one scale each."""
        return (
            self.axis is other.axis is None
            and self.dtype is other.dtype
            and bool(self.scale == other.scale)
            and bool(self.zero == other.zero)
        )


def rounded(bias: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """A real bias as int32, in units of the scale of the sums that it is added to."""
    limits = np.iinfo(np.int32)
    with np.errstate(all="ignore"):
        whole = np.nan_to_num(np.rint(bias / scale).astype(np.float64))
    return np.asarray(np.clip(whole, limits.min, limits.max).astype(np.int32))


def shaped(rewriter: GraphRewriter, name: str) -> TensorType:
    """The type of a value, which has a static shape.

    Raises
    ------
    TypeError
        When it has none.
    """
    kind = rewriter.tensor(name)
    if kind is None:
        raise TypeError(f"{name!r} has no static shape")
    return kind


def dequantized(name: str, rewriter: GraphRewriter) -> Quantized | None:
    """What a value is the real form of: the input of the DequantizeLinear that makes it; none of anything else."""
    node = rewriter.producer(name, "DequantizeLinear")
    return None if node is None else parameters(node, node.inputs[0], rewriter)


def quantized(node: Node, rewriter: GraphRewriter) -> Quantized | None:
    """What a QuantizeLinear makes, if that has 8 bits and one scale that is known; none of any other node."""
    if node.domain or node.op != "QuantizeLinear":
        return None
    found = parameters(node, node.outputs[0], rewriter)
    return found if found is not None and found.is_whole else None


def parameters(node: Node, name: str, rewriter: GraphRewriter) -> Quantized | None:
    """The parameters of a node, for its quantized side; none where they are blocks, no float32 or not known."""
    kind, scale = rewriter.tensor(name), rewriter.constants.get(node.inputs[1])
    if kind is None or scale is None or scale.dtype != np.float32 or integer(node, "block_size", 0):
        return None
    if integer(node, "precision", 0):
        return None
    zero = rewriter.constants.get(node.inputs[2]) if has_input(node, 2) else np.zeros(scale.shape, kind.dtype.numpy)
    if zero is None or kind.dtype.is_float or scale.size != zero.size:
        return None
    if scale.size == 1:
        return Quantized(name, kind.dtype, scale.reshape(()), zero.reshape(()), None)
    if not kind.shape:
        return None
    return Quantized(name, kind.dtype, scale.ravel(), zero.ravel(), integer(node, "axis", 1) % len(kind.shape))
