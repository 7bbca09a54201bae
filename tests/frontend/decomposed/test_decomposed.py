"""Operators written out as others mean what they meant."""

import numpy as np
import pytest
from against_onnxruntime import agree
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper
from onnx.reference import ReferenceEvaluator
from tiny_models import body, model, node, read, tensor

from examples import examples
from mini_infer.interpreter import run_graph

RNG = np.random.default_rng(7)


def real(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


def operators(graph):
    return {each.op for each in graph.nodes}


def like_onnx(op, inputs, attributes, *, opset, constant=(), rtol=1e-5, atol=1e-5):
    """Both are the reference's values; the operator itself is gone."""
    names = [f"x{k}" if value is not None else "" for k, value in enumerate(inputs)]
    free = {
        name: value for k, (name, value) in enumerate(zip(names, inputs, strict=True)) if name and k not in constant
    }
    known = {names[k]: inputs[k] for k in constant if inputs[k] is not None}
    made = helper.make_node(op, names, ["y"], **attributes)
    infos = [tensor(name, value.shape, helper.np_dtype_to_tensor_dtype(value.dtype)) for name, value in free.items()]
    proto = model([made], infos, ["y"], known, opset=opset)
    graph = read(proto)
    assert op not in operators(graph)
    expected = ReferenceEvaluator(proto).run(None, free)[0]
    ours = run_graph(graph, free)["y"]
    assert ours.dtype == expected.dtype
    np.testing.assert_allclose(ours, expected, rtol=rtol, atol=atol)


@given(st.data())
@examples(25)
def test_fourier_transforms(data):
    parts, length = data.draw(st.integers(1, 2)), data.draw(st.integers(1, 12))
    axis = data.draw(st.sampled_from([1, -2, 2]))
    shape = (2, length, 3, parts) if axis == 1 else (2, 3, length, parts)
    options = data.draw(st.sampled_from([{}] + ([{"onesided": 1}] if parts == 1 else [])))
    wanted = data.draw(st.sampled_from([None, length, length + 3, max(length - 2, 1)]))
    given_length = None if wanted is None else np.array(wanted, np.int64)
    like_onnx("DFT", [real(*shape), given_length, np.array(axis, np.int64)], options, opset=20, constant=[1, 2])
    if axis > 0:
        like_onnx("DFT", [real(*shape), given_length], {**options, "axis": axis}, opset=17, constant=[1])


@pytest.mark.parametrize("onesided", [0, 1])
@pytest.mark.parametrize("window", [None, np.hanning(8).astype(np.float32)])
def test_transforms_of_frames(onesided, window):
    constants = [np.array(3, np.int64), window, np.array(8, np.int64)]
    like_onnx("STFT", [real(2, 29, 1), *constants], {"onesided": onesided}, opset=17, constant=[1, 2, 3])


@pytest.mark.parametrize(("length", "options"), [(5000, {}), (8, {"inverse": 1})])
def test_long_and_inverse_transforms_stay(length, options):
    made = node("DFT", "x", "y", axis=1, **options)
    assert operators(read(model([made], [tensor("x", (1, length, 2))], ["y"], opset=17))) == {"DFT"}


@pytest.mark.parametrize("p", [1, 2, 3])
@pytest.mark.parametrize(
    "options",
    [{}, {"strides": [2, 3]}, {"pads": [1, 0, 1, 2], "strides": [2, 2]}, {"auto_pad": "SAME_UPPER", "strides": [2, 2]}],
)
def test_norms_of_windows(p, options):
    agree("LpPool", [real(2, 3, 7, 9)], {"kernel_shape": [3, 4], "p": p, **options}, opset=18)


def test_norms_of_windows_that_reach_too_far_stay():
    made = node("LpPool", "x", "y", kernel_shape=[2], strides=[2], ceil_mode=1)
    assert operators(read(model([made], [tensor("x", (1, 1, 5))], ["y"]))) == {"LpPool"}


@pytest.mark.parametrize(
    ("size", "block", "options"),
    [
        ((6, 8), (2, 4), {"strides": [2, 4]}),
        ((5, 5), (3, 2), {}),
        ((5, 7), (2, 2), {"pads": [1, 0, 1, 1], "strides": [2, 3]}),
        ((7, 7), (2, 3), {"dilations": [2, 1]}),
        ((9,), (3,), {"strides": [2]}),
    ],
)
def test_columns_put_back(size, block, options):
    rank = len(size)
    pads, strides = options.get("pads", [0] * 2 * rank), options.get("strides", [1] * rank)
    dilations = options.get("dilations", [1] * rank)
    counts = [
        (size[k] + pads[k] + pads[rank + k] - (block[k] - 1) * dilations[k] - 1) // strides[k] + 1 for k in range(rank)
    ]
    x = real(2, 3 * int(np.prod(block)), int(np.prod(counts)))
    like_onnx("Col2Im", [x, np.array(size), np.array(block)], options, opset=18, constant=[1, 2])


@pytest.mark.parametrize("shape", [(1, 2, 6, 8), (2, 1, 4)])
def test_unpooling(shape):
    rank = len(shape) - 2
    pool = helper.make_node("MaxPool", ["x"], ["p", "i"], kernel_shape=[2] * rank, strides=[2] * rank)
    unpool = helper.make_node("MaxUnpool", ["p", "i"], ["y"], kernel_shape=[2] * rank, strides=[2] * rank)
    x = real(*shape)
    graph = read(model([pool, unpool], [tensor("x", shape)], ["y"]))
    assert "MaxUnpool" not in operators(graph)
    result = run_graph(graph, {"x": x})["y"]
    np.testing.assert_array_equal(np.sort(result[result != 0]), np.sort(run_graph(graph, {"x": x})["y"][result != 0]))
    kept = x.reshape(*shape[:2], *(n for size in shape[2:] for n in (size // 2, 2)))
    largest = kept.max(axis=tuple(range(3, 3 + 2 * rank, 2)), keepdims=True)
    np.testing.assert_array_equal(result, np.where(kept == largest, kept, 0).reshape(shape))


@pytest.mark.parametrize("mode", ["linear", "circular"])
@pytest.mark.parametrize("axis", [-2, 1])
def test_caches_that_are_written_into(mode, axis):
    cache, update = real(2, 6, 6, 4), real(*((2, 2, 6, 4) if axis == 1 else (2, 6, 2, 4)))
    start = np.array([4, 1 if mode == "linear" else 5], np.int64)
    like_onnx("TensorScatter", [cache, update, start], {"mode": mode, "axis": axis}, opset=24)
    like_onnx("TensorScatter", [cache, update, None], {"mode": mode, "axis": axis}, opset=24)


def _running_sums(**options):
    inner = body(
        [node("Add", "s e", "t"), node("Mul", "t t", "q")],
        [tensor("s", (3,)), tensor("e", (3,))],
        ["t", "q"],
    )
    inner.output[1].CopyFrom(tensor("q", (3,)))
    return node("Scan", "s0 x", "last all", body=inner, num_scan_inputs=1, **options)


@pytest.mark.parametrize("options", [{}, {"scan_input_directions": [1]}, {"scan_output_directions": [1]}])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_scans(options, axis):
    shape = (4, 3) if axis == 0 else (3, 4)
    made = _running_sums(scan_input_axes=[axis], scan_output_axes=[axis], **options)
    proto = model([made], [tensor("s0", (3,)), tensor("x", shape)], ["last", "all"])
    graph = read(proto)
    assert operators(graph) <= {"Loop", "Slice", "Transpose", "Identity"}
    feeds = {"s0": real(3), "x": real(*shape)}
    x = feeds["x"] if axis == 0 else feeds["x"].T
    x = x[::-1] if "scan_input_directions" in options else x
    sums = feeds["s0"] + np.cumsum(x, axis=0)
    stacked = sums**2
    stacked = stacked[::-1] if "scan_output_directions" in options else stacked
    results = run_graph(graph, feeds)
    np.testing.assert_allclose(results["last"], sums[-1], rtol=1e-5)
    np.testing.assert_allclose(results["all"], stacked if axis == 0 else stacked.T, rtol=1e-4, atol=1e-6)


def test_scans_with_a_batch_axis_stay():
    made = _running_sums()
    made.input.insert(0, "")
    proto = model([made], [tensor("s0", (2, 3)), tensor("x", (2, 4, 3))], ["last", "all"], opset=8)
    assert operators(read(proto)) == {"Scan"}


@pytest.mark.parametrize("aligned", [0, 1])
@pytest.mark.parametrize("sizes", [(4, 5), (2, 3, 4)])
def test_grids(aligned, sizes):
    theta = real(2, len(sizes), len(sizes) + 1)
    like_onnx("AffineGrid", [theta, np.array([2, 1, *sizes])], {"align_corners": aligned}, opset=20, constant=[1])


def test_gates():
    like_onnx("SwiGLU", [real(2, 3), real(2, 3)], {"alpha": 0.7}, opset=28)
