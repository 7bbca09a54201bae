"""Products of quantized tensors: integer sums, a bias, and what makes a quantized or a real tensor of them."""

import numpy as np

from mini_infer.ir import DType, Node, TensorType
from mini_infer.ir.attributes import has_input, integer, number
from mini_infer.ir.quantized import requantize
from mini_infer.passes.quantization.moves import is_transparent
from mini_infer.passes.quantization.parameters import Quantized, dequantized, rounded, shaped
from mini_infer.passes.rewriter import GraphRewriter

_MATRIX = 2
_INTEGER_OPSET = 10
_FLOAT = 1
"""ONNX's number of float32."""


def conv(node: Node, result: Quantized, rewriter: GraphRewriter) -> list[Node] | None:
    """`Conv`: scales of the weights may differ for each output channel."""
    x, w = (dequantized(name, rewriter) for name in node.inputs[:2])
    if x is None or w is None or not x.is_whole or not w.is_bytes or w.axis not in (None, 0):
        return None
    bias = _bias(node, 2, rewriter)
    if bias is None and has_input(node, 2):
        return None
    sums = TensorType(DType.INT32, shaped(rewriter, node.outputs[0]).shape)
    product = rewriter.new_value(f"{node.outputs[0]}_sums", sums)
    inputs = (x.name, w.name, _zero(x, rewriter), _zero(w, rewriter))
    nodes = [Node(node.name, "ConvInteger", inputs, (product,), node.attributes, version=_INTEGER_OPSET)]
    column = (-1, *[1] * (len(sums.shape) - 2))
    added = None if bias is None else bias.reshape(column)
    scale = x.scale * w.scale / result.scale
    return _finished(nodes, added, scale if w.axis is None else scale.reshape(column), result, sums, rewriter)


def matmul(node: Node, result: Quantized, rewriter: GraphRewriter) -> list[Node] | None:
    """`MatMul`: scales of the right side may differ for each column."""
    a, b = (dequantized(name, rewriter) for name in node.inputs)
    if not _multiply(a, b, rewriter) or a is None or b is None:
        return None
    nodes, sums = _product(node, a, b, rewriter)
    return _finished(nodes, None, a.scale * b.scale / result.scale, result, sums, rewriter)


def biased(node: Node, result: Quantized, rewriter: GraphRewriter) -> list[Node] | None:
    """`Add` of a constant for each column to a `MatMul`: onnxruntime makes a `Gemm` of both."""
    product = biased_product(node, rewriter)
    if product is None:
        return None
    matmul_, name = product
    a, b = (dequantized(each, rewriter) for each in matmul_.inputs)
    if not _multiply(a, b, rewriter) or a is None or b is None:
        return None
    nodes, sums = _product(matmul_, a, b, rewriter)
    bias = rounded(rewriter.constants[name], a.scale * b.scale)
    rewriter.erase(matmul_.outputs[0])
    for each in set(matmul_.inputs):
        if rewriter.has_one_use(each):
            rewriter.erase(each)
    return _finished(nodes, bias, a.scale * b.scale / result.scale, result, sums, rewriter)


def gemm(node: Node, result: Quantized, rewriter: GraphRewriter) -> list[Node] | None:
    """`Gemm`: the same, with a bias."""
    made = _gemm(node, rewriter)
    if made is None:
        return None
    nodes, bias, scale, sums = made
    return _finished(nodes, bias, scale / result.scale, result, sums, rewriter)


def real(node: Node, rewriter: GraphRewriter) -> list[Node] | None:
    """`MatMul` and `Gemm` whose result nobody quantizes: integer sums, made real and scaled."""
    value = node.outputs[0]
    if _is_quantized_later(value, rewriter):
        return None
    if node.op == "MatMul":
        a, b = (dequantized(name, rewriter) for name in node.inputs)
        readers = rewriter.graph.readers.get(value, ())
        becomes_gemm = len(readers) == 1 and biased_product(readers[0], rewriter, node) is not None
        if becomes_gemm or not _multiply(a, b, rewriter) or a is None or b is None:
            return None
        nodes, sums = _product(node, a, b, rewriter)
        bias, scale = None, a.scale * b.scale
    else:
        made = _gemm(node, rewriter)
        if made is None:
            return None
        nodes, bias, scale, sums = made
    rewriter.applied(node.name, f"{node.op} works on integers, its result is real")
    nodes, name = _added(nodes, bias, sums, rewriter)
    cast = rewriter.new_value(f"{value}_real", TensorType(DType.FLOAT32, sums.shape))
    factor = rewriter.new_constant(f"{value}_scale", np.asarray(scale))
    for each in set(node.inputs):
        if each and rewriter.has_one_use(each) and rewriter.producer(each, "DequantizeLinear"):
            rewriter.erase(each)
    return [
        *nodes,
        Node(f"{node.name}_real", "Cast", (name,), (cast,), {"to": _FLOAT}, version=13),
        Node(f"{node.name}_scaled", "Mul", (cast, factor), (value,), version=13),
    ]


def biased_product(node: Node, rewriter: GraphRewriter, product: Node | None = None) -> tuple[Node, str] | None:
    """The `MatMul` to which a node adds a constant for each column, and that constant; `product` if that is given."""
    if node.domain or node.op != "Add":
        return None
    for value, name in (node.inputs, node.inputs[::-1]):
        array = rewriter.constants.get(name)
        found = product if product is not None and product.outputs[0] == value else rewriter.producer(value, "MatMul")
        if found is None or array is None or not rewriter.has_one_use(value) or array.dtype != np.float32:
            continue
        right = shaped(rewriter, found.inputs[1])
        if len(right.shape) == _MATRIX and array.shape == right.shape[1:]:
            return found, name
    return None


def _multiply(a: Quantized | None, b: Quantized | None, rewriter: GraphRewriter) -> bool:
    """Whether two quantized tensors can be multiplied: one scale on the left, and one or one for each column right."""
    if a is None or b is None or not a.is_whole or not b.is_bytes:
        return False
    return b.axis is None or (b.axis == 1 and len(shaped(rewriter, b.name).shape) == _MATRIX)


def _product(node: Node, a: Quantized, b: Quantized, rewriter: GraphRewriter) -> tuple[list[Node], TensorType]:
    """The integer product, and the type of its sums."""
    sums = TensorType(DType.INT32, shaped(rewriter, node.outputs[0]).shape)
    product = rewriter.new_value(f"{node.outputs[0]}_sums", sums)
    inputs = (a.name, b.name, _zero(a, rewriter), _zero(b, rewriter))
    return [Node(node.name, "MatMulInteger", inputs, (product,), version=_INTEGER_OPSET)], sums


_Gemm = tuple[list[Node], "np.ndarray | None", np.ndarray, TensorType]


def _gemm(node: Node, rewriter: GraphRewriter) -> _Gemm | None:
    """The integer sums of a Gemm, its bias, the scale of both, and the type of the sums."""
    a, b = (dequantized(name, rewriter) for name in node.inputs[:2])
    turned = bool(integer(node, "transB"))
    if a is None or b is None or not a.is_whole or not b.is_bytes or b.axis not in (None, 0 if turned else 1):
        return None
    alpha = number(node, "alpha", 1.0)
    has_bias = has_input(node, 2)
    bias = _bias(node, 2, rewriter)
    if has_bias and (bias is None or alpha != 1 or number(node, "beta", 1.0) != 1):
        return None
    nodes: list[Node] = []
    left, right = a.name, b.name
    if integer(node, "transA"):
        left = _transposed(left, nodes, rewriter)
    if turned:
        right = _transposed(right, nodes, rewriter)
    sums = TensorType(DType.INT32, shaped(rewriter, node.outputs[0]).shape)
    product = rewriter.new_value(f"{node.outputs[0]}_sums", sums)
    inputs = (left, right, _zero(a, rewriter), _zero(b, rewriter))
    nodes.append(Node(node.name, "MatMulInteger", inputs, (product,), version=_INTEGER_OPSET))
    return nodes, bias, np.float32(alpha) * a.scale * b.scale, sums


def _transposed(name: str, nodes: list[Node], rewriter: GraphRewriter) -> str:
    """A matrix turned: a constant now, any other by a node."""
    array = rewriter.constants.get(name)
    if array is not None:
        return rewriter.new_constant(f"{name}_turned", np.ascontiguousarray(array.T))
    kind = shaped(rewriter, name)
    result = rewriter.new_value(f"{name}_turned", TensorType(kind.dtype, kind.shape[::-1]))
    nodes.append(Node(result, "Transpose", (name,), (result,), {"perm": (1, 0)}, version=13))
    return result


def _bias(node: Node, position: int, rewriter: GraphRewriter) -> np.ndarray | None:
    """The int32 bias of a product that is dequantized."""
    found = dequantized(node.inputs[position], rewriter) if has_input(node, position) else None
    if found is None or found.dtype is not DType.INT32 or found.zero.any():
        return None
    return rewriter.constants.get(found.name)


def _added(
    nodes: list[Node], bias: np.ndarray | None, sums: TensorType, rewriter: GraphRewriter
) -> tuple[list[Node], str]:
    """The nodes with one more, that adds the bias, and the name of what they make."""
    name = nodes[-1].outputs[0]
    if bias is None:
        return nodes, name
    biased_ = rewriter.new_value(f"{name}_biased", sums)
    constant = rewriter.new_constant(f"{name}_bias", bias)
    return [*nodes, Node(f"{nodes[-1].name}_bias", "Add", (name, constant), (biased_,), version=13)], biased_


def _finished(
    nodes: list[Node],
    bias: np.ndarray | None,
    scale: np.ndarray,
    result: Quantized,
    sums: TensorType,
    rewriter: GraphRewriter,
) -> list[Node]:
    """The nodes with those that add the bias and quantize the sums."""
    last = nodes[-1].name
    nodes, name = _added(nodes, bias, sums, rewriter)
    factor = rewriter.new_constant(f"{result.name}_factor", np.asarray(scale))
    zero = _zero(result, rewriter)
    return [*nodes, requantize(f"{last}_quantized", name, factor, zero, result.name)]


def _zero(tensor: Quantized, rewriter: GraphRewriter) -> str:
    return rewriter.new_constant(f"{tensor.name}_zero", tensor.zero)


def _is_quantized_later(value: str, rewriter: GraphRewriter) -> bool:
    """Whether QuantizeLinear reads a value, or what is made of it on the way there."""
    while True:
        readers = rewriter.graph.readers.get(value, ())
        if any(reader.op == "QuantizeLinear" for reader in readers):
            return True
        if len(readers) != 1 or rewriter.is_output(value):
            return False
        (reader,) = readers
        biases = reader.op == "Add" and any(name in rewriter.constants for name in reader.inputs)
        if reader.domain or not (is_transparent(reader) or biases or reader.op in {"Relu", "Clip"}):
            return False
        value = reader.outputs[0]
