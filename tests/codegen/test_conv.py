from dataclasses import replace

import exact
import ml_dtypes
import numpy as np
import pytest
from driver import FEW, HOST, MACHINES, RUNTIME_VERSION, SEEDS, Case, check, check_against_onnxruntime, reference
from hypothesis import example, given
from machines import with_cache
from onnx import TensorProto, helper, numpy_helper

import mini_infer

LAST_TO_PLANAR = {3: (0, 2, 1), 4: (0, 3, 1, 2), 5: (0, 4, 1, 2, 3)}
PLANAR_TO_LAST = {3: (0, 2, 1), 4: (0, 2, 3, 1), 5: (0, 2, 3, 4, 1)}


def _attributes(rng, spatial):
    """Random kernel, strides, dilations and padding for a convolution over the given sizes."""
    rank = len(spatial)
    kernel = [int(rng.choice([1, 2, 3, 5])) for _ in range(rank)]
    dilations = [int(rng.choice([1, 1, 1, 2, 3])) for _ in range(rank)]
    extent = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    attributes = {"strides": [int(rng.choice([1, 1, 2, 3])) for _ in range(rank)], "dilations": dilations}
    automatic = rng.choice(["", "", "", "SAME_UPPER", "SAME_LOWER", "VALID"])
    fits = all(e <= size for e, size in zip(extent, spatial, strict=True))
    if automatic == "VALID" and fits:
        attributes["auto_pad"] = "VALID"
    elif automatic.startswith("SAME"):
        attributes["auto_pad"] = str(automatic)
    else:
        needed = [max(0, e - size) for e, size in zip(extent, spatial, strict=True)]
        before = [int(n + rng.integers(0, 3)) for n in needed]
        attributes["pads"] = [*before, *(int(rng.integers(0, 3)) for _ in range(rank))]
    return kernel, attributes


def _convolution(rng, rank=2, dtype="float32"):
    groups = int(rng.choice([1, 1, 1, 2, 3]))
    channels, outputs = groups * int(rng.integers(1, 20)), groups * int(rng.choice([1, 3, 6, 16, 24, 40]))
    if rng.random() < 0.2:
        groups = channels
        outputs = groups * int(rng.choice([1, 1, 2]))
    spatial = [1 if rng.random() < 0.1 else int(rng.integers(1, 18 if rank < 3 else 7)) for _ in range(rank)]
    kernel, attributes = _attributes(rng, spatial)
    x = rng.standard_normal((int(rng.integers(1, 3)), channels, *spatial)).astype(dtype)
    w = rng.standard_normal((outputs, channels // groups, *kernel)).astype(dtype)
    b = rng.standard_normal(outputs).astype(dtype)
    return x, w, b, {"group": groups, "kernel_shape": kernel, **attributes}


@FEW
@given(seed=SEEDS)
def test_convolution_planar(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for rank in (1, 2, 2, 2, 2, 3):
        for dtype in ("float32", "float32", "float64"):
            x, w, b, attributes = _convolution(rng, rank, dtype)
            known = frozenset({1, 2}) if rng.random() < 0.8 else frozenset()
            cases.append(Case("Conv", [x, w, b] if rng.random() < 0.7 else [x, w], attributes, constants=known))
    check(cases, rtol=1e-4, atol=1e-4)


def _fused(rng, tensors, attributes, *, planar_input=False, residual=False, pool=None, overlapping=False):
    """A convolution among transposes, with an activation and perhaps a residual or a pool."""
    x, w, b = tensors
    to_planar, to_last = LAST_TO_PLANAR[x.ndim], PLANAR_TO_LAST[x.ndim]
    body, value, inputs = [], "x0", [x, w, b]
    if not planar_input:
        inputs[0] = np.ascontiguousarray(x.transpose(to_last))
        body.append(helper.make_node("Transpose", ["x0"], ["px"], perm=to_planar))
        value = "px"
    body.append(helper.make_node("Conv", [value, "x1", "x2"], ["s"], **attributes))
    value = "s"
    if activation := str(rng.choice(["", "Relu", "Sigmoid", "Tanh", "LeakyRelu", "HardSwish"])):
        body.append(helper.make_node(activation, [value], ["a"]))
        value = "a"
    if residual:
        (y,) = reference(Case("Conv", [x, w, b], attributes))
        inputs.append(rng.standard_normal(y.shape).astype(x.dtype).transpose(to_last).copy())
        body.insert(0, helper.make_node("Transpose", ["x3"], ["pr"], perm=to_planar))
        body += [helper.make_node("Add", ["pr", value], ["t"]), helper.make_node("Relu", ["t"], ["r"])]
        value = "r"
    if pool:
        rank = x.ndim - 2
        sizes = {"kernel_shape": [2] * rank, "strides": [2] * rank}
        if overlapping:
            kernel = int(rng.choice([2, 3]))
            sizes = {"kernel_shape": [kernel] * rank, "strides": [int(rng.choice([1, 2]))] * rank}
            sizes["pads"] = [int(pad) for pad in rng.integers(0, kernel, 2 * rank)]
        body.append(helper.make_node(pool, [value], ["p"], **sizes))
        value = "p"
    body.append(helper.make_node("Transpose", [value], ["y0"], perm=to_last))
    return Case("Conv", inputs, body=body, constants=frozenset({1, 2}))


@pytest.mark.parametrize("machine", MACHINES)
@FEW
@given(seed=SEEDS)
def test_convolution_channels_last(seed, machine):
    rng = np.random.default_rng(seed)
    cases = []
    for rank in (1, 2, 2, 2, 2, 2, 2, 3):
        planar, residual = rng.random() < 0.3, rng.random() < 0.3
        *tensors, attributes = _convolution(rng, rank)
        cases.append(_fused(rng, tensors, attributes, planar_input=planar, residual=residual))
    check(cases, rtol=1e-4, atol=1e-4, machine=machine)


@pytest.mark.parametrize("machine", MACHINES)
@FEW
@given(seed=SEEDS)
def test_pooled_convolution(seed, machine):
    check(_pooled(np.random.default_rng(seed)), rtol=1e-4, atol=1e-4, machine=machine)


@pytest.mark.slow
@FEW
@given(seed=SEEDS)
def test_convolution_pooled_from_workspace(seed):
    check(_pooled(np.random.default_rng(seed)), rtol=1e-4, atol=1e-4, machine=with_cache(HOST, 800))


@pytest.mark.slow
@FEW
@given(seed=SEEDS)
def test_convolution_with_overlapping_maxima(seed):
    rng = np.random.default_rng(seed)
    cases = [replace(case, version=RUNTIME_VERSION) for case in _pooled(rng, ["MaxPool"] * 2, overlapping=True)]
    check_against_onnxruntime(cases, rtol=1e-4, atol=1e-4, machine=HOST)


def _pooled(rng, pools=("MaxPool", "AveragePool"), **options):
    """Convolutions with pools behind them."""
    cases = []
    for pool in pools:
        for rank in (1, 2, 2, 2):
            outputs, channels = int(rng.choice([3, 6, 16, 40])), int(rng.integers(1, 9))
            kernel, stride = int(rng.choice([1, 2, 3, 5])), int(rng.integers(1, 3))
            pads = [int(rng.integers(0, kernel)) for _ in range(2 * rank)]
            x = rng.standard_normal((1, channels, *rng.integers(kernel + stride, 17, rank))).astype(np.float32)
            w = rng.standard_normal((outputs, channels, *[kernel] * rank)).astype(np.float32)
            b = rng.standard_normal(outputs).astype(np.float32)
            cases.append(_fused(rng, (x, w, b), {"pads": pads, "strides": [stride] * rank}, pool=pool, **options))
    return cases


def test_windows_of_nothing_but_padding():
    x, w = np.ones((1, 2, 1, 1), np.float32), np.ones((3, 2, 2, 2), np.float32)
    attributes = {"pads": [3, 3, 3, 3], "dilations": [2, 2]}
    check([Case("Conv", [x, w], attributes, constants=frozenset({1})), Case("Conv", [x, w], attributes)])


def _transposed_convolution(rng, rank, groups):
    channels, outputs = groups * int(rng.integers(1, 12)), int(rng.choice([1, 3, 8, 16, 20]))
    if groups > 2:
        channels, outputs = groups, 1
    kernel, strides, dilations = (
        [int(rng.choice(values)) for _ in range(rank)] for values in ((1, 2, 3, 4), (1, 2, 3), (1, 1, 2))
    )
    x = rng.standard_normal((int(rng.integers(1, 3)), channels, *rng.integers(1, 7, rank))).astype(np.float32)
    w = rng.standard_normal((channels, outputs, *kernel)).astype(np.float32)
    b = rng.standard_normal(groups * outputs).astype(np.float32)
    outside = zip(x.shape[2:], strides, kernel, dilations, strict=True)
    pads = [int(rng.integers(0, min(3, ((n - 1) * s + (k - 1) * d) // 2 + 1))) for n, s, k, d in outside]
    padding = [int(rng.integers(0, s)) for s in strides]
    attributes = {"group": groups, "strides": strides, "dilations": dilations, "kernel_shape": kernel}
    return x, w, b, {**attributes, "pads": [*pads, *pads], "output_padding": padding}


@pytest.mark.slow
@pytest.mark.parametrize("machine", MACHINES)
@FEW
@example(seed=70000)  # a depthwise part all of whose windows lie in the padding
@given(seed=SEEDS)
def test_transposed_convolution(seed, machine):
    rng = np.random.default_rng(seed)
    cases, expected = [], []
    for rank, groups in ((1, 1), (2, 1), (2, 2), (2, 20), (3, 1)):
        x, w, b, attributes = _transposed_convolution(rng, rank, groups)
        known = frozenset({1, 2}) if rng.random() < 0.7 else frozenset()
        cases.append(Case("ConvTranspose", [x, w, b], attributes, constants=known))
        to_last, to_planar = PLANAR_TO_LAST[x.ndim], LAST_TO_PLANAR[x.ndim]
        body = [
            helper.make_node("Transpose", ["x0"], ["p"], perm=to_planar),
            helper.make_node("ConvTranspose", ["p", "x1", "x2"], ["q"], **attributes),
            helper.make_node("Relu", ["q"], ["r"]),
            helper.make_node("Transpose", ["r"], ["y0"], perm=to_last),
        ]
        inputs = [x.transpose(to_last).copy(), w, b]
        cases.append(Case("ConvTranspose", inputs, body=body, constants=known))
        y = exact.conv_transpose(x, w, b, **attributes)
        expected += [[y.astype(np.float32)], [np.maximum(y, 0).transpose(to_last).astype(np.float32)]]
    check(cases, expected=expected, rtol=1e-5, atol=1e-5, machine=machine)


@pytest.mark.parametrize(("shape", "window"), [((1, 2, 1, 3), (1, 3)), ((1, 2, 4, 1), (4, 1)), ((1, 2, 2, 3), (2, 3))])
def test_few_channels_by_themselves_in_a_single_window(shape, window):
    """Too few to fill a vector, and windows that are everything, of which the axes could be one."""
    rng = np.random.default_rng(0)
    x, w = (rng.integers(-3, 4, s).astype(np.float32) for s in (shape, (2, 1, *window)))
    infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, s) for name, s in (("x", shape), ("y", [None] * 4))]
    node = helper.make_node("Conv", ["x", "w"], ["y"], group=2)
    graph = helper.make_graph([node], "g", infos[:1], infos[1:], [numpy_helper.from_array(w, "w")])
    engine = mini_infer.compile(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10))
    assert engine.program.native_steps == len(engine.program.steps)
    np.testing.assert_array_equal(engine.create_context().run({"x": x})["y"], exact.conv(x, w, group=2))


def test_transposed_convolution_of_a_given_shape():
    rng = np.random.default_rng(0)
    x, w = (rng.standard_normal(shape).astype(np.float32) for shape in ((1, 3, 4, 5), (3, 6, 3, 3)))
    given_shapes = (
        {"strides": [2, 2], "output_shape": [8, 10]},
        {"strides": [2, 2], "output_shape": [3, 1]},
        {"output_shape": [2, 4]},
        {"strides": [2, 2], "auto_pad": "SAME_UPPER"},
        {"strides": [2, 2], "auto_pad": "SAME_LOWER"},
        {"strides": [3, 2], "auto_pad": "VALID"},
    )
    known = frozenset({1})
    cases = [Case("ConvTranspose", [x, w], attributes, constants=known) for attributes in given_shapes]
    check(
        cases, expected=[[exact.conv_transpose(x, w, **attributes).astype(np.float32)] for attributes in given_shapes]
    )


@pytest.mark.parametrize("op", ["Conv", "ConvTranspose"])
def test_a_type_without_kernels_is_interpreted(op):
    rng = np.random.default_rng(3)
    x, w = (rng.integers(-3, 4, shape).astype(ml_dtypes.bfloat16) for shape in ((1, 2, 4, 4), (2, 2, 1, 1)))
    nodes = [helper.make_node(op, ["x", "w"], ["v"]), helper.make_node("Relu", ["v"], ["y"])]
    kinds = {"x": x.shape, "y": (1, 2, 4, 4)}
    infos = {name: helper.make_tensor_value_info(name, TensorProto.BFLOAT16, shape) for name, shape in kinds.items()}
    graph = helper.make_graph(nodes, "g", [infos["x"]], [infos["y"]], [numpy_helper.from_array(w, "w")])
    engine = mini_infer.compile(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10))
    mixed = "oi,nihw->nohw" if op == "Conv" else "io,nihw->nohw"
    right = np.maximum(np.einsum(mixed, w[:, :, 0, 0].astype(int), x.astype(int)), 0)
    assert np.array_equal(engine.create_context().run({"x": x})["y"].astype(int), right)
