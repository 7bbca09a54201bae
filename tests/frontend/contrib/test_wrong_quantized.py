"""Quantized nodes that say what cannot be: each is refused in one line that names it, or computed; nothing crashes."""

import numpy as np
import pytest
from one_node import one_node

from mini_infer import compiler
from mini_infer.errors import MiniInferError
from mini_infer.ir.graph import CONTRIB_DOMAIN

RNG = np.random.default_rng(9)
SCALE, ZERO = np.float32(0.02), np.uint8(120)


def levels(*shape):
    return RNG.integers(0, 256, shape).astype(np.uint8)


OPERAND = [levels(2, 3, 4), SCALE, ZERO]
NODES = {
    "QLinearConv": ("", [levels(1, 3, 6, 6), SCALE, ZERO, levels(4, 3, 3, 3), SCALE, ZERO, SCALE, ZERO], {}),
    "QLinearMatMul": ("", [levels(5, 6), SCALE, ZERO, levels(6, 7), SCALE, ZERO, SCALE, ZERO], {}),
    "MatMulInteger": ("", [levels(5, 6), levels(6, 7), ZERO, ZERO], {}),
    "ConvInteger": ("", [levels(1, 3, 6, 6), levels(4, 3, 3, 3), ZERO, ZERO], {}),
    "QLinearAdd": (CONTRIB_DOMAIN, [*OPERAND, *OPERAND, SCALE, ZERO], {}),
    "QLinearConcat": (CONTRIB_DOMAIN, [SCALE, ZERO, *OPERAND, *OPERAND], {"axis": 1}),
    "QLinearWhere": (CONTRIB_DOMAIN, [np.bool_([True, False, True, True]), *OPERAND, *OPERAND, SCALE, ZERO], {}),
    "QLinearSigmoid": (CONTRIB_DOMAIN, [*OPERAND, SCALE, ZERO], {}),
    "QLinearSoftmax": (CONTRIB_DOMAIN, [*OPERAND, SCALE, ZERO], {"axis": 2, "opset": 13}),
    "QLinearGlobalAveragePool": (CONTRIB_DOMAIN, [*OPERAND, SCALE, ZERO], {"channels_last": 0}),
    "QLinearReduceMean": (CONTRIB_DOMAIN, [*OPERAND, SCALE, ZERO], {"axes": [1], "keepdims": 1}),
    "QGemm": (CONTRIB_DOMAIN, [levels(5, 6), SCALE, ZERO, levels(6, 7), SCALE, ZERO, None, SCALE, ZERO], {"transB": 0}),
    "DequantizeLinear": ("", [*OPERAND], {"axis": 1}),
    "QuantizeLinear": ("", [np.float32([[1, 2], [3, 4]]), SCALE, ZERO], {"axis": 1}),
}


def changed(inputs, attributes):
    """What a hostile model may have instead, one thing at a time."""
    for place, array in enumerate(map(np.asarray, inputs)):
        if array.dtype == object:
            continue
        others = [array.astype(kind) for kind in (np.float32, np.int32, np.int8, np.float16, bool)]
        others += [np.resize(array, shape) for shape in ((), (0,), (1,), (2,), (3,), (1, 1))]
        others += [array[None], None]
        if array.dtype == np.float32:
            others += [np.full_like(array, number) for number in (0, -1, np.nan, np.inf)]
        for other in others:
            yield [*inputs[:place], other, *inputs[place + 1 :]], attributes
    yield inputs[:-1], attributes
    for name in {"axis", *attributes}:
        yield inputs, {**attributes, name: 77}
        yield inputs, {**attributes, name: -77}


@pytest.mark.parametrize("op", NODES)
def test_nothing_crashes(op):
    domain, inputs, attributes = NODES[op]
    refused = 0
    for given, settings in changed(inputs, attributes):
        model, _ = one_node(
            op, given, settings, domain=domain, constant=[k for k in range(1, len(given)) if given[k] is not None]
        )
        model.graph.node[0].name = "the_node"
        said = refusal(model)
        refused += bool(said)
        assert "\n" not in said
    assert refused > 5


def refusal(model):
    """What is said of a model that is refused; empty where it is compiled."""
    try:
        compiler.lower(model, compiler.Options(time_limit=0))
    except MiniInferError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("op", "place", "other", "said"),
    [
        ("QLinearAdd", 1, None, "a tensor or its scale is missing"),
        ("QLinearAdd", 4, np.float32([1, 2]), "it must be one element"),
        ("QLinearAdd", 5, np.int8(3), "must be of the type of"),
        ("QLinearAdd", 1, np.float64(1), "its elements must be float32"),
        ("QLinearConv", 5, np.float32(3), "type"),
        ("QLinearConcat", 8, "absent", "a scale, a zero point, and three for each tensor"),
        ("QGemm", 3, levels(6), "its rank must be 2"),
    ],
)
def test_what_is_said(op, place, other, said):
    domain, inputs, attributes = NODES[op]
    given = inputs[:-1] if isinstance(other, str) else [*inputs[:place], other, *inputs[place + 1 :]]
    known = [k for k in range(1, len(given)) if given[k] is not None]
    assert said in refusal(one_node(op, given, attributes, domain=domain, constant=known)[0])
