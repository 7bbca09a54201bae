"""Small models with open dimensions, as people ship them: an embedding model, a detector of text, a decoder."""

import numpy as np
import onnx
import onnx.parser
from onnx import TensorProto, helper, numpy_helper

WIDTH, HEADS, POSITIONS, WORDS = 32, 2, 512, 100


def embedding(layers: int = 2) -> onnx.ModelProto:
    """A transformer as exporters write it: words and positions, attention under a mask, and a mean of the rows."""
    rng = np.random.default_rng(0)
    constants = {
        "words": rng.standard_normal((WORDS, WIDTH)),
        "table": rng.standard_normal((POSITIONS, WIDTH)),
        "scale": np.ones(WIDTH),
        "bias": np.zeros(WIDTH),
        "one": np.ones(()),
        "far": np.array(-1e4),
        "root": np.array((WIDTH / HEADS) ** -0.5),
    }
    indices = {"zero": [0], "first": [1], "second": [2], "heads": [0, 0, HEADS, WIDTH // HEADS], "rows": [0, 0, WIDTH]}
    nodes = []

    def add(op, inputs, output, **attributes):
        nodes.append(helper.make_node(op, inputs.split(), [output], output, **attributes))
        return output

    add("Shape", "input_ids", "shape")
    add("Gather", "shape first", "length", axis=0)
    add("Slice", "table zero length zero", "positions")
    add("Gather", "words input_ids", "embedded", axis=0)
    add("Add", "embedded positions", "placed")
    state = add("LayerNormalization", "placed scale bias", "normal", axis=-1)
    add("Cast", "attention_mask", "seen", to=TensorProto.FLOAT)
    add("Sub", "one seen", "hidden")
    add("Mul", "hidden far", "distances")
    add("Unsqueeze", "distances first_two", "mask")
    for layer in range(layers):
        parts = []
        for part, order in (("q", [0, 2, 1, 3]), ("k", [0, 2, 3, 1]), ("v", [0, 2, 1, 3])):
            name = f"{part}{layer}"
            constants[f"w{name}"] = rng.standard_normal((WIDTH, WIDTH)) / 6
            add("MatMul", f"{state} w{name}", f"{name}_rows")
            add("Reshape", f"{name}_rows heads", f"{name}_heads")
            parts.append(add("Transpose", f"{name}_heads", name, perm=order))
        add("MatMul", f"{parts[0]} {parts[1]}", f"scores{layer}")
        add("Mul", f"scores{layer} root", f"scaled{layer}")
        add("Add", f"scaled{layer} mask", f"masked{layer}")
        add("Softmax", f"masked{layer}", f"shares{layer}", axis=-1)
        add("MatMul", f"shares{layer} {parts[2]}", f"mixed{layer}")
        add("Transpose", f"mixed{layer}", f"turned{layer}", perm=[0, 2, 1, 3])
        add("Reshape", f"turned{layer} rows", f"joined{layer}")
        add("Add", f"joined{layer} {state}", f"sum{layer}")
        state = add("LayerNormalization", f"sum{layer} scale bias", f"state{layer}", axis=-1)
        for name, sizes in (("up", (WIDTH, 4 * WIDTH)), ("down", (4 * WIDTH, WIDTH))):
            constants[f"{name}{layer}"] = rng.standard_normal(sizes) / 8
        add("MatMul", f"{state} up{layer}", f"wide{layer}")
        add("Relu", f"wide{layer}", f"active{layer}")
        add("MatMul", f"active{layer} down{layer}", f"narrow{layer}")
        add("Add", f"narrow{layer} {state}", f"more{layer}")
        state = add("LayerNormalization", f"more{layer} scale bias", f"out{layer}", axis=-1)
    add("ReduceMean", f"{state} first", "embedding", keepdims=0)
    infos = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "seq"])
        for name in ("input_ids", "attention_mask")
    ]
    outputs = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", WIDTH])]
    weights = [numpy_helper.from_array(np.asarray(array, np.float32), name) for name, array in constants.items()]
    weights += [numpy_helper.from_array(np.array(array, np.int64), name) for name, array in indices.items()]
    weights.append(numpy_helper.from_array(np.array([1, 2]), "first_two"))
    graph = helper.make_graph(nodes, "embedding", infos, outputs, weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


DECODER = """<ir_version: 9, opset_import: ["": 18]>
decoder (int64[1,seq] ids, float[1,2,past,8] past_k, float[1,2,past,8] past_v)
    => (float[1,seq,32] logits, float[1,2,total,8] present_k, float[1,2,total,8] present_v)
<int64[4] heads = {0, 0, 2, 8}, int64[3] rows = {0, 0, 16}> {
    x = Gather (table, ids)
    q_rows = MatMul (x, wq)
    q_heads = Reshape (q_rows, heads)
    q = Transpose <perm = [0, 2, 1, 3]> (q_heads)
    k_rows = MatMul (x, wk)
    k_heads = Reshape (k_rows, heads)
    k = Transpose <perm = [0, 2, 1, 3]> (k_heads)
    v_rows = MatMul (x, wv)
    v_heads = Reshape (v_rows, heads)
    v = Transpose <perm = [0, 2, 1, 3]> (v_heads)
    present_k = Concat <axis = 2> (past_k, k)
    present_v = Concat <axis = 2> (past_v, v)
    columns = Transpose <perm = [0, 1, 3, 2]> (present_k)
    scores = MatMul (q, columns)
    shares = Softmax <axis = -1> (scores)
    mixed = MatMul (shares, present_v)
    turned = Transpose <perm = [0, 2, 1, 3]> (mixed)
    joined = Reshape (turned, rows)
    logits = MatMul (joined, head)
}"""


def decoder() -> onnx.ModelProto:
    """One layer of a decoder with its cache as inputs and outputs, as exporters write it."""
    rng, model = np.random.default_rng(0), onnx.parser.parse_model(DECODER)
    shapes = {"table": (32, 16), "wq": (16, 16), "wk": (16, 16), "wv": (16, 16), "head": (16, 32)}
    for name, shape in shapes.items():
        model.graph.initializer.append(numpy_helper.from_array(rng.standard_normal(shape, np.float32), name))
    return model


def detector() -> onnx.ModelProto:
    """Convolutions down to a quarter and up again, for images whose height and width are multiples of 4."""
    rng = np.random.default_rng(0)
    sizes = {"w1": (8, 3, 3, 3), "w2": (16, 8, 3, 3), "w3": (16, 16, 3, 3), "w4": (1, 16, 1, 1)}
    nodes = [
        helper.make_node("Conv", ["image", "w1"], ["a"], "half", pads=[1] * 4, strides=[2, 2]),
        helper.make_node("Relu", ["a"], ["b"], "relu1"),
        helper.make_node("Conv", ["b", "w2"], ["c"], "quarter", pads=[1] * 4, strides=[2, 2]),
        helper.make_node("Relu", ["c"], ["d"], "relu2"),
        helper.make_node("Conv", ["d", "w3"], ["e"], "around", pads=[1] * 4),
        helper.make_node("Add", ["d", "e"], ["f"], "residual"),
        helper.make_node("Conv", ["f", "w4"], ["g"], "score"),
        helper.make_node("Resize", ["g", "", "scales"], ["h"], "up", mode="nearest"),
        helper.make_node("Sigmoid", ["h"], ["heat"], "heat"),
    ]
    weights = [
        numpy_helper.from_array(rng.standard_normal(shape).astype(np.float32) / 8, name)
        for name, shape in sizes.items()
    ]
    weights.append(numpy_helper.from_array(np.array([1, 1, 4, 4], np.float32), "scales"))
    inputs = [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, "h", "w"])]
    outputs = [helper.make_tensor_value_info("heat", TensorProto.FLOAT, ["batch", 1, "h", "w"])]
    graph = helper.make_graph(nodes, "detector", inputs, outputs, weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
