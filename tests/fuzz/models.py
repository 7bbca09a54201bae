"""Small models: one for each operator that has a kernel or a meaning of its own, and chains that make passes fire.

A text names a node's inputs: `2,3` is a float32 input of that shape, `c:2,3` a constant one, `i:`, `u:`, `s:`, `b:`,
`h:`, `d:` another type, `=1,-1` the int64 constant [1, -1], `~0.5` a float32 scalar constant, `-` an omitted input.
"""

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

TYPES = dict(zip("fiusbhdw", "float32 int64 uint8 int8 bool float16 float64 int32".split(), strict=True))
OPSET = 21
NODES = """
Conv 1,4,6,6 c:3,4,3,3 c:3 | pads=[1,1,1,1]
Conv 1,4,6,6 c:4,1,3,3 | group=4, strides=[2,2]
Conv 1,3,9 3,3,3 | dilations=[2]
ConvTranspose 1,4,5,5 c:4,3,3,3 c:3 | strides=[2,2]
ConvInteger u:1,2,5,5 s:3,2,3,3 u: s:
QLinearConv u:1,2,5,5 ~0.02 c:u: c:s:3,2,3,3 ~0.01 c:s: ~0.05 c:u:
MatMul 2,3,4 c:4,5
MatMul 3,4 4,17
MatMul 4 4,3
Gemm 3,4 c:4,5 c:5 | alpha=0.5, transA=0
Gemm h:4,3 h:4,5 h:3,5 | transA=1
MatMulInteger u:3,8 s:8,5 u: s:
QLinearMatMul u:3,8 ~0.02 c:u: c:s:8,5 ~0.01 c:s: ~0.05 c:u:
DynamicQuantizeLinear 3,5 | outputs=3
QuantizeLinear 3,5 c:5 c:u:5 | axis=1
DequantizeLinear u:3,5 c:5 c:u:5 | axis=1
Einsum 2,3,4 2,4,5 | equation="bij,bjk->bik"
MaxPool 1,3,8,8 | kernel_shape=[3,3], strides=[2,2], pads=[1,1,1,1]
MaxPool 1,3,8,8 | kernel_shape=[2,2], outputs=2
AveragePool 1,3,8,8 | kernel_shape=[3,3], ceil_mode=1
LpPool 1,3,8,8 | kernel_shape=[2,2]
GlobalAveragePool 2,3,5,5
GlobalMaxPool 2,3,5,5
MaxRoiPool 1,2,8,8 c:3,5 | pooled_shape=[2,2]
RoiAlign 1,2,8,8 3,4 i:3 | output_height=2, output_width=2
BatchNormalization 2,3,4 c:3 c:3 c:3 c:3
InstanceNormalization 2,3,4,4 c:3 c:3
LayerNormalization 2,3,8 c:8 c:8
GroupNormalization 2,4,5 c:4 c:4 | num_groups=2
RMSNormalization 2,3,8 c:8 | opset=23
LRN 1,5,4,4 | size=3
LpNormalization 2,5 | axis=1
MeanVarianceNormalization 2,3,4,4
Softmax 2,3,5 | axis=-1
LogSoftmax 2,3,5 | axis=1
Hardmax 2,5
Relu 2,3,5
Gelu 2,3,5
Erf 7
PRelu 2,3,5 c:5
Clip 2,3 ~-0.5 ~0.5
Add 2,3,5 3,1
Mul i:2,3 i:3
Div w:4 w:4
Mod i:5 i:5
Pow 2,3 ~2
BitShift u:5 u:5 | direction="LEFT"
And b:3 b:3
Where b:2,1 2,3 ~1
Equal i:3,1 i:4
Sum 2,3 3 1
Max 2,3 3
CumSum 2,5 =1
Cast 2,3 | to=7
Cast h:2,3 | to=1
Transpose 2,3,4 | perm=[2,0,1]
Reshape 2,12 =4,-1
Flatten 2,3,4 | axis=2
Squeeze 1,3,1 =0
Unsqueeze 3 =0,2
Expand 3,1 =2,3,4
Tile 2,3 =2,2
Concat 2,3 2,1 | axis=1
Split 2,6 =2,4 | axis=1, outputs=2
Slice 5,6 =1,0 =4,6 =0,1 =1,2
Slice 5,6 =-1 =-9 =0 =-2
Pad 3,4 =1,0,0,2 ~7
Pad 1,2,4,4 =0,0,1,1,0,0,1,1 | mode="reflect"
Gather 5,3 i:4 | axis=0
Gather 5,3 =0,4,-1 | axis=0
GatherElements 3,4 i:3,4 | axis=1
GatherND 3,4,2 i:2,2
ScatterElements 3,4 i:3,4 3,4 | axis=1
ScatterND 5,3 i:2,1 2,3
OneHot i:3 =4 =0,1
TopK 3,6 =2 | outputs=2
ArgMax 3,6 | axis=1
ReduceSum 2,3,4 =1
ReduceMean 2,3,4 =0,2 | keepdims=0
ReduceMax i:3,4 =1
ReduceLogSumExp 3,4 =1
ReduceProd 3,4 =0
SpaceToDepth 1,2,4,4 | blocksize=2
DepthToSpace 1,8,2,2 | blocksize=2
Resize 1,2,4,4 - c:0 =1,2,7,6 | mode="linear"
Resize 1,2,4,4 - c:0 =1,2,8,8 | mode="nearest"
GridSample 1,2,5,5 1,3,3,2
AffineGrid 1,2,3 =1,1,4,4
LSTM 3,2,4 c:1,12,4 c:1,12,3 c:1,24 | hidden_size=3, outputs=3
GRU 3,2,4 c:2,9,4 c:2,9,3 c:2,18 | hidden_size=3, direction="bidirectional", outputs=2
RNN 3,2,4 c:1,3,4 c:1,3,3 | hidden_size=3, outputs=2
Attention 1,2,4,8 1,2,6,8 1,2,6,8 | opset=23
NonZero 3,4
Unique i:6 | outputs=4
Compress 5,3 b:5 | axis=0
NonMaxSuppression 1,6,4 1,2,6 =3 ~0.5
Trilu 4,4
EyeLike 3,4
Range =0 =5 =1
ConstantOfShape =2,3
Shape 2,3
Size 2,3
Dropout 3,4
ReverseSequence 4,3,2 i:3
CenterCropPad 4,5 =2,7
Col2Im 1,8,9 =4,4 =2,2
DFT 1,8,1 | opset=20
Bernoulli 3,4
NegativeLogLikelihoodLoss 3,5 i:3
SoftmaxCrossEntropyLoss 3,5 i:3
DeformConv 1,2,5,5 c:3,2,3,3 1,18,3,3
Det 3,3
IsNaN 3
"""


def single_nodes() -> Iterator[tuple[str, onnx.ModelProto]]:
    """A model for each line of `NODES`."""
    for number, line in enumerate(NODES.strip().splitlines()):
        text, _, options = line.partition(" | ")
        op, *inputs = text.split()
        attributes = eval(f"dict({options})")  # noqa: S307 - the table above
        yield f"single/{op}-{number}", _node_model(op, inputs, np.random.default_rng(number), **attributes)


def _node_model(op, operands, rng, *, outputs=1, opset=OPSET, **attributes):
    values, names = {}, []
    constants, infos = [], []
    for k, operand in enumerate(operands):
        names.append("" if operand == "-" else f"x{k}")
        if operand == "-":
            continue
        constant, values[names[-1]] = _array(operand, rng)
        value = values[names[-1]]
        if constant:
            constants.append(numpy_helper.from_array(value, names[-1]))
        else:
            infos.append(
                helper.make_tensor_value_info(names[-1], helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
            )
    results = [f"y{k}" for k in range(outputs)]
    node = helper.make_node(op, names, results, name=f"the {op}", **attributes)
    graph = helper.make_graph([node], op, infos, _outputs(results), constants)
    return _typed(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10))


def _array(operand, rng):
    if operand[0] == "=":
        return True, np.array([int(each) for each in operand[1:].split(",")], np.int64)
    if operand[0] == "~":
        return True, np.array(float(operand[1:]), np.float32)
    constant, operand = operand.startswith("c:"), operand.removeprefix("c:")
    kind, _, dims = operand.rpartition(":")
    dtype = np.dtype(TYPES[kind or "f"])
    shape = tuple(int(each) for each in dims.split(",")) if dims else ()
    if dtype.kind == "f":
        return constant, np.asarray(np.abs(rng.standard_normal(shape)) + 0.1).astype(dtype)
    return constant, rng.integers(0, 2 if dtype.itemsize == 8 else 100, shape).astype(dtype)


def _outputs(names):
    return [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names]


def _typed(model):
    """With the element types that onnx infers for the outputs; what it does not know stays float32."""
    for output in model.graph.output:
        output.ClearField("type")
    inferred = onnx.shape_inference.infer_shapes(model)
    for output, known in zip(model.graph.output, inferred.graph.output, strict=True):
        output.CopyFrom(known)
        if not output.type.tensor_type.elem_type:
            output.type.tensor_type.elem_type = TensorProto.FLOAT
    return model


def chains() -> Iterator[tuple[str, onnx.ModelProto]]:
    """Models of several nodes."""
    for number, (name, text) in enumerate(CHAINS.items()):
        yield f"chain/{name}", _typed(onnx.parser.parse_model(_text(text, np.random.default_rng(number))))
    yield "chain/control", _control()
    yield "chain/function", _typed(onnx.parser.parse_model(FUNCTION))


def streams() -> Iterator[tuple[str, onnx.ModelProto]]:
    """Models that stream where bytes are to be saved."""
    for number, (name, text) in enumerate(STREAMS.items()):
        yield f"stream/{name}", _typed(onnx.parser.parse_model(_text(text, np.random.default_rng(number))))


def _text(body, rng):
    """A model in onnx's textual form; `$2,3` stands for that many numbers, as a constant of that shape."""
    import re

    def constant(match):
        shape = [int(each) for each in match[1].split(",")]
        numbers = ", ".join(f"{x:.3g}" for x in rng.standard_normal(int(np.prod(shape))))
        return f"Constant <value = float[{match[1]}] {{{numbers}}}> ()"

    return f'<ir_version: 10, opset_import: ["" : {OPSET}]> g ' + re.sub(r"\$([0-9,]+)", constant, body)


CHAINS = {
    "convolutions": """(float[1,3,8,8] x) => (float[1,4] y) {
        w = $6,3,3,3 b = $6 v = $4,6,3,3 d = $6,1,3,3
        c = Conv <pads = [1,1,1,1]> (x, w, b) r = Relu (c)
        m = MaxPool <kernel_shape = [2,2], strides = [2,2]> (r)
        e = Conv <group = 6, pads = [1,1,1,1]> (m, d) a = Add (e, m)
        f = Conv <pads = [1,1,1,1]> (a, v) s = Sigmoid (f) g = GlobalAveragePool (s) y = Flatten (g) }""",
    "attention": """(float[1,4,8] x) => (float[1,4,8] y) {
        q = $8,8 k = $8,8 v = $8,8 s = $8 b = $8
        n = LayerNormalization (x, s, b) a = MatMul (n, q) c = MatMul (n, k) d = MatMul (n, v)
        t = Transpose <perm = [0,2,1]> (c) e = MatMul (a, t) h = Constant <value_float = 0.35> () f = Mul (e, h)
        p = Softmax (f) o = MatMul (p, d) y = Add (o, x) }""",
    "views": """(float[2,6] x) => (float[2,3] y, float[6,2] z) {
        l = Constant <value_ints = [2, 4]> () a, b = Split <axis = 1> (x, l)
        c = Concat <axis = 1> (b, a) z = Transpose (c)
        i = Constant <value_ints = [1]> () j = Constant <value_ints = [4]> ()
        n = Neg (c) y = Slice (n, i, j, i) }""",
    "quantized": """(float[3,8] x) => (float[3,5] y) {
        w = Constant <value = int8[8,5] {1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,
            -1,-2,-3,-4,-5,-6,-7,-8,-9,-10,-11,-12,-13,-14,-15,-16,-17,-18,-19,-20}> ()
        z = Constant <value = int8 {0}> () s = $1
        q, u, o = DynamicQuantizeLinear (x) p = MatMulInteger (q, w, o, z) c = Cast <to = 1> (p)
        t = Mul (u, s) y = Mul (c, t) }""",
    "sizes": """(float[5,4] x, bool[5] k) => (float[n,3] y) {
        w = $4,3 c = Compress <axis = 0> (x, k) m = MatMul (c, w) y = Relu (m) }""",
    "mlp": """(float[2,7] x) => (float[2,3] y) {
        w = $7,33 b = $33 v = $33,3 a = MatMul (x, w) c = Add (a, b) g = Tanh (c) y = MatMul (g, v) }""",
}
STREAMS = {
    "windows": """(float[1,3,12,8] x) => (float[1,6,6,4] y) {
        w = $8,3,3,3 v = $8,8,3,3 u = $6,8,1,1
        a = Conv <pads = [1,1,1,1]> (x, w) b = Conv <pads = [1,1,1,1]> (a, v) c = Add (a, b) d = Relu (c)
        m = MaxPool <kernel_shape = [2,2], strides = [2,2]> (d) y = Conv (m, u) }""",
    "mean": """(float[1,3,9,8] x) => (float[1,4,1,1] y) {
        w = $8,3,3,3 v = $4,8,1,1 d = $8,1,3,3
        a = Conv <pads = [1,1,1,1]> (x, w) b = Conv <group = 8, pads = [1,1,1,1]> (a, d) c = Sigmoid (b)
        g = GlobalAveragePool (c) y = Conv (g, v) }""",
    "larger": """(float[1,2,6,6] x) => (float[1,3,24,24] y) {
        w = $16,2,3,3 v = $4,16,3,3 t = $4,8,2,2 u = $3,10,3,3 two = Constant <value_floats = [1.0, 1.0, 2.0, 2.0]> ()
        a = Conv <pads = [1,1,1,1]> (x, w) b = Conv <pads = [1,1,1,1]> (a, v)
        c = ConvTranspose <strides = [2,2]> (b, t) e = Resize <mode = "nearest"> (x, , two) f = Concat <axis = 1> (c, e)
        h = Resize <mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"> (f, , two)
        y = Conv <pads = [1,1,1,1]> (h, u) }""",
    "tokens": """(float[24,8] x) => (float[24,8] y) {
        s = $8 b = $8 w = $8,40 v = $40,8 c = $40
        n = LayerNormalization (x, s, b) h = MatMul (n, w) i = Add (h, c) g = Gelu (i)
        o = MatMul (g, v) y = Add (o, x) }""",
}
FUNCTION = f"""<ir_version: 10, opset_import: ["" : {OPSET}, "own" : 1]>
g (float[2,3] x) => (float[2,3] y) {{ a = own.twice <k = 2.0> (x) y = Neg (a) }}
<domain: "own", opset_import: ["" : {OPSET}]>
twice <k> (x) => (y) {{ c = Constant <value_float: float = @k> () y = Mul (x, c) }}"""


def _control():
    """If and Loop."""
    float_info = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [3]) for name in ("t", "e", "s", "o", "c")]
    flag = helper.make_tensor_value_info("again", TensorProto.BOOL, [])
    then = helper.make_graph([helper.make_node("Relu", ["x"], ["t"])], "then", [], [float_info[0]])
    other = helper.make_graph([helper.make_node("Neg", ["x"], ["e"])], "else", [], [float_info[1]])
    count = helper.make_tensor_value_info("n", TensorProto.INT64, [])
    going = helper.make_tensor_value_info("going", TensorProto.BOOL, [])
    body = helper.make_graph(
        [
            helper.make_node("Add", ["s", "x"], ["o"]),
            helper.make_node("Identity", ["o"], ["c"]),
            helper.make_node("Identity", ["going"], ["again"]),
        ],
        "body",
        [count, going, float_info[2]],
        [flag, float_info[3], float_info[4]],
    )
    nodes = [
        helper.make_node("If", ["p"], ["i"], then_branch=then, else_branch=other),
        helper.make_node("Loop", ["four", "", "i"], ["y", "all"], body=body),
    ]
    inputs = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, [3]),
        helper.make_tensor_value_info("p", TensorProto.BOOL, []),
    ]
    four = numpy_helper.from_array(np.array(4), "four")
    graph = helper.make_graph(nodes, "control", inputs, _outputs(["y", "all"]), [four])
    return _typed(helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10))
