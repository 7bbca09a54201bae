import numpy as np
import pytest

from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.lowering.builder import Builder, ConstantPool, NotNativeError
from mini_infer.lowering.expression import express
from mini_infer.machine import GENERIC
from mini_infer.program.kernels import Operation

FLOAT = DType.FLOAT32


def builder(constants=(), **types):
    kinds = {name: TensorType(dtype, shape) for name, (dtype, shape) in types.items()}
    values = {name: np.asarray(value, kinds[name].dtype.numpy) for name, value in dict(constants).items()}
    inputs = tuple(name for name in kinds if name not in values)
    graph = Graph("g", (), inputs, (), kinds, values)
    return Builder(graph, GENERIC, {}, ConstantPool(graph), 0)


def node(op, inputs, output, version=21, **attributes):
    return Node(op, op, tuple(inputs), (output,), attributes, version=version)


def test_a_chain_behind_an_accumulator():
    """What follows a convolution: argument 0 is its result, single numbers are part of the expression."""
    build = builder({"six": 6.0}, residual=(FLOAT, (1, 8, 4, 4)), six=(FLOAT, ()))
    nodes = [node("Add", ("sum", "residual"), "a"), node("Min", ("a", "six"), "b"), node("Relu", ("b",), "c")]
    expression, inputs = express(nodes, build, accumulator=("sum", FLOAT))
    assert inputs == ("sum", "residual")
    assert [step.name for step in expression] == ["Add", "Constant", "Min", "Relu"]
    assert expression[0] == Operation("Add", (0, 1), FLOAT)


def test_inputs_that_are_not_computed_with_are_left_out():
    build = builder(x=(DType.INT32, (3,)), y=(FLOAT, (3,)))
    expression, inputs = express([node("CastLike", ("x", "y"), "z")], build)
    assert inputs == ("x",)
    assert expression == (Operation("Cast", (0,), FLOAT),)


def test_integers_too_large_for_a_parameter_stay_inputs():
    build = builder({"big": 2**60}, x=(DType.INT64, (3,)), big=(DType.INT64, ()))
    _, inputs = express([node("Add", ("x", "big"), "z")], build)
    assert inputs == ("x", "big")


def test_clip_up_to_opset_10_has_attributes():
    build = builder(x=(FLOAT, (3,)))
    expression, _ = express([node("Clip", ("x",), "y", version=6, min=0.0, max=6.0)], build)
    assert expression == (Operation("Clip", (0,), FLOAT, (0.0, 6.0)),)


def test_a_type_that_c_does_not_know_is_refused_with_the_reason():
    with pytest.raises(NotNativeError, match="bfloat16"):
        express([node("Relu", ("x",), "y")], builder(x=(DType.BFLOAT16, (3,))))
