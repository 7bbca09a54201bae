import numpy as np
import pytest
from driver import FEW, RUNTIME_VERSION, SEEDS, Case, check, check_against_onnxruntime
from hypothesis import given
from onnx import helper


def _window(rng, op, spatial):
    rank = len(spatial)
    kernel = [int(rng.integers(1, min(4, size + 1))) for size in spatial]
    attributes = {"kernel_shape": kernel, "strides": [int(rng.integers(1, 4)) for _ in range(rank)]}
    if rng.random() < 0.4:
        attributes["dilations"] = [
            int(rng.choice([1, 2])) if k * 2 - 1 <= s else 1 for k, s in zip(kernel, spatial, strict=True)
        ]
    dilated = any(d > 1 for d in attributes.get("dilations", ()))
    if rng.random() < 0.3 and not dilated:
        attributes["strides"] = [
            min(pair) for pair in zip(kernel, attributes["strides"], strict=True)
        ]  # onnxruntime's limit
        attributes["auto_pad"] = str(rng.choice(["SAME_UPPER", "SAME_LOWER", "VALID"]))
    else:
        attributes["pads"] = [int(rng.integers(0, k)) for k in kernel * 2]
        attributes["ceil_mode"] = int(rng.integers(0, 2))
    if op == "AveragePool":
        attributes["count_include_pad"] = int(rng.integers(0, 2))
    return attributes


@pytest.mark.slow
@FEW
@given(seed=SEEDS)
def test_windows(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for op in ("MaxPool", "AveragePool"):
        for rank in (1, 2, 2, 2, 3):
            spatial = [int(rng.integers(2, 12)) for _ in range(rank)]
            channels = int(rng.choice([1, 3, 4, 7, 16, 24, 70]))
            x = rng.standard_normal((2, channels, *spatial)).astype("float32")
            attributes = _window(rng, op, spatial)
            cases.append(Case(op, [x], attributes, RUNTIME_VERSION))
            if op == "MaxPool":
                cases.append(Case(op, [x.astype("float64")], attributes, RUNTIME_VERSION))
                cases.append(Case(op, [(x * 50).astype("int8")], attributes, RUNTIME_VERSION))
            last, planar = (0, *range(2, rank + 2), 1), (0, rank + 1, *range(1, rank + 1))
            body = [
                helper.make_node("Transpose", ["x0"], ["p"], perm=planar),
                helper.make_node(op, ["p"], ["q"], **attributes),
                helper.make_node("Transpose", ["q"], ["y0"], perm=last),
            ]
            cases.append(Case(op, [np.ascontiguousarray(x.transpose(last))], version=RUNTIME_VERSION, body=body))
    check_against_onnxruntime(cases)


def test_positions_of_the_maxima():
    rng = np.random.default_rng(0)
    cases = []
    for shape in ((2, 3, 7), (2, 3, 6, 7), (1, 2, 4, 5, 6)):
        rank = len(shape) - 2
        window = {"kernel_shape": [3] * rank, "strides": [2] * rank, "pads": [1] * 2 * rank}
        for order in (0, 1) if rank == 2 else (0,):
            x = rng.standard_normal(shape).astype(np.float32)
            attributes = {**window, "storage_order": order}
            cases.append(Case("MaxPool", [x], attributes, RUNTIME_VERSION, outputs=2))
    check_against_onnxruntime(cases)


@FEW
@given(seed=SEEDS)
def test_global(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for op in ("GlobalMaxPool", "GlobalAveragePool"):
        for shape in ((1, 3, 5), (2, 5, 4, 3), (1, 70, 7, 7), (1, 2, 3, 2, 2)):
            x = rng.standard_normal(shape).astype("float32")
            cases.append(Case(op, [x], version=RUNTIME_VERSION))
            rank = len(shape)
            body = [
                helper.make_node("Transpose", ["x0"], ["p"], perm=(0, rank - 1, *range(1, rank - 1))),
                helper.make_node(op, ["p"], ["q"]),
                helper.make_node("Transpose", ["q"], ["y0"], perm=(0, *range(2, rank), 1)),
            ]
            cases.append(Case(op, [np.ascontiguousarray(np.moveaxis(x, 1, -1))], version=RUNTIME_VERSION, body=body))
    check_against_onnxruntime(cases)
    x = rng.standard_normal((2, 3, 4, 4))
    check([Case("GlobalMaxPool", [x]), Case("GlobalAveragePool", [x])])


def test_without_axes_a_window_is_its_element():
    x = np.array([[1.5, -2.0, np.nan]], np.float32)
    check([Case("GlobalMaxPool", [x]), Case("GlobalAveragePool", [x])], expected=[[x], [x]])


def test_nan_anywhere_in_a_window_is_its_maximum():
    """Planar, channels last in vectors, alone and with positions: as in NumPy, where the first NaN wins."""
    x = np.arange(32, dtype=np.float32).reshape(1, 2, 4, 4)
    x[0, 0, 0, 0] = x[0, 0, 1, 3] = x[0, 1, 2, 3] = x[0, 1, 3, 2] = np.nan
    windows = x.reshape(1, 2, 2, 2, 2, 2).swapaxes(3, 4).reshape(1, 2, 2, 2, 4)
    highest, whole = windows.max(-1), x.max((2, 3), keepdims=True)
    places = np.arange(32).reshape(1, 2, 2, 2, 2, 2).swapaxes(3, 4).reshape(windows.shape)
    first = np.take_along_axis(places, windows.argmax(-1)[..., None], -1)[..., 0]
    last = np.repeat(np.moveaxis(x, 1, -1), 8, axis=-1).copy()
    attributes = {"kernel_shape": [2, 2], "strides": [2, 2]}
    transposed = [helper.make_node("Transpose", ["x0"], ["p"], perm=(0, 3, 1, 2))]
    back = helper.make_node("Transpose", ["q"], ["y0"], perm=(0, 2, 3, 1))
    cases = [
        Case("MaxPool", [x], attributes),
        Case("MaxPool", [x], attributes, outputs=2),
        Case("MaxPool", [x.astype(np.float16)], attributes),
        Case("MaxPool", [x.astype(np.float64)], attributes),
        Case("GlobalMaxPool", [x]),
    ]
    expected = [[highest], [highest, first], [highest.astype(np.float16)], [highest.astype(np.float64)], [whole]]
    for op, given_attributes, result in (("MaxPool", attributes, highest), ("GlobalMaxPool", {}, whole)):
        body = [*transposed, helper.make_node(op, ["p"], ["q"], **given_attributes), back]
        cases.append(Case(op, [last], body=body))
        expected.append([np.repeat(np.moveaxis(result, 1, -1), 8, axis=-1)])
    check(cases, expected=expected)
