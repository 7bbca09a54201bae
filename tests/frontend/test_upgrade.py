"""Old opsets: what they meant is kept."""

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto
from tiny_models import model, node, read, tensor

from mini_infer.errors import UnsupportedError
from mini_infer.interpreter import run_graph

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4) - 10


def run(nodes, *, opset, constants=(), x=X, fixed=()):
    proto = model(nodes, [tensor("x", x.shape)], ["y"], constants, opset=opset)
    return run_graph(read(proto, fixed=dict(fixed)), {"x": x})["y"]


def operators(nodes, *, opset, constants=()):
    proto = model(nodes, [tensor("x", X.shape)], ["y"], constants, opset=opset)
    return [(each.op, each.version) for each in read(proto).nodes]


@pytest.mark.parametrize("opset", [1, 6])
@pytest.mark.parametrize(
    ("shape", "axis", "aligned"),
    [((2, 3), 0, (2, 3, 1)), ((3,), 1, (3, 1)), ((3,), -2, (3, 1)), ((3, 4), 1, (3, 4)), ((), 1, ())],
)
def test_broadcasting_from_an_axis(opset, shape, axis, aligned):
    b = np.arange(np.prod(shape, dtype=int), dtype=np.float32).reshape(shape) + 1
    result = run([node("Sub", "x b", "y", broadcast=1, axis=axis)], opset=opset, constants={"b": b})
    np.testing.assert_array_equal(result, X - b.reshape(aligned))


def test_broadcasting_from_the_end():
    b = np.arange(4, dtype=np.float32)
    np.testing.assert_array_equal(run([node("Mul", "x b", "y", broadcast=1)], opset=6, constants={"b": b}), X * b)


def test_a_slope_for_each_channel():
    slope = np.array([0.1, 0.2, 0.3], np.float32)
    result = run([node("PRelu", "x s", "y")], opset=6, constants={"s": slope})
    np.testing.assert_array_equal(result, np.where(X < 0, X * slope[:, None], X))


def test_hints_for_buffers_are_forgotten():
    result = run([node("Relu", "x", "t", consumed_inputs=[0]), node("Neg", "t", "y", consumed_inputs=[0])], opset=1)
    np.testing.assert_array_equal(result, -np.maximum(X, 0))


def test_statistics_of_training_are_not_taken():
    """Before opset 7, `is_test` said that a model is not being trained."""
    statistics = {name: np.full(3, value, np.float32) for name, value in zip("sbmv", (2, 1, 3, 4), strict=True)}
    nodes = [node("BatchNormalization", "x s b m v", "t", is_test=1, epsilon=0.0), node("Dropout", "t", "y", is_test=1)]
    np.testing.assert_allclose(run(nodes, opset=6, constants=statistics), (X - 3) / 2 * 2 + 1)


def test_shapes_and_sizes_in_attributes():
    nodes = [
        node("Reshape", "x", "a", shape=[0, -1], consumed_inputs=[0]),
        node("Pad", "a", "b", paddings=[0, 1, 0, 1], mode="constant", value=7.0),
        node("Cast", "b", "c", to="INT32"),
        node("Cast", "c", "d", to="FLOAT"),
        node("Concat", "d d", "y"),
    ]
    padded = np.pad(X.reshape(2, 12), [(0, 0), (1, 1)], constant_values=7)
    np.testing.assert_array_equal(run(nodes, opset=1), np.concatenate([padded, padded], axis=1))


def test_sizes_in_inputs():
    constants = {"sizes": np.array([1, 3], np.float32), "two": np.float32([2]), "axis": np.float32([1])}
    nodes = [
        node("Split", "x sizes", "a b", axis=2),
        node("Tile", "b two axis", "c"),
        node("Add", "c a", "y", broadcast=1, axis=0),
    ]
    nodes[2].CopyFrom(node("Identity", "c", "y"))
    np.testing.assert_array_equal(run(nodes, opset=1, constants=constants), np.tile(X[:, :, 1:], (1, 2, 1)))


def test_a_size_known_only_at_run_time_is_refused():
    nodes = [node("ReduceMax", "x", "n", keepdims=0), node("Tile", "x n zero", "y", name="tile")]
    with pytest.raises(UnsupportedError, match=r"node 'tile' \(Tile\) takes 'n', which is known only at run time"):
        run(nodes, opset=1, constants={"zero": np.float32(0)})


def test_norms_with_a_float_p():
    np.testing.assert_allclose(
        run([node("GlobalLpPool", "x", "y", p=2.0)], opset=1), np.sqrt((X**2).sum(axis=2, keepdims=True)), rtol=1e-6
    )
    with pytest.raises(UnsupportedError, match=r"p of 1.5"):
        run([node("GlobalLpPool", "x", "y", p=1.5)], opset=1)


def against_onnxruntime(nodes, *, opset, constants=(), shape=(1, 2, 3, 4)):
    """Assert what onnxruntime says of versions that onnx.reference does not know, in float32: right on any machine."""
    x = np.random.default_rng(0).standard_normal(shape, np.float32)
    proto = model(nodes, [tensor("x", shape)], ["y"], constants, opset=opset)
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(
        run(nodes, opset=opset, constants=constants, x=x), session.run(None, {"x": x})[0], rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("mode", ["nearest", "linear"])
@pytest.mark.parametrize("scales", [[1.0, 1.0, 2.0, 3.0], [1.0, 1.0, 1.5, 2.6]])
def test_upsample(mode, scales):
    against_onnxruntime([node("Upsample", "x", "y", mode=mode, scales=scales)], opset=7)
    against_onnxruntime(
        [node("Upsample", "x s", "y", mode=mode)], opset=9, constants={"s": np.array(scales, np.float32)}
    )
    assert operators([node("Upsample", "x", "y", scales=[1.0, 2.0, 2.0])], opset=7) == [("Resize", 11)]


def test_the_first_upsample():
    nodes = [node("Upsample", "x", "y", height_scale=2.0, width_scale=3.0, mode="nearest")]
    x = np.arange(4, dtype=np.float32).reshape(1, 1, 2, 2)
    np.testing.assert_array_equal(run(nodes, opset=1, x=x)[0, 0], np.kron(x[0, 0], np.ones((2, 3))))


@pytest.mark.parametrize("mode", ["nearest", "linear"])
@pytest.mark.parametrize("scales", [[1.0, 1.0, 2.0, 3.0], [1.0, 1.0, 0.6, 0.7], [1.0, 1.0, 0.5, 1.0]])
def test_the_first_resize(mode, scales):
    against_onnxruntime(
        [node("Resize", "x s", "y", mode=mode)], opset=10, constants={"s": np.array(scales, np.float32)}
    )


def test_the_first_scatter():
    constants = {"i": np.array([[[[1, 0, 1, 0]]]]), "u": np.ones((1, 1, 1, 4), np.float32)}
    against_onnxruntime([node("Scatter", "x i u", "y", axis=2)], opset=9, constants=constants)


def test_the_first_roi_align():
    rois = np.array([[0, 0, 3, 2], [1, 1, 2.5, 2.5]], np.float32)
    constants = {"r": rois, "b": np.zeros(2, np.int64)}
    against_onnxruntime(
        [node("RoiAlign", "x r b", "y", output_height=2, output_width=3)], opset=10, constants=constants
    )


@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_the_first_grid_sample(mode):
    grid = np.random.default_rng(1).uniform(-1.2, 1.2, (1, 3, 3, 2)).astype(np.float32)
    against_onnxruntime([node("GridSample", "x g", "y", mode=mode)], opset=16, constants={"g": grid})


@pytest.mark.parametrize("automatic", ["SAME_UPPER", "SAME_LOWER", "VALID"])
@pytest.mark.parametrize("opset", [6, 21])
def test_of_two_paddings_the_automatic_one_counts(automatic, opset):
    image = np.arange(60, dtype=np.float32).reshape(1, 2, 6, 5)
    common = {"kernel_shape": [3, 2], "strides": [2, 1], "auto_pad": automatic}
    for op, inputs in (("MaxPool", "x"), ("AveragePool", "x"), ("Conv", "x w")):
        weights = {"w": np.ones((1, 2, 3, 2), np.float32)} if op == "Conv" else {}
        twice, once = (
            run([node(op, inputs, "y", **common, **more)], opset=opset, constants=weights, x=image)
            for more in ({"pads": [1, 1, 1, 1]}, {})
        )
        np.testing.assert_array_equal(twice, once)


def test_new_nodes_stay_as_they_are():
    assert operators([node("Relu", "x", "a"), node("Add", "a x", "y")], opset=21) == [("Relu", 21), ("Add", 21)]


def test_dequantize_of_every_opset():
    x = np.arange(-4, 4, dtype=np.int8)
    for opset in (10, 13, 19, 21):
        nodes = [node("DequantizeLinear", "x s z", "y")]
        proto = model(
            nodes, [tensor("x", [8], TensorProto.INT8)], ["y"], {"s": np.float32(0.5), "z": np.int8(1)}, opset=opset
        )
        assert run_graph(read(proto), {"x": x})["y"].tolist() == ((x - 1.0) * 0.5).tolist()
