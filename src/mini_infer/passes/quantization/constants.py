"""Real weights and biases of products between quantized tensors: quantized, as onnxruntime does.

Its source is core/optimizer/qdq_transformer/weight_bias_quantization.cc. What is quantized need not be computed with
integers afterwards: a `ConvTranspose` stays real, of a bias that is rounded.

Fires on

1. a `Conv`, `ConvTranspose` or `Gemm` of what `DequantizeLinear` makes real with one scale, with a constant bias of one
   axis: it becomes int32, in units of both scales' product,
2. the same with constant weights of float32: they become int8, with one scale,
3. `MatMul` of two matrices + `Add` of a constant for each column: they become a `Gemm`, and that is one of those.

Must not fire on

1. results that are read by anything else than one `QuantizeLinear`, or one `Relu` or `Clip` before that,
2. weights with a scale for each index of another axis than that of their output channels; the bias stays as it is.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from mini_infer.ir import DType, Node, TensorType
from mini_infer.ir.attributes import has_input, integer
from mini_infer.passes.base import Needs, Sweep
from mini_infer.passes.quantization.parameters import Quantized, dequantized, rounded, shaped
from mini_infer.passes.quantization.products import biased_product
from mini_infer.passes.rewriter import GraphRewriter

_BIAS = 2
_MATRIX = 2
_VERSION = 13


@dataclass(frozen=True, slots=True)
class QuantizeConstants(Sweep):
    """Quantizes the constants of products between quantized tensors."""

    name: ClassVar[str] = "quantized constants"
    needs: ClassVar[Needs] = (
        frozenset({"DequantizeLinear"}),
        frozenset({"QuantizeLinear"}),
        frozenset({"Conv", "ConvTranspose", "Gemm", "MatMul"}),
    )

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """The node on constants that are quantized, after what makes them real."""
        if node.domain or not _is_quantized(node, rewriter):
            return None
        if node.op == "Add":
            return self._sum(node, rewriter)
        return self._product(node, rewriter) if node.op in {"Conv", "ConvTranspose", "Gemm"} else None

    def _sum(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """A `Gemm` for a sum, if there is one."""
        found = biased_product(node, rewriter)
        if found is None or len(shaped(rewriter, node.outputs[0]).shape) != _MATRIX:
            return None
        product, bias = found
        gemm = self._product(replace(node, op="Gemm", inputs=(*product.inputs, bias)), rewriter)
        if gemm is not None:
            rewriter.erase(product.outputs[0])
        return gemm

    def _product(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        x = dequantized(node.inputs[0], rewriter)
        if x is None or x.axis is not None:
            return None
        before, inputs = [], list(node.inputs)
        weights = rewriter.constants.get(inputs[1])
        w = dequantized(inputs[1], rewriter)
        bias = rewriter.constants.get(inputs[_BIAS]) if has_input(node, _BIAS) else None
        if weights is not None and weights.dtype == np.float32 and (bias is not None or not has_input(node, _BIAS)):
            before.append(_weights(inputs[1], weights, rewriter))
            inputs[1] = before[0].outputs[0]
            w = Quantized(
                before[0].inputs[0], DType.INT8, rewriter.constants[before[0].inputs[1]], np.zeros(1, np.int8), None
            )
        if w is not None and bias is not None and _fits(node, w, bias):
            before.append(_bias(inputs[_BIAS], bias, x, w, rewriter))
            inputs[_BIAS] = before[-1].outputs[0]
        if not before:
            return None
        rewriter.applied(node.name, f"constants of {node.op} are quantized")
        return [*before, replace(node, inputs=tuple(inputs))]


def _is_quantized(node: Node, rewriter: GraphRewriter) -> bool:
    """Whether the one that reads a node's result is QuantizeLinear, or Relu and Clip lie between them."""
    while True:
        readers = rewriter.graph.readers.get(node.outputs[0], ())
        if len(readers) != 1 or readers[0].domain:
            return False
        (node,) = readers
        if node.op not in {"Relu", "Clip"}:
            return node.op == "QuantizeLinear"


def _fits(node: Node, w: Quantized, bias: np.ndarray) -> bool:
    """Whether there is one scale of the weights for each number of the bias."""
    if bias.ndim != 1 or bias.dtype != np.float32:
        return False
    if w.axis is None:
        return True
    wanted = 1 if node.op == "Gemm" and not integer(node, "transB") else 0
    return w.axis == wanted and w.scale.size == bias.size


def _weights(name: str, weights: np.ndarray, rewriter: GraphRewriter) -> Node:
    """What makes weights real that are quantized to all of int8."""
    limits = np.iinfo(np.int8)
    low, high = np.float32(min(weights.min(initial=0), 0)), np.float32(max(weights.max(initial=0), 0))
    scale = np.float32(1) if low == high else np.float32((high - low) / np.float32(limits.max - limits.min))
    zero = np.rint(np.clip(np.float32(limits.min) - low / scale, limits.min, limits.max))
    whole = np.clip(np.rint(weights / scale) + zero, limits.min, limits.max).astype(np.int8)
    return _real(name, whole, np.asarray(scale), np.asarray(zero, np.int8), rewriter)


def _bias(name: str, bias: np.ndarray, x: Quantized, w: Quantized, rewriter: GraphRewriter) -> Node:
    """What makes a bias real that is quantized to int32."""
    scale = np.asarray(x.scale * w.scale)
    return _real(name, rounded(bias, scale), scale, np.zeros(scale.shape, np.int32), rewriter)


def _real(name: str, whole: np.ndarray, scale: np.ndarray, zero: np.ndarray, rewriter: GraphRewriter) -> Node:
    """A DequantizeLinear of a new constant."""
    parts = {"quantized": whole, "scale": scale, "zero": zero}
    inputs = tuple(rewriter.new_constant(f"{name}_{part}", array) for part, array in parts.items())
    result = rewriter.new_value(f"{name}_real", TensorType(DType.FLOAT32, shaped(rewriter, name).shape))
    attributes = {"axis": 0} if scale.size > 1 else {}
    return Node(result, "DequantizeLinear", inputs, (result,), attributes, version=_VERSION)
