"""One-node models whose parts do not fit, and what is said of each."""

from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import TensorProto, helper
from tiny_models import model, tensor

REAL, INDEX, U8 = TensorProto.FLOAT, TensorProto.INT64, TensorProto.UINT8


@dataclass(frozen=True)
class Wrong:
    """One node `wrong`, its inputs by shape (float32) or as tensors, its constants, and what is said of it."""

    op: str
    inputs: dict
    says: str
    constants: dict = field(default_factory=dict)
    outputs: str = "y"
    opset: int = 21
    domain: str = ""
    attributes: dict = field(default_factory=dict)
    order: str = ""

    def model(self) -> onnx.ModelProto:
        order = self.order.split() if self.order else [*self.inputs, *self.constants]
        names = ["" if name == "-" else name for name in order]
        made = helper.make_node(self.op, names, self.outputs.split(), "wrong", domain=self.domain, **self.attributes)
        given = [
            tensor(name, kind) if isinstance(kind, list) else tensor(name, kind[1], kind[0])
            for name, kind in self.inputs.items()
        ]
        imports = [helper.make_opsetid(self.domain, 1)] if self.domain else []
        proto = model([made], given, self.outputs.split(), self.constants, opset=self.opset, imports=imports)
        for output in proto.graph.output:
            output.type.tensor_type.ClearField("shape")
        return proto


def wrong(op, inputs, says, **given) -> Wrong:
    """A node with some attributes, and what `Wrong` calls otherwise."""
    options = {name: given.pop(name) for name in ("constants", "outputs", "opset", "domain", "order") if name in given}
    return Wrong(op, inputs, says, attributes=given, **options)


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


X, IMAGE, ROW = {"x": [2, 3]}, {"x": [1, 4, 6, 6]}, {"x": [1, 1, 8, 8]}
SEQUENCE = {"x": [5, 2, 3]}
RECURRENT = {"w": np.zeros((1, 16, 3), np.float32), "r": np.zeros((1, 16, 4), np.float32)}
GATES = {"w": np.zeros((1, 12, 3), np.float32), "r": np.zeros((1, 12, 4), np.float32)}
QKV = {"q": [1, 2, 5, 8], "k": [1, 2, 7, 8], "v": [1, 2, 7, 6]}


def floats(*shape: int) -> np.ndarray:
    return np.ones(shape, np.float32)


CASES = [
    # moves
    wrong("Reshape", ROW, "64 elements cannot be reshaped to [3, 700]", constants={"s": ints(3, 700)}),
    wrong("Reshape", ROW, "64 elements cannot be reshaped to [5, -1]", constants={"s": ints(5, -1)}),
    wrong("Reshape", ROW, "which is no shape", constants={"s": ints(-1, -1)}),
    wrong("Reshape", ROW, "which is no shape", constants={"s": ints(-3, 64)}),
    wrong("Reshape", X, "copies an axis that is not there", constants={"s": ints(2, 3, 0)}),
    wrong("Reshape", X, "must have one dimension", constants={"s": ints(2, 3).reshape(1, 2)}),
    wrong("Transpose", X, "does not order the axes", perm=[0]),
    wrong("Transpose", X, "does not order the axes", perm=[0, 0]),
    wrong("Transpose", X, "does not order the axes", perm=[0, 2]),
    wrong("Squeeze", X, "because it is not 1", constants={"a": ints(1)}),
    wrong("Squeeze", X, "but 5 is not in [-2, 2)", constants={"a": ints(5)}),
    wrong("Unsqueeze", X, "name an axis twice", constants={"a": ints(0, 0)}),
    wrong("Unsqueeze", X, "but 9 is not in [-3, 3)", constants={"a": ints(9)}),
    wrong("Flatten", X, "must be in [-2, 2]", axis=3),
    wrong("Concat", {"a": [2, 3], "b": [3, 3]}, "cannot be joined along axis 1", axis=1),
    wrong("Concat", {"a": [2, 3], "b": [2]}, "cannot be joined along axis 0", axis=0),
    wrong("Concat", {"a": [2, 3], "b": [2, 3]}, "must be in [-2, 2)", axis=2),
    wrong("Split", X, "no 2 parts of 3", constants={"s": ints(1, 1)}, outputs="y z", axis=1),
    wrong("Split", X, "no 2 parts of 3", constants={"s": ints(4, -1)}, outputs="y z", axis=1),
    wrong("Split", X, "its shape must be [2]", constants={"s": ints(1, 1, 1)}, outputs="y z", axis=1),
    wrong("Split", X, "but it has 2 outputs", outputs="y z", axis=1, num_outputs=3),
    wrong("Split", X, "2 equal parts along axis 1", outputs="y z", opset=13, axis=1),
    wrong("Expand", X, "does not broadcast to [2x4]", constants={"s": ints(2, 4)}),
    wrong("Expand", X, "which is no shape", constants={"s": ints(-2, 3)}),
    wrong("Tile", X, "its shape must be [2]", constants={"r": ints(2)}),
    wrong("Tile", X, "must say how often", constants={"r": ints(-1, 2)}),
    wrong("Pad", X, "its shape must be [4]", constants={"p": ints(1, 1)}),
    wrong("Pad", X, "crop more of axis 0 than there is", constants={"p": ints(-2, 0, -1, 0)}),
    wrong("Pad", {"x": [0, 3]}, "nothing to repeat", constants={"p": ints(1, 0, 1, 0)}, mode="edge"),
    wrong("Pad", X, "must be one of constant", constants={"p": ints(1, 0, 1, 0)}, mode="bogus"),
    wrong("Slice", X, "its shape must be [2]", constants={"s": ints(0, 0), "e": ints(1)}),
    wrong("Slice", X, "of which one is 0", constants={"s": ints(0), "e": ints(1), "a": ints(0), "t": ints(0)}),
    wrong("Slice", X, "name an axis twice", constants={"s": ints(0, 0), "e": ints(1, 1), "a": ints(1, -1)}),
    wrong("DepthToSpace", IMAGE, "does not divide axis 1", blocksize=3),
    wrong("DepthToSpace", IMAGE, "does not divide axis 1", blocksize=0),
    wrong("SpaceToDepth", IMAGE, "does not divide axis 2", blocksize=4),
    wrong("CenterCropPad", X, "a size for each of 2 axes", constants={"s": ints(2)}),
    wrong("ReverseSequence", SEQUENCE, "its shape must be [2]", constants={"l": ints(1, 1, 1)}),
    wrong("Trilu", {"x": [3]}, "2 or more dimensions"),
    wrong("EyeLike", {"x": [3]}, "its rank must be 2"),
    # elements
    wrong("Add", {"a": [2, 3], "b": [4]}, "does not broadcast with [2x3]"),
    wrong("Where", {"c": (TensorProto.BOOL, [2]), "a": [3], "b": [3]}, "does not broadcast with [2]"),
    wrong("PRelu", X, "does not broadcast to [2x3]", constants={"s": floats(4)}),
    wrong("Clip", X, "must be one element", constants={"low": floats(2)}),
    # matrices
    wrong("MatMul", {"a": [2, 3], "b": [4, 5]}, "rows of 3 do not fit columns of 4"),
    wrong("MatMul", {"a": [2, 4, 3], "b": [3, 3, 5]}, "do not broadcast with those of"),
    wrong("MatMul", {"a": [], "b": [3]}, "of a scalar"),
    wrong("Gemm", {"a": [2, 3], "b": [3, 4], "c": [5]}, "does not broadcast to [2x4]"),
    wrong("Gemm", {"a": [2, 3], "b": [3, 4]}, "is 4", transB=1),
    wrong("Gemm", {"a": [2, 3, 1], "b": [3, 4]}, "its rank must be 2"),
    wrong("MatMulInteger", {"a": (U8, [2, 3]), "b": (U8, [4, 5])}, "rows of 3 do not fit columns of 4"),
    wrong(
        "MatMulInteger",
        {"a": (U8, [2, 3]), "b": (U8, [3, 5])},
        "one for each of 2",
        constants={"z": np.zeros(3, np.uint8)},
    ),
    wrong("Einsum", {"a": [2, 3], "b": [4, 5]}, "is 3 and 4 long", equation="ij,jk->ik"),
    wrong("Einsum", {"a": [2, 3]}, "has 2 terms for 1 operands", equation="ij,jk->ik"),
    wrong("Einsum", {"a": [2, 3]}, "the term", equation="ijk->i"),
    wrong("Einsum", {"a": [2, 3]}, "must have 'k' once in its result", equation="ij->k"),
    wrong("Det", {"x": [2, 3]}, "square matrices"),
    # convolutions
    wrong("Conv", IMAGE, "attribute group is 0", constants={"w": floats(2, 4, 3, 3)}, group=0),
    wrong("Conv", IMAGE, "for 3 channels in each of 1 groups", constants={"w": floats(2, 3, 3, 3)}),
    wrong("Conv", IMAGE, "do not divide among 2 groups", constants={"w": floats(3, 2, 3, 3)}, group=2),
    wrong("Conv", IMAGE, "its shape must be [2]", constants={"w": floats(2, 4, 3, 3), "b": floats(3)}),
    wrong("Conv", IMAGE, "as many dimensions", constants={"w": floats(2, 4, 3)}),
    wrong("Conv", IMAGE, "but must have 2 values", constants={"w": floats(2, 4, 3, 3)}, strides=[1]),
    wrong("Conv", IMAGE, "must be 1 or more", constants={"w": floats(2, 4, 3, 3)}, strides=[0, 1]),
    wrong("Conv", IMAGE, "must be 0 or more", constants={"w": floats(2, 4, 3, 3)}, pads=[0, 0, -1, 0]),
    wrong("Conv", IMAGE, "attribute kernel_shape is", constants={"w": floats(2, 4, 3, 3)}, kernel_shape=[3, 5]),
    wrong("Conv", IMAGE, "no room in 6", constants={"w": floats(2, 4, 7, 3)}),
    wrong("Conv", IMAGE, "must be one of NOTSET", constants={"w": floats(2, 4, 3, 3)}, auto_pad="bogus"),
    wrong("ConvTranspose", IMAGE, "must have 4 elements", constants={"w": floats(3, 2, 3, 3)}),
    wrong(
        "ConvTranspose", IMAGE, "its shape must be [4]", constants={"w": floats(4, 2, 3, 3), "b": floats(2)}, group=2
    ),
    wrong("ConvTranspose", IMAGE, "does not divide the channels", constants={"w": floats(4, 2, 3, 3)}, group=3),
    wrong(
        "DeformConv",
        {"x": [1, 2, 5, 9], "offset": [1, 18, 3, 3]},
        "its shape must be [1x18x3x7]",
        constants={"w": floats(3, 2, 3, 3)},
        order="x w offset",
    ),
    # pools and samples
    wrong("MaxPool", IMAGE, "must be 1 or more", kernel_shape=[0, 2]),
    wrong("MaxPool", IMAGE, "but must have 2 values", kernel_shape=[2, 2, 2]),
    wrong("AveragePool", IMAGE, "no room in 6", kernel_shape=[7, 2]),
    wrong("AveragePool", IMAGE, "but must have 4 values", kernel_shape=[2, 2], pads=[1, 1]),
    wrong("MaxPool", {"x": [1, 1, 0, 4]}, "no room in 0", kernel_shape=[2, 2], strides=[3, 1]),
    wrong("GridSample", {"x": [1, 1, 4, 4], "g": [1, 2, 2, 3]}, "2 in its last"),
    wrong("GridSample", {"x": [2, 1, 4, 4], "g": [1, 2, 2, 2]}, "2 in axis 0"),
    wrong("GridSample", {"x": [1, 1, 0, 4], "g": [1, 2, 2, 2]}, "nothing can be sampled", padding_mode="border"),
    wrong("RoiAlign", {"x": [1, 1, 4, 4], "r": [3, 5], "n": (INDEX, [3])}, "its shape must be [3x4]"),
    wrong("RoiAlign", {"x": [1, 1, 4, 4], "r": [3, 4], "n": (INDEX, [2])}, "its shape must be [3]"),
    wrong("RoiAlign", {"x": [1, 1, 0, 4], "r": [3, 4], "n": (INDEX, [3])}, "nothing can be sampled"),
    wrong("Sum", {"a": [2], "b": [2]}, "input 1 is left out", order="a - b"),
    wrong("Einsum", {"a": [2], "b": [2]}, "input 1 is left out", order="a - b", equation="i,i->i"),
    wrong("Resize", IMAGE, "must have 4 elements", constants={"s": floats(3)}, order="x - s"),
    wrong("Resize", IMAGE, "must be positive", constants={"s": -floats(4)}, order="x - s"),
    wrong("Resize", IMAGE, "must have 4 elements", constants={"s": ints(1, 4, 6)}, order="x - - s"),
    wrong("Resize", {"x": [1, 1, 0, 2]}, "nothing can be sampled", constants={"s": ints(1, 1, 4, 4)}, order="x - - s"),
    # normalizations
    wrong("BatchNormalization", IMAGE, "its shape must be [4]", constants={n: floats(5) for n in "sbmv"}),
    wrong(
        "InstanceNormalization",
        {"x": [1, 64, 1, 1]},
        "its shape must be [64]",
        constants={"s": floats(1)},
        order="x s s",
    ),
    wrong(
        "GroupNormalization", IMAGE, "does not divide axis 1", constants={"s": floats(4)}, order="x s s", num_groups=3
    ),
    wrong(
        "GroupNormalization", IMAGE, "its shape must be [4]", constants={"s": floats(2)}, order="x s s", num_groups=2
    ),
    wrong("LayerNormalization", X, "does not broadcast to [2x3]", constants={"s": floats(4)}),
    wrong("LayerNormalization", X, "must be in [-2, 2)", constants={"s": floats(3)}, axis=2),
    wrong("RMSNormalization", X, "does not broadcast to [2x3]", constants={"s": floats(2, 1, 3)}, opset=23),
    wrong("LRN", IMAGE, "must be 1 or more", size=0),
    wrong("Softmax", X, "must be in [-2, 2)", axis=4),
    wrong("Hardmax", X, "must be in [-2, 2)", axis=-3),
    wrong("LpNormalization", X, "must be one of 1, 2", p=3),
    wrong("NegativeLogLikelihoodLoss", {"x": [3, 5], "t": (INDEX, [4])}, "a class for each place"),
    wrong(
        "SoftmaxCrossEntropyLoss", {"x": [3, 5], "t": (INDEX, [3])}, "its shape must be [5]", constants={"w": floats(4)}
    ),
    wrong("NegativeLogLikelihoodLoss", {"x": [3, 0], "t": (INDEX, [3])}, "which has no classes"),
    wrong("NegativeLogLikelihoodLoss", {"x": [2, 5]}, "index 5 is outside", constants={"t": ints(1, 5)}),
    # quantized
    wrong("DequantizeLinear", {"x": (U8, [2, 3])}, "one element or [3]", constants={"s": floats(5)}),
    wrong("DequantizeLinear", {"x": (U8, [2, 3])}, "must be in [-2, 2)", constants={"s": floats(3)}, axis=2),
    wrong(
        "QuantizeLinear",
        X,
        "its shape must be [3]",
        constants={"s": floats(3), "z": np.zeros(2, np.uint8)},
    ),
    wrong("QuantizeLinear", {"x": [2, 8]}, "one element or [2x4]", constants={"s": floats(2, 2)}, axis=1, block_size=2),
    # recurrent
    wrong("LSTM", SEQUENCE, "attribute hidden_size is 9", constants=RECURRENT, hidden_size=9),
    wrong("LSTM", SEQUENCE, "input W 'r' is float32[1x16x4]", constants=RECURRENT, order="x r w"),
    wrong("LSTM", SEQUENCE, "its shape must be [1x32]", constants={**RECURRENT, "b": floats(1, 16)}, hidden_size=4),
    wrong(
        "LSTM", SEQUENCE, "its shape must be [2x16x3]", constants=RECURRENT, hidden_size=4, direction="bidirectional"
    ),
    wrong("GRU", SEQUENCE, "its shape must be [1x24]", constants={**GATES, "b": floats(1, 12)}, hidden_size=4),
    wrong("GRU", SEQUENCE, "its shape must be [2]", constants={**GATES, "n": np.ones(3, np.int32)}, order="x w r - n"),
    wrong("GRU", SEQUENCE, "but must have 2 values", constants=GATES, activations=["Tanh"]),
    wrong("GRU", SEQUENCE, "which no recurrent layer knows", constants=GATES, activations=["Tanh", "Bogus"]),
    # indices
    wrong("Gather", X, "index 7 is outside", constants={"i": ints(7)}, axis=1),
    wrong("Gather", X, "must be in [-2, 2)", constants={"i": ints(0)}, axis=2),
    wrong("GatherElements", {"x": [2, 3], "i": (INDEX, [5, 3])}, "reaches beyond", axis=1),
    wrong("GatherElements", {"x": [2, 3], "i": (INDEX, [2])}, "reaches beyond", axis=1),
    wrong("GatherElements", X, "index -4 is outside", constants={"i": ints(-4).reshape(1, 1)}, axis=1),
    wrong("GatherND", {"x": [2, 3], "i": (INDEX, [4, 3])}, "must be in [1, 2]"),
    wrong("GatherND", {"x": [2, 3], "i": (INDEX, [4, 1])}, "attribute batch_dims is 1", batch_dims=1),
    wrong(
        "ScatterND",
        {"x": [4, 3], "u": [2, 9]},
        "its shape must be [2x3]",
        constants={"i": ints(0, 1).reshape(2, 1)},
        order="x i u",
    ),
    wrong("ScatterElements", {"x": [4, 3], "i": (INDEX, [2, 3]), "u": [3, 3]}, "its shape must be [2x3]"),
    wrong("ScatterElements", {"x": [4, 3], "i": (INDEX, [2, 9]), "u": [2, 9]}, "reaches beyond"),
    wrong(
        "ScatterElements", {"x": [4, 3], "i": (INDEX, [2, 3]), "u": [2, 3]}, "must be one of none", reduction="bogus"
    ),
    wrong("OneHot", {"i": (INDEX, [4])}, "its shape must be [2]", constants={"d": ints(3), "v": floats(3)}),
    wrong("OneHot", {"i": (INDEX, [4])}, "which is no number of classes", constants={"d": ints(-3), "v": floats(2)}),
    wrong("ReduceSum", X, "must be one of 0, 1", constants={"a": ints(1)}, keepdims=7),
    wrong("TopK", X, "one number in [0, 3]", constants={"k": ints(4)}, outputs="y z"),
    wrong("ReduceSum", X, "but 2 is not in [-2, 2)", constants={"a": ints(2)}),
    wrong("ReduceMax", X, "name an axis twice", constants={"a": ints(1, -1)}),
    wrong("ArgMax", X, "must be in [-2, 2)", axis=2),
    wrong("ArgMax", {"x": [2, 0]}, "no element along axis 1", axis=1),
    wrong("CumSum", X, "must be in [-2, 2)", constants={"a": np.array(2)}),
    wrong("NonMaxSuppression", {"b": [1, 6, 4], "s": [1, 2, 5]}, "its shape must be [1x2x6]"),
    wrong("CumSum", {"x": [], "a": (INDEX, [])}, "1 or more dimensions"),
    wrong(
        "NonMaxSuppression",
        {"b": [1, 6, 4], "s": [1, 2, 6], "n": (INDEX, []), "t": (TensorProto.FLOAT16, [])},
        "its elements must be float32",
    ),
    wrong("Compress", X, "its rank must be 1", constants={"c": np.ones((2, 2), np.bool_)}),
    wrong("TensorScatter", {"c": [2, 4, 8], "u": [2, 5, 8]}, "does not fit along axis 1", opset=24),
    # attention
    wrong("Attention", {**QKV, "k": [1, 2, 7, 9]}, "have 8 and 9 elements", opset=23),
    wrong("Attention", {**QKV, "v": [1, 2, 6, 6]}, "differ in heads or number", opset=23),
    wrong("Attention", {**QKV, "q": [1, 3, 5, 8]}, "3 heads of queries cannot share 2", opset=23),
    wrong("Attention", {**QKV, "m": [4, 7]}, "does not broadcast to [1x2x5x7]", opset=23),
    wrong("Attention", {**QKV, "m": [5, 6]}, "does not broadcast to [1x2x5x7]", opset=23),
    wrong("Attention", {**QKV, "m": [5, 8]}, "does not broadcast to [1x2x5x7]", opset=24),
    wrong("MeanVarianceNormalization", {"x": [2, 3, 4]}, "axes"),
    wrong("LayerNormalization", {"x": [2, 3], "w": [3]}, "stash_type", stash_type=2),
    wrong(
        "Attention",
        {"q": [1, 5, 8], "k": [1, 7, 8], "v": [1, 7, 8]},
        "attribute q_num_heads is 3",
        opset=23,
        q_num_heads=3,
        kv_num_heads=2,
    ),
    wrong(
        "RotaryEmbedding",
        {"x": [1, 2, 5, 8]},
        "its shape must be [1x5x4]",
        constants={"c": floats(1, 5, 3)},
        order="x c c",
        opset=23,
    ),
    wrong(
        "RotaryEmbedding",
        {"x": [1, 1, 2, 4]},
        "positions reach from 0 to 3",
        constants={"c": floats(3, 2), "p": ints(0, 3).reshape(1, 2)},
        order="x c c p",
        opset=23,
    ),
    # onnxruntime's own
    wrong(
        "MultiHeadAttention",
        {"q": [1, 5, 8], "k": [1, 5, 8], "v": [1, 5, 8]},
        "attribute num_heads is 3",
        domain="com.microsoft",
        num_heads=3,
    ),
    wrong(
        "Attention",
        {"x": [1, 5, 8]},
        "not made for queries",
        constants={"w": floats(8, 25)},
        domain="com.microsoft",
        num_heads=2,
    ),
    wrong(
        "GroupNorm",
        {"x": [1, 6, 6, 4]},
        "attribute groups is None",
        constants={"s": floats(4)},
        order="x s s",
        domain="com.microsoft",
    ),
    wrong(
        "MatMulNBits",
        {"x": [2, 32]},
        "must be 1 or more",
        constants={"w": np.zeros((4, 1, 16), np.uint8), "s": floats(4)},
        domain="com.microsoft",
        K=32,
        N=4,
        block_size=0,
    ),
    wrong(
        "MatMulNBits",
        {"x": [2, 32]},
        "but must have 64 elements",
        constants={"w": np.zeros((4, 1, 15), np.uint8), "s": floats(4)},
        domain="com.microsoft",
        K=32,
        N=4,
        block_size=32,
    ),
    wrong(
        "MatMulNBits",
        {"x": [2, 32]},
        "input 3 'z' is uint8[4x2], but must have 4 elements",
        constants={"w": np.zeros((4, 1, 16), np.uint8), "s": floats(4), "z": np.zeros((4, 2), np.uint8)},
        domain="com.microsoft",
        K=32,
        N=4,
        block_size=32,
    ),
    wrong(
        "MatMulNBits",
        {"x": [2, 32]},
        "its elements must be uint8",
        constants={"w": np.zeros((4, 1, 16), np.int8), "s": floats(4)},
        domain="com.microsoft",
        K=32,
        N=4,
        block_size=32,
    ),
    wrong(
        "MatMulNBits",
        {"x": [2, 1 << 30]},
        "but must have 618970019642690137449562112 elements",
        constants={"w": np.zeros((4, 1, 16), np.uint8), "s": floats(4)},
        domain="com.microsoft",
        K=1 << 30,
        N=1 << 60,
        block_size=16,
    ),
    wrong(
        "GatherBlockQuantized",
        {"i": (INDEX, [3])},
        "its block_size is 24, which is no power of two",
        constants={"w": np.zeros((4, 24), np.uint8), "s": floats(4, 2)},
        order="w i s",
        domain="com.microsoft",
        block_size=24,
    ),
    wrong(
        "GatherBlockQuantized",
        {"i": (INDEX, [3])},
        "its shape must be [4x3]",
        constants={"w": np.zeros((4, 24), np.uint8), "s": floats(4, 2)},
        order="w i s",
        domain="com.microsoft",
        block_size=16,
    ),
    wrong(
        "GatherBlockQuantized",
        {"i": [3]},
        "its elements must be int32 or int64",
        constants={"w": np.zeros((4, 8), np.uint8), "s": floats(4, 1)},
        order="w i s",
        domain="com.microsoft",
        block_size=16,
    ),
    wrong(
        "QLinearConcat",
        {"s": [], "z": (U8, []), "x": (U8, [2])},
        "three for each tensor",
        domain="com.microsoft",
        axis=0,
    ),
]
